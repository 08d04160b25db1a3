"""A registry for the examples, and their programs as processes that end with the test."""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ports import free_endpoint  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("ACTORSCTL_BUILD", ROOT / "build")).resolve()
LONG = 30


class Program:
    """Its standard output is read line by line, with a deadline for each."""

    def __init__(self, *command: str | Path, log: Path):
        self.log = log
        with log.open("ab") as stderr:
            self.child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr, text=True
            )
        self.lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self) -> None:
        for line in self.child.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def line(self) -> str:
        """The next one."""
        try:
            line = self.lines.get(timeout=LONG)
        except queue.Empty:
            line = None
        assert line is not None, f"no further line; stderr: {self.log.read_text()}"
        return line

    def end(self, number: int = signal.SIGTERM) -> int:
        """Tells it to, and returns its status."""
        if self.child.poll() is None:
            self.child.send_signal(number)
        return self.child.wait(LONG)

    def kill(self) -> None:
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()


class Registry:
    """`actorsctl registry serve` without a store, always at the same endpoint."""

    def __init__(self, log: Path):
        self.endpoint = free_endpoint()
        self.log = log
        self.program: Program | None = None

    def start(self) -> None:
        """It answers when this returns."""
        words = ["registry", "serve", "--in-memory", "--endpoint", self.endpoint]
        self.program = Program(BUILD / "actorsctl", *words, log=self.log)
        deadline = time.monotonic() + LONG
        while self.ctl("--timeout", "1", "registry", "status").returncode != 0:
            assert self.program.child.poll() is None and time.monotonic() < deadline, self.log.read_text()

    def kill(self) -> None:
        if self.program:
            self.program.kill()

    def ctl(self, *words: str) -> subprocess.CompletedProcess:
        command = [BUILD / "actorsctl", "--registry", self.endpoint, *words]
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LONG)


@pytest.fixture(scope="session", autouse=True)
def rust_programs() -> None:
    """Brought up to date: Meson knows nothing of them."""
    command = [ROOT / "scripts" / "cargo", "build", "--locked", "--quiet", "--examples"]
    subprocess.run(command, stdin=subprocess.DEVNULL, env={**os.environ, "BUILD_DIR": str(BUILD)}, check=True)


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    registry = Registry(tmp_path / "registry.log")
    registry.start()
    yield registry
    registry.kill()


@pytest.fixture
def start(tmp_path: Path) -> Iterator:
    """Starts a program: its name, for its log, and its command."""
    programs = []

    def begin(name: str, *command: str | Path) -> Program:
        programs.append(Program(*command, log=tmp_path / f"{name}.log"))
        return programs[-1]

    yield begin
    for program in programs:
        program.kill()
