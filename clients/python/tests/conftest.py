from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_registry import FakeRegistry

from actors_registry import RegistryClient, RegistryError

TOP = Path(__file__).resolve().parents[3]
BUILD = Path(os.environ.get("ACTORSCTL_BUILD", TOP / "build")).resolve()
ACTORSCTL = BUILD / "actorsctl"


def eventually(condition: Callable[[], Any], within: float = 10) -> Any:
    """The first true value of condition(); an AssertionError after `within` seconds."""
    deadline = time.monotonic() + within
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {within} s; the last answer: {value!r}"
        time.sleep(0.01)
    return value


class Registry:
    """`actorsctl registry serve`, its state in memory."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.start()

    def start(self) -> None:
        # A configuration of its own, so that none of this machine's has a say.
        with tempfile.NamedTemporaryFile("w", suffix=".json") as config:
            config.write("{}")
            config.flush()
            command: list[str | Path] = [
                ACTORSCTL,
                "--config",
                config.name,
                "registry",
                "serve",
                "--in-memory",
                "--endpoint",
                self.endpoint,
            ]
            self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self._wait()

    def _wait(self) -> None:
        def answers() -> bool:
            with RegistryClient("probe", self.endpoint, timeout=0.2) as client:
                try:
                    return client.lookup_many(["nobody"]) != []
                except RegistryError:
                    assert self.child.poll() is None
                    return False

        eventually(answers, within=30)

    def kill(self) -> None:
        self.child.kill()
        self.child.wait()

    def stop(self) -> None:
        self.child.terminate()
        self.child.wait(30)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short enough for a socket's path."""
    with tempfile.TemporaryDirectory(prefix="py") as name:
        yield Path(name)


@pytest.fixture
def registry(folder: Path) -> Iterator[Registry]:
    registry = Registry(f"ipc://{folder}/registry")
    yield registry
    registry.stop()


@pytest.fixture
def fake(folder: Path) -> Iterator[FakeRegistry]:
    fake = FakeRegistry(f"ipc://{folder}/fake")
    yield fake
    fake.close()
