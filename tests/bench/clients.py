"""Runs the benchmark of each client library against one registry (tests/conformance/README.md, "Benchmarks of the
clients").

clients.py --build FOLDER [OPTION OF THE PROGRAMS]...
"""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST_START_S = 20


def programs(build: Path) -> dict[str, list[str]]:
    """Of every language that has one."""
    found = {"C++": [str(build / "tests/bench/client_bench")]}
    if (ROOT / "clients/rust/examples/client_bench.rs").exists():
        cargo = [ROOT / "scripts/cargo", "build", "--locked", "--quiet", "--release", "--example", "client_bench"]
        subprocess.run(cargo, check=True, stdin=subprocess.DEVNULL, env={**os.environ, "BUILD_DIR": str(build)})
        found["Rust"] = [str(build / "rust/release/examples/client_bench")]
    if (ROOT / "clients/python/client_bench.py").exists():
        found["Python"] = ["/usr/bin/python3", "-B", str(ROOT / "clients/python/client_bench.py")]
    return found


class Children:
    """Processes that end with the block."""

    def __enter__(self) -> "Children":
        self._children: list[subprocess.Popen] = []
        return self

    def start(self, *command: object) -> None:
        nowhere = subprocess.DEVNULL
        self._children.append(
            subprocess.Popen([str(word) for word in command], stdin=nowhere, stdout=nowhere, stderr=nowhere)
        )

    def __exit__(self, *_: object) -> None:
        for child in reversed(self._children):
            child.terminate()
            child.wait()


def free_endpoint() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{probe.getsockname()[1]}"


def main() -> int:
    if len(sys.argv) < 3 or sys.argv[1] != "--build":
        print(__doc__, file=sys.stderr)
        return 2
    build = Path(sys.argv[2]).resolve()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    endpoint = free_endpoint()
    benchmarks = programs(build)
    with Children() as children:
        children.start(build / "actorsctl", "registry", "serve", "--in-memory", "--endpoint", endpoint)
        manager = build / "examples/sample_manager/sample_manager"
        actor = "OrderProcessor=tcp://127.0.0.1:*"
        children.start(manager, "--manager", "OrderManager", "--registry", endpoint, "--actor", actor)
        lookup = [build / "actorsctl", "--registry", endpoint, "--timeout", "1", "lookup", "OrderProcessor"]
        deadline = time.monotonic() + LONGEST_START_S
        while subprocess.run(lookup, stdin=subprocess.DEVNULL, capture_output=True).returncode != 0:
            if time.monotonic() > deadline:
                print("clients.py: the registry does not begin", file=sys.stderr)
                return 1
        for language, command in benchmarks.items():
            print(language, flush=True)
            subprocess.run([*command, endpoint, *sys.argv[3:]], check=True, stdin=subprocess.DEVNULL)
    return 0


if __name__ == "__main__":
    sys.exit(main())
