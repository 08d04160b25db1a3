"""Whether a manager is alive: what systemd says and what the registry hears, together."""

import json
import signal
import time

from machines import eventually


def test_a_stopped_managers_endpoint_is_still_returned_and_offline(fleet, h1):
    manager = fleet.started(h1)
    assert fleet("lookup", manager.actor).out == manager.endpoint + "\n"
    assert fleet("stop", manager.id).code == 0
    eventually(lambda: not fleet.online(manager), within=30)
    refused = fleet("lookup", manager.actor)
    assert (refused.code, refused.out) == (4, "")
    assert "offline" in refused.err
    allowed = fleet("lookup", manager.actor, "--allow-offline")
    assert (allowed.code, allowed.out) == (0, manager.endpoint + "\n")
    assert fleet.verdict(manager) == "stopped"


def test_a_killed_manager_is_offline_after_6_s_and_online_again_when_it_is_back(fleet, h1):
    manager = fleet.started(h1)
    manager.signal("KILL")
    asked = time.monotonic()
    (heard,) = fleet.json("managers", manager.id)["managers"]
    assert fleet.online(manager)
    eventually(lambda: not fleet.online(manager), within=30)
    # It is later where the registry itself did not run all the time, and never earlier.
    assert time.monotonic() - asked + heard["age_s"] >= 6
    assert fleet.lookup(manager)["endpoint"] == manager.endpoint
    assert fleet.verdict(manager) == "failed"
    manager.systemctl("start")
    eventually(lambda: fleet.online(manager), within=30)
    eventually(lambda: fleet.verdict(manager) == "healthy", within=30)


def test_a_hung_manager_reads_hung(fleet, h1):
    manager = fleet.started(h1)
    manager.signal("STOP")
    eventually(lambda: fleet.verdict(manager) == "hung", within=30)
    done = fleet("status", manager.id)
    assert done.code == 1
    assert manager.state == "active"
    manager.signal("CONT")
    eventually(lambda: fleet.verdict(manager) == "healthy", within=30)
    assert fleet("status", manager.id).code == 0


def test_a_restart_while_a_slow_host_is_waited_for_is_no_silence(fleet, h1, h2):
    fleet.host(h1, connect_timeout_s=20)
    fleet.settings["heartbeat_timeout_s"] = 2
    slow, quick = fleet.started(h1), fleet.started(h2)
    to_sshd = ("ss", "-Htn", "state", "established", "dst", h1.address, "dport", "=", ":22")
    h1.must("systemctl", "kill", "--kill-whom=main", "-s", "STOP", "ssh.service")
    try:
        asking = fleet.ctl.begin(*fleet.command("status", "--json"))
        eventually(lambda: fleet.ctl.run(*to_sshd).out, within=10, what="the host is being waited for")
        slow.systemctl("restart")
        time.sleep(3)  # longer than it counts as starting
        eventually(lambda: fleet.online(slow), within=10)
        quick.systemctl("restart")  # its unit was read long ago
    finally:
        h1.must("systemctl", "kill", "--kill-whom=main", "-s", "CONT", "ssh.service")
    said = {one["manager_id"]: one for one in json.loads(asking.communicate(timeout=60)[0])["managers"]}
    assert said[slow.id]["verdict"] == "healthy", said
    assert said[slow.id]["registry"]["invocation_id"] == said[slow.id]["systemd"]["invocation_id"] == slow.invocation
    assert said[quick.id]["verdict"] == "healthy", said
    assert said[quick.id]["systemd"]["invocation_id"] != quick.invocation


def test_a_watched_status_shows_what_changes(fleet, h1):
    manager = fleet.started(h1)
    log = fleet.ctl.file(f"{fleet.folder}/watch.out")
    with open(log, "w") as out:
        watching = fleet.ctl.begin(*fleet.command("status", "--watch=0.5", "--json"), stdout=out)
        try:
            eventually(lambda: '"healthy"' in log.read_text(), within=10)
            manager.systemctl("stop")
            eventually(lambda: '"stopped"' in log.read_text(), within=10)
        finally:
            watching.send_signal(signal.SIGINT)
            assert watching.wait(timeout=10) == 130
    seen = [json.loads(line)["managers"][0]["verdict"] for line in log.read_text().splitlines()]
    assert seen[0] == "healthy" and seen[-1] == "stopped"


def test_a_manager_that_never_speaks_reads_starting_then_silent(fleet, h1):
    manager = fleet.manager(h1)
    manager.runs_as_a_manager(options="--silent")
    manager.systemctl("start")
    assert fleet.verdict(manager) == "starting"
    eventually(lambda: fleet.verdict(manager) == "silent", within=30)
    assert fleet("status", manager.id).code == 1


def test_a_manager_without_heartbeats_is_healthy_when_it_runs(fleet, h1):
    manager = fleet.manager(h1, heartbeats=False)
    manager.runs("/usr/bin/sleep infinity")
    assert fleet("start", manager.id).code == 0
    assert fleet.verdict(manager) == "healthy"


def test_a_manager_that_runs_outside_its_unit_reads_foreign(fleet, h1):
    manager = fleet.started(h1)
    words = ["--manager", manager.id, "--registry", "tcp://10.77.0.1:5555"]
    stray = h1.begin("sample_manager", *words)
    try:
        assert fleet("stop", manager.id).code == 0
        eventually(lambda: fleet.verdict(manager) == "foreign", within=30)
        assert fleet("status", manager.id).code == 1
    finally:
        stray.kill()
        stray.communicate()


def test_a_stopped_manager_is_not_taken_for_a_foreign_one_because_it_was_heard_until_then(fleet, h1):
    manager = fleet.started(h1)
    assert fleet("stop", manager.id).code == 0
    assert fleet.verdict(manager) == "stopped"


def test_a_manager_that_systemd_restarted_reads_restarting(fleet, h1):
    manager = fleet.manager(h1)
    manager.runs_as_a_manager(more="Restart=always\nRestartSec=100ms\n")
    assert fleet("start", manager.id).code == 0
    manager.signal("KILL")
    eventually(lambda: h1.property(manager.unit, "NRestarts") == "1" and manager.state == "active", within=30)
    status = fleet.statuses(manager.id)[manager.id]
    assert status["verdict"] == "restarting"
    # systemd forgets how the last life ended once the next one runs: nothing is made up in its place.
    assert "1 restart" in status["detail"] and "success" not in status["detail"]


def test_masked_missing_and_broken_units_are_said_to_be_so(fleet, h1):
    masked, missing, broken = (fleet.manager(h1) for _ in range(3))
    h1.must("rm", f"/etc/systemd/system/{masked.unit}", f"/etc/systemd/system/{missing.unit}")
    h1.must("systemctl", "mask", masked.unit)
    broken.unit_file("[Service]\nType=simple\n")
    found = {id: one["verdict"] for id, one in fleet.statuses().items()}
    assert found == {masked.id: "masked", missing.id: "missing", broken.id: "broken"}
    for manager, word in ((masked, "masked"), (missing, "no such unit"), (broken, "bad unit file setting")):
        done = fleet("start", manager.id)
        assert done.code == 1
        assert word in done.text
        assert "unmask" in done.err or manager is not masked


def test_status_before_start_says_stopped_and_exits_4(fleet, h1, h2):
    managers = [fleet.manager(h1), fleet.manager(h2)]
    done = fleet("status")
    assert done.code == 4
    assert all(manager.id in done.out for manager in managers)
    assert {one["verdict"] for one in fleet.statuses().values()} == {"stopped"}
