"""Hosts and units in trouble: what went wrong is told with its reason, and what to do about it."""

import json
import re
import secrets
from contextlib import contextmanager
from pathlib import Path

import pytest
from fleet import HELD_UP, REGISTRY, Fleet
from machines import eventually

ON_A_TERMINAL = Path(__file__).resolve().parents[1] / "cli" / "on_a_terminal.py"


@pytest.fixture(scope="module", autouse=True)
def long_stop(lab, ctl, registry):
    """`stop` on a terminal, of a unit whose stop takes 20 s: it is begun before the first test and goes on beside all."""
    fleet = Fleet(ctl, "t" + secrets.token_hex(3))
    manager = fleet.manager(lab.hosts[2], heartbeats=False)
    manager.runs("/usr/bin/sleep infinity", "ExecStop=/bin/sleep 20\nTimeoutStopSec=60\n")
    assert fleet("start", manager.id).code == 0
    tool = ctl.write(f"{fleet.folder}/on_a_terminal.py", ON_A_TERMINAL.read_text())
    child = ctl.begin("/usr/bin/python3", tool, "--columns", "200", *fleet.command("stop", manager.id))
    yield child, manager
    child.kill()
    child.communicate()
    fleet.remove()


def the_only(said: dict) -> dict:
    (one,) = said["managers"]
    return one


@contextmanager
def full_disk(machine, folder: str):
    """Nothing can be added below a folder of the machine any more."""
    machine.must("mkdir", "-p", folder)
    # One inode is the folder's own.
    machine.must("mount", "-t", "tmpfs", "-o", "size=4k,nr_inodes=1,mode=755", "tmpfs", folder)
    try:
        yield
    finally:
        machine.must("umount", "--lazy", folder)


def test_a_link_cut_in_the_middle_of_a_restart_is_told_and_the_other_hosts_are_restarted(fleet, h1, h2):
    lost, other = fleet.started(h1), fleet.started(h2)
    lives = [lost.invocation, other.invocation]
    lost.runs_as_a_manager(more=f"ExecStartPre={HELD_UP}\nTimeoutStartSec=120\n")
    command = fleet.ctl.begin(*fleet.command("restart", "--all", "--json"))
    eventually(lambda: lost.state == "activating", within=30)
    h1.cut()
    try:
        out, err = command.communicate(timeout=60)  # a keepalive finds it
        assert command.returncode == 7, out + err
        said = {one["manager_id"]: one for one in json.loads(out)["managers"]}
        assert said[lost.id]["text"] == "unknown: the link broke after systemd was asked"
        assert (said[lost.id]["result"], said[lost.id]["error"]["class"]) == ("unfinished", "lost")
        assert (said[other.id]["result"], said[other.id]["text"]) == ("done", "restarted")
        assert f"after systemd was asked to restart {lost.unit}" in err
        assert f"look again with: actorsctl status {lost.id}" in err
        assert other.invocation != lives[1]
        lost.go_on()
    finally:
        h1.heal()
    eventually(lambda: fleet.verdict(lost) == "healthy", within=30)  # systemd went on with it
    assert lost.invocation != lives[0]


def test_a_host_whose_disk_is_full_fails_a_start_with_that_reason(fleet, h1):
    manager = fleet.manager(h1)
    manager.runs_as_a_manager(more=f"StateDirectory={fleet.mark}/state\n")
    with full_disk(h1, f"/var/lib/{fleet.mark}"):
        done = fleet("start", manager.id)
    assert done.code == 1
    assert "exit-code (status=238/STATE_DIRECTORY)" in done.err
    assert "No space left on device" in done.err  # quoted from the journal
    assert fleet("start", manager.id).code == 0


def test_a_host_that_keeps_no_journal_is_said_to_have_nothing_to_quote(fleet, h3):
    manager = fleet.manager(h3)
    manager.runs("/bin/sh -c 'exit 3'")
    keeps_none = h3.write("/etc/systemd/journald.conf.d/none.conf", "[Journal]\nStorage=none\n")
    try:
        h3.must("systemctl", "restart", "systemd-journald.service")
        done = fleet("start", manager.id)
        said = the_only(fleet.json("start", manager.id))
    finally:
        h3.file(keeps_none).unlink()
        h3.must("systemctl", "restart", "systemd-journald.service")
    assert done.code == 1
    assert "exit-code (status=3/NOTIMPLEMENTED)" in done.err
    assert "no journal to quote: nothing of this activation is in it" in done.err
    assert said["journal_problem"] and "journal" not in said
    assert "no journal to quote" not in fleet("start", manager.id).err


def test_a_stop_that_takes_longer_than_its_timeout_is_left_to_systemd(fleet, h1):
    manager = fleet.manager(h1, heartbeats=False)
    manager.runs("/usr/bin/sleep infinity", f"ExecStop={HELD_UP}\nTimeoutStopSec=120\n")
    assert fleet("start", manager.id).code == 0
    done = fleet("stop", manager.id, "--timeout", "1")
    assert done.code == 5, done.text
    assert "still stopping" in done.out
    assert "systemd goes on with it" in done.err
    assert fleet.verdict(manager) == "stopping"
    said = the_only(fleet.json("stop", manager.id, "--timeout", "1"))
    assert (said["result"], said["error"]["class"]) == ("unfinished", "timed_out")
    manager.go_on()
    eventually(lambda: manager.state == "inactive", within=30)
    assert fleet("stop", manager.id).code == 0


def test_a_unit_of_type_notify_that_never_notifies_fails_with_a_timeout(fleet, h1):
    manager = fleet.manager(h1)
    manager.runs("/usr/bin/sleep infinity", "Type=notify\nTimeoutStartSec=60\n")
    early = fleet("start", manager.id, "--timeout", "1")
    assert early.code == 5
    assert "still starting" in early.out
    manager.runs("/usr/bin/sleep infinity", "Type=notify\nTimeoutStartSec=2\n")  # counted from when it began
    eventually(lambda: manager.state == "failed", within=30)
    done = fleet("start", manager.id)
    assert done.code == 1, done.text
    assert "timeout, systemd waited in vain (TimeoutStartSec" in done.err
    assert "start operation timed out" in done.err  # quoted from the journal
    assert fleet.verdict(manager) == "failed"


def test_a_unit_that_was_masked_while_it_ran_can_be_stopped_and_not_started(fleet, h1):
    manager = fleet.started(h1)
    h1.must("rm", f"/etc/systemd/system/{manager.unit}")
    h1.must("systemctl", "mask", "--", manager.unit)
    refused = fleet("restart", manager.id)
    assert refused.code == 1
    assert f"{manager.unit} is masked; systemctl unmask {manager.unit}" in refused.err
    assert manager.state == "active"
    done = fleet("stop", manager.id)
    assert done.code == 0, done.text
    assert manager.state == "inactive"
    assert the_only(fleet.json("start", manager.id))["error"]["class"] == "masked"


def test_a_unit_named_by_an_alias_is_told_its_own_name_and_not_changed(fleet, h1):
    other, manager = fleet.started(h1), fleet.started(h1)
    alias = f"{fleet.mark}-alias.service"
    h1.must("ln", "-s", manager.unit, f"/etc/systemd/system/{alias}")
    h1.must("systemctl", "daemon-reload")
    fleet.hosts["h1"]["managers"][manager.id]["service"] = alias
    there = {"here": {"managers": fleet.hosts["h1"]["managers"]}}
    config = h1.write(f"/tmp/{fleet.mark}.json", json.dumps({"registry_connect": REGISTRY, "hosts": there}))
    said = f"{alias} is an alias of {manager.unit}; name that one in the configuration, as service of {manager.id}"

    def here(*words: str):
        return h1.run("actorsctl", "--config", config, *words)

    life = manager.invocation
    for run in (fleet, here):
        assert run("status", manager.id).code == 0
        for verb in ("start", "stop", "restart", "reload", "kill", "enable"):
            refused = run(verb, manager.id)
            assert refused.code == 1, refused.text
            assert said in refused.err, refused.text
        looked = run("doctor", "--json")
        assert looked.code == 1, looked.text
        (found,) = (one for one in json.loads(looked.out)["findings"] if one["check"] == "unit")
        assert (found["manager_id"], found["class"]) == (manager.id, "bad_setting")
        read = run("logs", "--all")
        assert read.code == 1 and said in read.err and other.id in read.out, read.text
        followed = run("logs", "-f", manager.id)  # what will never say anything is not followed
        assert followed.code == 1 and said in followed.err, followed.text
    assert (manager.state, manager.invocation) == ("active", life)


def test_a_container_whose_uptime_is_its_own_is_read_by_the_clock_of_its_systemd(fleet, h1):
    uptime = h1.write(f"/tmp/{fleet.mark}-uptime", "20.00 20.00\n")  # as lxcfs has it
    h1.must("mount", "--bind", uptime, "/proc/uptime")
    try:
        heard, unheard = fleet.manager(h1), fleet.manager(h1, heartbeats=False)
        unheard.runs("/usr/bin/sleep infinity")
        done = fleet("start", heard.id, unheard.id, "--timeout", "20")
        assert done.code == 0, done.text
        assert fleet("restart", heard.id, "--timeout", "20").code == 0
        mute = fleet.manager(h1)
        mute.runs("/usr/bin/sleep infinity")
        mute.systemctl("start")
        eventually(lambda: fleet.verdict(mute) == "silent", within=30)
    finally:
        h1.must("umount", "/proc/uptime")
        h1.file(uptime).unlink()


def test_a_process_that_a_signal_ends_is_told_by_the_signals_name(fleet, h1):
    manager = fleet.manager(h1)
    manager.runs("/bin/sh -c 'kill -SEGV $$$$; sleep 9'")
    done = fleet("start", manager.id)
    assert done.code == 1
    assert "(SEGV)" in done.err


def test_a_stop_that_takes_20_s_is_waited_for_and_the_live_line_says_how_long_already(long_stop):
    child, manager = long_stop
    out, err = child.communicate(timeout=60)
    assert child.returncode == 0, out + err
    assert f"live: stop: 0 of 1 done, N s; {manager.id}: stopping N s" in out.splitlines(), out
    (row,) = [line for line in out.splitlines() if line.startswith(manager.id)]
    assert row.endswith("stopped"), out
    took = re.search(r" (\d+\.\d) s ", row)
    assert took and 20 <= float(took[1]), row
    assert manager.state == "inactive"
