"""A registry that is killed, paused and started again, and a plain peer that looks into it."""

import json
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import zmq

from drivers import BUILD, eventually

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ports import free_endpoint  # noqa: E402


class Registry:
    """`actorsctl registry serve` at an endpoint of its own. Ended with the block. `settings` go into its configuration."""

    def __init__(self, *, stored: bool = False, begun: bool = True, **settings: object):
        self.endpoint = free_endpoint()
        self._folder = tempfile.TemporaryDirectory()
        self.folder = Path(self._folder.name)
        self.settings = {"registry_endpoint": self.endpoint, "heartbeat_check_interval_s": 0.2, **settings}
        self.config = self.folder / "registry.json"
        self._command = [BUILD / "actorsctl", "--config", self.config, "registry", "serve"]
        self._command += ["--data-dir", self.folder / "data"] if stored else ["--in-memory"]
        self._log = open(self.folder / "log", "a")
        self._process: subprocess.Popen | None = None
        if begun:
            self.start()

    def start(self) -> None:
        self.config.write_text(json.dumps(self.settings))
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

    @property
    def runs(self) -> bool:
        return self._process is not None

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def _answers(self) -> bool:
        assert self._process.poll() is None, self.log()  # else it is somebody else who answers
        try:
            return bool(self.ask("RegistryInfo", timeout_ms=200))
        except zmq.Again:
            return False

    def ask(self, message_type: str, timeout_ms: int = 10_000, **fields: object) -> dict:
        """As a plain peer asks. Raises zmq.Again where no answer comes."""
        with zmq.Context() as context, context.socket(zmq.REQ) as peer:
            peer.linger = 0
            peer.rcvtimeo = timeout_ms
            peer.connect(self.endpoint)
            peer.send_json({"message_type": message_type, **fields})
            return peer.recv_json()

    def heartbeats(self) -> int:
        return self.ask("RegistryInfo")["counters"].get("request.Heartbeat", 0)

    def __enter__(self) -> "Registry":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process:
            self.kill()
        self._log.close()
        self._folder.cleanup()
