from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import zmq
from conftest import TOP, eventually

from actors_registry import ActorRef, Envelope, LookupActor, Receiver, RegistryError, Sender, actors

VECTORS = json.loads((TOP / "docs" / "protocol" / "vectors" / "client" / "envelopes.json").read_text())


@dataclass
class Order:
    order_id: int
    symbol: str


@pytest.fixture
def sender() -> Iterator[Sender]:
    with Sender() as sender:
        yield sender


def test_a_message_and_its_answer(sender: Sender) -> None:
    with Receiver("tcp://127.0.0.1:*") as here, Receiver("tcp://127.0.0.1:*") as there:
        me = ActorRef("OrderProcessor", here.endpoint)
        ActorRef("RiskChecker", there.endpoint, sender).send(Order(7, "ACME"), me)
        order = there.receive(10)
        expected = Envelope("RiskChecker", "Order", {"order_id": 7, "symbol": "ACME"}, "OrderProcessor", here.endpoint)
        assert order == expected
        ActorRef(order.sender_actor, order.sender_endpoint, sender).send({"ok": True}, message_type="Verdict")
        assert here.receive(10) == Envelope("OrderProcessor", "Verdict", {"ok": True})


def test_what_is_sent_before_the_other_is_there_waits_for_it(sender: Sender, folder: Path) -> None:
    endpoint = f"ipc://{folder}/late"
    ActorRef("Late", endpoint, sender).send(Order(1, "A"))
    with Receiver(endpoint) as late:
        arrived = late.receive(10)
        assert arrived is not None
        assert arrived.message["order_id"] == 1


def test_what_waits_where_a_connection_is_closed_for_another_has_a_moment_to_leave(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actors, "_MOST_CONNECTIONS", 1)
    monkeypatch.setattr(actors, "_LINGER_MS", 20_000)
    endpoint = f"ipc://{folder}/late"
    with Sender() as sender, Receiver("tcp://127.0.0.1:*") as other:
        ActorRef("Late", endpoint, sender).send(Order(1, "A"))
        ActorRef("Other", other.endpoint, sender).send(Order(2, "A"))
        assert other.receive(10) is not None
        with Receiver(endpoint) as late:
            assert late.receive(10) is not None


def test_receiving_ends_in_time() -> None:
    with Receiver("tcp://127.0.0.1:*") as receiver:
        begun = time.monotonic()
        assert receiver.receive(0.1) is None
        assert receiver.receive(0) is None
        assert 0.09 < time.monotonic() - begun < 5


@pytest.mark.parametrize(
    "garbage", [b"", b"\xff", b"[]", b"{}", b'{"message": 7}', b'{"receiver": 1, "message_type": "T", "message": {}}']
)
def test_what_is_no_envelope_is_dropped(garbage: bytes) -> None:
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    push = context.socket(zmq.PUSH)
    with Receiver("tcp://127.0.0.1:*") as receiver:
        push.connect(receiver.endpoint)
        push.send(garbage)
        push.send(Envelope("A", "T", {"n": 1}).to_bytes())
        assert receiver.receive(10) == Envelope("A", "T", {"n": 1})
    push.close()
    context.term()


def envelope_of(size: int) -> Envelope:
    envelope = Envelope("A", "T", {"text": ""})
    return dataclasses.replace(envelope, message={"text": "x" * (size - len(envelope.to_bytes()))})


def test_what_is_too_large_to_be_received_is_not_sent(sender: Sender) -> None:
    with Receiver("tcp://127.0.0.1:*") as receiver:
        sender.send(receiver.endpoint, envelope_of(1024 * 1024))
        with pytest.raises(RegistryError, match="1048577 bytes, more than 1048576"):
            sender.send(receiver.endpoint, envelope_of(1024 * 1024 + 1))
        assert receiver.receive(10) == envelope_of(1024 * 1024)


def test_who_sends_what_is_too_large_is_hung_up_on() -> None:
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    push = context.socket(zmq.PUSH)
    monitor = push.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    try:
        with Receiver("tcp://127.0.0.1:*") as receiver:
            push.connect(receiver.endpoint)
            push.send(envelope_of(1024 * 1024 + 1).to_bytes())
            assert monitor.poll(10_000)
            push.send(Envelope("A", "T", {"n": 1}).to_bytes())
            assert receiver.receive(10) == Envelope("A", "T", {"n": 1})
    finally:
        push.disable_monitor()
        context.destroy(0)


def accepted_at(port: int) -> Iterator[socket.socket]:
    """This process's connections there, as copies."""
    for number in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            if os.readlink(f"/proc/self/fd/{number}").startswith("socket:"):
                with socket.socket(fileno=os.dup(int(number))) as one:
                    if one.family == socket.AF_INET and one.getsockname()[1] == port and one.getpeername():
                        yield one


def test_receivers_find_out_about_machines_that_have_vanished() -> None:
    options = [socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT]
    with Receiver("tcp://127.0.0.1:*") as receiver:
        port = int(receiver.endpoint.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)):

            def keepalive() -> list[list[int]]:
                return [
                    [one.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)]
                    + [one.getsockopt(socket.IPPROTO_TCP, option) for option in options]
                    for one in accepted_at(port)
                ]

            eventually(lambda: keepalive() == [[1, 15, 5, 3]])


def test_a_registry_message_may_be_sent_as_an_actors(sender: Sender) -> None:
    with Receiver("tcp://127.0.0.1:*") as receiver:
        ActorRef("GlobalRegistry", receiver.endpoint, sender).send(LookupActor("A"))
        assert receiver.receive(10) == Envelope("GlobalRegistry", "LookupActor", {"actor_name": "A"})


def test_a_full_queue_is_an_error_and_may_be_dropped(sender: Sender, folder: Path) -> None:
    ref = ActorRef("Nobody", f"ipc://{folder}/nobody", sender)

    def fill() -> None:
        for number in range(1001):
            ref.send(Order(number, "A"))

    with pytest.raises(RegistryError, match="1,000 wait"):
        fill()
    sender.forget(ref.endpoint)
    ref.send(Order(0, "A"))
    sender.forget(ref.endpoint)


def test_what_was_sent_to_an_actor_that_reads_nothing_for_a_while_is_not_lost(sender: Sender) -> None:
    with Receiver("tcp://127.0.0.1:*") as receiver:
        ref = ActorRef("Busy", receiver.endpoint, sender)
        sent = 0
        busy_until = time.monotonic() + 7
        while time.monotonic() < busy_until:
            try:
                ref.send({"number": sent, "padding": "x" * 20_000}, message_type="Padded")
                sent += 1
            except RegistryError:
                time.sleep(0.02)
        assert sent > 1000
        for number in range(sent):
            arrived = receiver.receive(10)
            assert arrived is not None, (number, sent)
            assert arrived.message["number"] == number


@pytest.mark.parametrize("message", [7, "text", None, {"no": "type"}])
def test_what_is_no_message_is_an_error(sender: Sender, message: Any) -> None:
    with pytest.raises(TypeError):
        ActorRef("A", "tcp://127.0.0.1:1", sender).send(message)


def test_an_endpoint_that_cannot_be_one_is_an_error(sender: Sender) -> None:
    with pytest.raises(RegistryError):
        ActorRef("A", "nonsense", sender).send(Order(1, "A"))
    with pytest.raises(RegistryError):
        Receiver("nonsense")
    with pytest.raises(RegistryError, match="without a sender"):
        ActorRef("A", "tcp://127.0.0.1:1").send(Order(1, "A"))


def test_a_closed_sender_says_so(sender: Sender) -> None:
    sender.close()
    with pytest.raises(RegistryError, match="closed"):
        ActorRef("A", "tcp://127.0.0.1:1", sender).send(Order(1, "A"))


@pytest.mark.parametrize("vector", VECTORS["envelopes"])
def test_an_envelope_of_the_vectors(vector: dict[str, Any]) -> None:
    envelope = Envelope.from_bytes(json.dumps(vector["wire"]).encode())
    assert envelope is not None
    assert dataclasses.asdict(envelope) == vector["fields"]
    if not vector.get("read_only"):
        assert json.loads(envelope.to_bytes()) == vector["wire"]


@pytest.mark.parametrize("text", VECTORS["refused"])
def test_what_the_vectors_refuse_is_no_envelope(text: str) -> None:
    assert Envelope.from_bytes(text.encode()) is None
