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


def allow_by_polkit(machine, user: str, *managers) -> None:
    """Whatever can be done to these units, and to no others."""
    units = json.dumps([manager.unit for manager in managers])
    rule = f"""polkit.addRule(function(action, subject) {{
      if (action.id == "org.freedesktop.systemd1.manage-units" && subject.user == "{user}" &&
          {units}.indexOf(action.lookup("unit")) >= 0) return polkit.Result.YES;
    }});
"""
    machine.write(f"/etc/polkit-1/rules.d/{user}.rules", rule)


@pytest.fixture
def sleeper(fleet, h1):
    """Makes a manager that runs and is not heard, and says what it did."""

    def make(more: str = ""):
        manager = fleet.manager(h1, heartbeats=False)
        trace = f"ExecReload=/bin/sh -c 'echo reloaded >>/run/%n.reloads'\n{more}"
        manager.runs("/usr/bin/sleep infinity", trace)
        return manager

    return make


@pytest.fixture
def refused_in_the_middle(fleet, h1, user, sleeper):
    """Three managers of one host, of whom polkit refuses the second."""
    fleet.host(h1, ssh=f"{user}@{h1.address}")
    managers = [sleeper(), sleeper(), sleeper()]
    allow_by_polkit(h1, user, managers[0], managers[2])
    managers[0].systemctl("start")
    heeded = lambda: fleet("kill", "-s", "CONT", managers[0].id).code == 0  # noqa: E731
    eventually(heeded, within=20, what="polkit has read the rule")
    managers[0].systemctl("stop")
    return managers


def expect_refused_in_the_middle(fleet, user, managers, *words: str) -> dict[str, dict]:
    """What was said of the three by one command: the first is done, and nothing is tried after the second."""
    verb = words[0]
    first, second, third = managers
    done = fleet(*words, *(manager.id for manager in managers), "--json")
    assert done.code == 7, done.text
    found = {one["manager_id"]: one for one in json.loads(done.out)["managers"]}
    assert found[first.id]["result"] == "done", done.text
    for manager in (second, third):
        assert found[manager.id]["error"]["class"] == "privilege", done.text
    assert found[second.id]["error"]["message"].startswith(f"{user} has no right to {verb} {second.unit}: ")
    not_begun = f"{third.unit}: not begun, since {user} has no right to {verb} {second.unit} there"
    assert found[third.id]["error"]["message"] == not_begun
    return found


def test_in_one_batch_nothing_is_changed_after_the_first_unit_that_polkit_refuses(fleet, user, refused_in_the_middle):
    managers = refused_in_the_middle

    def states():
        return [manager.state for manager in managers]

    expect_refused_in_the_middle(fleet, user, managers, "start")
    assert states() == ["active", "inactive", "inactive"]

    for manager in managers:
        manager.systemctl("start")
    before = [manager.invocation for manager in managers]
    expect_refused_in_the_middle(fleet, user, managers, "restart")
    after = [manager.invocation for manager in managers]
    assert after[0] != before[0] and after[1:] == before[1:]

    expect_refused_in_the_middle(fleet, user, managers, "stop")
    assert states() == ["inactive", "active", "active"]


def test_in_one_batch_no_call_is_made_after_the_first_unit_that_polkit_refuses(fleet, h1, user, refused_in_the_middle):
    managers = refused_in_the_middle

    def states():
        return [manager.state for manager in managers]

    for manager in managers:
        manager.systemctl("start")
    expect_refused_in_the_middle(fleet, user, managers, "reload")
    assert [h1.file(f"/run/{manager.unit}.reloads").exists() for manager in managers] == [True, False, False]

    expect_refused_in_the_middle(fleet, user, managers, "kill", "-s", "TERM")
    eventually(lambda: states() == ["inactive", "active", "active"], within=20)

    managers[0].systemctl("start")
    for manager in managers:
        manager.systemctl("kill", "-s", "KILL")
    eventually(lambda: states() == ["failed"] * 3, within=20)
    expect_refused_in_the_middle(fleet, user, managers, "reset-failed")
    assert states() == ["inactive", "failed", "failed"]


def test_jobs_that_polkit_allows_run_side_by_side_and_go_on_when_a_later_one_is_refused(fleet, h1, user, sleeper):
    fleet.host(h1, ssh=f"{user}@{h1.address}")
    # The first waits until the second is under way.
    sign = f"/run/{fleet.mark}.sign"
    wait = f"ExecStartPre=/bin/sh -c 'while [ ! -e {sign} ]; do sleep .1; done; rm {sign}'\nTimeoutStartSec=40\n"
    managers = [sleeper(wait), sleeper(f"ExecStartPre=/usr/bin/touch {sign}\n"), sleeper()]
    allow_by_polkit(h1, user, *managers[:2])
    managers[1].systemctl("start")
    h1.must("rm", sign)
    heeded = lambda: fleet("kill", "-s", "CONT", managers[1].id).code == 0  # noqa: E731
    eventually(heeded, within=20, what="polkit has read the rule")
    managers[1].systemctl("stop")
    found = fleet.json("start", "--all")["managers"]
    assert [one["result"] for one in found] == ["done", "done", "failed"], found
    assert found[2]["error"]["class"] == "privilege"
    assert [manager.state for manager in managers] == ["active", "active", "inactive"]


@pytest.fixture
def many_by_sudo(fleet, h1, user, sleeper):
    """Makes managers with this in their units, more than a session has channels: they run, and sudo may stop them."""

    def make(stop: str):
        fleet.host(h1, ssh=f"{user}@{h1.address}", privilege="sudo")
        managers = [sleeper(stop) for _ in range(12)]
        sudoers(h1, user, *(may(user, verb, manager.unit) for manager in managers for verb in ("stop", "restart")))
        h1.must("systemctl", "start", *(manager.unit for manager in managers))
        return managers

    return make


def states_of(managers) -> list[str]:
    host = managers[0].host
    return host.must("systemctl", "show", "--value", "-p", "ActiveState", *(one.unit for one in managers)).split()


@pytest.mark.parametrize("verb", ["stop", "restart"])
def test_what_is_accepted_without_waiting_is_done_by_systemd_however_many_by_sudo(fleet, many_by_sudo, verb):
    managers = many_by_sudo("TimeoutStopSec=20\nExecStop=/bin/sleep 3\n")
    before = [manager.invocation for manager in managers]
    done = fleet(verb, "--no-wait", "--host", "h1", "--json")
    assert done.code == 0, done.text
    assert {one["result"] for one in json.loads(done.out)["managers"]} == {"done"}
    if verb == "stop":
        eventually(lambda: set(states_of(managers)) == {"inactive"}, within=30)
    else:
        renewed = lambda: all(one.invocation not in before for one in managers)  # noqa: E731
        eventually(renewed, within=30, what="each is in its next life")


def test_all_jobs_by_sudo_run_side_by_side_however_many(fleet, h1, many_by_sudo):
    # Each stop is over when all are under way.
    signs = f"/run/{fleet.mark}.signs"
    wait = f"touch {signs}/%n; until [ $$(ls {signs} | wc -l) -ge 12 ]; do sleep .1; done"
    h1.must("mkdir", signs)
    managers = many_by_sudo(f"TimeoutStopSec=40\nExecStop=/bin/sh -c '{wait}'\n")
    done = fleet("stop", "--host", "h1", "--json")
    assert done.code == 0, done.text
    assert {one["text"] for one in json.loads(done.out)["managers"]} == {"stopped"}
    assert set(states_of(managers)) == {"inactive"}


@pytest.mark.parametrize("privilege", ["auto", "sudo"])
def test_what_systemd_was_not_asked_for_in_time_is_no_acceptance(fleet, h1, user, privilege):
    manager = fleet.started(h1)
    fleet.hosts["h1"].update(ssh=f"{user}@{h1.address}", privilege=privilege)
    sudoers(h1, user, may(user, "stop", manager.unit))
    before = manager.invocation
    for words in ((), ("--no-wait",)):
        done = fleet("stop", manager.id, "--timeout", "0.0001", "--json", *words)
        assert done.code == 1, done.text
        assert errors(json.loads(done.out))[manager.id]["class"] == "not_asked"
        assert "--timeout" in errors(json.loads(done.out))[manager.id]["hint"]
    (known,) = fleet.json("managers", manager.id)["managers"]
    assert known["expected"] is None
    assert (manager.state, manager.invocation) == ("active", before)


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
