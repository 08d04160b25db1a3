"""`run`: a program that knows nothing of the registry, as a manager."""

import json
import os
import secrets
import signal
import subprocess
from pathlib import Path

import pytest
from machines import eventually, line_of


class Program:
    """Under `run` on ctl, with a registry of its own where there is one."""

    def __init__(self, ctl):
        self.ctl = ctl
        self.mark = "run" + secrets.token_hex(3)
        self.folder = f"/tmp/{self.mark}"
        ctl.file(self.folder).mkdir()
        self.endpoint = f"ipc://{self.folder}/registry"
        self.children: list[subprocess.Popen] = []

    def begin(self, *words: str, **options) -> subprocess.Popen:
        child = self.ctl.begin(*words, **options)
        self.children.append(child)
        return child

    def serve(self) -> subprocess.Popen:
        registry = self.begin("actorsctl", "registry", "serve", "--in-memory", "--endpoint", self.endpoint)
        eventually(lambda: self.ask("registry", "status").code == 0, within=15, what="the registry answers")
        return registry

    def ask(self, *words: str):
        return self.ctl.run("actorsctl", "--registry", self.endpoint, *words)

    def manager(self) -> dict:
        """What the registry knows of it; empty: nothing."""
        done = self.ask("managers", "--json")
        found = json.loads(done.out).get("managers", []) if done.code == 0 else []
        return next((one for one in found if one["manager_id"] == self.mark), {})

    def run(self, *program: str, options: tuple[str, ...] = (), **more) -> subprocess.Popen:
        actor = f"{self.mark}-actor=tcp://127.0.0.1:7001"
        # Whoever runs the tests may ignore some of the signals, as nohup(1) does.
        usual = ["env", "--default-signal=HUP,INT,QUIT"]
        head = [*usual, "actorsctl", "--registry", self.endpoint, "run", "--manager", self.mark, "--actor", actor]
        return self.begin(*head, *options, "--", *program, **more)

    def shell(self, script: str, **more) -> subprocess.Popen:
        """Says `up` when its traps are set, with its process id."""
        return self.run("/bin/bash", "-c", f'{script}\necho "up $$"; while :; do sleep .05; done', **more)

    def end(self) -> None:
        for child in self.children:
            if child.poll() is None:
                child.kill()
            child.communicate()


@pytest.fixture
def program(ctl):
    program = Program(ctl)
    yield program
    program.end()


def pid_when_up(child: subprocess.Popen) -> int:
    word, _, pid = line_of(child.stdout).partition(" ")
    assert word == "up"
    return int(pid)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_program_is_a_manager_while_it_runs_and_says_goodbye(program):
    program.serve()
    child = program.shell("")
    pid = pid_when_up(child)
    found = json.loads(program.ask("lookup", f"{program.mark}-actor", "--json").out)
    assert (found["endpoint"], found["online"]) == ("tcp://127.0.0.1:7001", True)
    manager = program.manager()
    assert manager["online"] and manager["process"]["pid"] == pid
    assert "language" not in manager["process"]
    heard = eventually(lambda: program.manager()["age_s"] > 0.5, within=10)
    assert heard
    eventually(lambda: program.manager()["age_s"] < 0.5, within=10, what="a heartbeat")
    child.terminate()
    assert child.wait(timeout=10) == 128 + signal.SIGTERM
    # At once, not after the timeout of 6 s.
    assert program.manager()["online"] is False


def test_the_program_finds_where_the_registry_is_and_who_it_is(program):
    program.serve()
    out, err = program.run("sh", "-c", 'read -r line; echo "$MANAGER_ID $REGISTRY_ENDPOINT $line"; echo talk >&2',
                           stdin=subprocess.PIPE).communicate("from stdin\n", timeout=20)
    assert out == f"{program.mark} {program.endpoint} from stdin\n"
    assert err == "talk\n"


def test_the_exit_status_is_the_programs_own(program):
    program.serve()
    not_executable = program.ctl.write(f"{program.folder}/text", "true\n")
    for command, expected in ((("sh", "-c", "exit 7"), 7), (("true",), 0), (("sh", "-c", "kill -USR1 $$"), 138),
                              (("no-such-program",), 127), ((not_executable,), 126), (("/tmp",), 126)):
        child = program.run(*command)
        _, err = child.communicate(timeout=20)
        assert child.returncode == expected, (command, err)
        assert bool(err) == (expected in (126, 127)), err
    assert program.manager()["online"] is False


@pytest.mark.parametrize("name", ["TERM", "INT", "HUP", "QUIT", "USR1", "USR2", "WINCH", "CONT"])
def test_signals_are_passed_on(program, name):
    child = program.shell(f"trap 'echo got {name}; exit 3' {name}", options=("--timeout", "0.1"))
    pid_when_up(child)
    os.kill(child.pid, getattr(signal, f"SIG{name}"))
    assert child.communicate(timeout=10)[0] == f"got {name}\n"
    assert child.returncode == 3


TERMINAL = """
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
seen = b""
while b"up" not in seen:
    seen += os.read(terminal, 1024)
os.write(terminal, b"\\x03")
try:
    while data := os.read(terminal, 1024):
        seen += data
except OSError:
    pass
print(seen.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""


def test_ctrl_c_on_a_terminal_reaches_the_program_once(program):
    program.serve()
    words = ["actorsctl", "--registry", program.endpoint, "run", "--manager", program.mark, "--", "/bin/bash", "-c",
             "left=200; trap 'echo one INT; left=8' INT; echo up; "
             "while [ $left -gt 0 ]; do left=$((left-1)); sleep .1; done; exit 4"]
    done = program.ctl.run("/usr/bin/python3", "-c", TERMINAL, *words, within=30)
    assert done.code == 4, done.text
    assert done.out.count("one INT") == 1, done.out


def test_no_program_outlives_a_killed_run(program):
    program.serve()
    child = program.shell("trap '' TERM INT HUP")
    pid = pid_when_up(child)
    child.kill()
    eventually(lambda: not alive(pid), within=30, what="the program is gone")


def test_a_registry_that_is_away_keeps_no_program_from_running_and_is_told_when_it_comes(program):
    child = program.shell("", options=("--timeout", "0.3"))
    pid_when_up(child)
    assert f"registry {program.endpoint} (from --registry): no answer" in line_of(child.stderr)
    registry = program.serve()
    eventually(lambda: program.manager().get("actors") == 1, within=15, what="it is registered")
    # And after a restart that forgot everything.
    registry.terminate()
    registry.wait(timeout=10)
    program.serve()
    eventually(lambda: program.manager().get("actors") == 1, within=20, what="it is registered again")
    assert alive(child.pid)
    child.terminate()
    assert child.wait(timeout=10) == 143


def test_without_a_registry_the_end_is_not_held_up(program):
    child = program.shell("", options=("--timeout", "0.5"))
    pid_when_up(child)
    child.terminate()
    assert child.wait(timeout=5) == 143


def test_a_name_that_is_taken_is_said_and_the_program_is_not_begun(program):
    program.serve()
    assert program.ask("register", f"{program.mark}-actor", "tcp://h:1", "--manager", "Holder").code == 0
    child = program.run("touch", f"{program.folder}/begun", options=("--timeout", "20"))
    _, err = child.communicate(timeout=30)
    assert child.returncode == 125
    assert "already registered by manager 'Holder'" in err
    assert not program.ctl.file(f"{program.folder}/begun").exists()


def test_a_program_that_is_stopped_sends_no_heartbeats_until_it_continues(program):
    program.serve()
    child = program.shell("")
    pid = pid_when_up(child)
    os.kill(pid, signal.SIGSTOP)
    eventually(lambda: program.manager()["age_s"] > 3, within=15, what="it is silent")
    os.kill(pid, signal.SIGCONT)
    eventually(lambda: program.manager()["age_s"] < 1, within=10, what="it is heard again")
    assert alive(pid)


def test_a_unit_whose_program_is_run_so_is_heard_in_its_activation(fleet, h1):
    manager = fleet.manager(h1)
    manager.runs(f"/usr/local/bin/actorsctl --registry tcp://10.77.0.1:5555 run --manager {manager.id} "
                 f"--actor {manager.actor}={manager.endpoint} -- /usr/bin/sleep infinity", "KillMode=mixed\n")
    done = fleet("start", manager.id)
    assert done.code == 0, done.text
    assert fleet.verdict(manager) == "healthy"
    assert fleet.online(manager)
    assert fleet("stop", manager.id).code == 0
    assert not fleet.online(manager)
