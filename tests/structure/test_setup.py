"""What the Debian packages' build asks for is what scripts/setup installs for it."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def installed_for(*purposes: str) -> set[str]:
    lists = dict(re.findall(r'^  \[([\w-]+)\]="([^"]*)"', (ROOT / "scripts/setup").read_text(), re.MULTILINE))
    return {package for purpose in purposes for package in lists[purpose].split()}


def asked_for() -> set[str]:
    """Build-Depends, each by its package's name."""
    field = re.search(r"^Build-Depends:((?:.|\n )*)", (ROOT / "debian/control").read_text(), re.MULTILINE)
    assert field
    named = {word.split()[0] for word in field[1].split(",") if word.strip()}
    # That one names debhelper's level. What dpkg-buildpackage takes for granted is never named.
    return {"debhelper" if name == "debhelper-compat" else name for name in named} | {"build-essential"}


def test_a_bare_machine_gets_what_the_packages_build_asks_for():
    assert {"libssh-dev", "debhelper", "scdoc"} <= asked_for()
    assert asked_for() <= installed_for("build", "package")
