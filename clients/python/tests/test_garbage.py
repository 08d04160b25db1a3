"""Whatever is let go of is collected, without a wait, also where it is part of a cycle."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable
from typing import Any

import pytest
from conftest import eventually
from fake_registry import FakeRegistry

from actors_registry import (
    AsyncRegistryClient,
    Envelope,
    Heartbeat,
    Receiver,
    RegistryClient,
    Sender,
    connect,
    serialize,
)


def used_socket(endpoint: str) -> Any:
    socket = connect(endpoint)
    socket.send(serialize(Heartbeat("M")))
    return socket


def used_sender(endpoint: str) -> Any:
    sender = Sender()
    sender.send("tcp://127.0.0.1:1", Envelope("A", "T"))
    sender.forget("tcp://127.0.0.1:1")
    sender.send(endpoint, Envelope("A", "T"))
    return sender


def used_client(endpoint: str) -> Any:
    client = RegistryClient("M", endpoint)
    client.start_heartbeat()
    client.lookup("A")
    return client


def used_async_client(endpoint: str) -> Any:
    async def use() -> AsyncRegistryClient:
        client = AsyncRegistryClient("M", endpoint)
        client.start_heartbeat()
        await client.lookup("A")
        return client

    return asyncio.run(use())


def receiver(_: str) -> Any:
    return Receiver("tcp://127.0.0.1:*")


@pytest.mark.parametrize("make", [used_socket, used_sender, used_client, used_async_client, receiver])
def test_what_is_let_go_of_leaves_nothing(fake: FakeRegistry, make: Callable[[str], Any]) -> None:
    before = threading.active_count()
    one = make(fake.endpoint)
    cycle = [one]
    cycle.append(cycle)
    del one, cycle
    collected = threading.Thread(target=gc.collect, daemon=True)
    collected.start()
    collected.join(10)
    assert not collected.is_alive()
    eventually(lambda: threading.active_count() == before)
