#!/usr/bin/python3
"""The RiskChecker: orders in, verdicts out (see ../README.md)."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[3] / "clients" / "python"))  # where it is not installed

from actors_registry import ActorRef, Envelope, Receiver, RegistryClient, RegistryError, Sender

PAUSE_S = 0.2
PATIENCE_S = 1.0


@dataclass
class Order:
    order_id: int
    symbol: str
    quantity: int
    price: float


@dataclass
class Verdict:
    order_id: int
    accepted: bool
    reason: str


def order_of(envelope: Envelope) -> Order | None:
    """None where it is none."""
    values: Any = [envelope.message.get(name) for name in ("order_id", "symbol", "quantity", "price")]
    kinds = [type(value) for value in values]
    if envelope.message_type != "Order" or kinds[:3] != [int, str, int] or kinds[3] not in (int, float):
        return None
    return Order(*values)


def check(order: Order, limit: float) -> Verdict:
    worth = order.quantity * order.price
    accepted = worth <= limit
    return Verdict(order.order_id, accepted, "" if accepted else f"worth {worth:.2f}, the limit is {limit:.2f}")


class RiskChecker:
    def __init__(self, client: RegistryClient, receiver: Receiver, sender: Sender, limit: float) -> None:
        self._client = client
        self._receiver = receiver
        self._sender = sender
        self._me = ActorRef("RiskChecker", receiver.endpoint)
        self._limit = limit
        self._ending = False

    def end(self, *_: object) -> None:
        """For a signal."""
        self._ending = True

    def run(self) -> None:
        self._client.start_heartbeat()
        registered = False
        while not self._ending:
            registered = registered or self._register()
            envelope = self._receiver.receive(PAUSE_S)
            if envelope is not None:
                self._answer(envelope)

    def _register(self) -> bool:
        try:
            self._client.register(self._me.name, self._me.endpoint)
        except RegistryError as error:
            print(error, file=sys.stderr)
            time.sleep(PAUSE_S)
            return False
        return True

    def _answer(self, envelope: Envelope) -> None:
        order = order_of(envelope)
        if order is None:
            return
        print(f"order {order.order_id}: {order.quantity} {order.symbol} at {order.price:.2f}", flush=True)
        try:
            orders = ActorRef(envelope.sender_actor, envelope.sender_endpoint, self._sender)
            orders.send(check(order, self._limit), sender=self._me)
        except RegistryError as error:  # who asked is asked for again
            print(error, file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--registry", default=os.environ.get("REGISTRY_ENDPOINT", "tcp://localhost:5555"))
    parser.add_argument("--endpoint", default="tcp://127.0.0.1:*")
    parser.add_argument("--limit", type=float, default=50_000)
    options = parser.parse_args()
    with (
        Sender() as sender,
        Receiver(options.endpoint) as receiver,
        RegistryClient(
            "RiskManager", options.registry, timeout=PATIENCE_S, on_notice=lambda notice: print(notice, file=sys.stderr)
        ) as client,
    ):
        checker = RiskChecker(client, receiver, sender, options.limit)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, checker.end)
        checker.run()


if __name__ == "__main__":
    try:
        main()
    except RegistryError as error:
        sys.exit(f"risk_checker: {error}")
