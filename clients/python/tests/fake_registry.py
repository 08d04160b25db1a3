"""A registry that says what a test wants."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Union

import zmq

Json = dict[str, Any]
Reply = Union[Json, bytes]


def acknowledge(request: Json) -> list[Reply]:
    """What a registry would that knows nothing and takes everything."""
    kind, state = request["message_type"], {"epoch": "e1", "actors": 0}
    names = [one["actor_name"] for one in request.get("actors", [])]
    found = {"endpoint": "tcp://h:1", "online": True}
    replies: dict[str, Json] = {
        "RegisterActor": {
            "message_type": "RegistrationOk",
            "actor_name": request.get("actor_name"),
            **state,
            "actors": 1,
        },
        "UnregisterActor": {"message_type": "RegistrationOk", "actor_name": request.get("actor_name"), **state},
        "LookupActor": {"message_type": "LookupResult", "actor_name": request.get("actor_name"), **found},
        "Heartbeat": {"message_type": "HeartbeatAck", **state},
        "UnregisterManager": {"message_type": "ManagerUnregistered", "actors": 0},
        "RegisterActors": {
            "message_type": "RegistrationResults",
            **state,
            "actors": len(names),
            "results": [{"actor_name": name, "ok": True} for name in names],
        },
        "LookupActors": {
            "message_type": "LookupResults",
            "results": [{"actor_name": name, **found} for name in request.get("actor_names", [])],
        },
    }
    return [replies[kind]]


class FakeRegistry:
    """Calls `answer` for each request, on a thread of its own; a reply gets the request's id unless it has one."""

    def __init__(self, endpoint: str, answer: Callable[[Json], list[Reply]] = acknowledge) -> None:
        self.endpoint = endpoint
        self.answer = answer
        self.received: list[tuple[bytes, Json]] = []  # from whom, and what
        self._to_say: deque[Json] = deque()
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._router = self._context.socket(zmq.ROUTER)
        self._router.linger = self._router.sndhwm = 0  # it drops nothing
        self._router.bind(endpoint)
        self._over = False
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    @property
    def requests(self) -> list[Json]:
        return [request for _, request in list(self.received)]

    @property
    def peers(self) -> set[bytes]:
        return {peer for peer, _ in list(self.received)}

    def of_type(self, message_type: str) -> list[Json]:
        return [request for request in self.requests if request["message_type"] == message_type]

    def say(self, *replies: Json) -> None:
        """To the one peer that there is."""
        self._to_say += replies

    def close(self) -> None:
        self._over = True
        self._thread.join()
        self._router.close()
        self._context.term()

    def _run(self) -> None:
        while not self._over:
            while self._to_say:
                (peer,) = self.peers
                self._router.send_multipart([peer, json.dumps(self._to_say.popleft()).encode()])
            if not self._router.poll(10):
                continue
            peer, *frames = self._router.recv_multipart()
            request = json.loads(frames[-1])
            self.received.append((peer, request))
            for reply in self.answer(request):
                data = (
                    reply
                    if isinstance(reply, bytes)
                    else json.dumps({"request_id": request.get("request_id"), **reply}).encode()
                )
                self._router.send_multipart([peer, data])
