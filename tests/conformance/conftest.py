import signal
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from drivers import commands  # noqa: E402


def pytest_configure():
    # An end by TERM ends the processes of a test as one by INT does.
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated", 143))


@pytest.fixture(scope="session")
def drivers() -> dict[str, list[str]]:
    return commands()
