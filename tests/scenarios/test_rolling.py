"""`restart --rolling`: a few at a time, and only while the fleet is well."""

import json
import time

import pytest
from fleet import HELD_UP
from machines import eventually

HELD = f"ExecStartPre={HELD_UP}\nTimeoutStartSec=120\n"
PATIENT = "tcp://10.77.0.1:5657"


@pytest.fixture
def patient(ctl, fleet):
    """The fleet, on a registry of its own that misses nobody within a minute."""
    settings = {"registry_endpoint": PATIENT, "heartbeat_timeout_s": 60}
    config = ctl.write(f"{fleet.folder}/patient.json", json.dumps(settings))
    registry = ctl.begin("actorsctl", "--config", config, "registry", "serve", "--in-memory")
    asked = ("actorsctl", "--registry", PATIENT, "registry", "status")
    eventually(lambda: ctl.run(*asked).code == 0, within=30, what="the registry answers")
    fleet.settings["registry_connect"] = PATIENT
    yield fleet
    registry.terminate()
    registry.communicate(timeout=30)


def began(manager) -> int:
    return int(manager.host.property(manager.unit, "InactiveExitTimestampMonotonic"))


def up(manager) -> int:
    return int(manager.host.property(manager.unit, "ActiveEnterTimestampMonotonic"))


def test_a_rolling_restart_takes_one_after_the_other_over_all_hosts(fleet, h1, h2):
    managers = [fleet.started(h1), fleet.started(h2), fleet.started(h1)]
    before = [manager.invocation for manager in managers]
    done = fleet("restart", "--all", "--rolling")
    assert done.code == 0, done.text
    assert all(manager.invocation != old for manager, old in zip(managers, before, strict=True))
    by_time = sorted(managers, key=began)
    settled = fleet.settings["settle_s"] * 1_000_000
    for first, second in zip(by_time, by_time[1:], strict=False):
        assert up(first) + settled <= began(second)  # one kernel, one clock


def test_a_rolling_restart_of_two_at_a_time_gives_a_place_that_is_free_to_the_next(fleet, h1, h2):
    managers = [fleet.started(h1), fleet.started(h2), fleet.started(h1)]
    fleet.settings["settle_s"] = 4  # by how much one host may be slower to begin than the other
    done = fleet("restart", "--all", "--rolling=2")
    assert done.code == 0, done.text
    by_time = sorted(managers, key=began)
    settled = fleet.settings["settle_s"] * 1_000_000
    assert began(by_time[1]) < up(by_time[0]) + settled  # side by side
    assert began(by_time[2]) >= min(map(up, by_time[:2])) + settled


def test_a_rolling_restart_stops_at_the_first_failure_and_leaves_the_others_alone(fleet, h1, h2):
    first, second = fleet.started(h1), fleet.started(h2)
    alive = second.invocation
    first.runs("/bin/sh -c 'exit 3'")
    done = fleet("restart", "--all", "--rolling")
    assert done.code == 1
    assert f"not restarted: {first.id} did not succeed" in done.out
    assert f"restart stopped, 1 not begun: {first.id} did not succeed" in done.err
    assert second.invocation == alive
    goes_on = fleet("restart", first.id, second.id, "--rolling", "--on-error", "continue")
    assert goes_on.code == 1
    assert second.invocation != alive


def test_a_rolling_restart_stops_when_something_unrelated_goes_offline(fleet, h1, h2, ctl):
    first, second = fleet.started(h1), fleet.started(h2)
    other = fleet.started(h2)
    alive = second.invocation
    first.runs_as_a_manager(more=HELD)
    changing = ctl.begin(*fleet.command("restart", first.id, second.id, "--rolling", "--json"))
    eventually(lambda: first.state == "activating", within=30)
    other.signal("STOP")
    try:
        eventually(lambda: not fleet.online(other), within=40, what="the other is missed")
        first.go_on()
        out, err = changing.communicate(timeout=90)
        assert changing.returncode == 1, out + err
        assert f"{other.id} went offline meanwhile, --max-offline is 0" in err
        left = next(one for one in json.loads(out)["managers"] if one["manager_id"] == second.id)
        assert (left["result"], left["error"]["class"]) == ("skipped", "fleet")
        assert second.invocation == alive
    finally:
        other.signal("CONT")


def test_a_rolling_restart_stops_when_what_it_restarted_dies_though_it_reads_online_still(patient, h1, h2, ctl):
    first, slow, last = managers = [patient.manager(h1), patient.manager(h2), patient.manager(h2)]
    for manager in managers:
        manager.runs_as_a_manager(registry=PATIENT)
    assert patient("start", "--all").code == 0
    life = last.invocation
    slow.runs_as_a_manager(registry=PATIENT, more=HELD)
    changing = ctl.begin(*patient.command("restart", first.id, slow.id, last.id, "--rolling"))
    # The first is done, settled and heard, before it dies.
    eventually(lambda: slow.state == "activating", within=60)
    first.signal("KILL")
    eventually(lambda: first.state == "failed", within=30)
    assert patient.online(first)
    slow.go_on()
    out, err = changing.communicate(timeout=90)
    assert changing.returncode == 1, out + err
    assert f"restart stopped, 1 not begun: {first.unit} did not stay up: signal (KILL)" in err
    assert slow.state == "active"
    assert last.invocation == life


def test_a_rolling_restart_begins_nothing_without_a_registry(fleet, h1):
    manager = fleet.started(h1)
    alive = manager.invocation
    done = fleet("--registry", "tcp://10.77.0.1:9", "restart", manager.id, "--rolling")
    assert done.code == 5
    assert "the registry can't be asked" in done.err
    assert manager.invocation == alive


def test_on_error_stop_begins_nothing_after_a_failure(fleet, h1, h2):
    first = fleet.manager(h1)
    second = fleet.manager(h2, after=[first.id])
    unrelated = fleet.manager(h2)
    first.runs("/bin/sh -c 'exit 3'")
    done = fleet("start", first.id, second.id, "--on-error", "stop")
    assert done.code == 1
    assert "start stopped, 1 not begun" in done.err
    assert second.state == "inactive" and unrelated.state == "inactive"


def test_a_dry_run_asks_no_host(fleet, h1):
    manager = fleet.manager(h1)
    fleet.hosts["h1"]["connect_timeout_s"] = 60
    h1.cut()
    begun = time.monotonic()
    done = fleet("start", manager.id, "--dry-run")
    assert done.code == 0, done.text
    assert f"start {manager.unit}" in done.out
    assert time.monotonic() - begun < 30
    h1.heal()
    assert manager.state == "inactive"
