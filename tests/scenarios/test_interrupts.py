"""Ctrl-C: the first finishes what is under way and says what was done, the second leaves at once."""

import json
import signal

import pytest
from fleet import HELD_UP
from machines import eventually, line_of

SLOW = f"ExecStartPre={HELD_UP}\nTimeoutStartSec=120\n"


def one_after_the_other(fleet, first_host, second_host):
    first = fleet.manager(first_host)
    second = fleet.manager(second_host, after=[first.id])
    first.runs_as_a_manager(more=SLOW)
    return first, second


def begun(fleet, first, *words):
    """A change of which the first manager's job is under way."""
    command = fleet.ctl.begin(*fleet.command(*words))
    eventually(lambda: first.state == "activating", within=30)
    return command


def interrupt(command, number=signal.SIGINT):
    """The first of them. It says at once what it does now."""
    command.send_signal(number)
    assert "finishing what is under way" in line_of(command.stderr)


def end(command, first):
    """Lets what is under way come to its end, and with it the change. Returns what it printed."""
    first.go_on()
    return command.communicate(timeout=60)


@pytest.mark.parametrize("number,code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_first_interrupt_finishes_what_is_under_way_and_begins_nothing_new(fleet, h1, h2, number, code):
    first, second = one_after_the_other(fleet, h1, h2)
    command = begun(fleet, first, "start", "--all")
    interrupt(command, number)
    out, err = end(command, first)
    assert command.returncode == code, out + err
    rows = {row.split()[0]: row for row in out.splitlines()}
    assert rows[first.id].endswith("started") and rows[second.id].endswith("not begun")
    assert "start interrupted: 1 done, 1 not begun" in err
    assert fleet.verdict(first) == "healthy"
    assert second.state == "inactive"


def test_an_interrupted_change_says_in_json_what_was_done_and_what_not(fleet, h1, h2):
    first, second = one_after_the_other(fleet, h1, h2)
    command = begun(fleet, first, "start", "--all", "--json")
    interrupt(command)
    out, err = end(command, first)
    assert command.returncode == 130, out + err
    said = json.loads(out)
    assert said["interrupted"] is True
    results = {one["manager_id"]: (one["result"], one.get("error", {}).get("class")) for one in said["managers"]}
    assert results == {first.id: ("done", None), second.id: ("skipped", "interrupted")}


def test_the_second_interrupt_leaves_at_once_and_systemd_goes_on(fleet, h1, h2):
    first, second = one_after_the_other(fleet, h1, h2)
    command = begun(fleet, first, "start", "--all")
    interrupt(command)
    command.send_signal(signal.SIGINT)
    out, err = command.communicate(timeout=30)
    assert command.returncode == 130, out + err
    assert first.state == "activating"  # nothing was waited for
    assert "left at once" in err and out == ""
    first.go_on()
    eventually(lambda: fleet.verdict(first) == "healthy", within=30)
    assert second.state == "inactive"


def test_an_interrupt_is_not_blamed_on_who_had_not_begun(fleet, h1, h2, h3):
    first, *others = [fleet.started(host) for host in (h1, h2, h3)]
    lives = [other.invocation for other in others]
    first.runs_as_a_manager(more=SLOW)
    command = begun(fleet, first, "restart", "--all", "--rolling", "--json")
    interrupt(command)
    out, err = end(command, first)
    assert command.returncode == 130, out + err
    said = json.loads(out)
    assert said["interrupted"] is True and "stopped_by" not in said
    assert "restart interrupted: 1 done, 2 not begun" in err
    assert "restart stopped" not in err and "did not succeed" not in err
    assert [other.invocation for other in others] == lives


def test_an_interrupted_rolling_restart_leaves_the_rest_as_it_is(fleet, h1, h2):
    first, second = fleet.started(h1), fleet.started(h2)
    lives = [first.invocation, second.invocation]
    first.runs_as_a_manager(more=SLOW)
    command = begun(fleet, first, "restart", "--all", "--rolling")
    interrupt(command)
    out, err = end(command, first)
    assert command.returncode == 130, out + err
    assert "restart interrupted: 1 done, 1 not begun" in err
    assert first.invocation != lives[0] and second.invocation == lives[1]
