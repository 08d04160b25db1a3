from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import Registry, eventually
from fake_registry import FakeRegistry, Json, Reply, acknowledge

import actors_registry
from actors_registry import Heartbeat, RegisterActor, RegistryClient, RegistryError, registry_socket, serialize


def test_two_threads_send_and_nobody_receives(registry: Registry) -> None:
    with RegistryClient("Looker", registry.endpoint) as looker, actors_registry.connect(registry.endpoint) as socket:

        def send(manager: str) -> None:
            socket.send(serialize(RegisterActor(manager, f"{manager}-actor", "tcp://h:1")))
            for _ in range(2000):
                socket.send(serialize(Heartbeat(manager)))
            socket.send(serialize(RegisterActor(manager, f"{manager}-last", "tcp://h:1")))

        threads = [threading.Thread(target=send, args=(manager,)) for manager in ("M", "N")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        names = [f"{manager}-{what}" for manager in ("M", "N") for what in ("actor", "last")]
        eventually(lambda: all(one.online for one in looker.lookup_many(names)))


def test_no_more_than_1000_are_unanswered(fake: FakeRegistry) -> None:
    held: list[Json] = []
    release = threading.Event()

    def answer(request: Json) -> list[Reply]:
        held.append(request)
        return acknowledge(request) if release.is_set() else []

    fake.answer = answer
    with actors_registry.connect(fake.endpoint) as socket:

        def send() -> None:
            for _ in range(1001):
                socket.send(serialize(Heartbeat("M")))

        thread = threading.Thread(target=send)
        thread.start()
        eventually(lambda: len(held) == 1000)
        thread.join(0.2)
        assert thread.is_alive()
        assert len(held) == 1000
        release.set()
        fake.say({"message_type": "HeartbeatAck"})
        thread.join(10)
        assert not thread.is_alive()
        fake.say(*[{"message_type": "HeartbeatAck"} for _ in range(999)])


def test_where_nothing_is_answered_for_long_it_is_given_up(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(registry_socket, "_PATIENCE_S", 0.2)
    monkeypatch.setattr(registry_socket, "_LINGER_MS", 100)
    endpoint = f"ipc://{folder}/later"
    with actors_registry.connect(endpoint) as socket:
        begun = time.monotonic()
        for number in range(1001):
            socket.send(serialize(Heartbeat(f"M{number}")))
        assert time.monotonic() - begun < 5
        assert "1000 messages" in caplog.text
        fake = FakeRegistry(endpoint)
        try:
            eventually(lambda: fake.requests)
            assert [request["manager_id"] for request in fake.requests] == ["M1000"]
        finally:
            fake.close()


def test_what_is_sent_while_the_registry_is_away_arrives_later(folder: Path) -> None:
    endpoint = f"ipc://{folder}/later"
    with actors_registry.connect(endpoint) as socket:
        socket.send(serialize(RegisterActor("M", "A", "tcp://h:1")))
        fake = FakeRegistry(endpoint)
        try:
            eventually(lambda: fake.of_type("RegisterActor"))
        finally:
            fake.close()


def test_closing_waits_a_moment_for_what_is_under_way(fake: FakeRegistry) -> None:
    socket = actors_registry.connect(fake.endpoint)
    for _ in range(100):
        socket.send(serialize(Heartbeat("M")))
    socket.close()
    socket.close()
    assert len(fake.requests) == 100
    with pytest.raises(RegistryError, match="closed"):
        socket.send(b"{}")


@pytest.mark.parametrize("endpoint", ["nonsense", "tcp://h", ""])
def test_an_endpoint_that_cannot_be_one_is_an_error(endpoint: Any) -> None:
    with pytest.raises(RegistryError):
        actors_registry.connect(endpoint)
