"""The unit files that are installed: systemd understands each line, and rates their exposure."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

BUILD = Path(os.environ.get("ACTORSCTL_BUILD", Path(__file__).resolve().parents[2] / "build")).resolve()
SERVICES = ["global-registry.service", "actors-supervise.service", "manager@.service"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """The folder of units of an installation that is nowhere else."""
    where = tmp_path_factory.mktemp("installed")
    command = ["meson", "install", "-C", str(BUILD), "--no-rebuild", "--tags", "runtime", "--destdir", str(where)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (units,) = where.glob("**/systemd/system")
    # What a unit runs must exist to be verified.
    program = next(where.glob("**/bin/actorsctl"))
    for unit in units.glob("*.service"):
        unit.write_text(unit.read_text().replace(f"/{program.relative_to(where)}", str(program)))
    return units


@pytest.mark.parametrize("unit", [*SERVICES, "global-registry.socket"])
def test_systemd_understands_every_line(installed, unit):
    file = installed / unit
    if "@" in unit:
        file = shutil.copy(file, installed / "manager@Example.service")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(file)], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("unit", ["global-registry.service", "actors-supervise.service"])
def test_services_of_ours_are_exposed_less_than_2(installed, unit):
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(installed / unit)],
        capture_output=True,
        text=True,
    )
    rated = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert rated, done.stdout + done.stderr
    assert float(rated[1]) < 2.0


@pytest.mark.parametrize("unit", SERVICES)
def test_each_group_of_lines_has_a_reason(installed, unit):
    """A comment stands above each run of settings of the sandbox."""
    lines = (installed / unit).read_text().splitlines()
    start = lines.index("[Service]")
    for block in "\n".join(lines[start + 1 :]).split("\n\n"):
        if block.startswith("[Install]"):
            break
        if "Protect" in block or "Restrict" in block:
            assert block.lstrip().startswith("#"), block
