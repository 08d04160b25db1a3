"""Reaching hosts: each says what is wrong with it, in its time, and none disturbs the others."""

import os
import signal
import time

import pytest
from machines import eventually, line_of
from ssh_files import CLOSES_AT_ONCE, NEVER_SPEAKS, SILENT_AFTER_ITS_BANNER, fingerprint


def hosts(fleet) -> dict[str, dict]:
    return {one["host"]: one for one in fleet.json("hosts")["hosts"]}


def test_hosts_says_reachable_authenticated_version_and_round_trip(fleet, h1, h2):
    fleet.host(h1)
    fleet.host(h2)
    done = fleet("hosts")
    assert done.code == 0, done.text
    for one in hosts(fleet).values():
        assert one["reachable"] and one["authenticated"]
        assert one["systemd"].startswith("252")
        assert 0 < one["round_trip_s"] < 5


def test_an_unreachable_host_does_not_hide_or_delay_the_others(fleet, h1, h2, h3):
    first, second, lost = (fleet.started(host) for host in (h1, h2, h3))
    fleet.hosts["h3"]["connect_timeout_s"] = 3
    h3.cut()
    done = fleet("status")
    assert done.code == 7
    assert "h3" in done.err and "within 3 s" in done.err
    assert done.seconds < 12
    found = {id: one["verdict"] for id, one in fleet.statuses().items()}
    assert found == {first.id: "healthy", second.id: "healthy", lost.id: "unreachable"}

    fleet.hosts["h3"]["connect_timeout_s"] = 12
    before = [first.invocation, second.invocation]
    command = fleet.ctl.begin(*fleet.command("restart", "--all"))
    # The others are long at work while the lost one is still tried.
    eventually(lambda: first.invocation != before[0] and second.invocation != before[1], within=10)
    assert command.poll() is None
    out, err = command.communicate(timeout=60)
    assert command.returncode == 7, out + err
    assert lost.id in out and "h3" in err


def test_a_host_that_comes_back_is_reached_again(fleet, h1):
    manager = fleet.started(h1)
    fleet.hosts["h1"]["connect_timeout_s"] = 3
    h1.cut()
    assert fleet.verdict(manager) == "unreachable"
    h1.heal()
    eventually(lambda: fleet.verdict(manager) == "healthy", within=30)


def test_a_link_cut_in_the_middle_of_a_command_ends_it_within_its_timeout(fleet, h1):
    manager = fleet.manager(h1)
    fleet.hosts["h1"]["command_timeout_s"] = 3
    manager.runs("/usr/bin/sleep infinity", "TimeoutStartSec=60\n")
    command = fleet.ctl.begin(*fleet.command("start", manager.id, "--timeout", "6"))
    eventually(lambda: manager.state == "active", within=30)
    h1.cut()
    out, err = command.communicate(timeout=40)
    assert command.returncode in (5, 7), out + err
    assert manager.id in out


def test_an_unknown_host_key_is_refused_and_accepted_after_hosts_trust(fleet, h1):
    fleet.host(h1, known_hosts=f"{fleet.folder}/empty")
    refused = fleet("hosts")
    assert refused.code == 7
    assert "host key" in refused.err and "actorsctl hosts trust h1" in refused.err

    asked = fleet("hosts", "trust", "h1")
    assert asked.code == 7
    assert fingerprint(h1) in asked.err

    wrong = fleet("hosts", "trust", "h1", "--fingerprint", "SHA256:" + "A" * 43)
    assert wrong.code == 7
    assert fleet("hosts").code == 7

    trusted = fleet("hosts", "trust", "h1", "--fingerprint", fingerprint(h1))
    assert trusted.code == 0, trusted.text
    assert fleet("hosts").code == 0


def test_on_a_terminal_hosts_trust_asks_and_yes_is_enough(fleet, h1):
    fleet.host(h1, known_hosts=f"{fleet.folder}/empty")
    ours, theirs = os.openpty()
    command = fleet.ctl.begin(*fleet.command("hosts", "trust", "h1"), stdin=theirs)
    os.write(ours, b"yes\n")
    out, err = command.communicate(timeout=20)
    os.close(ours)
    os.close(theirs)
    assert command.returncode == 0, out + err
    assert fingerprint(h1) in err
    assert fleet("hosts").code == 0


def test_a_changed_host_key_is_refused_and_replaced_only_when_told_to(fleet, h1, h2):
    old = fleet.ctl.write(f"{fleet.folder}/old", f"{h1.address} {h2.public_key()}\n")
    fleet.host(h1, known_hosts=old)
    refused = fleet("hosts")
    assert refused.code == 7
    assert "host key changed" in refused.err
    assert f"{old}:1" in refused.err
    assert "actorsctl hosts trust --replace h1" in refused.err

    given = ["hosts", "trust", "h1", "--fingerprint", fingerprint(h1)]
    assert fleet(*given).code == 7
    assert fleet("hosts").code == 7
    replaced = fleet(*given, "--replace")
    assert replaced.code == 0, replaced.text
    assert fleet("hosts").code == 0
    assert h2.public_key() not in fleet.ctl.file(old).read_text()


def test_host_keys_are_checked_whatever_ssh_config_says(fleet, ssh_config, h1, h2):
    ssh_config("Host *\n  StrictHostKeyChecking no\n  UpdateHostKeys yes\n  NoHostAuthenticationForLocalhost yes\n")
    manager = fleet.manager(h1)
    for known, problem in (("", "unknown"), (f"{h1.address} {h2.public_key()}\n", "changed")):
        file = fleet.ctl.write(f"{fleet.folder}/keys_{problem}", known)
        fleet.hosts["h1"]["known_hosts"] = file
        for change in ("start", "stop", "restart"):
            refused = fleet(change, manager.id)
            assert refused.code == 7
            assert "host key" in refused.err
        assert fleet.ctl.file(file).read_text() == known
    assert h1.property(manager.unit, "ActiveState") == "inactive"


def test_a_host_that_accepts_and_never_speaks_is_named_within_its_timeout(fleet, h1, listener):
    healthy = fleet.started(h1)
    listener(2201, "c = s.accept()\ntime.sleep(60)")
    fleet.host(h1, "mute", ssh="root@10.77.0.1:2201", connect_timeout_s=2)
    fleet.hosts["mute"]["managers"]["mute-one"] = {"service": "one.service"}
    done = fleet("status")
    assert done.code == 7
    assert "host mute" in done.err and "within 2 s" in done.err
    assert 1.5 < done.seconds < 12
    found = {id: one["verdict"] for id, one in fleet.statuses().items()}
    assert found == {healthy.id: "healthy", "mute-one": "unreachable"}


def test_a_host_that_falls_silent_after_its_banner_is_named_within_its_timeout(fleet, h1, listener):
    listener(2202, 'c, _ = s.accept()\nc.send(b"SSH-2.0-mute\\r\\n")\ntime.sleep(60)')
    fleet.host(h1, "mute", ssh="root@10.77.0.1:2202", connect_timeout_s=2)
    done = fleet("hosts")
    assert done.code == 7
    assert "host mute" in done.err
    assert done.seconds < 9  # the usual 10 s are not in force


def test_every_way_to_fail_has_a_class_and_says_what_to_do(fleet, h1, h2, listener, ssh_config):
    listener(2204, NEVER_SPEAKS)
    listener(2205, SILENT_AFTER_ITS_BANNER)
    listener(2206, CLOSES_AT_ONCE)
    key = f"{fleet.folder}/key"
    fleet.ctl.must("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
    ssh_config("Host awry\n  KnownHostsCommand /bin/true\n")
    hosts_file = {
        "empty": "",
        "changed": f"{h1.address} {h2.public_key()}\n",
        "revoked": f"@revoked * {h1.public_key()}\n",
    }
    known = {name: fleet.ctl.write(f"{fleet.folder}/{name}", text) for name, text in hosts_file.items()}
    away = f"{h1.address}:2222"
    fails = {  # class, a word of the message, a word of what to do
        "awry": ("settings", "KnownHostsCommand", "in ssh_config", {"ssh": "awry"}),
        "nameless": ("resolve", "no-such-host.invalid", "is the name right?", {"ssh": "no-such-host.invalid"}),
        "closed": ("connect", "refused", "does sshd listen", {"ssh": f"root@{away}"}),
        "hung": ("connect", "within", "is the host up", {"ssh": "root@10.77.0.1:2204"}),
        "silent": ("timed_out", "key exchange", "connect_timeout_s", {"ssh": "root@10.77.0.1:2205"}),
        "full": ("busy", "tried", "MaxStartups", {"ssh": "root@10.77.0.1:2206"}),
        "unknown": ("host_key", fingerprint(h1), "actorsctl hosts trust unknown", {"known_hosts": known["empty"]}),
        "other": ("host_key", f"{known['changed']}:1", "hosts trust --replace other", {"known_hosts": known["changed"]}),
        "revoked": ("host_key", f"{known['revoked']}:1", "a new one", {"known_hosts": known["revoked"]}),
        "refused": ("authentication", key, "authorized_keys of user root", {"identity_file": key}),
        "behind": ("connect", f"jump host {h1.address}: ", "does sshd listen", {"proxy_jump": f"root@{away}"}),
    }
    for name, (_, _, _, settings) in fails.items():
        is_waited_for = name in ("hung", "silent", "full")
        fleet.host(h1, name, **{"connect_timeout_s": 3 if is_waited_for else 15, **settings})
        fleet.hosts[name]["managers"][f"{name}-one"] = {"service": "one.service"}
    said = {
        "hosts": {one["host"]: one for one in fleet.json("hosts")["hosts"]},
        "status": {one["host"]: one for one in fleet.json("status")["managers"]},
        "start": {one["host"]: one for one in fleet.json("start", "--all")["managers"]},
    }
    for command, ones in said.items():
        for name, (failure_class, message, hint, _) in fails.items():
            error = ones[name]["error"]
            assert error["class"] == failure_class, (command, name, error)
            assert message in error["message"], (command, name, error)
            assert hint in error["hint"], (command, name, error)
    done = fleet("start", "--all")
    assert done.code == 7
    lines = [line for line in done.err.splitlines() if line.startswith("actorsctl: host ")]
    assert sorted(line.split()[2].rstrip(":") for line in lines) == sorted(fails)
    for line in lines:
        _, message, hint, _ = fails[line.split()[2].rstrip(":")]
        assert message in line and hint in line


def test_an_interrupt_while_hosts_are_dialed_begins_nothing_more_and_ends_soon(fleet, h1, listener):
    listener(2207, NEVER_SPEAKS)
    fleet.host(h1, "hung", ssh="root@10.77.0.1:2207", connect_timeout_s=30)
    fleet.hosts["hung"]["managers"]["hung-one"] = {"service": "one.service"}
    command = fleet.ctl.begin(*fleet.command("start", "--all"))
    connected(fleet, 2207)
    begun = time.monotonic()
    command.send_signal(signal.SIGINT)
    out, err = command.communicate(timeout=20)
    assert command.returncode == 130, out + err
    assert time.monotonic() - begun < 15
    assert "not begun" in out


def test_a_second_interrupt_leaves_at_once_though_a_host_hangs_in_the_handshake(fleet, h1, listener):
    listener(2208, SILENT_AFTER_ITS_BANNER)
    fleet.host(h1, "hung", ssh="root@10.77.0.1:2208", connect_timeout_s=30)
    fleet.hosts["hung"]["managers"]["hung-one"] = {"service": "one.service"}
    command = fleet.ctl.begin(*fleet.command("start", "--all"))
    connected(fleet, 2208)
    command.send_signal(signal.SIGINT)
    assert "finishing what is under way" in line_of(command.stderr)
    begun = time.monotonic()
    command.send_signal(signal.SIGINT)
    command.communicate(timeout=20)
    assert command.returncode == 130
    assert time.monotonic() - begun < 15


def connected(fleet, port: int) -> None:
    """Waits until somebody is connected to a port of ctl."""
    eventually(
        lambda: fleet.ctl.must("ss", "-Htn", "state", "established", "sport", "=", f":{port}"),
        within=10,
        what=f"a connection to port {port}",
    )


def test_many_dead_hosts_cost_one_timeout_not_one_each(fleet, h1, listener):
    listener(2203, NEVER_SPEAKS)
    fleet.host(h1)
    for number in range(20):
        fleet.host(h1, f"mute{number}", ssh="root@10.77.0.1:2203", connect_timeout_s=2)
    done = fleet("hosts", "--parallel", "2")
    assert done.code == 7
    assert done.seconds < 15  # one by one it would be 20
    assert hosts(fleet)["h1"]["authenticated"]


def test_a_refused_key_is_said_to_be_one(fleet, h1):
    key = f"{fleet.folder}/other_key"
    fleet.ctl.must("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
    fleet.host(h1, identity_file=key)
    fleet.ctl.must("mv", "/root/.ssh/id_ed25519", "/root/.ssh/away")
    try:
        done = fleet("hosts")
        one = hosts(fleet)["h1"]
        assert one["reachable"] and not one["authenticated"]
    finally:
        fleet.ctl.must("mv", "/root/.ssh/away", "/root/.ssh/id_ed25519")
    assert done.code == 7
    assert "host h1: " in done.err and "refuses the key" in done.err


def test_a_closed_port_and_an_unknown_name_are_told_apart(fleet, h1):
    fleet.host(h1, "closed", ssh=f"root@{h1.address}:2222")
    fleet.host(h1, "nowhere", ssh="root@no-such-host.invalid")
    done = fleet("hosts")
    assert done.code == 7
    closed, nowhere = sorted(line for line in done.err.splitlines() if line.startswith("actorsctl: host "))
    assert "host closed: " in closed and "refused" in closed
    assert "host nowhere: " in nowhere and "no-such-host.invalid" in nowhere


def test_an_alias_of_ssh_config_is_followed(fleet, h1):
    fleet.ctl.write("/root/.ssh/config", f"Host {fleet.mark}-alias\n  HostName {h1.address}\n  User root\n", 0o600)
    try:
        manager = fleet.manager(h1, on="aliased")
        fleet.hosts["aliased"]["ssh"] = f"{fleet.mark}-alias"
        done = fleet("start", manager.id)
        assert done.code == 0, done.text
    finally:
        fleet.ctl.file("/root/.ssh/config").unlink()


def test_without_the_right_to_control_units_start_says_so(fleet, h1):
    manager = fleet.manager(h1)
    fleet.hosts["h1"]["ssh"] = f"ops@{h1.address}"
    assert fleet.verdict(manager) == "stopped"
    done = fleet("start", manager.id)
    assert done.code == 7
    assert "right" in done.err
    assert manager.state == "inactive"


def test_a_sudoers_line_for_exactly_this_unit_is_enough(fleet, h1):
    manager = fleet.manager(h1, unit=f"{fleet.mark}-a\\x2db.service")
    escaped = manager.unit.replace("\\", "\\\\\\\\")
    lines = [f"/usr/bin/systemctl --no-ask-password {verb} {escaped}" for verb in ("start", "stop")]
    sudoers = h1.write(f"/etc/sudoers.d/{fleet.mark}", f"ops ALL=(root) NOPASSWD: {', '.join(lines)}\n", 0o440)
    try:
        fleet.hosts["h1"]["ssh"] = f"ops@{h1.address}"
        done = fleet("start", manager.id)
        assert done.code == 0, done.text
        assert fleet("restart", manager.id).code == 7
        assert fleet("stop", manager.id).code == 0
        assert manager.state == "inactive"
    finally:
        h1.file(sudoers).unlink()


def test_a_service_name_never_reaches_a_remote_shell(fleet, h1):
    manager = fleet.manager(h1)
    for name in ("x; touch /tmp/pwned", "$(touch /tmp/pwned).service", "`touch /tmp/pwned`", "-x.service", "a b.service"):
        fleet.hosts["h1"]["managers"]["bad"] = {"service": name}
        done = fleet("start", "--all")
        assert done.code == 6, done.text
        assert "service" in done.err
    assert manager.state == "inactive"
    assert not h1.file("/tmp/pwned").exists()
    assert not fleet.ctl.file("/tmp/pwned").exists()


@pytest.mark.parametrize("unit", ["{}-a\\x2db@1.service", "{}-at@x.y:z_1.service", "{}-@\\x2e\\x24\\x28id\\x29.service"])
def test_awkward_unit_names_work(fleet, h1, unit):
    manager = fleet.manager(h1, unit=unit.format(fleet.mark))
    done = fleet("start", manager.id)
    assert done.code == 0, done.text
    assert manager.state == "active"
    assert fleet.verdict(manager) == "healthy"
    assert fleet("stop", manager.id).code == 0
    assert manager.state == "inactive"


def test_an_awkward_manager_id_and_actor_name_stay_what_they_are(fleet, h1):
    manager = fleet.manager(h1, f"{fleet.mark} 'Ö; touch $HOME; `id`")
    manager.actor = f"{fleet.mark} \"Ä $(touch /tmp/pwned)"
    manager.runs_as_a_manager()
    done = fleet("start", manager.id)
    assert done.code == 0, done.text
    assert fleet("lookup", manager.actor).out == manager.endpoint + "\n"
    assert not h1.file("/tmp/pwned").exists()


def test_nothing_of_a_command_stays_on_the_host(fleet, h1):
    fleet.started(h1)

    def sessions() -> str:
        return h1.must("sh", "-c", "ps -eo args | grep '^sshd: root@' || true")

    eventually(lambda: sessions() == "", within=30)
