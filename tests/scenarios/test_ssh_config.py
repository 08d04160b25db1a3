"""Whom we reach, as which user, on which way and with which key: for every ssh_config the same as `ssh` itself."""

import json
import re

import pytest
from machines import eventually


class Keys:
    """Keys, certificates and an agent on ctl, for all tests of this file."""

    folder = "/tmp/ssh-config-keys"

    def __init__(self, ctl, machines):
        self.ctl = ctl
        self.machines = machines
        ctl.must("mkdir", "-p", self.folder)
        for name in ("key", "unknown", "foreign", "agents", "certified", "beside", "ca"):
            self.make(name)
        for name in ("certified", "beside"):
            self.certify(name)
        ctl.must("mv", f"{self.folder}/certified-cert.pub", f"{self.folder}/certificate")
        lines = "".join(f"{one.address} {one.public_key()}\n" for one in machines)
        first = machines[0].public_key()
        lines += f"[{machines[0].address}]:2211 {first}\nmachine-one {first}\n"
        self.hosts = ctl.write(f"{self.folder}/hosts", lines)
        self.hashed = ctl.write(f"{self.folder}/hashed", lines)
        ctl.must("ssh-keygen", "-q", "-H", "-f", self.hashed)
        for machine in machines:
            ctl.write(f"{self.folder}/hosts_{machine.address}_root", lines)
        ctl.must("cp", f"{self.folder}/key", f"{self.folder}/key_{machines[0].address}_ops_22")

    def make(self, name: str) -> None:
        self.ctl.must("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", f"{self.folder}/{name}")

    def certify(self, name: str) -> None:
        words = ["-s", f"{self.folder}/ca", "-I", name, "-n", "root,ops", f"{self.folder}/{name}.pub"]
        self.ctl.must("ssh-keygen", "-q", *words)

    def public(self, name: str) -> str:
        return self.ctl.file(f"{self.folder}/{name}.pub").read_text()


@pytest.fixture(scope="module")
def keys(lab):
    """The machines take `key`, `agents` and what `ca` certifies; the first one listens on port 2211 too."""
    machines = lab.hosts
    keys = Keys(lab.ctl, machines)
    files = [one.file(f"{home}/.ssh/authorized_keys") for one in machines for home in ("/root", "/home/ops")]
    before = [file.read_text() for file in files]
    for file, text in zip(files, before):
        file.write_text(text + keys.public("key") + keys.public("agents"))
    for machine in machines:
        machine.write("/etc/ssh/ca.pub", keys.public("ca"))
        config = machine.file("/etc/ssh/sshd_config")
        config.write_text("TrustedUserCAKeys /etc/ssh/ca.pub\n" + config.read_text())
        machine.must("systemctl", "reload", "ssh.service")
    machines[0].must("systemd-run", "--unit=sshd-2211", "/usr/sbin/sshd", "-D", "-p", "2211")
    socket = f"{keys.folder}/agent"
    agent = lab.ctl.begin("ssh-agent", "-D", "-a", socket)
    asked = ("env", f"SSH_AUTH_SOCK={socket}", "ssh-add", "-l")
    eventually(lambda: lab.ctl.run(*asked).code == 1, within=10, what="an agent that says it has no key")
    for name in ("foreign", "agents"):
        lab.ctl.must("env", f"SSH_AUTH_SOCK={socket}", "ssh-add", "-q", f"{keys.folder}/{name}")
    listens = lambda: machines[0].run("ss", "-Hltn", "sport", "=", ":2211").out  # noqa: E731
    eventually(listens, within=10, what="sshd on port 2211")
    yield keys
    agent.terminate()
    agent.communicate()
    machines[0].run("systemctl", "stop", "sshd-2211")
    for file, text in zip(files, before):
        file.write_text(text)
    for machine in machines:
        config = machine.file("/etc/ssh/sshd_config")
        config.write_text(config.read_text().partition("\n")[2])
        machine.must("systemctl", "reload", "ssh.service")
    lab.ctl.run("rm", "-r", keys.folder)


def logins(machines) -> list[tuple[str, ...]]:
    """Every login that sshd has logged: machine, user, from where, which key."""
    pattern = re.compile(r"Accepted publickey for (\S+) from (\S+) port \d+ ssh2: (.*)")
    found = []
    for machine in machines:
        text = machine.journal("-q", "-o", "cat", "-t", "sshd")
        found += [(machine.name, *match.groups()) for match in pattern.finditer(text)]
    return found


CONFIGS = [
    # the host, its user, its keys; how many logins there are
    ("Host it\n  HostName {h1}\n  User ops\n", 1),
    ("Host it\n  HostName {h1}\nHost *\n  User ops\n  IdentityFile {keys}/key\n", 1),
    ("Host i?\n  HostName {h1}\nHost * !it\n  User nobody\nHost !that i*\n  User ops\n", 1),
    ("Host it\n  HostName {h1}\n  IdentityFile {keys}/unknown\n  IdentityFile {keys}/key\n", 1),
    ("Host it\n  HostName {h1}\n  Port 2211\n", 1),
    ("Host it\n  HostName {h1}\n  HostKeyAlias machine-one\n", 1),
    ("Host it\n  HostName {h1}\n  Port 2211\n  HostKeyAlias machine-one\n", 1),
    ("Host it\n  HostName {h1}\n  UserKnownHostsFile {keys}/hashed\n", 1),
    ("Host it\n  HostName {h1}\n  UserKnownHostsFile {keys}/absent {keys}/hosts_%h_%r\n", 1),
    ("Host it\n  HostName {h1}\n  UserKnownHostsFile none\n  GlobalKnownHostsFile {keys}/hosts\n", 1),
    ("Host it\n  HostName {h1}\n  User ops\n  IdentityFile {keys}/key_%h_%r_%p\n", 1),
    ("Host it\n  HostName {h1}\n  IdentityFile %d/.ssh/id_ed25519\n", 1),
    ("Host it\n  HostName {h1}\n  IdentityFile ~/.ssh/id_ed25519\n  IdentityFile {keys}/key\n", 1),
    ("Match host it\n  HostName {h2}\n  IdentityFile {keys}/key\n  IdentitiesOnly yes\nHost it\n  HostName {h1}\n", 1),
    ('Match exec "test %h = it"\n  HostName {h1}\nMatch exec false\n  User nobody\n', 1),
    ("Host it\n  HostName {h1}\nMatch host {h1} user root\n  IdentityFile {keys}/key\nMatch originalhost it\n  User root\n", 1),
    ("Include {keys}/more*\nHost it\n  HostName {h2}\n", 1),
    ("Host it\n  Include {keys}/more\n", 1),
    # agents
    ("Host it\n  HostName {h1}\n  IdentityAgent {keys}/agent\n  IdentityFile {keys}/agents.pub\n  IdentitiesOnly yes\n", 1),
    ("Host it\n  HostName {h1}\n  IdentityAgent {keys}/agent\n  IdentityFile {keys}/unknown\n", 1),
    ("Host it\n  HostName {h1}\n  IdentityAgent {keys}/agent\n  IdentityFile {keys}/key\n  IdentitiesOnly yes\n", 1),
    ("Host it\n  HostName {h1}\n  IdentityAgent none\n  IdentityFile {keys}/key\n", 1),
    # certificates
    ("Host it\n  HostName {h1}\n  IdentityFile {keys}/certified\n  CertificateFile {keys}/certificate\n", 1),
    ("Host it\n  HostName {h1}\n  User ops\n  IdentityFile {keys}/beside\n", 1),
    ("Host it\n  HostName {h1}\n  IdentityFile {keys}/key\n  IdentityFile {keys}/certified\n  CertificateFile {keys}/%i/no\n"
     "  CertificateFile {keys}/certificate\n", 1),
    # algorithms, addresses
    ("Host it\n  HostName {h1}\n  Ciphers aes256-ctr\n  MACs hmac-sha2-512\n  KexAlgorithms curve25519-sha256\n"
     "  HostKeyAlgorithms ssh-ed25519\n  PubkeyAcceptedAlgorithms ssh-ed25519\n  AddressFamily inet\n  ConnectTimeout 9\n", 1),
    # ways
    ("Host it\n  HostName {h1}\n  ProxyJump ops@{h2}\n", 2),
    ("Host it\n  HostName {h1}\n  ProxyJump ssh://ops@{h2}:22,ssh://root@{h3}\n", 3),
    ("Host it\n  HostName {h1}\n  ProxyJump gate\nHost gate\n  HostName {h2}\n  IdentityFile {keys}/key\n", 2),
    ("Host it\n  HostName {h1}\n  ProxyJump gate\nHost gate\n  HostName {h2}\n  IdentityFile {keys}/beside\n", 2),
    ("Host it\n  HostName {h1}\n  ProxyJump far\nHost far\n  HostName {h2}\n  ProxyJump root@{h3}\n", 3),
    ("Host it\n  HostName {h1}\n  ProxyJump one,far\nHost one\n  HostName {h3}\nHost far\n  HostName {h2}\n  ProxyJump it\n", 3),
    ("Host it\n  HostName {h1}\n  ProxyCommand none\n  ProxyJump ops@{h2}\n", 1),
    ("Host it\n  HostName {h1}\n  ProxyCommand ssh -W %h:%p ops@{h2}\n", 2),
]


@pytest.mark.parametrize(("config", "expected"), CONFIGS)
def test_the_hosts_users_ways_and_keys_are_those_of_ssh(fleet, h1, h2, h3, keys, ssh_config, config, expected):
    machines = [h1, h2, h3]
    names = {machine.name: machine.address for machine in machines}
    fleet.ctl.write(f"{keys.folder}/more", f"HostName {h1.address}\nUser ops\n")
    ssh_config(config.format(keys=keys.folder, **names) + f"Host *\n  UserKnownHostsFile {keys.hosts}\n")
    fleet.host(h1, "it", ssh="it")
    del fleet.hosts["it"]["known_hosts"]
    logged = [logins(machines)]
    for command in (["ssh", "-o", "BatchMode=yes", "it", "true"], fleet.command("hosts")):
        done = fleet.ctl.run(*command)
        assert done.code == 0, done.text
        count = len(logged[-1]) + expected
        eventually(lambda: len(logins(machines)) == count, within=30, what=f"the logins of {command[0]}")
        logged.append(logins(machines))

    def new(number: int) -> list:
        rest = list(logged[number])
        for one in logged[number - 1]:
            rest.remove(one)
        return sorted(rest)

    assert new(1) == new(2)


REFUSED = [  # of the host {h1}; by which class
    ("RevokedHostKeys {keys}/revoked", "host_key"),
    ("UserKnownHostsFile {keys}/marked_revoked {keys}/hosts", "host_key"),
    ("UserKnownHostsFile {keys}/authority\n  GlobalKnownHostsFile none", "host_key"),
    ("UserKnownHostsFile {keys}/absent\n  GlobalKnownHostsFile none", "host_key"),
    ("HostKeyAlias machine-nobody", "host_key"),
    ("IdentityFile {keys}/unknown\n  IdentitiesOnly yes", "authentication"),
    ("IdentityFile {keys}/agents.pub\n  IdentitiesOnly yes\n  IdentityAgent none", "authentication"),
    ("IdentityFile {keys}/certified\n  IdentitiesOnly yes", "authentication"),
    ("User nobody-there\n  IdentityFile {keys}/key", "authentication"),
    ("PubkeyAcceptedAlgorithms ecdsa-sha2-nistp256", "authentication"),
    ("Ciphers aes128-cbc", "connect"),
    ("KexAlgorithms diffie-hellman-group1-sha1", "connect"),
    ("HostKeyAlgorithms ecdsa-sha2-nistp256", "connect"),
    ("HostKeyAlgorithms ssh-dss", "settings"),
    ("AddressFamily inet6", "resolve"),
    ("Port 2299", "connect"),
    ("ProxyJump {h2}:2299", "connect"),
    ("ProxyCommand false", "connect"),
]


def test_where_ssh_does_not_go_we_do_not_go_either_and_say_why(fleet, h1, h2, h3, keys, ssh_config):
    machines = [h1, h2, h3]
    names = {"h1": h1.address, "h2": h2.address, "keys": keys.folder}
    key = h1.public_key()
    for name, text in (("revoked", f"{key}\n"), ("marked_revoked", f"@revoked * {key}\n"), ("authority", f"@cert-authority * {key}\n")):
        fleet.ctl.write(f"{keys.folder}/{name}", text)
    aliases = {f"it{number}": one for number, one in enumerate(REFUSED)}
    text = "".join(f"Host {alias}\n  HostName {h1.address}\n  {lines.format(**names)}\n" for alias, (lines, _) in aliases.items())
    ssh_config(f"{text}Host *\n  UserKnownHostsFile {keys.hosts}\n")
    for alias in aliases:
        fleet.host(h1, alias, ssh=alias, connect_timeout_s=20)
        del fleet.hosts[alias]["known_hosts"]
    before = logins(machines)
    of_ssh = {alias: fleet.ctl.begin("ssh", "-o", "BatchMode=yes", alias, "true") for alias in aliases}
    went = [alias for alias, child in of_ssh.items() if child.communicate(timeout=60) and child.returncode != 255]
    assert went == [], {alias: REFUSED[int(alias[2:])] for alias in went}
    done = fleet("hosts", "--json")
    assert done.code == 7
    found = {one["host"]: one for one in json.loads(done.out)["hosts"]}
    said = {lines: found[alias].get("error", {}).get("class") for alias, (lines, _) in aliases.items()}
    assert said == dict(REFUSED), done.err
    algorithms = [found[alias]["error"] for alias, (lines, _) in aliases.items() if lines.startswith(("Ciphers", "KexAlgorithms"))]
    assert all("allow one of its algorithms" in error["hint"] for error in algorithms), algorithms
    assert logins(machines) == before
