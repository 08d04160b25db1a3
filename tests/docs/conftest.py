import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).resolve().parents[depth]) for depth in (0, 1)]

from blocks import ROOT, taken_by  # noqa: E402
from ports import free_endpoint  # noqa: E402
from shell import Player, Shell  # noqa: E402

BUILD = Path(os.environ.get("ACTORSCTL_BUILD", ROOT / "build")).resolve()


def pytest_configure():
    # An end by TERM ends what was started, as one by INT does.
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated", 143))


@pytest.fixture
def blocks(request):
    """What the test's @runs names."""
    return taken_by(request.function)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Player]:
    """A shell on this machine, in the project's folder, with a registry's endpoint of its own in place of the usual one."""
    endpoint = free_endpoint()
    replaced = {
        "tcp://127.0.0.1:5555": endpoint,
        "tcp://localhost:5555": endpoint.replace("127.0.0.1", "localhost"),
        "tcp://127.0.0.1:7001": free_endpoint(),
        "tcp://127.0.0.1:7100": free_endpoint(),
        "build/": f"{BUILD}/",
    }
    environment = {
        **os.environ,
        "PATH": f"{BUILD}:/usr/bin:{os.environ['PATH']}",
        "BUILD_DIR": str(BUILD),
        "REGISTRY_ENDPOINT": endpoint,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    environment.pop("REGISTRY_CONFIG", None)
    folder = tmp_path / "shell"
    folder.mkdir()
    child = subprocess.Popen(
        ["bash", "--noprofile", "--norc"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env=environment,
        start_new_session=True,
    )
    shell = Shell(child, folder, str(folder), replaced)

    def only(machine: str) -> Shell:
        assert not machine, f"{machine} is no machine that is here"
        return shell

    player = Player(only)
    player.endpoint = endpoint
    yield player
    shell.end()
