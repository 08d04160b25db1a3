"""A registry that is killed, paused and started again, and a plain peer that looks into it."""

import json
import signal
import subprocess
import tempfile
from pathlib import Path

import zmq

from drivers import BUILD, eventually


def free_endpoint() -> str:
    """A port of the loopback address that was free a moment ago."""
    with zmq.Context() as context, context.socket(zmq.ROUTER) as socket:
        socket.bind("tcp://127.0.0.1:*")
        return socket.last_endpoint.decode()


class Registry:
    """`actorsctl registry serve` at an endpoint of its own. Ended with the block."""

    def __init__(self, *, stored: bool = False, heartbeat_timeout_s: float = 6, begun: bool = True):
        self.endpoint = free_endpoint()
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        config = folder / "registry.json"
        config.write_text(
            json.dumps({"heartbeat_timeout_s": heartbeat_timeout_s, "heartbeat_check_interval_s": 0.2})
        )
        self._command = [BUILD / "actorsctl", "--config", config, "registry", "serve", "--endpoint", self.endpoint]
        self._command += ["--data-dir", folder / "data"] if stored else ["--in-memory"]
        self._log = open(folder / "log", "w")
        self._process: subprocess.Popen | None = None
        if begun:
            self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log
        )
        eventually(lambda: self._answers(), "the registry answers")

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._process = None

    def pause(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def _answers(self) -> bool:
        try:
            return bool(self.ask("RegistryInfo", timeout_ms=200))
        except zmq.Again:
            return False

    def ask(self, message_type: str, timeout_ms: int = 10_000, **fields: object) -> dict:
        """As a plain peer asks. Raises zmq.Again where no answer comes."""
        with zmq.Context() as context, context.socket(zmq.REQ) as socket:
            socket.linger = 0
            socket.rcvtimeo = timeout_ms
            socket.connect(self.endpoint)
            socket.send_json({"message_type": message_type, **fields})
            return socket.recv_json()

    def heartbeats(self) -> int:
        return self.ask("RegistryInfo")["counters"].get("request.Heartbeat", 0)

    def __enter__(self) -> "Registry":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process:
            self.kill()
        self._log.close()
        self._folder.cleanup()
