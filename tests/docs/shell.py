"""Plays the commands of blocks as somebody would type them, and compares what a session shows with what it prints."""

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from blocks import Block

LONG = 60
PROMPT = re.compile(r"^([\w.-]*)[$#] (.*)$")

# What differs from run to run, replaced on both sides before comparing, in this order. What else may be anything is … in
# the page: in a line anything, alone on a line any number of lines.
REPLACED = [
    (r"\b[0-9a-f]{32}\b", "ID"),
    (r"SHA256:[A-Za-z0-9+/]{43}", "FINGERPRINT"),
    (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z| UTC|[+-]\d\d:?\d\d)?", "TIME"),
    (r"\b[A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d(?:\.\d+)?\b", "TIME"),
    (r"\[\d+\]: ", "[PID]: "),
    (r"\bpid \d+", "pid PID"),
    (r"\b25\d(?:\.\d+)?(?: \([^)]+\))?(?=\s|$)", "SYSTEMD"),
    (r"\b\d+(?:\.\d+)? (?:ms|s|min|h)\b", "SOME TIME"),
    (r"(?<=\S) {2,}", "  "),
    (r" +$", ""),
]


def steady(text: str) -> str:
    for pattern, replacement in REPLACED:
        text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    return text.strip("\n") + "\n"


def alike(expected: str, printed: str) -> bool:
    lines = steady(expected).splitlines()
    patterns = ["(?:.*\n)*?" if line.strip() == "…" else ".*".join(map(re.escape, line.split("…"))) + "\n" for line in lines]
    return re.fullmatch("".join(patterns), steady(printed)) is not None


@dataclass
class Typed:
    """A command of a session: where it is typed ("" where the prompt does not say), and what the page says it prints."""

    machine: str
    command: str
    prints: str = ""


def typed(session: str) -> list[Typed]:
    """The commands of a ```console block. What follows `> ` continues a command."""
    commands: list[Typed] = []
    for line in session.splitlines():
        prompt = PROMPT.match(line)
        if prompt:
            commands.append(Typed(prompt[1], prompt[2] + "\n"))
        elif commands and line.startswith("> ") and not commands[-1].prints:
            commands[-1].command += line[2:] + "\n"
        else:
            assert commands, f"a session begins with a command, not with: {line}"
            commands[-1].prints += line + "\n"
    return commands


class Shell:
    """A bash that goes on from block to block, with its folder, variables and jobs."""

    def __init__(self, child: subprocess.Popen, folder: Path, as_there: str, replaced: dict[str, str]):
        """`child` reads commands from a pipe and leads a process group; `folder` is called `as_there` where it runs.
        What of `replaced` stands in commands is replaced; and back, in what they print."""
        self.child = child
        self.folder = folder
        self.as_there = as_there
        self.replaced = replaced
        self.count = 0

    def run(self, commands: str, must: bool, within: float) -> str:
        """What they print. With `must`, each has to succeed."""
        self.count += 1
        for page, real in self.replaced.items():
            commands = re.sub(rf"(?<![\w/.-]){re.escape(page)}", lambda _, real=real: real, commands)
        (self.folder / f"{self.count}.sh").write_text(commands)
        name = f"{self.as_there}/{self.count}"
        options = "set -eo pipefail" if must else "set +eo pipefail"
        line = f"{options}; . {name}.sh >{name}.out 2>&1 </dev/null; echo $? >{name}.status\n"
        self.child.stdin.write(line)
        self.child.stdin.flush()
        status = self.folder / f"{self.count}.status"
        deadline = time.monotonic() + within
        while not (status.exists() and status.read_text().endswith("\n")):
            ended = self.child.poll() is not None
            assert not ended, f"a command failed in:\n{commands}\nprinted was:\n{self.printed()}"
            assert time.monotonic() < deadline, f"not over within {within} s:\n{commands}\nprinted was:\n{self.printed()}"
            time.sleep(0.02)
        return self.printed()

    def printed(self) -> str:
        file = self.folder / f"{self.count}.out"
        text = file.read_text(errors="replace") if file.exists() else ""
        for page, real in self.replaced.items():
            text = text.replace(real, page)
        return text

    def end(self) -> None:
        """And all that was started in it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()
        self.child.stdin.close()


class Player:
    """Plays blocks in shells, one for each machine that they name."""

    def __init__(self, shell: Callable[[str], Shell]):
        """`shell("")` is where commands go that name no machine."""
        self.shell = shell

    def play(self, *blocks: Block, on: str = "", within: float = LONG) -> str:
        """```sh: each command succeeds. ```console: each prints what the page shows. Returns what the last ```sh printed."""
        printed = ""
        for block in blocks:
            assert block.language in ("sh", "console"), f"{block} is nothing to type"
            if block.language == "sh":
                printed = self.run(block, block.text, on, within)
            else:
                for one in typed(block.text):
                    self.compare(block, one, one.machine or on, within)
        return printed

    def type(self, commands: str, on: str = "", within: float = LONG) -> str:
        """What no page says but a test needs."""
        return self.shell(on).run(commands, True, within)

    def run(self, block: Block, commands: str, on: str, within: float) -> str:
        try:
            return self.shell(on).run(commands, True, within)
        except AssertionError as error:
            raise AssertionError(f"{block}: {error}") from None

    def compare(self, block: Block, one: Typed, on: str, within: float) -> None:
        printed = self.shell(on).run(one.command, False, within)
        assert alike(one.prints, printed), (
            f"{block}: $ {one.command}prints, times and ids apart,\n{steady(printed)}\nand the page says\n{steady(one.prints)}"
        )
