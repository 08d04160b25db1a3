"""Runs the project's tests on a finished build and adds up what they report.

Every kind of test counts its own cases: doctest's test cases, golden files, pytest's tests. The last line of the
output is `N passed, N failed`, with `, N skipped` where there were any; the exit status is 0 only if none failed.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).resolve().parent
# They mostly wait; more of them would take each other's time.
SIDE_BY_SIDE = 4
DOCTEST_SUMMARY = re.compile(
    r"\[doctest\] test cases: +\d+ \| +(\d+) passed \| +(\d+) failed(?: \| +(\d+) skipped)?"
)


@dataclass
class Counts:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped
        )

    def __str__(self) -> str:
        text = f"{self.passed} passed, {self.failed} failed"
        return f"{text}, {self.skipped} skipped" if self.skipped else text


def count_program(record: dict) -> Counts:
    """One test program of Meson's log. One that died without a summary is one failure."""
    if record["result"] == "SKIP":
        return Counts(skipped=1)
    succeeded = record["result"] == "OK"
    summary = DOCTEST_SUMMARY.search(record.get("stdout", ""))
    if not summary:
        return Counts(passed=1) if succeeded else Counts(failed=1)
    passed, failed, _ = (int(number or 0) for number in summary.groups())
    return Counts(passed, failed if succeeded or failed else 1)


def run_unit(build: Path) -> Counts:
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder).name
        command = ["meson", "test", "-C", build, "--no-rebuild", "--quiet", "--print-errorlogs"]
        status = subprocess.run([*command, "--logbase", base], stdin=subprocess.DEVNULL).returncode
        logs = build / "meson-logs"
        try:
            lines = (logs / f"{base}.json").read_text().splitlines()
        except FileNotFoundError:
            return Counts(failed=1)
        finally:
            for log in logs.glob(f"{base}.*"):
                log.unlink()
    counts = sum((count_program(json.loads(line)) for line in lines), Counts())
    return counts if status == 0 or counts.failed else Counts(counts.passed, 1, counts.skipped)


def run_cli(build: Path) -> Counts:
    command = ["/usr/bin/python3", "-B", TESTS / "cli" / "run_cli_tests.py", "--actorsctl", build / "actorsctl"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    print(done.stdout, end="")
    summary = re.search(r"(\d+) passed, (\d+) failed\s*$", done.stdout)
    return Counts(int(summary[1]), int(summary[2])) if summary else Counts(failed=1)


CARGO_SUMMARY = re.compile(r"^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored", re.MULTILINE)


def run_rust(build: Path) -> Counts:
    """The Rust client: a summary for each of its test programs, and one for what is in its documentation."""
    command = [TESTS.parent / "scripts" / "cargo", "test", "--locked", "--quiet", "--no-fail-fast"]
    setting = {"BUILD_DIR": str(build), "ACTORSCTL": str(build / "actorsctl")}
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **setting},
    )
    counts = Counts()
    for numbers in CARGO_SUMMARY.findall(done.stdout):
        counts += Counts(*map(int, numbers))
    if done.returncode == 0 and counts.passed:
        return counts
    print(done.stdout, end="", flush=True)
    return Counts(counts.passed, counts.failed or 1, counts.skipped)


def build_rust_programs(build: Path) -> None:
    """The examples, which Meson knows nothing of. Who needs them fails without."""
    command = [TESTS.parent / "scripts" / "cargo", "build", "--locked", "--quiet", "--examples"]
    subprocess.run(command, stdin=subprocess.DEVNULL, env={**os.environ, "BUILD_DIR": str(build)})


class Pytest:
    """pytest on a folder or a file, running from the moment it is made."""

    def __init__(self, build: Path, what: Path, *, as_root: bool = False):
        self.results = tempfile.TemporaryDirectory()
        self.report = Path(self.results.name) / "report.xml"
        command = ["/usr/bin/python3", "-B", "-m", "pytest", "-q", "-rfEs", "--no-header", "-p", "no:cacheprovider"]
        command += [f"--junitxml={self.report}", str(what)]
        setting = {"ACTORSCTL_BUILD": str(build)}
        if as_root and os.geteuid() != 0 and sudo_works():
            command = ["sudo", "-n", *(f"{name}={value}" for name, value in setting.items()), *command]
        self.output = tempfile.TemporaryFile("w+")
        self.child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self.output, stderr=self.output, env={**os.environ, **setting}
        )

    def counts(self) -> Counts:
        """Waits for its end and prints what it said."""
        status = self.child.wait()
        self.output.seek(0)
        print(self.output.read(), end="", flush=True)
        if not self.report.exists():
            return Counts(failed=1)
        suite = xml.etree.ElementTree.parse(self.report).getroot().find("testsuite")
        failed = int(suite.get("failures")) + int(suite.get("errors"))
        skipped = int(suite.get("skipped"))
        passed = int(suite.get("tests")) - failed - skipped
        return Counts(passed, failed if status == 0 or failed else 1, skipped)

    def end(self) -> None:
        """Lets it clean up after itself."""
        if self.child.poll() is None:
            self.child.terminate()
        self.child.wait()
        self.output.close()
        self.results.cleanup()


def sudo_works() -> bool:
    return bool(shutil.which("sudo")) and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0


def run_pytests(build: Path, files: list[Path], *, as_root: bool = False) -> Counts:
    """Some side by side: each has a lab of its own, and mostly waits."""
    runs: list[Pytest] = []
    try:
        for file in files:
            while sum(run.child.poll() is None for run in runs) >= SIDE_BY_SIDE:
                time.sleep(0.05)
            runs.append(Pytest(build, file, as_root=as_root))
        return sum((run.counts() for run in runs), Counts())
    finally:
        for run in runs:
            run.end()


def run_scenarios(build: Path) -> Counts:
    build_rust_programs(build)
    # The longest begins first: the others end beside it.
    files = sorted((TESTS / "scenarios").glob("test_*.py"), key=lambda file: (file.stem != "test_supervise", file))
    return run_pytests(build, files, as_root=True)


def run_docs(build: Path) -> Counts:
    build_rust_programs(build)
    return run_pytests(build, [TESTS / "docs"])


KINDS = {
    "unit": run_unit,
    "cli": run_cli,
    "rust": run_rust,
    "python": lambda build: run_pytests(build, [TESTS.parent / "clients" / "python" / "tests"]),
    "conformance": lambda build: run_pytests(build, sorted((TESTS / "conformance").glob("test_*.py"))),
    "installed": lambda build: run_pytests(build, [TESTS / "installed"]),
    "examples": lambda build: run_pytests(build, [TESTS / "examples"]),
    "docs": run_docs,
    "structure": lambda build: run_pytests(build, [TESTS / "structure"]),
    "scenarios": run_scenarios,
}


def end_by_signal(number: int, _frame: object) -> None:
    sys.exit(128 + number)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("kinds", nargs="*", help=" ".join(KINDS))
    arguments = parser.parse_args()
    for kind in arguments.kinds:
        if kind not in KINDS:
            parser.error(f"unknown kind of test: {kind} (there are: {', '.join(KINDS)})")
    signal.signal(signal.SIGTERM, end_by_signal)
    # A shell has what it runs in the background ignore these two; what interrupts the tests' programs is to reach them.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    total = Counts()
    for kind in arguments.kinds or KINDS:
        print(f"== {kind}", flush=True)
        counts = KINDS[kind](arguments.build)
        print(f"{kind}: {counts}", flush=True)
        total += counts
    print(total)
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
