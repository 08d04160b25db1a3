#!/usr/bin/python3
"""Golden tests of what the command line prints.

A case is a file NAME.cmd, a shell snippet, beside NAME.out and NAME.err, what it prints. The snippet runs under
`bash -u` in a new empty folder with $ACTORSCTL, $CASES (the folder of the case), a free TCP port of the loopback
in $PORT, and an otherwise clean environment. Its exit status is the first line of NAME.out: `exit N`. An empty
NAME.err may be absent.

What differs from run to run is replaced before comparing: the folder by $DIR, the port by $PORT, the program's path
by $ACTORSCTL. A snippet that prints more of that kind pipes it through sed.

    run_cli_tests.py --actorsctl FILE [--accept] [NAME]...      --accept writes what is printed as what is expected
"""

import argparse
import difflib
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ports import free_endpoint  # noqa: E402

CASES = Path(__file__).resolve().parent
SECONDS = 60


def run_snippet(case: Path, folder: str, environment: dict) -> tuple[int, str, str]:
    """Ends the snippet's whole process group, so that nothing it started in the background stays."""
    child = subprocess.Popen(
        ["/bin/bash", "-u", case],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="backslashreplace",
        start_new_session=True,
    )
    try:
        out, err = child.communicate(timeout=SECONDS)
        return child.returncode, out, err
    except subprocess.TimeoutExpired:
        end_group(child.pid)
        out, err = child.communicate()
        return -1, out, err + f"(ended after {SECONDS} s)\n"
    finally:
        end_group(child.pid)


def end_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run_case(case: Path, actorsctl: Path) -> dict[str, str]:
    port = free_endpoint().rpartition(":")[2]
    with tempfile.TemporaryDirectory(prefix="actorsctl-cli-") as folder:
        environment = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": folder,
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "ACTORSCTL": str(actorsctl),
            "CASES": str(CASES),
            "PORT": port,
        }
        status, out, err = run_snippet(case, folder, environment)

    def steady(text: str) -> str:
        text = text.replace(str(actorsctl), "$ACTORSCTL").replace(folder, "$DIR")
        # Where the registry is installed on this machine, its service is what to look at.
        text = text.replace("running here? systemctl status global-registry", "running? actorsctl registry serve")
        return text.replace(f":{port}", ":$PORT")

    return {".out": f"exit {status}\n{steady(out)}", ".err": steady(err)}


def expected_text(file: Path) -> str:
    return file.read_text() if file.exists() else ""


def accept(case: Path, printed: dict[str, str]) -> None:
    for suffix, text in printed.items():
        file = case.with_suffix(suffix)
        if text:
            file.write_text(text)
        else:
            file.unlink(missing_ok=True)


def differences(case: Path, printed: dict[str, str]) -> str:
    lines: list[str] = []
    for suffix, text in printed.items():
        file = case.with_suffix(suffix)
        before = expected_text(file).splitlines(keepends=True)
        after = text.splitlines(keepends=True)
        lines += difflib.unified_diff(before, after, f"{file.name} expected", f"{file.name} printed")
    return "".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="Golden tests of what the command line prints.")
    parser.add_argument("--actorsctl", type=Path, required=True)
    parser.add_argument("--accept", action="store_true")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    cases = [CASES / f"{name}.cmd" for name in arguments.names] or sorted(CASES.glob("*.cmd"))
    failed = 0
    for case in cases:
        printed = run_case(case, arguments.actorsctl.absolute())
        if arguments.accept:
            accept(case, printed)
        difference = differences(case, printed)
        if difference:
            failed += 1
            print(f"FAILED {case.name}\n{difference}")
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
