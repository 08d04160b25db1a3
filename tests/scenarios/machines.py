"""The lab's machines as objects, and waits that have a condition and a deadline."""

import os
import secrets
import select
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

LAB = Path(__file__).resolve().parents[1] / "lab" / "lab"


def eventually(condition, within: float, what: str = ""):
    """The first true value of condition(), asked again and again; an AssertionError after `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within} s: {what or condition.__name__}; the last answer: {value!r}")
        time.sleep(0.05)


def line_of(output, within: float = 30) -> str:
    """The next line that comes from a child's pipe; empty where it has ended."""
    assert select.select([output], [], [], within)[0], f"no line within {within} s"
    return output.readline()


@dataclass
class Done:
    """A command that ended: its exit status, what it printed, and how long it took."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def text(self) -> str:
        return self.out + self.err


class Lab:
    """Hosts of this run alone."""

    def __init__(self, count: int, programs: list[Path], folders: list[Path] | None = None):
        self.id = "s" + secrets.token_hex(4)
        self.environment = {**os.environ, "LAB_ID": self.id}
        options = [word for program in programs for word in ("--program", str(program))]
        options += [word for folder in folders or [] for word in ("--folder", str(folder))]
        try:
            self.verb("up", str(count), *options, "--owner", str(os.getpid()))
        except BaseException:
            self.down()
            raise
        self.ctl = Machine(self, "ctl")
        self.hosts = [Machine(self, f"h{number}") for number in range(1, count + 1)]

    @staticmethod
    def refused_because() -> str | None:
        """Why this machine allows no lab; None where it does."""
        done = subprocess.run([LAB, "check"], capture_output=True, text=True)
        return None if done.returncode == 0 else done.stderr.strip()

    def verb(self, *words: str) -> str:
        done = subprocess.run([LAB, *words], env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, f"lab {' '.join(words)}: {done.stderr}"
        return done.stdout.strip()

    def down(self) -> None:
        self.verb("down")


class Machine:
    """ctl or a host."""

    def __init__(self, lab: Lab, name: str):
        self.lab = lab
        self.name = name
        self.address = lab.verb("ip", name)
        self.root = Path(lab.verb("root", name))

    def begin(self, *words: str, **options) -> subprocess.Popen:
        """Starts a command there. On ctl a signal to the Popen reaches the command itself."""
        command = [LAB, "exec", self.name, *map(str, words)]
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        return subprocess.Popen(command, env=self.lab.environment, text=True, **options)

    def run(self, *words: str, within: float = 60) -> Done:
        begun = time.monotonic()
        child = self.begin(*words)
        try:
            out, err = child.communicate(timeout=within)
        except subprocess.TimeoutExpired:
            child.kill()
            out, err = child.communicate()
            raise AssertionError(f"{self.name}: {words} still ran after {within} s\n{out}{err}") from None
        return Done(child.returncode, out, err, time.monotonic() - begun)

    def must(self, *words: str, within: float = 60) -> str:
        done = self.run(*words, within=within)
        assert done.code == 0, f"{self.name}: {words} ended with {done.code}\n{done.text}"
        return done.out

    def file(self, path: str) -> Path:
        """A file of the machine, seen from here."""
        return self.root / path.lstrip("/")

    def write(self, path: str, text: str, mode: int = 0o644) -> str:
        file = self.file(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)
        return path

    def public_key(self) -> str:
        """The type and the text of its SSH host key."""
        return " ".join(self.file("/etc/ssh/ssh_host_ed25519_key.pub").read_text().split()[:2])

    def property(self, unit: str, name: str) -> str:
        return self.must("systemctl", "show", "--value", "-p", name, "--", unit).strip()

    def journal(self, *words: str) -> str:
        """What journalctl prints once journald has taken all that was said until now."""
        return self.must("sh", "-c", 'journalctl --sync && exec journalctl "$@"', "journalctl", *words)

    def cut(self) -> None:
        self.lab.verb("cut", self.name)

    def heal(self) -> None:
        self.lab.verb("heal", self.name)
