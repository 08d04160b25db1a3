"""The right to control units: used where it is there, missed before anything is changed where it is not."""

import json

import pytest
from machines import eventually


def sudoers(machine, user: str, *lines: str) -> None:
    machine.write(f"/etc/sudoers.d/{user}", "".join(f"{line}\n" for line in lines), 0o440)


def may(user: str, verb: str, unit: str) -> str:
    return f"{user} ALL=(root) NOPASSWD: /usr/bin/systemctl --no-ask-password {verb} {unit}"


def errors(found: dict) -> dict[str, dict]:
    return {one["manager_id"]: one["error"] for one in found["managers"]}


@pytest.mark.parametrize("privilege", ["auto", "sudo"])
def test_where_sudo_lacks_one_right_nothing_of_that_host_is_changed(fleet, h1, h2, user, privilege):
    allowed, forbidden, elsewhere = fleet.manager(h1), fleet.manager(h1), fleet.manager(h2)
    fleet.hosts["h1"].update(ssh=f"{user}@{h1.address}", privilege=privilege)
    sudoers(h1, user, may(user, "start", allowed.unit))
    done = fleet("start", "--all", "--json")
    assert done.code == 7, done.text
    found = {one["manager_id"]: one for one in json.loads(done.out)["managers"]}
    assert [manager.state for manager in (allowed, forbidden, elsewhere)] == ["inactive", "inactive", "active"]
    for manager in (allowed, forbidden):
        assert found[manager.id]["error"]["class"] == "privilege"
    assert f"not begun, since {user} has no right to start {forbidden.unit}" in found[allowed.id]["error"]["message"]
    assert may(user, "start", forbidden.unit) in found[forbidden.id]["error"]["hint"]
    assert fleet("start", allowed.id).code == 0


def test_the_polkit_rule_that_a_refusal_names_is_enough_and_allows_nothing_else(fleet, h1, user):
    manager = fleet.manager(h1, unit=f"{fleet.mark}-a\\x2db@1.service")
    fleet.hosts["h1"]["ssh"] = f"{user}@{h1.address}"
    refused = errors(fleet.json("start", manager.id))[manager.id]
    assert refused["class"] == "privilege"
    rule = refused["hint"].split("rules.d: ")[1]
    h1.write(f"/etc/polkit-1/rules.d/{user}.rules", rule + "\n")
    eventually(lambda: fleet("start", manager.id).code == 0, within=15, what="polkit has read the rule")
    assert fleet("stop", manager.id).code == 7
    assert manager.state == "active"


def test_a_refusal_ends_the_work_with_its_host_and_no_other(fleet, h1, h2, user):
    first, second, elsewhere = fleet.started(h1), fleet.started(h1), fleet.started(h2)
    fleet.hosts["h1"]["ssh"] = f"{user}@{h1.address}"
    before = [manager.invocation for manager in (first, second, elsewhere)]
    done = fleet("restart", "--all", "--rolling", "--on-error", "continue", "--json")
    assert done.code == 7, done.text
    found = {one["manager_id"]: one for one in json.loads(done.out)["managers"]}
    assert found[first.id]["error"]["class"] == found[second.id]["error"]["class"] == "privilege"
    assert found[second.id]["error"]["message"].startswith("not begun: ")
    assert found[elsewhere.id]["result"] == "done"
    after = [manager.invocation for manager in (first, second, elsewhere)]
    assert after[:2] == before[:2] and after[2] != before[2]


def test_this_machine_is_refused_and_goes_by_sudo_in_the_same_way(fleet, h1, user):
    one, other = fleet.manager(h1), fleet.manager(h1)
    here = {"managers": {manager.id: {"service": manager.unit} for manager in (one, other)}}
    config = h1.write(
        f"/tmp/{fleet.mark}.json",
        json.dumps({"registry_connect": "tcp://10.77.0.1:5555", "settle_s": 1, "hosts": {"here": here}}),
    )

    def as_user(*words: str):
        return h1.run("runuser", "-u", user, "--", "actorsctl", "--config", config, *words)

    refused = as_user("start", "--all", "--json")
    assert refused.code == 7, refused.text
    found = errors(json.loads(refused.out))
    assert may(user, "start", one.unit) in found[one.id]["hint"]
    assert "not begun" in found[other.id]["message"]
    assert as_user("kill", "-s", "HUP", one.id).code == 4

    sudoers(h1, user, *(may(user, "start", manager.unit) for manager in (one, other)))
    done = as_user("start", "--all")
    assert done.code == 0, done.text
    assert [manager.state for manager in (one, other)] == ["active", "active"]
    stopped = as_user("stop", one.id)
    assert stopped.code == 7
    assert "has no right to stop" in stopped.err
    assert one.state == "active"

    h1.must("systemctl", "stop", other.unit)
    other.runs("/usr/bin/sleep infinity", "Type=notify\nTimeoutStartSec=20\n")
    slow = as_user("start", other.id, "--timeout", "1")
    assert slow.code == 5, slow.text
    assert slow.seconds < 10
