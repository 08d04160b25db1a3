"""The registry is killed in the middle of a storm of registrations, again and again."""

import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest
import zmq
from machines import eventually

BUILD = Path(os.environ.get("ACTORSCTL_BUILD", Path(__file__).resolve().parents[2] / "build")).resolve()
LIVES = 50


class Registry:
    """`registry serve` over a data directory, at a socket of the test's own."""

    def __init__(self, folder: Path):
        self.endpoint = f"ipc://{folder}/registry"
        self.command = [BUILD / "actorsctl", "registry", "serve", "--endpoint", self.endpoint]
        self.command += ["--data-dir", folder / "data"]
        self.log = open(folder / "log", "a")
        self.child = None
        # What lies in the way of the test's own configuration is none of it.
        self.environment = {**os.environ, "REGISTRY_CONFIG": str(folder / "registry.json")}
        (folder / "registry.json").write_text("{}")
        self.context = zmq.Context()

    def start(self):
        self.child = subprocess.Popen(self.command, stderr=self.log, env=self.environment)

    def kill(self):
        os.kill(self.child.pid, signal.SIGKILL)
        self.child.wait()

    def socket(self, timeout_ms: int) -> zmq.Socket:
        socket = self.context.socket(zmq.DEALER)
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.RCVTIMEO, timeout_ms)
        socket.setsockopt(zmq.RECONNECT_IVL, 10)
        socket.connect(self.endpoint)
        return socket


@pytest.fixture
def registry(tmp_path_factory):
    # A socket's path may not be long.
    registry = Registry(tmp_path_factory.mktemp("r"))
    yield registry
    if registry.child.poll() is None:
        registry.kill()
    registry.context.destroy(0)
    registry.log.close()


def ask(socket, **request) -> dict:
    socket.send_json(request)
    return socket.recv_json()


def storm(registry, generation: int, acknowledged: dict, sent: dict) -> None:
    """Registers, moves and removes names until the registry is gone; notes what was said to be done."""
    socket = registry.socket(20_000)
    chance = random.Random(generation)
    ends = time.monotonic() + 0.05 + chance.random() * 0.15
    waiting = {}
    number = 0
    killed = False
    while True:
        while len(waiting) < 50 and not killed:
            name = f"A{chance.randrange(300)}"
            if any(one == name for one, _ in waiting.values()):
                continue
            endpoint = None if chance.random() < 0.2 else f"tcp://h:{1 + (generation * 1000 + number) % 60000}"
            number += 1
            request = {"request_id": number, "manager_id": "M", "actor_name": name}
            request["message_type"] = "RegisterActor" if endpoint else "UnregisterActor"
            if endpoint:
                request["actor_endpoint"] = endpoint
            waiting[number] = (name, endpoint)
            sent[name] = (acknowledged.get(name), endpoint)
            socket.send(json.dumps(request).encode())
        if time.monotonic() > ends and not killed:
            registry.kill()
            killed = True
            socket.setsockopt(zmq.RCVTIMEO, 200)  # what it had said before
        try:
            reply = socket.recv_json()
        except zmq.Again:
            assert killed, "no answer from a registry that lives"
            break
        assert reply["message_type"] == "RegistrationOk", reply
        name, endpoint = waiting.pop(reply["request_id"])
        acknowledged[name] = endpoint
        del sent[name]
    socket.close()


def state_of(registry) -> dict:
    socket = registry.socket(30_000)
    reply = ask(socket, message_type="ListActors", limit=10000)
    socket.close()
    return {actor["actor_name"]: actor["endpoint"] for actor in reply["actors"]}


def test_a_registry_killed_50_times_in_a_storm_has_lost_nothing_that_it_acknowledged(registry):
    acknowledged, total = {}, 0
    registry.start()
    for life in range(LIVES):
        in_doubt = {}
        before = dict(acknowledged)
        storm(registry, life, acknowledged, in_doubt)
        total += sum(before.get(name) != endpoint for name, endpoint in acknowledged.items())
        registry.start()
        found = state_of(registry)
        for name in acknowledged.keys() | found.keys() | in_doubt.keys():
            # Sent and not acknowledged: either is right.
            possible = in_doubt.get(name, (acknowledged.get(name),))
            assert found.get(name) in possible, f"life {life}: {name}"
            acknowledged[name] = found.get(name)
    assert total > LIVES
    registry.kill()
    registry.start()
    eventually(lambda: state_of(registry) == {name: e for name, e in acknowledged.items() if e}, within=30)
