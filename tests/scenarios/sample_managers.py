"""The sample managers in languages other than C++, which is on every host."""

import shutil
from pathlib import Path

from conftest import BUILD
from machines import Machine

ROOT = Path(__file__).resolve().parents[2]


def rust(host: Machine) -> str:
    """The sample manager in Rust, as the host has it. Not built here, as root: the one who runs the tests has cargo."""
    built = BUILD / "rust/debug/examples/sample_manager"
    assert built.exists(), "scripts/cargo build --examples makes it"
    program = "/usr/local/bin/sample_manager_in_rust"
    shutil.copy(built, host.file(program))
    return program


def python(host: Machine) -> str:
    """The sample manager in Python, with the client package beside it."""
    folder = host.file("/opt/sample_manager_in_python")
    package = ROOT / "clients/python/actors_registry"
    shutil.copytree(package, folder / package.name, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "examples/sample_manager/python/sample_manager.py", folder)
    return "/opt/sample_manager_in_python/sample_manager.py"
