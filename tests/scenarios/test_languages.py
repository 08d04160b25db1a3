"""Managers in every language that has a client library, a host each: systemd and the registry see no difference."""

import pytest
from machines import eventually
from sample_managers import python, rust


@pytest.fixture
def managers(fleet, h1, h2, h3):
    """One in each language, by the language's name."""
    managers = {"c++": fleet.manager(h1), "rust": fleet.manager(h2), "python": fleet.manager(h3)}
    managers["rust"].runs_as_a_manager(program=rust(h2))
    managers["python"].runs_as_a_manager(program=python(h3))
    return managers


def heard(fleet) -> dict[str, dict]:
    """What the registry knows of managers."""
    return {one["manager_id"]: one for one in fleet.json("managers", f"{fleet.mark}-*")["managers"]}


def test_managers_in_all_languages_are_started_heard_and_stopped_alike(fleet, managers):
    done = fleet("start", "--all")
    assert done.code == 0, done.text
    assert {one["verdict"] for one in fleet.statuses().values()} == {"healthy"}
    for language, manager in managers.items():
        process = heard(fleet)[manager.id]["process"]
        assert process["language"] == language
        assert process["unit"] == manager.unit
        assert process["invocation_id"] == manager.invocation
        assert fleet.lookup(manager)["endpoint"] == manager.endpoint
    done = fleet("stop", "--all")
    assert done.code == 0, done.text
    for manager in managers.values():
        assert not fleet.online(manager), "it has said goodbye"


def test_a_new_life_in_any_language_is_told_from_the_one_before(fleet, managers):
    assert fleet("start", "--all").code == 0
    before = {manager.id: heard(fleet)[manager.id]["instance"] for manager in managers.values()}
    for manager in managers.values():
        manager.signal("KILL")
        eventually(lambda: manager.state == "failed", within=10, what="systemd has seen its end")
    done = fleet("start", "--all")
    assert done.code == 0, done.text
    after = heard(fleet)
    for manager in managers.values():
        assert after[manager.id]["instance"] != before[manager.id]
        assert after[manager.id]["process"]["invocation_id"] == manager.invocation
