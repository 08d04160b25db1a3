import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "docs")]

from blocks import taken_by  # noqa: E402


@pytest.fixture
def blocks(request):
    """What the test's @runs names of a page."""
    return taken_by(request.function)
