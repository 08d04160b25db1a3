"""The registry's messages as values (docs/protocol.md). What is optional there is None here."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import (
    Any,
    ClassVar,
    Optional,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from ._wire import encode
from .errors import RegistryError

# The fields' types are read at run time, also by Python 3.9: Optional and Tuple, not their newer spellings.
RequestId = Union[int, str]


# Of a field that is written also where it is None.
_NULLABLE = {"nullable": True}


@dataclass(frozen=True)
class Process:
    """Who a manager is to systemd."""

    host: Optional[str] = None
    pid: Optional[int] = None
    unit: Optional[str] = None
    invocation_id: Optional[str] = None
    language: Optional[str] = None
    version: Optional[str] = None


@dataclass(frozen=True)
class ActorEndpoint:
    """An entry of RegisterActors."""

    actor_name: str
    actor_endpoint: str


@dataclass(frozen=True)
class RegistrationResult:
    """An entry of RegistrationResults. `actor_endpoint` is what was stored, where that is not what was sent; where
    `local_only`, other machines can't reach it.
    """

    actor_name: str
    ok: bool
    actor_endpoint: Optional[str] = None
    local_only: Optional[bool] = None
    reason: Optional[str] = None
    code: Optional[str] = None


@dataclass(frozen=True)
class FoundActor:
    """What a lookup found. `endpoint` is None where the name is not registered; who is `suspect` is online although it
    was not heard.
    """

    actor_name: str
    endpoint: Optional[str] = field(metadata=_NULLABLE)
    online: bool
    manager_id: Optional[str] = None
    suspect: Optional[bool] = None


@dataclass(frozen=True)
class Message:
    """A request or a reply; its class's name is its `message_type`."""

    message_type: ClassVar[str]
    message_id: ClassVar[int]

    def __init_subclass__(cls, message_id: int, **more: Any) -> None:
        super().__init_subclass__(**more)
        cls.message_type = cls.__name__
        cls.message_id = message_id
        _BY_TYPE[cls.__name__] = cls
        _BY_ID[message_id] = cls


_BY_TYPE: dict[str, type[Message]] = {}
_BY_ID: dict[int, type[Message]] = {}


@dataclass(frozen=True)
class RegisterActor(Message, message_id=900):
    """Asks for a name, or for another endpoint of one. Counts as a heartbeat."""

    manager_id: str
    actor_name: str
    actor_endpoint: str
    instance: Optional[str] = None
    process: Optional[Process] = None


@dataclass(frozen=True)
class UnregisterActor(Message, message_id=901):
    """Takes a name out; with `manager_id` only if that manager has it."""

    actor_name: str
    manager_id: Optional[str] = None
    instance: Optional[str] = None


@dataclass(frozen=True)
class RegistrationOk(Message, message_id=902):
    """It is done. `actor_endpoint` is what was stored, where that is not what was sent; `actors` is how many names the
    manager has.
    """

    actor_name: str
    epoch: str
    actors: int
    actor_endpoint: Optional[str] = None
    local_only: Optional[bool] = None


@dataclass(frozen=True)
class RegistrationFailed(Message, message_id=903):
    """It is refused: `reason` for people, `code` for programs."""

    actor_name: str
    reason: str
    code: Optional[str] = None


@dataclass(frozen=True)
class LookupActor(Message, message_id=904):
    """Asks where an actor is."""

    actor_name: str


@dataclass(frozen=True)
class LookupResult(Message, message_id=905):
    """Where it is; `endpoint` is None where nobody has registered it. Who is `suspect` is online although it was not
    heard.
    """

    actor_name: str
    endpoint: Optional[str] = field(metadata=_NULLABLE)
    online: bool
    manager_id: Optional[str] = None
    suspect: Optional[bool] = None


@dataclass(frozen=True)
class Heartbeat(Message, message_id=906):
    """A sign of life of a manager. `timestamp_ms` is not looked at."""

    manager_id: str
    timestamp_ms: Optional[int] = None
    instance: Optional[str] = None
    process: Optional[Process] = None


@dataclass(frozen=True)
class HeartbeatAck(Message, message_id=907):
    """Another `epoch`, or fewer `actors` than were acknowledged: register again, but not what is `lost`. If
    `superseded`, a newer life of the manager is current.
    """

    epoch: str
    actors: int
    superseded: Optional[bool] = None
    lost: Optional[tuple[str, ...]] = None


@dataclass(frozen=True)
class RegisterActors(Message, message_id=910):
    """Many registrations, which count as one heartbeat."""

    manager_id: str
    actors: tuple[ActorEndpoint, ...]
    instance: Optional[str] = None
    process: Optional[Process] = None


@dataclass(frozen=True)
class RegistrationResults(Message, message_id=911):
    """One result for each, in their order."""

    epoch: str
    actors: int
    results: tuple[RegistrationResult, ...]


@dataclass(frozen=True)
class LookupActors(Message, message_id=912):
    """Asks where many actors are."""

    actor_names: tuple[str, ...]


@dataclass(frozen=True)
class LookupResults(Message, message_id=913):
    """One result for each, in their order."""

    results: tuple[FoundActor, ...]


@dataclass(frozen=True)
class UnregisterManager(Message, message_id=914):
    """A goodbye: its names are offline at once; with `forget` they are gone."""

    manager_id: str
    instance: Optional[str] = None
    forget: Optional[bool] = None


@dataclass(frozen=True)
class ManagerUnregistered(Message, message_id=915):
    """How many names that concerned."""

    actors: int


@dataclass(frozen=True)
class Error(Message, message_id=929):
    """The answer to what can't be acted upon: `error` for people, `code` for programs."""

    code: str
    error: str


def to_json(value: object) -> Any:
    """A message, or a part of one, as JSON's types; what is None is left out unless the protocol wants a null."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            one.name: to_json(part)
            for one in dataclasses.fields(value)
            if (part := getattr(value, one.name)) is not None or one.metadata.get("nullable")
        }
    if isinstance(value, (list, tuple)):
        return [to_json(part) for part in value]
    return value


def serialize(message: Message, request_id: RequestId | None = None) -> bytes:
    """A message as it goes over the wire. The reply to a request carries its `request_id`. Raises RegistryError where a
    text is no Unicode.
    """
    json: dict[str, Any] = {"message_type": message.message_type}
    if request_id is not None:
        json["request_id"] = request_id
    return encode({**json, **to_json(message)})


def deserialize(data: bytes | str) -> Message:
    """The message in the bytes; fields that it does not know are ignored. Raises RegistryError naming what is wrong."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise RegistryError(f"no JSON: {error}", "bad_json") from None
    if not isinstance(value, dict):
        raise RegistryError("no JSON object", "bad_json")
    message: Message = _read(_type_of(value), value, "")
    return message


def _type_of(value: Mapping[str, Any]) -> type[Message]:
    name, number = value.get("message_type"), value.get("message_id")
    found = None
    if isinstance(name, str):
        found = _BY_TYPE.get(name)
    elif name is None and isinstance(number, int):
        found = _BY_ID.get(number)
    if found is None:
        raise RegistryError(f"unknown message type {number if name is None else name!r}", "unknown_type")
    return found


@functools.cache
def _types_of(cls: type) -> dict[str, Any]:
    return {name: kind for name, kind in get_type_hints(cls).items() if get_origin(kind) is not ClassVar}


def _read(cls: Any, value: Mapping[str, Any], where: str) -> Any:
    arguments: dict[str, Any] = {}
    for name, kind in _types_of(cls).items():
        optional = type(None) in get_args(kind)
        if value.get(name) is not None:
            arguments[name] = _read_value(get_args(kind)[0] if optional else kind, value[name], where + name)
        elif optional:
            arguments[name] = None
        else:
            raise RegistryError(f"{where}{name}: missing", "missing_field")
    return cls(**arguments)


def _read_value(kind: Any, value: Any, where: str) -> Any:
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise RegistryError(f"{where}: expected an array", "invalid_field")
        return tuple(_read_value(get_args(kind)[0], part, f"{where}[{i}]") for i, part in enumerate(value))
    if dataclasses.is_dataclass(kind):
        if not isinstance(value, dict):
            raise RegistryError(f"{where}: expected an object", "invalid_field")
        return _read(kind, value, where + ".")
    if type(value) is not kind:
        raise RegistryError(f"{where}: expected {_KINDS[kind]}", "invalid_field")
    return value


_KINDS = {str: "a string", int: "an integer", bool: "true or false"}
