from __future__ import annotations

import asyncio
import gc
import json
import threading
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from conftest import Registry, eventually
from fake_registry import FakeRegistry, Json, Reply, acknowledge

from actors_registry import (
    ActorNotFoundError,
    ActorOfflineError,
    AsyncRegistryClient,
    Notice,
    RegistrationFailedError,
    RegistryError,
    TimeoutError,
)


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 30))


async def until(condition: Any, within: float = 10) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


def echo(request: Json) -> list[Reply]:
    """A name's endpoint is the name."""
    if request["message_type"] != "LookupActor":
        return acknowledge(request)
    name = request["actor_name"]
    return [{"message_type": "LookupResult", "actor_name": name, "endpoint": name, "online": True}]


def test_a_manager_registers_looks_up_and_says_goodbye(registry: Registry) -> None:
    async def test() -> None:
        async with AsyncRegistryClient("Looker", registry.endpoint) as looker:
            async with AsyncRegistryClient("Holder", registry.endpoint) as holder:
                holder.start_heartbeat()
                assert await holder.register("A", "tcp://*:7001") == "tcp://127.0.0.1:7001"
                assert await looker.lookup("A") == "tcp://127.0.0.1:7001"
                with pytest.raises(RegistrationFailedError):
                    await looker.register("A", "tcp://h:1")
                with pytest.raises(RegistrationFailedError):
                    await looker.unregister("A")
            with pytest.raises(ActorOfflineError):
                await looker.lookup("A")
            assert await looker.lookup_allow_offline("A") == ("tcp://127.0.0.1:7001", False)
            with pytest.raises(ActorNotFoundError):
                await looker.lookup("B")

    run(test())


def test_many_names_in_few_messages(registry: Registry) -> None:
    async def test() -> None:
        actors = {f"A{number}-" + "x" * 100: f"tcp://h:{number + 1}" for number in range(1500)}
        client = AsyncRegistryClient("M", registry.endpoint)
        assert all(result.ok for result in await client.register_many(actors))
        found = await client.lookup_many([*actors, "nobody"])
        assert {one.actor_name: one.endpoint for one in found} == {**actors, "nobody": None}
        assert await client.close(forget=True)
        assert not await client.close()
        with pytest.raises(RegistryError, match="closed"):
            await client.lookup("A")

    run(test())


def test_no_more_than_1000_requests_are_under_way(fake: FakeRegistry) -> None:
    held: dict[int, Json] = {}  # by their ids: what takes its time is asked again
    release = threading.Event()

    def answer(request: Json) -> list[Reply]:
        if release.is_set() or request["message_type"] != "LookupActor":
            return echo(request)
        held[request["request_id"]] = request
        return []

    async def test() -> None:
        fake.answer = answer
        async with AsyncRegistryClient("M", fake.endpoint, timeout=20) as client:
            lookups = [asyncio.ensure_future(client.lookup(f"A{number}")) for number in range(1500)]
            await until(lambda: len(held) == 1000)
            assert not (await asyncio.wait(lookups, timeout=0.1))[0]
            assert len(held) == 1000
            release.set()
            fake.say(*[{**reply, "request_id": one["request_id"]} for one in held.values() for reply in echo(one)])  # type: ignore[dict-item]
            assert await asyncio.gather(*lookups) == [f"A{number}" for number in range(1500)]

    run(test())


def test_a_call_that_nobody_answers_ends_in_time_and_what_others_wait_for_is_asked_again(fake: FakeRegistry) -> None:
    def answer(request: Json) -> list[Reply]:
        silent = request["message_type"] == "LookupActor" and len(fake.peers) == 1
        return [] if silent else echo(request)

    async def test() -> None:
        fake.answer = answer
        async with AsyncRegistryClient("M", fake.endpoint, timeout=3) as client:
            begun = time.monotonic()
            first = asyncio.ensure_future(client.lookup("A"))
            await asyncio.sleep(2)  # so that its time is over first
            second = asyncio.ensure_future(client.lookup("B"))
            with pytest.raises(TimeoutError, match="does not answer within 3 s"):
                await first
            assert time.monotonic() - begun < 4.9
            assert await second == "B"
            assert len(fake.peers) == 2

    run(test())


def test_what_is_not_answered_is_asked_again_and_a_second_answer_is_passed_over(fake: FakeRegistry) -> None:
    asked: list[str] = []

    def answer(request: Json) -> list[Reply]:
        asked.append(request["actor_name"])
        return 2 * echo(request) if asked.count(request["actor_name"]) > 1 else []

    async def test() -> None:
        fake.answer = answer
        client = AsyncRegistryClient("M", fake.endpoint, timeout=5)
        assert await asyncio.gather(*[client.lookup(f"A{number}") for number in range(20)]) == [
            f"A{number}" for number in range(20)
        ]
        assert len(fake.peers) == 1
        assert await client.lookup("B") == "B"
        fake.answer = acknowledge
        await client.close()

    run(test())


def test_a_second_answer_without_an_id_is_passed_over_too(fake: FakeRegistry) -> None:
    refused = json.dumps({"message_type": "Error", "code": "too_large", "error": "over 64 KiB"}).encode()
    asked = 0

    def answer(request: Json) -> list[Reply]:
        nonlocal asked
        if len(request["actor_name"]) < 100:
            return echo(request) if asked > 1 else []
        asked += 1
        return [refused, refused] if asked == 2 else []

    async def test() -> None:
        fake.answer = answer
        client = AsyncRegistryClient("M", fake.endpoint, timeout=5)
        small = asyncio.ensure_future(client.lookup("A"))
        with pytest.raises(RegistryError, match="over 64 KiB"):
            await client.lookup("x" * 100)
        assert await client.lookup("B") == "B"
        assert await small == "A"
        fake.answer = acknowledge
        await client.close()

    run(test())


def test_the_next_endpoint_joins_where_the_first_is_silent(fake: FakeRegistry, folder: Path) -> None:
    async def test() -> None:
        async with AsyncRegistryClient("M", [f"ipc://{folder}/nobody", fake.endpoint], timeout=4) as client:
            begun = time.monotonic()
            assert await client.lookup("A") == "tcp://h:1"
            assert time.monotonic() - begun > 1.9
            begun = time.monotonic()
            assert await client.lookup("A") == "tcp://h:1"
            assert time.monotonic() - begun < 1.9

    run(test())


def test_a_cancelled_call_is_forgotten(fake: FakeRegistry) -> None:
    async def test() -> None:
        async with AsyncRegistryClient("M", fake.endpoint) as client:
            fake.answer = lambda _: []
            lookup = asyncio.ensure_future(client.lookup("A"))
            await until(lambda: fake.of_type("LookupActor"))
            lookup.cancel()
            with pytest.raises(asyncio.CancelledError):
                await lookup
            fake.answer = echo
            assert await client.lookup("B") == "B"

    run(test())


def test_a_loop_that_is_held_up_delays_no_heartbeat(fake: FakeRegistry) -> None:
    async def test() -> None:
        async with AsyncRegistryClient("M", fake.endpoint, heartbeat_interval=0.05) as client:
            client.start_heartbeat()
            eventually(lambda: len(fake.of_type("Heartbeat")) > 5)  # which does not let the loop run

    run(test())


def test_notices_come_in_the_event_loop(registry: Registry) -> None:
    async def test() -> None:
        where: list[tuple[str, int]] = []

        def on_notice(notice: Notice) -> None:
            where.append((notice.kind, threading.get_ident()))

        async with AsyncRegistryClient("M", registry.endpoint, heartbeat_interval=0.1, on_notice=on_notice) as client:
            client.start_heartbeat()
            await client.register_many({f"A{number}": "tcp://h:1" for number in range(10)})
            registry.kill()
            registry.start()
            await until(lambda: ("registered_again", threading.get_ident()) in where)
            assert await client.lookup("A9") == "tcp://h:1"
            await client.stop_heartbeat()

    run(test())


def test_what_is_no_reply_to_a_request_is_passed_over(fake: FakeRegistry) -> None:
    async def test() -> None:
        wrong: list[Reply] = [
            b"",
            b"[]",
            json.dumps({"message_type": "LookupResult", "endpoint": "tcp://w:1", "online": True}).encode(),
            {"message_type": "LookupResult", "request_id": True, "endpoint": "tcp://w:2", "online": True},
            {"message_type": "LookupResult", "request_id": 10**9, "endpoint": "tcp://w:3", "online": True},
        ]
        fake.answer = lambda request: [*wrong, *echo(request)]
        async with AsyncRegistryClient("M", fake.endpoint) as client:
            assert await client.lookup("A") == "A"
            fake.answer = lambda _: [json.dumps({"message_type": "Error", "code": "too_large", "error": "x"}).encode()]
            with pytest.raises(RegistryError) as refused:
                await client.lookup("A")
            assert refused.value.code == "too_large"
            fake.answer = echo

    run(test())


def test_a_client_that_is_let_go_of_says_goodbye(fake: FakeRegistry) -> None:
    async def test() -> None:
        client = AsyncRegistryClient("M", fake.endpoint)
        client.start_heartbeat()
        await client.register("A", "tcp://h:1")

    run(test())
    gc.collect()
    assert len({one["request_id"] for one in fake.of_type("UnregisterManager")}) == 1  # which may be asked twice
