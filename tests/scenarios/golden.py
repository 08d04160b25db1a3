"""What commands print on hosts, held against a file: golden/NAME.txt, a transcript.

What differs from run to run is replaced before comparing: the mark of the test's managers, times, numbers of
processes, invocations, fingerprints, and how many blanks a column is padded with.
`pytest tests/scenarios/test_golden.py --accept` writes what is printed as what is expected.
"""

import difflib
import re
from collections.abc import Sequence
from pathlib import Path

from fleet import Fleet

FILES = Path(__file__).resolve().parent / "golden"

# In this order.
REPLACED = [
    (r"\b[0-9a-f]{32}\b", "INVOCATION"),
    (r"SHA256:[A-Za-z0-9+/]{43}", "SHA256:FINGERPRINT"),
    (r"\b[A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d\.\d{3}", "TIME"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", "TIME"),
    (r'("(?:took|age|connect|round_trip)_s": ?)[\d.e+-]+', r"\1SECONDS"),
    (r'("(?:main_pid|pid)": ?)[1-9]\d*', r"\1PID"),
    (r"\[\d+\]: ", "[PID]: "),
    (r"\bpid \d+", "pid PID"),
    (r"\b\d+\.\d (m?s)\b", r"N \1"),
    (r"\b\d+ s ago\b", "N s ago"),
    (r"\bbut within \d+ s\b", "but within N s"),
    (r"\b25\d\.\d+\S*", "SYSTEMD"),
    (r"(?<=\S) {2,}", "  "),
    (r" +$", ""),
]


class Transcript:
    """Commands and what they printed, as text that is the same in each run."""

    def __init__(self, fleet: Fleet):
        self.fleet = fleet
        self.text = ""

    def __call__(self, *words: str) -> int:
        """Runs actorsctl with the fleet's configuration. Returns its exit status."""
        done = self.fleet(*words)
        return self.add(words, done.out, done.err.splitlines(), done.code)

    def add(self, words: Sequence[str], out: str, complaints: Sequence[str], code: int) -> int:
        """What a command that ran otherwise printed."""
        printed = out + "".join(f"! {line}\n" for line in complaints)
        self.text += self.steady(f"$ actorsctl {' '.join(words)}\n{printed}exit {code}\n\n")
        return code

    def steady(self, text: str) -> str:
        text = text.replace(self.fleet.folder, "$DIR").replace(f"{self.fleet.mark}-", "")
        for pattern, replacement in REPLACED:
            text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
        return text


def compare(name: str, text: str, accept: bool) -> None:
    """An AssertionError where the text is not the file's."""
    file = FILES / f"{name}.txt"
    text = text.rstrip("\n") + "\n"
    if accept:
        file.write_text(text)
    expected = file.read_text() if file.exists() else ""
    lines = difflib.unified_diff(expected.splitlines(), text.splitlines(), f"{file.name} expected", "printed", lineterm="")
    assert text == expected, "\n".join(lines)
