"""The unit files that are installed: systemd understands each line, and rates their exposure."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("ACTORSCTL_BUILD", ROOT / "build")).resolve()
OURS = ["global-registry.service", "actors-supervise.service"]
SERVICES = [*OURS, "manager@.service"]


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


@pytest.mark.parametrize("unit", SERVICES)
def test_they_are_exposed_less_than_2(installed, unit):
    file = installed / unit
    if "@" in unit:
        file = shutil.copy(file, installed / "manager@Example.service")
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(file)],
        capture_output=True,
        text=True,
    )
    rated = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert rated, done.stdout + done.stderr
    assert float(rated[1]) < 2.0


@pytest.mark.parametrize("unit", SERVICES)
def test_each_line_has_a_reason(installed, unit):
    """A comment stands right above each setting of a service; a second line for the same may follow at once."""
    lines = (installed / unit).read_text().split("[Service]\n")[1].split("[Install]")[0].splitlines()
    settings = [at for at, line in enumerate(lines) if line and not line.startswith("#")]
    assert len(settings) > 30
    for at in settings:
        above = lines[at - 1] if at else ""
        assert above.startswith("#") or is_part_of(above.split("=")[0], lines[at].split("=")[0]), lines[at]


def is_part_of(first: str, second: str) -> bool:
    return (first, second) in [
        ("User", "Group"),
        ("Restart", "RestartSec"),
        ("StateDirectory", "StateDirectoryMode"),
    ]


@pytest.mark.parametrize("unit", SERVICES)
def test_what_grows_without_end_is_bounded(installed, unit):
    text = (installed / unit).read_text()
    for limit in "MemoryMax", "LimitNOFILE", "TasksMax":
        assert re.search(f"^{limit}=[0-9]", text, re.MULTILINE), limit


def test_services_of_ours_have_users_of_their_own_that_the_installation_makes(installed):
    made = re.findall(r"^u (\S+) ", (ROOT / "systemd_units/actors.sysusers").read_text(), re.MULTILINE)
    users = [re.search("^User=(.*)", (installed / unit).read_text(), re.MULTILINE)[1] for unit in OURS]
    assert users == made == ["actors-registry", "actors-supervise"]
