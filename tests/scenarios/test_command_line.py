"""What a script can rely on: exit codes, streams, and what a wrong file or a missing registry gets."""

import json

from machines import eventually

REGISTRY = ("--registry", "tcp://10.77.0.1:5555")
NOBODY_THERE = ("--registry", "tcp://10.77.0.1:5998", "--timeout", "1")


def test_lookup_tells_unknown_offline_and_unreachable_apart(ctl, registry):
    assert ctl.run("actorsctl", *REGISTRY, "lookup", "never-there").code == 3
    unreachable = ctl.run("actorsctl", *NOBODY_THERE, "lookup", "never-there")
    assert unreachable.code == 5
    assert "tcp://10.77.0.1:5998" in unreachable.err and "--registry" in unreachable.err
    assert unreachable.seconds < 5  # what it would take without --timeout


def test_lookup_wait_ends_when_the_actor_is_there(fleet, h1):
    manager = fleet.manager(h1)
    waiting = fleet.ctl.begin(*fleet.command("lookup", "--wait", manager.actor))
    manager.systemctl("start")
    out, err = waiting.communicate(timeout=30)
    assert (waiting.returncode, out) == (0, manager.endpoint + "\n"), err


def test_lookup_wait_gives_up_at_its_timeout(ctl, registry):
    done = ctl.run("actorsctl", *REGISTRY, "--timeout", "1", "lookup", "--wait", "never-there")
    assert done.code == 5
    assert done.seconds < 10


def test_actors_and_managers_list_what_the_registry_knows(fleet, h1):
    manager = fleet.started(h1)
    actors = fleet.json("actors", f"{fleet.mark}-*")["actors"]
    assert [(one["actor_name"], one["endpoint"], one["manager_id"], one["online"]) for one in actors] == [
        (manager.actor, manager.endpoint, manager.id, True)
    ]
    managers = fleet.json("managers", f"{fleet.mark}-*")["managers"]
    assert [(one["manager_id"], one["online"], one["actors"]) for one in managers] == [(manager.id, True, 1)]
    heard = lambda: fleet.json("managers", manager.id)["managers"][0]["age_s"] < 3  # noqa: E731
    eventually(heard, within=30, what="a heartbeat every 2 s")
    assert managers[0]["process"]["unit"] == manager.unit
    assert managers[0]["process"]["invocation_id"] == manager.invocation


def test_registry_status_says_version_and_counts(ctl, registry):
    status = json.loads(ctl.must("actorsctl", *REGISTRY, "registry", "status", "--json"))
    assert status["version"] and status["epoch"]
    assert status["uptime_s"] > 0
    assert "managers" in status["counts"]


def test_every_fault_of_a_wrong_file_is_named_with_line_and_column_and_nothing_is_done(fleet, h1):
    manager = fleet.manager(h1)
    text = """{
  "settle": 3,
  "hosts": {
    "h1": {"ssh": "root@10.77.0.11", "managers": {
      "one": {"service": "a b.service", "after": ["nobody"]}}}}}
"""
    config = fleet.ctl.write(f"{fleet.folder}/wrong.json", text)
    for words in (["config", "check"], ["start", "--all"], ["status"]):
        done = fleet.ctl.run("actorsctl", "--config", config, *words)
        assert done.code == 6, done.text
        assert f"{config}:2:" in done.text and "settle_s" in done.text
        assert f"{config}:5:" in done.text and "service" in done.text and "after" in done.text
    assert manager.state == "inactive"


def test_a_missing_named_file_is_a_fault_and_a_missing_default_is_none(ctl, registry):
    assert ctl.run("actorsctl", "--config", "/no/such/file", "config", "check").code == 6
    assert ctl.run("actorsctl", *REGISTRY, "actors").code == 0


def test_a_closed_pipe_ends_quietly(ctl, registry):
    done = ctl.run("bash", "-c", "actorsctl --registry tcp://10.77.0.1:5555 registry status | true; echo ${PIPESTATUS[0]}")
    assert done.err == ""


def test_usage_errors_exit_with_2(ctl):
    for words in ([], ["no-such-command"], ["lookup"], ["status", "--no-such-option"], ["--color", "blue", "actors"]):
        done = ctl.run("actorsctl", *words)
        assert (done.code, done.out) == (2, ""), words
        assert done.err
