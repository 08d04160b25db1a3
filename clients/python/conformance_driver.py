"""The conformance program's driver (tests/conformance/README.md): does what stdin says, line by line, with the client.

conformance_driver.py [--asyncio]
"""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from actors_registry import (
    ActorNotFoundError,
    ActorOfflineError,
    AsyncRegistryClient,
    HandshakeFailedError,
    KeyNotAcceptedError,
    NotAuthorizedError,
    Notice,
    RegistrationFailedError,
    RegistrationResult,
    RegistryClient,
    RegistryError,
    TimeoutError,
    UnusableKeyError,
)

Json = dict[str, Any]
NAMED = (
    (KeyNotAcceptedError, "key_not_accepted"),
    (HandshakeFailedError, "handshake_failed"),
    (NotAuthorizedError, "not_authorized"),
    (UnusableKeyError, "unusable_key"),
)
NOTICES = ("silent", "reconnected", "registered_again", "superseded", "lost")

_writing = threading.Lock()


def write(result: Json) -> None:
    with _writing:
        print(json.dumps(result), flush=True)


def write_notice(notice: Notice) -> None:
    if notice.kind in NOTICES:
        more: Json = {"actors": notice.actors} if notice.actors else {}
        more |= {"actor_name": notice.actor_name} if notice.actor_name else {}
        more |= {"text": notice.text} if notice.kind == "silent" else {}
        write({"notice": notice.kind, **more})


def failure(error: RegistryError) -> Json:
    if isinstance(error, ActorNotFoundError):
        return {"error": "not_found", "actor_name": error.actor_name}
    if isinstance(error, ActorOfflineError):
        return {"error": "offline", "actor_name": error.actor_name}
    if isinstance(error, TimeoutError):
        return {"error": "timeout"}
    if isinstance(error, RegistrationFailedError):
        names = {"actor_name": error.actor_name, "reason": error.reason, "code": error.code}
        return {"error": "registration_failed", **names}
    for kind, name in NAMED:
        if isinstance(error, kind):
            return {"error": name}
    return {"error": "error", "code": error.code} if error.code else {"error": "error"}


def registration(result: RegistrationResult) -> Json:
    named = {"actor_name": result.actor_name, "ok": result.ok}
    return named if result.ok else {**named, "code": result.code}


class InLoop:
    """An AsyncRegistryClient in an event loop of its own, called from outside of it."""

    _loop = asyncio.new_event_loop()

    def __init__(self, **settings: Any) -> None:
        self._client = AsyncRegistryClient(**settings)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        async def call(*arguments: Any, **named: Any) -> Any:
            result = getattr(self._client, name)(*arguments, **named)
            return await result if inspect.isawaitable(result) else result

        return lambda *arguments, **named: asyncio.run_coroutine_threadsafe(
            call(*arguments, **named), self._loop
        ).result()

    @classmethod
    def begin(cls) -> None:
        threading.Thread(target=cls._loop.run_forever, daemon=True).start()


class Driver:
    def __init__(self, kind: Callable[..., Any]) -> None:
        self._kind = kind
        self._client: Any = None

    def result(self, command: Json) -> Json:
        try:
            return self._do(command)
        except RegistryError as error:
            return failure(error)

    def _do(self, command: Json) -> Json:
        what = command["do"]
        if what not in COMMANDS:
            print(f"conformance_driver: unknown command {command}", file=sys.stderr)
            sys.exit(2)
        result: Json = getattr(self, what)(command)
        return result

    def open(self, command: Json) -> Json:
        self._client = self._kind(
            manager_id=command["manager"],
            registry=command["endpoints"],
            timeout=command.get("timeout_ms", 5000) / 1000,
            heartbeat_interval=command.get("heartbeat_interval_ms", 2000) / 1000,
            on_notice=write_notice,
            server_key=command.get("server_key"),
            key_file=command.get("key_file"),
        )
        return {"ok": True}

    def start_heartbeat(self, _: Json) -> Json:
        self._client.start_heartbeat()
        return {"ok": True}

    def stop_heartbeat(self, _: Json) -> Json:
        self._client.stop_heartbeat()
        return {"ok": True}

    def register(self, command: Json) -> Json:
        self._client.register(command["actor_name"], command["actor_endpoint"])
        return {"ok": True}

    def register_many(self, command: Json) -> Json:
        actors = {one["actor_name"]: one["actor_endpoint"] for one in command["actors"]}
        results = self._client.register_many(actors)
        return {"results": [registration(one) for one in results]}

    def unregister(self, command: Json) -> Json:
        self._client.unregister(command["actor_name"])
        return {"ok": True}

    def lookup(self, command: Json) -> Json:
        return {"endpoint": self._client.lookup(command["actor_name"])}

    def lookup_allow_offline(self, command: Json) -> Json:
        endpoint, online = self._client.lookup_allow_offline(command["actor_name"])
        return {"endpoint": endpoint, "online": online}

    def lookup_many(self, command: Json) -> Json:
        found = self._client.lookup_many(command["actor_names"])
        return {"results": [{"actor_name": f.actor_name, "endpoint": f.endpoint, "online": f.online} for f in found]}

    def lookup_concurrently(self, command: Json) -> Json:
        lookups = [{"do": "lookup", "actor_name": name} for name in command["actor_names"]]
        with ThreadPoolExecutor(max_workers=max(1, len(lookups))) as pool:
            return {"results": list(pool.map(self.result, lookups))}

    def close(self, command: Json) -> Json:
        client, self._client = self._client, None
        return {"confirmed": client.close(forget=command.get("forget", False))}


COMMANDS = [name for name in vars(Driver) if not name.startswith("_") and name != "result"]


def main() -> None:
    asynchronously = sys.argv[1:] == ["--asyncio"]
    if asynchronously:
        InLoop.begin()
    driver = Driver(InLoop if asynchronously else RegistryClient)
    for line in sys.stdin:
        write(driver.result(json.loads(line)))


if __name__ == "__main__":
    main()
