"""Measures the client against a registry at which `OrderProcessor` is registered and online; `scripts/bench
clients` runs it (tests/conformance/README.md).

client_bench.py ENDPOINT [--rounds N] [--milliseconds N] [--seconds N]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import zmq

sys.path.insert(0, str(Path(__file__).resolve().parent))

from actors_registry import RegistryClient

NAME = "OrderProcessor"
REGISTRATIONS = 10_000


def rate(call: Callable[[], object], milliseconds: int) -> float:
    """Calls a second, one after the other."""
    begun = time.perf_counter()
    end = begun + milliseconds / 1000
    calls = 0
    while (now := time.perf_counter()) < end:
        call()
        calls += 1
    return calls / (now - begun)


class BareReq:
    """Sends what the client sends, and looks at nothing that it receives."""

    def __init__(self, endpoint: str) -> None:
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._socket = self._context.socket(zmq.REQ)
        self._socket.connect(endpoint)
        self._request = b'{"message_type":"LookupActor","actor_name":"OrderProcessor","request_id":123456}'

    def look_up(self) -> None:
        self._socket.send(self._request)
        self._socket.recv()

    def close(self) -> None:
        self._context.destroy(0)


def lookups(endpoint: str, rounds: int, milliseconds: int) -> str:
    bare = BareReq(endpoint)
    client_rates: list[float] = []
    bare_rates: list[float] = []
    with RegistryClient("Bench", endpoint) as client:
        both = [
            (client_rates, lambda: client.lookup(NAME)),
            (bare_rates, bare.look_up),
        ]
        for _, call in both:
            rate(call, milliseconds)  # to warm up
        for _ in range(rounds):
            for rates, call in both:
                rates.append(rate(call, milliseconds))
            both.reverse()
    bare.close()
    of_client, of_bare = statistics.median(client_rates), statistics.median(bare_rates)
    return (
        f"lookups    client {of_client:.0f}/s  bare REQ {of_bare:.0f}/s"
        f"  ratio {of_client / of_bare:.3f}  (target >= 0.85)"
    )


def registrations(endpoint: str) -> str:
    best = float("inf")
    actors = {f"bench-python-{number}": f"tcp://127.0.0.1:{1024 + number}" for number in range(REGISTRATIONS)}
    for _ in range(3):
        client = RegistryClient("BenchPython", endpoint, timeout=60)
        begun = time.perf_counter()
        results = client.register_many(actors)
        best = min(best, time.perf_counter() - begun)
        if not all(result.ok for result in results):
            sys.exit(f"client_bench: not registered: {next(result for result in results if not result.ok)}")
        client.close(forget=True)
    return f"register   {REGISTRATIONS} in one call: {best * 1000:.0f} ms"


def heartbeats(endpoint: str, seconds: float) -> str:
    with RegistryClient("BenchPython", endpoint) as client:
        client.start_heartbeat()
        client.lookup(NAME)
        begun, cpu = time.monotonic(), time.process_time()
        time.sleep(seconds)
        share = (time.process_time() - cpu) / (time.monotonic() - begun)
        client.close(forget=True)
    return f"heartbeat  {share * 100:.3f} % of a core  (target <= 0.1 %)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("endpoint")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--milliseconds", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=10)
    arguments = parser.parse_args()
    print(lookups(arguments.endpoint, arguments.rounds, arguments.milliseconds), flush=True)
    print(registrations(arguments.endpoint), flush=True)
    print(heartbeats(arguments.endpoint, arguments.seconds), flush=True)


if __name__ == "__main__":
    main()
