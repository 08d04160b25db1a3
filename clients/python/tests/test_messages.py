from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from conftest import TOP

import actors_registry
from actors_registry import (
    FoundActor,
    Heartbeat,
    LookupResult,
    LookupResults,
    Message,
    Process,
    RegisterActor,
    RegistryError,
    deserialize,
    serialize,
)

VECTORS = TOP / "docs" / "protocol" / "vectors"
MESSAGES = json.loads((VECTORS / "client" / "messages.json").read_text())["messages"]
# For people who ask about the registry, not for managers.
NOT_A_CLIENTS = {"ListActors", "ActorList", "ListManagers", "ManagerList", "RegistryInfo", "ExpectOffline", "Expected"}


def fields_of(message: Message) -> dict[str, Any]:
    def present(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return {name: value for name, value in pairs if value is not None}

    json_types = json.loads(json.dumps(dataclasses.asdict(message, dict_factory=present)))
    assert isinstance(json_types, dict)
    return json_types


def without_nulls(json: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in json.items() if value is not None}


@pytest.mark.parametrize("vector", MESSAGES, ids=lambda vector: f"{vector['type']}-{MESSAGES.index(vector)}")
def test_a_message_of_the_vectors(vector: dict[str, Any]) -> None:
    kind = getattr(actors_registry, vector["type"])
    read = deserialize(json.dumps(vector["wire"]))
    assert type(read) is kind
    assert kind.message_id == vector["id"]
    assert fields_of(read) == without_nulls(vector["fields"])
    if not vector.get("read_only"):
        assert json.loads(serialize(read)) == vector["wire"]


def test_the_vectors_have_every_core_message() -> None:
    assert {vector["id"] for vector in MESSAGES} == set(range(900, 908))


def conversations() -> list[Any]:
    steps = []
    for file in sorted(VECTORS.glob("*.json")):
        for number, step in enumerate(json.loads(file.read_text())["steps"]):
            steps.append(pytest.param(step, id=f"{file.stem}-{number}"))
    return steps


@pytest.mark.parametrize("step", conversations())
def test_a_reply_of_a_conversation(step: dict[str, Any]) -> None:
    def any_as_a_value(value: Any) -> Any:
        if isinstance(value, dict):
            if "$any" in value:
                return "text" if value["$any"] == "string" else 1
            return {name: any_as_a_value(one) for name, one in value.items()}
        return [any_as_a_value(one) for one in value] if isinstance(value, list) else value

    reply = any_as_a_value(step["reply"])
    if reply["message_type"] in NOT_A_CLIENTS:
        with pytest.raises(RegistryError):
            deserialize(json.dumps(reply))
    else:
        again = json.loads(serialize(deserialize(json.dumps(reply)), request_id=reply.get("request_id")))
        assert {**again, "message_id": reply["message_id"]} == reply


@pytest.mark.parametrize("step", conversations())
def test_a_request_of_a_conversation(step: dict[str, Any]) -> None:
    request = step.get("request", {})
    try:
        message = deserialize(step.get("request_text") or json.dumps(request))
    except RegistryError as error:
        refused = "code" in json.dumps(step["reply"]) or request.get("message_type") in NOT_A_CLIENTS
        assert refused or request.get("message_id") in range(916, 924), error
        return
    again = deserialize(serialize(message, request_id=request.get("request_id")))
    assert again == message


def test_what_is_absent_is_not_written() -> None:
    assert json.loads(serialize(Heartbeat(manager_id="M"))) == {"message_type": "Heartbeat", "manager_id": "M"}


def test_a_name_that_is_not_registered_has_a_null_for_an_endpoint() -> None:
    nobody: dict[str, Any] = {"actor_name": "A", "endpoint": None, "online": False}
    assert json.loads(serialize(LookupResult(**nobody))) == {"message_type": "LookupResult", **nobody}
    assert json.loads(serialize(LookupResults(results=(FoundActor(**nobody),))))["results"] == [nobody]


def test_a_process_is_written_with_what_is_known() -> None:
    message = RegisterActor("M", "A", "tcp://h:1", process=Process(pid=7))
    assert json.loads(serialize(message))["process"] == {"pid": 7}
    assert deserialize(serialize(message)) == message


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad_json"),
        ("[]", "bad_json"),
        ("[" * 100_000, "bad_json"),
        (b"\xff", "bad_json"),
        ("{}", "unknown_type"),
        ('{"message_type": "Unheard"}', "unknown_type"),
        ('{"message_type": ["LookupActor"]}', "unknown_type"),
        ('{"message_id": true}', "unknown_type"),
        ('{"message_type": "LookupActor"}', "missing_field"),
        ('{"message_type": "LookupActor", "actor_name": 7}', "invalid_field"),
        ('{"message_type": "HeartbeatAck", "epoch": "e", "actors": true}', "invalid_field"),
        ('{"message_type": "LookupActors", "actor_names": "A"}', "invalid_field"),
        ('{"message_type": "RegisterActors", "manager_id": "M", "actors": [7]}', "invalid_field"),
    ],
)
def test_what_is_no_message_is_an_error_that_says_so(text: str | bytes, code: str) -> None:
    with pytest.raises(RegistryError) as caught:
        deserialize(text)
    assert caught.value.code == code


def test_the_place_of_a_wrong_field_is_named() -> None:
    with pytest.raises(RegistryError, match=r"actors\[1\]\.actor_endpoint: missing"):
        deserialize(
            '{"message_type": "RegisterActors", "manager_id": "M",'
            ' "actors": [{"actor_name": "A", "actor_endpoint": "E"}, {"actor_name": "B"}]}'
        )


def test_a_text_that_is_no_unicode_is_an_error() -> None:
    with pytest.raises(RegistryError):
        serialize(Heartbeat(manager_id="\ud800"))
