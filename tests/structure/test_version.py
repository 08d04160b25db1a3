"""The version that stands in several files is one, and scripts/version changes it in all of them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("ACTORSCTL_BUILD", ROOT / "build")).resolve()
FILES = ["meson.build", "NEWS", "debian/changelog", "clients/python/actors_registry/_version.py"]
FILES += ["clients/rust/Cargo.toml", "clients/rust/Cargo.lock"]


@pytest.fixture
def copy(tmp_path) -> Path:
    for file in [*FILES, "scripts/version"]:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    return tmp_path


def version(tree: Path, *words: str) -> tuple[int, str]:
    done = subprocess.run([tree / "scripts/version", *words], capture_output=True, text=True)
    return done.returncode, done.stdout


def test_all_files_and_the_program_say_the_same():
    code, said = version(ROOT)
    assert code == 0, said
    program = subprocess.run([BUILD / "actorsctl", "--version"], capture_output=True, text=True, check=True)
    assert said.strip() in program.stdout.split()


def test_a_new_version_is_set_in_all_of_them(copy):
    before = {file: (copy / file).read_text() for file in FILES}
    assert version(copy, "7.8.9") == (0, "7.8.9\n")
    assert version(copy) == (0, "7.8.9\n")
    for file, text in before.items():
        changed = (copy / file).read_text()
        assert changed.count("7.8.9") == 1, file
        if file in ("NEWS", "debian/changelog"):
            assert changed.endswith(text), "what was said of earlier versions stays"
    parsed = subprocess.run(
        ["dpkg-parsechangelog", "-l", copy / "debian/changelog", "-S", "Version"], capture_output=True, text=True
    )
    assert (parsed.stdout, parsed.stderr) == ("7.8.9\n", "")


def test_files_that_do_not_agree_are_named(copy):
    (copy / "NEWS").write_text("actorsctl 9.9.9\n")
    code, said = version(copy, "7.8.9")
    assert code == 1 and "9.9.9\tNEWS\n" in said


def test_what_is_no_version_is_refused(copy):
    for wrong in "1.2", "1.2.3-1", "x", "1.2.3\n", "":
        assert version(copy, wrong)[0] == 2
    assert version(copy)[0] == 0
