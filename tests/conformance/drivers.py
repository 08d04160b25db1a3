"""The clients' drivers, as README.md describes them."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("ACTORSCTL_BUILD", ROOT / "build")).resolve()
# Given to every driver, and expected in what its client says of itself.
INVOCATION_ID = "0123456789abcdef0123456789abcdef"
LONGEST_ANSWER_S = 30

RUST_DRIVER = "clients/rust/examples/conformance_driver.rs"
PYTHON_DRIVER = "clients/python/conformance_driver.py"


def commands() -> dict[str, list[str]]:
    """The driver of every language that has one. Rust's is built."""
    found = {"cpp": [str(BUILD / "tests/conformance/cpp_driver")]}
    if (ROOT / RUST_DRIVER).exists():
        build = [ROOT / "scripts/cargo", "build", "--locked", "--quiet", "--example", "conformance_driver"]
        subprocess.run(build, check=True, stdin=subprocess.DEVNULL, env={**os.environ, "BUILD_DIR": str(BUILD)})
        found["rust"] = [str(BUILD / "rust/debug/examples/conformance_driver")]
    if (ROOT / PYTHON_DRIVER).exists():
        python = ["/usr/bin/python3", "-B", str(ROOT / PYTHON_DRIVER)]
        found["python"] = python
        found["asyncio"] = [*python, "--asyncio"]
    return found


def own_environment() -> dict[str, str]:
    """Without what would have a say in where the registry is, and by which keys it is spoken to."""
    return {name: value for name, value in os.environ.items() if not name.startswith("REGISTRY_")}


class Driver:
    """A driver's process. Ended with the block."""

    def __init__(self, command: list[str], environment: dict[str, str] | None = None):
        self.command = command
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=sys.stderr,
            text=True,
            env={**own_environment(), "INVOCATION_ID": INVOCATION_ID, **(environment or {})},
        )
        self._results: queue.Queue[dict] = queue.Queue()
        self._notices: queue.Queue[dict] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            message = json.loads(line)
            (self._notices if "notice" in message else self._results).put(message)

    def send(self, do: str, **fields: object) -> None:
        self.process.stdin.write(json.dumps({"do": do, **fields}) + "\n")
        self.process.stdin.flush()

    def result(self, within: float = LONGEST_ANSWER_S) -> dict:
        """Of the oldest command without one. Raises queue.Empty where none comes."""
        return self._results.get(timeout=within)

    def notice(self, within: float = LONGEST_ANSWER_S) -> dict:
        """The next one."""
        return self._notices.get(timeout=within)

    def notices_left(self) -> list[dict]:
        left = []
        while not self._notices.empty():
            left.append(self._notices.get_nowait())
        return left

    def finish(self) -> int:
        """Ends its input; the exit status."""
        self.process.stdin.close()
        status = self.process.wait(timeout=LONGEST_ANSWER_S)
        self._reader.join()
        return status

    def __enter__(self) -> "Driver":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._reader.join()
        self.process.stdout.close()
        if not self.process.stdin.closed:
            self.process.stdin.close()


def eventually(condition, what: str, within: float = LONGEST_ANSWER_S):
    """The first true value of condition()."""
    deadline = time.monotonic() + within
    while not (value := condition()):
        assert time.monotonic() < deadline, f"in vain for {within} s: {what}"
        time.sleep(0.02)
    return value
