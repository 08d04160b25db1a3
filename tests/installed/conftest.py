import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "docs"))

from blocks import taken_by  # noqa: E402


@pytest.fixture
def blocks(request):
    """What the test's @runs names of a page."""
    return taken_by(request.function)
