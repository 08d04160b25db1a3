"""A registry whose endpoint is encrypted, and which decides by itself whom it trusts: what it says is as little as the
clients need, and what it lets in is up to the test.
"""

from __future__ import annotations

import importlib.util
import json
import threading
from pathlib import Path
from typing import Any

import zmq
from zmq.utils import z85

LONGEST_STEP_MS = 20


_FILE = Path(__file__).resolve().parents[3] / "tests/conformance/certificates.py"
_spec = importlib.util.spec_from_file_location("certificates", _FILE)
assert _spec is not None and _spec.loader is not None
_module: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)
Certificates: Any = _module.Certificates


class CurveRegistry:
    """Ends with the block. `trusted` are public keys; without a pair of its own it speaks plain."""

    def __init__(self, endpoint: str, pair: tuple[bytes, bytes] | None, trusted: set[str] | None = None):
        self.endpoint = endpoint
        self.trusted = trusted or set()
        self.seen: set[str] = set()
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._zap = self._context.socket(zmq.REP)
        self._zap.bind("inproc://zeromq.zap.01")
        self._router = self._context.socket(zmq.ROUTER)
        self._router.linger = 0
        if pair is not None:
            self._router.zap_domain = b"registry"
            self._router.curve_server = True
            self._router.curve_secretkey = pair[1]
        self._router.bind(endpoint)
        self._over = False
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def __enter__(self) -> CurveRegistry:
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True
        self._thread.join()
        self._context.destroy(0)

    def _run(self) -> None:
        poller = zmq.Poller()
        poller.register(self._zap, zmq.POLLIN)
        poller.register(self._router, zmq.POLLIN)
        while not self._over:
            for socket, _ in poller.poll(LONGEST_STEP_MS):
                self._judge() if socket is self._zap else self._answer()

    def _judge(self) -> None:
        """ZeroMQ RFC 27: version, request id, domain, address, identity, mechanism, key."""
        version, request_id, *_, mechanism, key = self._zap.recv_multipart()
        key = z85.encode(key).decode()  # type: ignore[no-untyped-call]
        self.seen.add(key)
        status = b"200" if mechanism == b"CURVE" and key in self.trusted else b"400"
        self._zap.send_multipart([version, request_id, status, b"", key.encode(), b""])

    def _answer(self) -> None:
        peer, *_, text = self._router.recv_multipart()
        request = json.loads(text)
        reply = {"request_id": request.get("request_id"), **self._reply_to(request)}
        self._router.send_multipart([peer, json.dumps(reply).encode()])

    @staticmethod
    def _reply_to(request: dict[str, Any]) -> dict[str, Any]:
        kind, name = request["message_type"], request.get("actor_name")
        if kind == "LookupActor":
            return {"message_type": "LookupResult", "actor_name": name, "endpoint": "tcp://h:1", "online": True}
        if kind == "UnregisterManager":
            return {"message_type": "ManagerUnregistered", "actors": 0}
        if kind == "Heartbeat":
            return {"message_type": "HeartbeatAck", "epoch": "e", "actors": 1}
        return {"message_type": "RegistrationOk", "actor_name": name, "epoch": "e", "actors": 1}
