"""Replies as values. All raise RegistryError where one is malformed."""

from __future__ import annotations

from ._wire import Json, count_of, flag_of, malformed, objects_of, optional_text_of, text_of
from .messages import FoundActor, RegistrationResult


def endpoint_and_online(reply: Json) -> tuple[str | None, bool]:
    """Of a LookupResult; the endpoint is None where the name is not registered."""
    endpoint, online = reply.get("endpoint"), reply.get("online")
    if type(online) is not bool or not (endpoint is None or type(endpoint) is str):
        raise malformed("endpoint or online")
    return endpoint, online


def stored(result: Json, sent: str) -> str:
    """The endpoint that a registration stored."""
    return optional_text_of(result, "actor_endpoint") or sent


def registration_results(reply: Json, count: int) -> list[RegistrationResult]:
    count_of(reply, "actors")
    results = objects_of(reply, "results")
    if len(results) != count:
        raise malformed("results")
    return [
        RegistrationResult(
            actor_name=text_of(one, "actor_name"),
            ok=flag_of(one, "ok"),
            actor_endpoint=optional_text_of(one, "actor_endpoint"),
            local_only=True if one.get("local_only") is True else None,
            reason=optional_text_of(one, "reason"),
            code=optional_text_of(one, "code"),
        )
        for one in results
    ]


def found_actors(reply: Json, count: int) -> list[FoundActor]:
    results = objects_of(reply, "results")
    if len(results) != count:
        raise malformed("results")
    return [
        FoundActor(
            actor_name=text_of(one, "actor_name"),
            endpoint=optional_text_of(one, "endpoint"),
            online=flag_of(one, "online"),
            manager_id=optional_text_of(one, "manager_id"),
            suspect=True if one.get("suspect") is True else None,
        )
        for one in results
    ]
