#!/usr/bin/python3
"""Ping and pong in Python (see ../README.md)."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[3] / "clients" / "python"))  # where it is not installed

from actors_registry import ActorRef, Envelope, Receiver, RegistryClient, RegistryError, Sender

PAUSE_S = 0.2
PATIENCE_S = 1.0


@dataclass
class Ping:
    count: int


@dataclass
class Pong:
    count: int


class Player:
    """An actor that is registered, or will be."""

    def __init__(self, name: str, client: RegistryClient, receiver: Receiver, sender: Sender) -> None:
        self._client = client
        self._receiver = receiver
        self._sender = sender
        self._me = ActorRef(name, receiver.endpoint)
        self._ending = False

    def end(self, *_: object) -> None:
        """For a signal."""
        self._ending = True

    def join(self) -> None:
        self._client.start_heartbeat()
        self._until_it_works(lambda: self._client.register(self._me.name, self._me.endpoint))

    def play_pong(self) -> None:
        while not self._ending:
            came = self._receive("Ping")
            if came is not None:
                count, envelope = came
                print(f"ping {count}", flush=True)
                self._send(ActorRef(envelope.sender_actor, envelope.sender_endpoint, self._sender), Pong(count))

    def play_ping(self, last: int) -> None:
        for count in range(1, last + 1):
            while not self._ending and not self._comes_back(count):
                pass

    def _comes_back(self, count: int) -> bool:
        endpoint = self._until_it_works(lambda: self._client.lookup("pong"))
        if endpoint is None:
            return False
        self._send(ActorRef("pong", endpoint, self._sender), Ping(count))
        deadline = time.monotonic() + PATIENCE_S
        while not self._ending and time.monotonic() < deadline:
            came = self._receive("Pong")
            if came is not None and came[0] == count:
                print(f"pong {count}", flush=True)
                return True
        return False

    def _receive(self, message_type: str) -> tuple[int, Envelope] | None:
        """A number that has come in a message of that type."""
        envelope = self._receiver.receive(PAUSE_S)
        if envelope is None or envelope.message_type != message_type:
            return None
        count = envelope.message.get("count")
        return (count, envelope) if type(count) is int else None

    def _send(self, to: ActorRef, message: Ping | Pong) -> None:
        try:
            to.send(message, sender=self._me)
        except RegistryError as error:
            print(error, file=sys.stderr)

    def _until_it_works(self, call: Callable[[], str]) -> str | None:
        """None where it is to end."""
        while not self._ending:
            try:
                return call()
            except RegistryError as error:
                print(error, file=sys.stderr)
                time.sleep(PAUSE_S)
        return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("role", choices=["ping", "pong"])
    parser.add_argument("--registry", default=os.environ.get("REGISTRY_ENDPOINT", "tcp://localhost:5555"))
    parser.add_argument("--endpoint", default="tcp://127.0.0.1:*")
    parser.add_argument("--count", type=int, default=10)
    options = parser.parse_args()
    manager = "PingManager" if options.role == "ping" else "PongManager"
    with (
        Sender() as sender,
        Receiver(options.endpoint) as receiver,
        RegistryClient(
            manager, options.registry, timeout=PATIENCE_S, on_notice=lambda notice: print(notice, file=sys.stderr)
        ) as client,
    ):
        player = Player(options.role, client, receiver, sender)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, player.end)
        player.join()
        if options.role == "ping":
            player.play_ping(options.count)
        else:
            player.play_pong()


if __name__ == "__main__":
    try:
        main()
    except RegistryError as error:
        sys.exit(f"ping_pong: {error}")
