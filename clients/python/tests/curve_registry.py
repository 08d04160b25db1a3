"""The conformance program's registry with an encrypted endpoint, and its key pairs."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

_FILE = Path(__file__).resolve().parents[3] / "tests/conformance/curve_registry.py"
_spec = importlib.util.spec_from_file_location("conformance_curve_registry", _FILE)
assert _spec is not None and _spec.loader is not None
_module: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)

Certificates: Any = _module.Certificates
CurveRegistry: Any = _module.CurveRegistry
