from __future__ import annotations

from typing import Any

import pytest

from actors_registry import RegistryError
from actors_registry._names_held import NamesHeld

Json = dict[str, Any]


def ok(epoch: str, actors: int) -> Json:
    return {"message_type": "RegistrationOk", "epoch": epoch, "actors": actors}


def ack(epoch: str, actors: int, **more: Any) -> Json:
    return {"message_type": "HeartbeatAck", "epoch": epoch, "actors": actors, **more}


@pytest.fixture
def names() -> NamesHeld:
    """A and B are held, and a heartbeat is under way."""
    names = NamesHeld()
    names.registered({"A": "tcp://h:1"}, ok("e1", 1))
    names.registered({"B": "tcp://h:2"}, ok("e1", 2))
    names.heartbeat_sent()
    return names


def kinds(news: Any) -> list[str]:
    return [notice.kind for notice in news.notices]


def to_repair(names: NamesHeld) -> list[str]:
    assert names.needs_repair()
    return [entry["actor_name"] for entry in names.next_to_repair()]


def test_what_is_acknowledged_needs_no_repair(names: NamesHeld) -> None:
    assert kinds(names.heartbeat_acknowledged(ack("e1", 2))) == []
    assert not names.needs_repair()


def test_another_epoch_means_all_names_again(names: NamesHeld) -> None:
    names.heartbeat_acknowledged(ack("e2", 2))
    assert to_repair(names) == ["A", "B"]


def test_fewer_actors_mean_all_names_again(names: NamesHeld) -> None:
    names.heartbeat_acknowledged(ack("e1", 1))
    assert to_repair(names) == ["A", "B"]


def repaired(*results: Json) -> Json:
    return {"message_type": "RegistrationResults", "epoch": "e2", "actors": 0, "results": list(results)}


def test_a_heartbeat_amid_a_repair_does_not_begin_it_anew_and_another_epoch_does(names: NamesHeld) -> None:
    names.heartbeat_acknowledged(ack("e2", 0))
    names.repaired(names.next_to_repair(1), repaired({"actor_name": "A", "ok": True}))
    names.heartbeat_sent()
    names.heartbeat_acknowledged(ack("e2", 1))
    assert to_repair(names) == ["B"]
    names.heartbeat_sent()
    names.heartbeat_acknowledged(ack("e3", 0))
    assert sorted(to_repair(names)) == ["A", "B"]
    names.repaired(names.next_to_repair(), repaired(*({"actor_name": name, "ok": True} for name in "AB")))
    assert names.end_repair() == 2


def test_what_is_missing_is_told_again_while_something_is_refused(names: NamesHeld) -> None:
    names.heartbeat_acknowledged(ack("e2", 0))
    refused = {"actor_name": "B", "ok": False, "code": "limit", "reason": "full"}
    names.repaired(names.next_to_repair(), repaired({"actor_name": "A", "ok": True}, refused))
    assert to_repair(names) == ["B"]
    names.heartbeat_sent()
    names.heartbeat_acknowledged(ack("e2", 0))
    assert sorted(to_repair(names)) == ["A", "B"]


def test_a_name_registered_after_a_heartbeat_left_is_not_missed_in_its_answer(names: NamesHeld) -> None:
    names.registered({"C": "tcp://h:3"}, ok("e1", 3))
    names.heartbeat_acknowledged(ack("e1", 2))
    assert not names.needs_repair()


def test_a_name_given_up_while_a_heartbeat_is_on_its_way_is_not_missed(names: NamesHeld) -> None:
    names.given_up("B")
    names.registered({"C": "tcp://h:3"}, ok("e1", 2))
    names.heartbeat_acknowledged(ack("e1", 1))  # counted between the two
    assert not names.needs_repair()


def test_a_registration_that_meets_an_empty_registry_repairs_the_others_only(names: NamesHeld) -> None:
    names.registered({"C": "tcp://h:3"}, ok("e2", 1))
    assert to_repair(names) == ["A", "B"]


def test_a_repair_ends_when_all_are_registered_again(names: NamesHeld) -> None:
    names.heartbeat_acknowledged(ack("e2", 0))
    actors = names.next_to_repair()
    results = [{"actor_name": name, "ok": True} for name in "AB"]
    news = names.repaired(actors, {**ack("e2", 2), "results": results})
    assert news.go_on
    assert names.next_to_repair() == []
    assert names.end_repair() == 2
    assert not names.needs_repair()


def test_what_is_lost_is_said_once_and_not_taken_back(names: NamesHeld) -> None:
    news = names.heartbeat_acknowledged(ack("e1", 1, lost=["A", "unknown", 7]))
    assert [(notice.kind, notice.actor_name) for notice in news.notices] == [("lost", "A")]
    assert names.held() == {"B": "tcp://h:2"}
    assert not names.needs_repair()
    assert kinds(names.heartbeat_acknowledged(ack("e1", 1, lost=["A"]))) == []


def test_superseded_is_said_once_and_repairs_nothing_until_this_life_is_current_again(names: NamesHeld) -> None:
    assert kinds(names.heartbeat_acknowledged(ack("e1", 0, superseded=True))) == ["superseded"]
    assert kinds(names.heartbeat_acknowledged(ack("e1", 0, superseded=True))) == []
    assert not names.needs_repair()
    assert kinds(names.heartbeat_acknowledged(ack("e1", 0))) == []
    assert to_repair(names) == ["A", "B"]
    assert kinds(names.heartbeat_acknowledged(ack("e1", 0, superseded=True))) == ["superseded"]


def test_a_name_that_is_taken_meanwhile_is_lost(names: NamesHeld) -> None:
    names.heartbeat_acknowledged(ack("e2", 0))
    results = [{"actor_name": "A", "ok": False, "code": "taken", "reason": "by N"}, {"actor_name": "B", "ok": True}]
    news = names.repaired(names.next_to_repair(), {**ack("e2", 1), "results": results})
    assert [(notice.kind, notice.actor_name) for notice in news.notices] == [("lost", "A")]
    assert names.held() == {"B": "tcp://h:2"}


@pytest.mark.parametrize("code", ["unavailable", "limit", "not_authorized"])
def test_what_the_registry_cannot_take_now_is_kept_and_said_once(names: NamesHeld, code: str) -> None:
    names.heartbeat_acknowledged(ack("e2", 0))
    refusals = [{"actor_name": name, "ok": False, "code": code, "reason": "full"} for name in "AB"]
    news = names.repaired(names.next_to_repair(), {**ack("e2", 0), "results": refusals})
    assert kinds(news) == ["refused"]
    assert not news.go_on
    assert to_repair(names) == ["A", "B"]
    assert kinds(names.repaired(names.next_to_repair(), {**ack("e2", 0), "results": refusals})) == []


def test_a_refusal_of_the_whole_request_condemns_no_name(names: NamesHeld) -> None:
    names.heartbeat_acknowledged(ack("e2", 0))
    error = {"message_type": "Error", "code": "invalid_field", "error": "for people"}
    assert not names.repaired(names.next_to_repair(), error).go_on
    assert set(names.held()) == {"A", "B"}


def test_the_answer_to_a_single_registration_counts_for_it(names: NamesHeld) -> None:
    names.heartbeat_acknowledged(ack("e2", 0))
    names.repaired(names.next_to_repair(1), {**ok("e2", 1), "actor_name": "A"})
    assert to_repair(names) == ["B"]


def test_a_name_that_is_given_up_is_not_registered_again(names: NamesHeld) -> None:
    names.heartbeat_acknowledged(ack("e2", 0))
    names.given_up("A")
    assert to_repair(names) == ["B"]


def test_repairs_go_200_at_a_time() -> None:
    names = NamesHeld()
    names.registered({f"A{number}": "tcp://h:1" for number in range(450)}, ok("e1", 450))
    names.heartbeat_acknowledged(ack("e2", 0))
    assert len(names.next_to_repair()) == 200


@pytest.mark.parametrize("reply", [{}, {"epoch": 7, "actors": 1}, {"epoch": "e", "actors": "many"}, {"epoch": "e"}])
def test_a_malformed_acknowledgement_is_an_error_and_changes_nothing(names: NamesHeld, reply: Json) -> None:
    with pytest.raises(RegistryError):
        names.registered({"C": "tcp://h:3"}, reply)
    assert set(names.held()) == {"A", "B"}
    assert not names.needs_repair()
