"""start, stop and restart: done is what was seen, not what was asked for."""

import re
import signal

import pytest
from machines import eventually


def result(done_json: dict, manager) -> dict:
    return {one["manager_id"]: one for one in done_json["managers"]}[manager.id]


def test_start_is_done_when_the_registry_heard_the_manager(fleet, h1, h2, h3):
    managers = [fleet.manager(host) for host in (h1, h2, h3)]
    done = fleet("start", "--all")
    assert done.code == 0, done.text
    assert {one["verdict"] for one in fleet.statuses().values()} == {"healthy"}
    for manager in managers:
        assert fleet.online(manager)
        assert fleet.lookup(manager)["endpoint"] == manager.endpoint


def test_starting_what_runs_changes_nothing_and_is_done(fleet, h1):
    manager = fleet.started(h1)
    before = manager.invocation
    done = fleet("start", manager.id)
    assert done.code == 0
    assert "already running" in done.out
    assert manager.invocation == before


def test_restart_brings_a_new_life_that_is_heard(fleet, h1):
    manager = fleet.started(h1)
    before = manager.invocation
    done = fleet("restart", manager.id)
    assert done.code == 0, done.text
    assert manager.invocation != before
    assert fleet.verdict(manager) == "healthy"


def test_restart_starts_a_stopped_manager_only_if_it_is_named_literally(fleet, h1):
    stopped, running = fleet.manager(h1), fleet.started(h1)
    by_glob = fleet("restart", f"{fleet.mark}-*")
    assert by_glob.code == 0
    assert "skipped" in by_glob.out
    assert stopped.state == "inactive" and running.state == "active"
    assert fleet("restart", stopped.id).code == 0
    assert stopped.state == "active"


def test_stop_is_done_when_the_unit_is_inactive(fleet, h1):
    manager = fleet.started(h1)
    done = fleet("stop", manager.id)
    assert done.code == 0, done.text
    assert manager.state == "inactive"
    assert "already stopped" in fleet("stop", manager.id).out


def test_a_manager_that_had_to_be_killed_is_said_and_cleared(fleet, h1):
    manager = fleet.manager(h1, heartbeats=False)
    manager.runs("/bin/sh -c 'trap : TERM; while :; do sleep .1; done'", "TimeoutStopSec=500ms\n")
    assert fleet("start", manager.id).code == 0
    done = fleet("stop", manager.id)
    assert done.code == 0, done.text
    assert "killed" in done.out
    assert manager.state == "inactive"


def test_a_unit_that_dies_right_after_start_makes_start_fail_with_the_reason(fleet, h1):
    manager = fleet.manager(h1)
    manager.runs("/bin/sh -c 'exit 3'")
    done = fleet("start", manager.id)
    assert done.code == 1
    assert re.search(r"exit-code.*status=3", done.text)


def test_a_failed_start_quotes_what_this_life_said_and_nothing_older(fleet, h1):
    manager = fleet.manager(h1)
    manager.runs("/bin/sh -c 'echo an older life; exit 3'")
    assert "an older life" in fleet("start", manager.id).err
    manager.runs("/bin/sh -c 'echo the disk is full; exit 3'")
    done = fleet("start", manager.id)
    assert f"  {manager.unit}: the disk is full" in done.err
    assert "an older life" not in done.err
    manager.runs("/bin/sh -c 'echo no licence; exit 3'")
    said = fleet.json("start", manager.id)["managers"][0]["journal"]
    assert "no licence" in said


def test_a_journal_that_may_not_be_quoted_is_told_and_how_to_allow_it(fleet, h1):
    manager = fleet.manager(h1)
    manager.runs("/bin/sh -c 'echo the disk is full; exit 3'")
    h1.must("useradd", "--create-home", fleet.mark)
    try:
        home = f"/home/{fleet.mark}"
        h1.must("cp", "-r", "/root/.ssh", home)
        h1.must("chown", "-R", f"{fleet.mark}:", f"{home}/.ssh")
        h1.write(f"/etc/sudoers.d/{fleet.mark}", f"{fleet.mark} ALL=(root) NOPASSWD: ALL\n", mode=0o440)
        fleet.hosts["h1"]["ssh"] = f"{fleet.mark}@{h1.address}"
        done = fleet("start", manager.id)
        assert done.code == 1
        assert "no journal to quote" in done.err and "systemd-journal" in done.err
    finally:
        h1.run("rm", f"/etc/sudoers.d/{fleet.mark}")
        h1.run("userdel", "--force", "--remove", fleet.mark)


def test_a_missing_right_says_what_would_grant_exactly_it_and_that_does(fleet, h1):
    manager = fleet.manager(h1, unit=f"{fleet.mark}-a\\x2db@1.service")
    h1.must("useradd", "--create-home", fleet.mark)
    try:
        home = f"/home/{fleet.mark}"
        h1.must("cp", "-r", "/root/.ssh", home)
        h1.must("chown", "-R", f"{fleet.mark}:", f"{home}/.ssh")
        fleet.hosts["h1"]["ssh"] = f"{fleet.mark}@{h1.address}"
        refused = fleet("start", manager.id)
        assert refused.code == 7
        line = re.search(r"allows exactly that: (.*?); or with polkit", refused.err).group(1)
        h1.write(f"/etc/sudoers.d/{fleet.mark}", line + "\n", mode=0o440)
        assert fleet("start", manager.id).code == 0
        assert fleet("stop", manager.id).code == 7  # and nothing else
        assert manager.state == "active"
    finally:
        h1.run("rm", "-f", f"/etc/sudoers.d/{fleet.mark}")
        h1.run("userdel", "--force", "--remove", fleet.mark)


def test_a_unit_that_dies_2_s_later_makes_start_fail_with_the_reason(fleet, h1):
    manager = fleet.manager(h1)
    fleet.settings["settle_s"] = 15
    manager.runs_as_a_manager(options="--die-after 2 --exit-status 5")
    done = fleet("start", manager.id)
    assert done.code == 1
    assert re.search(r"exit-code.*status=5", done.text)
    assert 1.5 < done.seconds < 12


def test_a_unit_whose_program_is_missing_makes_start_fail_with_the_reason(fleet, h1):
    manager = fleet.manager(h1)
    manager.runs("/usr/local/bin/no-such-program")
    done = fleet("start", manager.id)
    assert done.code == 1
    assert "203/EXEC" in done.text


def test_a_unit_that_systemd_restarts_again_and_again_makes_start_fail(fleet, h1):
    manager = fleet.manager(h1)
    manager.runs("/bin/sh -c 'sleep .3; exit 4'", "Restart=always\nRestartSec=2\n")
    done = fleet("start", manager.id)
    assert done.code == 1
    # It waits to be restarted: that it was restarted would not be true yet.
    assert "status=4" in done.text and "restart" in done.text and "0 so far" not in done.text
    assert fleet.verdict(manager) == "restarting"


def test_a_restart_too_quick_to_be_seen_makes_start_fail_without_a_made_up_reason(fleet, h1):
    manager = fleet.manager(h1)
    manager.runs("/bin/sh -c 'sleep .5; exit 4'", "Restart=always\nRestartSec=0\n")
    done = fleet("start", manager.id)
    assert done.code == 1
    assert "success" not in done.text


def test_a_failed_manager_starts_again_without_a_word_from_the_operator(fleet, h1):
    manager = fleet.started(h1)
    manager.signal("KILL")
    eventually(lambda: manager.state == "failed", within=30)
    done = fleet("start", manager.id)
    assert done.code == 0, done.text
    assert fleet.verdict(manager) == "healthy"


def test_a_killed_manager_whose_unit_comes_back_broken_is_never_reported_as_heard(fleet, h1):
    manager = fleet.started(h1)
    manager.runs("/usr/bin/sleep infinity")
    manager.signal("KILL")
    eventually(lambda: manager.state == "failed", within=30)
    # The registry still counts the dead life as online: that must not pass for the new one.
    assert fleet.online(manager)
    watched = fleet.ctl.begin(*fleet.command("start", manager.id))
    seen = set()
    while watched.poll() is None:
        seen.add(fleet.verdict(manager))
    out, err = watched.communicate()
    assert watched.returncode == 5, out + err
    assert "heard" in out + err
    assert "healthy" not in seen and "hung" not in seen
    eventually(lambda: fleet.verdict(manager) == "silent", within=30)


def test_restart_of_a_manager_whose_new_life_is_broken_is_not_done(fleet, h1):
    manager = fleet.started(h1)
    manager.runs("/usr/bin/sleep infinity")
    done = fleet("restart", manager.id)
    assert done.code == 5, done.text
    assert "heard" in done.text


def test_timeout_bounds_the_wait_to_be_heard(fleet, h1):
    manager = fleet.manager(h1)
    manager.runs("/usr/bin/sleep infinity")
    done = fleet("start", manager.id, "--timeout", "2")
    assert done.code == 5
    assert done.seconds < 9  # the unit's own times allow 11 s
    assert manager.state == "active"


def test_no_wait_is_done_when_systemd_accepted_it(fleet, h1):
    manager = fleet.manager(h1)
    manager.runs("/usr/bin/sleep infinity")
    done = fleet("start", "--no-wait", manager.id)
    assert done.code == 0
    assert done.seconds < 9


def test_without_a_registry_start_is_done_unverified(fleet, h1):
    manager = fleet.manager(h1)
    done = fleet("--registry", "tcp://10.77.0.1:5999", "start", manager.id)
    assert done.code == 5
    assert "unverified" in done.out
    assert manager.state == "active"
    status = fleet("--registry", "tcp://10.77.0.1:5999", "status", manager.id)
    assert status.code == 5
    assert "unverified" in status.out
    assert "tcp://10.77.0.1:5999" in status.err


def test_one_failure_does_not_keep_the_others_from_starting(fleet, h1, h2):
    good, bad = fleet.manager(h1), fleet.manager(h2)
    bad.runs("/bin/false")
    done = fleet.json("start", "--all")
    assert result(done, good)["result"] == "done"
    assert result(done, bad)["result"] == "failed"
    assert good.state == "active"


def test_a_name_that_fits_nothing_is_an_error_before_anything_is_done(fleet, h1):
    manager = fleet.manager(h1)
    done = fleet("start", manager.id, "nobody")
    assert done.code == 3
    assert "nobody" in done.err
    assert manager.state == "inactive"


def test_a_change_without_names_is_a_usage_error(fleet, h1):
    manager = fleet.started(h1)
    assert fleet("stop").code == 2
    assert manager.state == "active"


def test_managers_are_chosen_by_glob_host_and_exclusion(fleet, h1, h2):
    first, second, third = fleet.manager(h1), fleet.manager(h1), fleet.manager(h2)
    assert set(fleet.statuses("--host", "h1")) == {first.id, second.id}
    assert set(fleet.statuses("--all", "--exclude", second.id)) == {first.id, third.id}
    assert set(fleet.statuses(f"h2/{third.id}")) == {third.id}
    assert set(fleet.statuses("*-manager0", "*-manager2")) == {first.id, third.id}


@pytest.mark.parametrize("number,code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_ends_a_lookup_that_waits(fleet, number, code):
    command = fleet.ctl.begin("actorsctl", "--registry", "tcp://10.77.0.1:5555", "lookup", "--wait", "never-there")
    eventually(lambda: "actorsctl" in open(f"/proc/{command.pid}/comm").read(), within=30)
    eventually(lambda: has_handler(command.pid, number), within=30)
    command.send_signal(number)
    command.communicate(timeout=30)
    assert command.returncode == code


def has_handler(pid: int, number: int) -> bool:
    caught = re.search(r"^SigCgt:\s*(\w+)", open(f"/proc/{pid}/status").read(), re.MULTILINE)
    return bool(int(caught[1], 16) >> (number - 1) & 1)
