"""`after`: who waits for whom, across hosts."""


def test_a_manager_after_another_on_another_host_is_started_when_that_one_was_heard(fleet, h1, h2):
    first = fleet.manager(h1)
    second = fleet.manager(h2, after=[first.id])
    # Its heart beats only some time after it is active.
    first.runs_as_a_manager(more="ExecStartPre=/bin/sleep 1\nTimeoutStartSec=30\n")
    done = fleet("start", "--all")
    assert done.code == 0, done.text
    began = [int(one.host.property(one.unit, "InactiveExitTimestampMonotonic")) for one in (first, second)]
    heard = int(first.host.property(first.unit, "ActiveEnterTimestampMonotonic"))
    assert began[0] < heard < began[1]  # one kernel, one clock


def test_what_comes_after_a_failure_is_not_started_and_says_because_of_whom(fleet, h1, h2):
    first = fleet.manager(h1)
    second = fleet.manager(h2, after=[first.id])
    first.runs("/bin/sh -c 'exit 3'")
    done = fleet("start", "--all")
    assert done.code == 1
    assert f"not started: {first.id} did not succeed" in done.out
    assert second.state == "inactive"


def test_a_stop_goes_the_other_way_round(fleet, h1, h2):
    first = fleet.manager(h1)
    second = fleet.manager(h2, after=[first.id])
    note_the_time = "ExecStopPost=/bin/sh -c 'cat /proc/uptime >/run/%n.stopped'\n"
    first.runs_as_a_manager(more=note_the_time)
    second.runs_as_a_manager(more="ExecStop=/bin/sleep 1\n" + note_the_time)
    assert fleet("start", "--all").code == 0
    done = fleet("stop", "--all")
    assert done.code == 0, done.text

    def stopped(manager) -> float:
        return float(manager.host.must("cat", f"/run/{manager.unit}.stopped").split()[0])

    assert stopped(second) < stopped(first)
