#!/usr/bin/python3
"""Runs a command on a terminal and prints what people saw there: first each live line that showed how far it was, its
seconds as N, then what the screen held in the end, and whether there were colours. Any other escape sequence is shown
as text.

    on_a_terminal.py [--columns N] [--stdout FILE] [--term TERM] [--answer TEXT]... COMMAND...

--stdout: only standard error and standard input are the terminal. Each --answer is typed when the last line is a question: it
ends with `: `.
"""

import argparse
import fcntl
import os
import pty
import re
import struct
import sys
import termios

LIVE = re.compile(r": \d+ of \d+ done")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Screen:
    """Lines as a terminal shows them."""

    def __init__(self, columns: int):
        self.columns = columns
        self.lines = [""]
        self.column = 0

    def feed(self, text: str) -> None:
        for character in text:
            if character == "\r":
                self.column = 0
            elif character == "\n":
                self.lines.append("")
            else:
                self.put(character)

    def put(self, character: str) -> None:
        if self.column == self.columns:
            self.lines.append("")
            self.column = 0
        line = self.lines[-1].ljust(self.column)
        self.lines[-1] = line[: self.column] + character + line[self.column + 1 :]
        self.column += 1


def begin(words: list[str], columns: int, stdout: str | None, term: str) -> tuple[int, int]:
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(2, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        if stdout:
            os.dup2(os.open(stdout, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
        os.execvpe(words[0], words, {**os.environ, "TERM": term})
    return pid, terminal


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--columns", type=int, default=80)
    parser.add_argument("--stdout")
    parser.add_argument("--term", default="xterm")
    parser.add_argument("--answer", action="append", default=[], dest="answers")
    parser.add_argument("words", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    pid, terminal = begin(options.words, options.columns, options.stdout, options.term)
    screen = Screen(options.columns)
    seen: list[str] = []
    coloured = False
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:
            break
        text = data.decode()
        coloured = coloured or bool(COLOUR.search(text))
        # Each live line begins with a carriage return, so that several in one reading are all seen.
        for piece in re.split(r"(?=\r)", COLOUR.sub("", text)):
            screen.feed(piece)
            line = re.sub(r"\d+ s\b", "N s", screen.lines[-1].rstrip())
            if LIVE.search(line) and line not in seen:
                seen.append(line)
        if options.answers and screen.lines[-1].endswith(": "):
            os.write(terminal, options.answers.pop(0).encode() + b"\n")
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    for line in seen:
        print(f"live: {line}")
    print("\n".join(line.rstrip() for line in screen.lines).rstrip("\n"))
    if coloured:
        print("(in colours)")
    return status


if __name__ == "__main__":
    sys.exit(main())
