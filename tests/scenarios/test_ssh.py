"""SSH as users have it: jump hosts, ProxyCommand, full servers, keys with a passphrase."""

import contextlib
import re
import time

import pytest
from machines import eventually


@pytest.fixture
def ssh_config(ctl):
    """Writes root's ssh_config on ctl, gone with the test."""
    path = "/root/.ssh/config"

    def write(text: str) -> None:
        ctl.write(path, text, 0o600)

    yield write
    ctl.file(path).unlink(missing_ok=True)


@pytest.fixture
def second_sshd(h2):
    """Starts another sshd on h2, on the given port with more of a configuration, and ends it with the test."""
    units = []

    def start(port: int, more: str) -> None:
        unit = f"sshd-{port}"
        options = [word for line in more.splitlines() for word in ("-o", line)]
        h2.must("systemd-run", f"--unit={unit}", "/usr/sbin/sshd", "-D", "-p", str(port), *options)
        units.append(unit)
        listening = f"for i in $(seq 100); do ss -Hltn sport = :{port} | grep -q . && exit; sleep 0.1; done; exit 1"
        h2.must("sh", "-c", listening)

    yield start
    for unit in units:
        h2.run("systemctl", "stop", unit)


def known(fleet, name: str, *machines, port: int = 22) -> str:
    """A known_hosts file on ctl with these machines' keys."""
    shown = [machine.address if port == 22 else f"[{machine.address}]:{port}" for machine in machines]
    lines = [f"{address} {machine.public_key()}\n" for address, machine in zip(shown, machines)]
    return fleet.ctl.write(f"{fleet.folder}/{name}", "".join(lines))


def connections_to(machine) -> str:
    """Who is connected to the machine's sshd now, as it sees it."""
    return machine.must("ss", "-Htn", "state", "established", "sport", "=", ":22")


def test_a_manager_behind_two_jump_hosts_is_started_and_only_the_last_of_them_connects_to_its_host(
    fleet, h1, h2, h3, ssh_config
):
    ssh_config(f"Host {h1.address} {h2.address}\n  UserKnownHostsFile {known(fleet, 'jumps', h1, h2)}\n")
    manager = fleet.manager(h3)
    fleet.hosts["h3"].update(proxy_jump=f"root@{h1.address},root@{h2.address}", connect_timeout_s=10)
    done = fleet("start", manager.id)
    assert done.code == 0, done.text
    assert manager.state == "active"
    manager.runs("/usr/bin/sleep infinity")
    command = fleet.ctl.begin(*fleet.command("restart", manager.id))
    seen = set()
    while command.poll() is None:
        seen |= {line.split()[-1].rpartition(":")[0] for line in connections_to(h3).splitlines()}
        time.sleep(0.05)
    command.communicate()
    assert {address.strip("[]").removeprefix("::ffff:") for address in seen} == {h2.address}


def test_a_dead_jump_host_is_named_and_delays_nobody_else(fleet, h1, h2, h3, ssh_config):
    ssh_config(f"Host {h2.address}\n  UserKnownHostsFile {known(fleet, 'jumps', h2)}\n")
    fleet.host(h1)
    for number in range(5):
        fleet.host(h3, f"behind{number}", proxy_jump=f"root@{h2.address}")
    h2.cut()
    try:
        done = fleet("hosts")
    finally:
        h2.heal()
    assert done.code == 7
    assert f"host behind0: jump host {h2.address}: " in done.err
    assert done.seconds < 3 + 2
    assert {one["host"]: one["authenticated"] for one in fleet.json("hosts")["hosts"]}["h1"]


def test_an_unknown_key_of_a_jump_host_is_refused_and_is_not_taken_for_the_hosts(fleet, h1, h3, ssh_config):
    ssh_config(f"Host {h1.address}\n  UserKnownHostsFile {fleet.folder}/empty\n")
    fleet.host(h3, "behind", proxy_jump=f"root@{h1.address}")
    done = fleet("hosts")
    assert done.code == 7
    assert f"host behind: jump host {h1.address}: host key unknown" in done.err
    one = fleet.json("hosts")["hosts"][0]
    assert not one["reachable"] and not one["authenticated"]


def test_a_proxy_command_carries_a_session_and_ends_with_it(fleet, h1, ssh_config):
    fleet.host(h1, "proxied", ssh="root@proxied.invalid")
    ssh_config(
        f"Host proxied.invalid\n  HostKeyAlias {h1.address}\n"
        f"  ProxyCommand echo $$ > {fleet.folder}/pid; exec /usr/bin/python3 {fleet.folder}/relay.py {h1.address} %p\n"
    )
    fleet.ctl.write(
        f"{fleet.folder}/relay.py",
        "import os, socket, sys, threading\n"
        "s = socket.create_connection((sys.argv[1], int(sys.argv[2])))\n"
        "def up():\n"
        "    while b := os.read(0, 65536): s.sendall(b)\n"
        "threading.Thread(target=up, daemon=True).start()\n"
        "while b := s.recv(65536): os.write(1, b)\n",
    )
    ssh_config(fleet.ctl.file("/root/.ssh/config").read_text().replace("echo", "sh -c 'echo").replace("%p\n", "%p'\n"))
    done = fleet("hosts")
    assert done.code == 0, done.text
    pid = fleet.ctl.file(f"{fleet.folder}/pid").read_text().strip()
    assert fleet.ctl.run("kill", "-0", pid).code != 0


def test_a_proxy_command_that_fails_says_why(fleet, h1, ssh_config):
    ssh_config(f"Host {h1.address}\n  ProxyCommand sh -c 'echo no way to %h >&2; exit 3'\n")
    fleet.host(h1)
    done = fleet("hosts")
    assert done.code == 7
    assert f"no way to {h1.address}" in done.err


def test_ten_hosts_on_one_sshd_with_max_startups_2_are_all_reached(fleet, h2, second_sshd):
    second_sshd(2210, "MaxStartups=2:100:2")
    hosts = known(fleet, "second", h2, port=2210)
    for number in range(10):
        fleet.host(h2, f"full{number}", ssh=f"root@{h2.address}:2210", known_hosts=hosts, connect_timeout_s=20)
    done = fleet("hosts", "--parallel", "2")
    assert done.code == 0, done.text


def test_a_key_with_a_passphrase_is_named_and_not_asked_for_in_a_pipe(fleet, h1):
    key = f"{fleet.folder}/locked"
    fleet.ctl.must("ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", key)
    fleet.host(h1, identity_file=key)
    with contextlib.ExitStack() as stack:
        fleet.ctl.must("mv", "/root/.ssh/id_ed25519", "/root/.ssh/away")
        stack.callback(fleet.ctl.must, "mv", "/root/.ssh/away", "/root/.ssh/id_ed25519")
        done = fleet("hosts")
    assert done.code == 7
    assert f"{key} needs a passphrase" in done.err
    assert f"ssh-add {key}" in done.err
    assert done.seconds < 3


def logins(machines) -> list[tuple[str, ...]]:
    """Every login that sshd has logged: machine, user, from where, which key."""
    pattern = re.compile(r"Accepted publickey for (\S+) from (\S+) port .*(SHA256:\S+)")
    found = []
    for machine in machines:
        text = machine.must("journalctl", "-q", "-o", "cat", "-t", "sshd")
        found += [(machine.name, *match.groups()) for match in pattern.finditer(text)]
    return found


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("Host it\n  HostName {h1}\n  User ops\n", 1),
        ("Host it\n  HostName {h1}\nHost *\n  User ops\n  IdentityFile {key}\n", 1),
        ("Host it\n  HostName {h1}\n  User root\n  IdentityFile {unknown}\n  IdentityFile {key}\n", 1),
        ("Match host it\n  HostName {h2}\n  IdentityFile {key}\n  IdentitiesOnly yes\nHost it\n  HostName {h1}\n", 1),
        ("Host it\n  HostName {h1}\n  ProxyJump ops@{h2}\n", 2),
        ("Host it\n  HostName {h1}\n  ProxyJump gate\nHost gate\n  HostName {h2}\n  IdentityFile {key}\n", 2),
        ("Host it\n  HostName {h1}\n  ProxyJump far\nHost far\n  HostName {h2}\n  ProxyJump root@{h3}\n", 3),
        ("Host it\n  HostName {h1}\n  ProxyJump one,far\nHost one\n  HostName {h3}\nHost far\n  HostName {h2}\n  ProxyJump it\n", 3),
        ("Host it\n  HostName {h1}\n  ProxyCommand none\n  ProxyJump ops@{h2}\n", 1),
        ("Host it\n  HostName {h1}\n  ProxyCommand ssh -W %h:%p ops@{h2}\n", 2),
    ],
)
def test_the_hosts_users_and_keys_are_those_of_ssh(fleet, h1, h2, h3, ssh_config, config, expected):
    machines = [h1, h2, h3]
    hosts = known(fleet, "all", *machines)
    key, unknown = f"{fleet.folder}/key", f"{fleet.folder}/unknown"
    for path in (key, unknown):
        fleet.ctl.must("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path)
    names = {machine.name: machine.address for machine in machines}
    ssh_config(config.format(key=key, unknown=unknown, **names) + f"Host *\n  UserKnownHostsFile {hosts}\n")
    fleet.host(h1, "it", ssh="it", known_hosts=hosts, connect_timeout_s=10)
    authorized = [machine.file(f"{home}/.ssh/authorized_keys") for machine in machines for home in ("/root", "/home/ops")]
    before = [file.read_text() for file in authorized]
    try:
        for file, text in zip(authorized, before):
            file.write_text(text + fleet.ctl.file(f"{key}.pub").read_text())
        logged = [logins(machines)]
        theirs = fleet.ctl.run("ssh", "-o", "BatchMode=yes", "it", "true")
        assert theirs.code == 0, theirs.text
        eventually(lambda: len(logins(machines)) == len(logged[0]) + expected, within=5, what="the logins of ssh")
        logged.append(logins(machines))
        ours = fleet("hosts")
        assert ours.code == 0, ours.text
        eventually(lambda: len(logins(machines)) == len(logged[1]) + expected, within=5, what="our logins")
        logged.append(logins(machines))
    finally:
        for file, text in zip(authorized, before):
            file.write_text(text)

    def new(number: int) -> list:
        rest = list(logged[number])
        for one in logged[number - 1]:
            rest.remove(one)
        return sorted(rest)

    assert new(1) == new(2)
