"""SSH as users have it: jump hosts, ProxyCommand, full servers, keys with a passphrase."""

import contextlib
import json
import os
import select
import time

from ssh_files import NEVER_SPEAKS, fingerprint, known


def connections_to(machine) -> str:
    """Who is connected to the machine's sshd now, as it sees it."""
    return machine.must("ss", "-Htn", "state", "established", "sport", "=", ":22")


def test_a_manager_behind_two_jump_hosts_is_started_and_only_the_last_of_them_connects_to_its_host(
    fleet, h1, h2, h3, ssh_config
):
    ssh_config(f"Host {h1.address} {h2.address}\n  UserKnownHostsFile {known(fleet, 'jumps', h1, h2)}\n")
    manager = fleet.manager(h3)
    fleet.hosts["h3"]["proxy_jump"] = f"root@{h1.address},root@{h2.address}"
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
        fleet.host(h3, f"behind{number}", proxy_jump=f"root@{h2.address}", connect_timeout_s=3)
    h2.cut()
    try:
        done = fleet("hosts")
    finally:
        h2.heal()
    assert done.code == 7
    assert f"host behind0: jump host {h2.address}: " in done.err
    assert done.seconds < 12
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


class Terminal:
    """A command that has a terminal of its own. Ended with the block."""

    def __init__(self, machine, *command: str):
        self.shown = ""
        self._ours, theirs = os.openpty()
        self._child = machine.begin("setsid", "-cw", *command, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        self._deadline = time.monotonic() + 30

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        self._child.kill()
        self._child.wait()
        os.close(self._ours)

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def read(self) -> bool:
        """What is shown next; False: nobody has the terminal any more."""
        if not select.select([self._ours], [], [], max(0, self._deadline - time.monotonic()))[0]:
            raise AssertionError(f"not within 30 s: more of {self._child.args}; it shows:\n{self.shown}")
        try:
            self.shown += os.read(self._ours, 4096).decode(errors="replace")
        except OSError:
            return False
        return True

    def until(self, text: str) -> None:
        while text not in self.shown:
            assert self.read(), self.shown

    def end(self) -> int:
        """Waits for it; the exit status."""
        while self.read():
            pass
        return self._child.wait(timeout=10)


def on_a_terminal(fleet, command: list[str], answers: dict[str, str]) -> tuple[int, str]:
    """Runs a command that has a terminal of its own; types each answer once its question is there. Returns the exit
    status and what was shown."""
    with Terminal(fleet.ctl, *command) as terminal:
        for question, answer in answers.items():
            terminal.until(question)
            terminal.type(answer)
        return terminal.end(), terminal.shown


@contextlib.contextmanager
def locked_key(fleet, *machines):
    """A key with the passphrase `open sesame` that these machines take."""
    key = f"{fleet.folder}/locked"
    fleet.ctl.must("ssh-keygen", "-q", "-t", "ed25519", "-N", "open sesame", "-f", key)
    with contextlib.ExitStack() as stack:
        for machine in machines:
            authorized = machine.file("/root/.ssh/authorized_keys")
            before = authorized.read_text()
            stack.callback(authorized.write_text, before)
            authorized.write_text(before + fleet.ctl.file(f"{key}.pub").read_text())
        yield key


def test_on_a_terminal_a_passphrase_is_asked_for_once_for_all_hosts_and_jump_hosts(fleet, h1, h2, h3, ssh_config):
    with locked_key(fleet, h1, h2, h3) as key:
        fleet.host(h1, identity_file=key)
        fleet.host(h2, identity_file=key)
        fleet.host(h3, identity_file=key, proxy_jump=f"root@{h1.address}")
        ssh_config(f"Host {h1.address}\n  IdentityFile {key}\n  UserKnownHostsFile {known(fleet, 'jumps', h1)}\n")
        command = fleet.command("hosts")
        question = f"passphrase for {key}: "
        code, shown = on_a_terminal(fleet, command, {question: "wrong\n", "that was wrong; ": "open sesame\n"})
        assert code == 0, shown
        assert shown.count("passphrase for") == 2
        assert "sesame" not in shown
        code, shown = on_a_terminal(fleet, command, {question: "\n"})
        assert code == 7
        assert f"{key} needs a passphrase" in shown
        code, shown = on_a_terminal(fleet, command, {question: "\x03"})
        assert code == 130


def everybodys_words(machine) -> str:
    """The arguments and the environment of every process there, and the journal."""
    processes = "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'"
    return machine.must("sh", "-c", f"{processes}; journalctl --sync; journalctl --no-pager -o cat")


def test_a_passphrase_is_in_no_argument_environment_log_or_core_dump(fleet, h1, h2, user):
    manager = fleet.started(h2)
    home = f"/home/{user}"
    host = {"ssh": f"root@{h2.address}", "identity_file": f"{home}/locked", "known_hosts": f"{home}/known_hosts"}
    host["managers"] = {manager.id: {"service": manager.unit}}
    config = h1.write(f"{home}/registry.json", json.dumps({"hosts": {"h2": host}}))
    h1.write(f"{home}/known_hosts", f"{h2.address} {h2.public_key()}\n")
    command = f"runuser -u {user} -- actorsctl --config {config} --verbose logs -f {manager.id}"
    with contextlib.ExitStack() as stack:
        key = stack.enter_context(locked_key(fleet, h2))
        h1.write(f"{home}/locked", fleet.ctl.file(key).read_text(), 0o600)
        h1.must("chown", "-R", f"{user}:", home)
        shell = f"ulimit -c unlimited; cd {home}; {command}; true"
        terminal = stack.enter_context(Terminal(h1, "bash", "-c", shell))
        terminal.until(f"passphrase for {home}/locked: ")
        terminal.type("open sesame\n")
        terminal.until("registered")  # the session is there, and what the manager says is shown
        pid = h1.must("pgrep", "-u", user, "-x", "actorsctl").strip()
        for machine in (h1, h2):
            assert "sesame" not in everybodys_words(machine)
        # Of a process that may not be dumped, /proc/PID is root's (proc(5)).
        assert h1.must("ps", "-o", "user:32=", "-p", pid).strip() == user
        assert h1.must("stat", "-c", "%U", f"/proc/{pid}/environ").strip() == "root"
        h1.must("kill", "-ABRT", pid)
        terminal.end()
        assert "Aborted" in terminal.shown
        assert "core dumped" not in terminal.shown
        assert "sesame" not in terminal.shown


def test_with_its_output_in_a_pipe_nobody_is_asked_for_a_passphrase(fleet, h1):
    with locked_key(fleet, h1) as key:
        fleet.host(h1, identity_file=key)
        words = " ".join(fleet.command("hosts"))
        code, shown = on_a_terminal(fleet, ["bash", "-c", f"{words} | cat; exit ${{PIPESTATUS[0]}}"], {})
    assert code == 7
    assert "passphrase for" not in shown
    assert f"ssh-add {key}" in shown


def test_hosts_trust_shows_the_keys_of_jump_hosts_first_and_writes_those_that_are_meant(fleet, h1, h2, ssh_config):
    jumps = fleet.ctl.write(f"{fleet.folder}/jumps", "")
    ssh_config(f"Host gate\n  HostName {h1.address}\n  UserKnownHostsFile {jumps}\n")
    for name in ("one", "two"):
        fleet.host(h2, name, known_hosts=f"{fleet.folder}/known_{name}", proxy_jump="gate")
    asked = fleet("hosts", "trust", "one", "two")
    assert asked.code == 7
    assert f"jump host gate: shows ssh-ed25519 {fingerprint(h1)}" in asked.err
    assert fingerprint(h2) not in asked.err
    assert "host two: jump host gate: its key is not trusted" in asked.err

    gate_only = fleet.json("hosts", "trust", "one", "--fingerprint", fingerprint(h1))["hosts"]
    assert [(one.get("jump_host"), one["result"]) for one in gate_only] == [("gate", "trusted"), (None, "refused")]
    assert gate_only[1]["fingerprint"] == fingerprint(h2)
    assert h1.public_key() in fleet.ctl.file(jumps).read_text()

    given = fleet("hosts", "trust", "one", "two", "--fingerprint", fingerprint(h2))
    assert given.code == 0, given.text
    assert f"jump host gate: already trusted, {fingerprint(h1)}" in given.out
    assert fleet("hosts").code == 0


def test_on_a_terminal_hosts_trust_asks_once_for_a_jump_host_that_hosts_share(fleet, h1, h2, ssh_config):
    jumps = fleet.ctl.write(f"{fleet.folder}/jumps", "")
    ssh_config(f"Host gate\n  HostName {h1.address}\n  UserKnownHostsFile {jumps}\n")
    for name in ("one", "two"):
        fleet.host(h2, name, known_hosts=f"{fleet.folder}/known_{name}", proxy_jump="gate")
    answers = {
        f"jump host gate (root@{h1.address}:22), on the way to host one, shows": "yes\n",
        f"\r\nhost one (root@{h2.address}:22) shows": "yes\n",
        f"\r\nhost two (root@{h2.address}:22) shows": "no\n",
    }
    code, shown = on_a_terminal(fleet, fleet.command("hosts", "trust", "one", "two"), answers)
    assert code == 7
    assert shown.count("trust this key?") == 3
    assert "host two: not trusted, as you said" in shown
    assert fleet("hosts", "one").code == 0
    assert "actorsctl hosts trust two" in fleet("hosts", "two").err


def test_the_configurations_own_connect_timeout_wins_over_that_of_ssh_config(fleet, h1, listener, ssh_config):
    listener(2209, NEVER_SPEAKS)
    ssh_config("Host 10.77.0.1\n  ConnectTimeout 1\n")
    fleet.host(h1, "mute", ssh="root@10.77.0.1:2209")
    del fleet.hosts["mute"]["connect_timeout_s"]
    assert "within 1 s" in fleet("hosts").err
    fleet.hosts["mute"]["connect_timeout_s"] = 2
    assert "within 2 s" in fleet("hosts").err


def six(machine) -> str:
    """The machine's IPv6 address; it gets one where it has none."""
    number = {"ctl": "1"}.get(machine.name, f"1{machine.name[1:]}")
    device = "br0" if machine.name == "ctl" else "eth0"
    machine.must("ip", "-6", "address", "replace", f"fd77::{number}/64", "dev", device, "nodad")
    return f"fd77::{number}"


def test_hosts_and_jump_hosts_are_reached_by_ipv6_in_every_spelling(fleet, h1, h2, ssh_config):
    six(fleet.ctl)
    gate, host = six(h1), six(h2)
    local = f"fe80::77:{h2.name[1:]}"
    h2.must("ip", "-6", "address", "replace", f"{local}/64", "dev", "eth0", "nodad")
    names = [host, f"{local}%br0"]
    lines = "".join(f"{name} {h2.public_key()}\n" for name in names) + f"{gate} {h1.public_key()}\n"
    hosts = fleet.ctl.write(f"{fleet.folder}/six", lines)
    ssh_config(f"Host *\n  UserKnownHostsFile {hosts}\n")
    for number, ssh in enumerate([f"root@{host}", f"root@[{host}]:22", f"root@[{names[1]}]"]):
        fleet.host(h2, f"six{number}", ssh=ssh, known_hosts=hosts)
    fleet.host(h2, "behind", ssh=f"root@[{host}]:22", known_hosts=hosts, proxy_jump=f"ssh://root@[{gate}]:22/")
    fleet.host(h2, "far", ssh=host, known_hosts=hosts, proxy_jump=f"{gate},root@[{host}]:22")
    done = fleet("hosts")
    assert done.code == 0, done.text


def test_an_address_that_refuses_does_not_hide_the_one_that_works(fleet, h1, ssh_config):
    hosts_file = fleet.ctl.file("/etc/hosts")
    before = hosts_file.read_text()
    hosts_file.write_text(before + f"::1 two-faced\n{h1.address} two-faced\n")
    try:
        known_hosts = fleet.ctl.write(f"{fleet.folder}/two_faced", f"two-faced {h1.public_key()}\n")
        fleet.host(h1, "two-faced", ssh="root@two-faced", known_hosts=known_hosts)
        done = fleet("hosts")
        assert done.code == 0, done.text
        ssh_config("Host two-faced\n  AddressFamily inet\n")
        assert fleet("hosts").code == 0
        ssh_config("Host two-faced\n  AddressFamily inet6\n")
        refused = fleet("hosts")
        assert refused.code == 7
        assert "::1 port 22" in refused.err and h1.address not in refused.err
    finally:
        hosts_file.write_text(before)
