import os
import secrets
import signal
import subprocess
import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[1] / "docs")]

from blocks import taken_by  # noqa: E402
from fleet import Fleet  # noqa: E402
from machines import Lab, Machine, eventually  # noqa: E402
from shell import Player, Shell  # noqa: E402
from ssh_files import listening  # noqa: E402

BUILD = Path(os.environ.get("ACTORSCTL_BUILD", Path(__file__).resolve().parents[2] / "build")).resolve()
PROGRAMS = ["actorsctl", "examples/sample_manager/sample_manager", "tests/unit/systemd_units/systemd_on_host"]


def pytest_addoption(parser):
    parser.addoption("--accept", action="store_true", help="what is printed is what golden files expect from now on")


def pytest_configure():
    # An end by TERM takes the lab down as one by INT does.
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated", 143))


def pytest_keyboard_interrupt():
    # Of either kind: taking the lab down is not to be interrupted again.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


@pytest.fixture
def blocks(request):
    """What the test's @runs names of a page."""
    return taken_by(request.function)


@pytest.fixture(scope="session")
def lab():
    """Three hosts and ctl, for all tests of the run."""
    reason = Lab.refused_because()
    if reason:
        pytest.skip(reason)
    lab = Lab(3, [BUILD / program for program in PROGRAMS])
    yield lab
    lab.down()


@pytest.fixture(scope="session")
def ctl(lab):
    return lab.ctl


@pytest.fixture
def h1(lab):
    return lab.hosts[0]


@pytest.fixture
def h2(lab):
    return lab.hosts[1]


@pytest.fixture
def h3(lab):
    return lab.hosts[2]


@pytest.fixture(scope="session")
def registry(ctl):
    """`registry serve` on ctl, for all tests of the run."""
    log = open(ctl.file("/tmp/registry.log"), "w")
    child = ctl.begin("actorsctl", "registry", "serve", "--endpoint", "tcp://0.0.0.0:5555", stdout=log, stderr=log)
    eventually(lambda: ctl.run("actorsctl", "registry", "status").code == 0, within=30, what="the registry answers")
    yield child
    child.terminate()
    assert child.wait(timeout=10) == 0
    log.close()


@pytest.fixture
def fleet(ctl, registry):
    """The test's own managers and configuration."""
    fleet = Fleet(ctl, "t" + secrets.token_hex(3))
    yield fleet
    fleet.remove()


def shell_on(machine: Machine) -> Shell:
    folder = f"/tmp/shell-{secrets.token_hex(3)}"
    machine.file(folder).mkdir()
    quiet = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    child = machine.begin("bash", "--noprofile", "--norc", start_new_session=True, **quiet)
    return Shell(child, machine.file(folder), folder, {})


@pytest.fixture
def site(lab):
    """A shell on each machine of the lab, from when it is named; ctl where none is."""
    machines = {"": lab.ctl, "ctl": lab.ctl, **{host.name: host for host in lab.hosts}}
    shells: dict[str, Shell] = {}

    def shell(name: str) -> Shell:
        machine = machines[name]
        if machine.name not in shells:
            shells[machine.name] = shell_on(machine)
        return shells[machine.name]

    yield Player(shell)
    for one in shells.values():
        one.end()


@pytest.fixture
def ssh_config(ctl):
    """Writes root's ssh_config on ctl, gone with the test."""
    path = "/root/.ssh/config"

    def write(text: str) -> None:
        ctl.write(path, text, 0o600)

    yield write
    ctl.file(path).unlink(missing_ok=True)


@pytest.fixture
def second_sshd(h2):
    """Starts another sshd on h2, on the given port with more of a configuration, and ends it with the test."""
    units = []

    def start(port: int, more: str) -> None:
        unit = f"sshd-{port}"
        options = [word for line in more.splitlines() for word in ("-o", line)]
        h2.must("systemd-run", f"--unit={unit}", "/usr/sbin/sshd", "-D", "-p", str(port), *options)
        units.append(unit)
        listening = f"for i in $(seq 100); do ss -Hltn sport = :{port} | grep -q . && exit; sleep 0.1; done; exit 1"
        h2.must("sh", "-c", listening)

    yield start
    for unit in units:
        h2.run("systemctl", "stop", unit)


@pytest.fixture
def listener(ctl):
    """Starts a Python program on ctl that listens on a port, and ends it with the test."""
    started = []
    yield lambda port, then: started.append(listening(ctl, port, then))
    for child in started:
        child.kill()
        child.communicate()


@pytest.fixture
def user(fleet, h1):
    """A user of h1 without rights, whom the fleet's key lets in."""
    h1.must("useradd", "--create-home", fleet.mark)
    home = f"/home/{fleet.mark}"
    h1.must("cp", "-r", "/root/.ssh", home)
    h1.must("chown", "-R", f"{fleet.mark}:", f"{home}/.ssh")
    yield fleet.mark
    h1.run("rm", "-f", f"/etc/sudoers.d/{fleet.mark}", f"/etc/polkit-1/rules.d/{fleet.mark}.rules")
    eventually(lambda: h1.run("userdel", "--force", "--remove", fleet.mark).code in (0, 6), within=10)
