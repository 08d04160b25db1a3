"""The blocks of pages that want hosts: played on ctl and h1, h2, h3 (tests/docs has what this machine alone will do for)."""

import json
import secrets
import shutil
from pathlib import Path

import pytest
from blocks import ROOT, runs
from conftest import BUILD
from fleet import REGISTRY
from machines import Machine, eventually
from shell import Player, Shell


def shell_on(machine: Machine) -> Shell:
    folder = f"/tmp/shell-{secrets.token_hex(3)}"
    machine.file(folder).mkdir()
    child = machine.begin("bash", "--noprofile", "--norc", stdin=-1, stdout=-3, stderr=-3, start_new_session=True)
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


def unit_section(text: str, name: str, machine: Machine) -> None:
    machine.write(f"/etc/systemd/system/{name}", text)
    machine.must("systemctl", "daemon-reload")


@runs("docs/run.md")
def test_any_program_as_a_manager(blocks, site, registry, ctl, h1):
    by_hand, unit = blocks
    h1.write("/usr/bin/orders", "#!/bin/sh\necho $*\nexec sleep ${LONG:-1}\n", 0o755)
    h1.write("/etc/actors/registry.json", json.dumps({"registry_connect": REGISTRY}))
    assert "--port 7001" in site.play(by_hand, on="h1")
    assert ctl.must("actorsctl", "lookup", "--allow-offline", "orders") == "tcp://h1:7001\n"
    unit_section(unit.text + "Environment=LONG=infinity\n", "orders.service", h1)
    h1.must("systemctl", "start", "orders")
    eventually(lambda: ctl.run("actorsctl", "lookup", "orders").code == 0, within=30)
    h1.must("systemctl", "stop", "orders")
    assert ctl.run("actorsctl", "lookup", "orders").code == 4, "it has said goodbye"
    assert h1.property("orders.service", "Result") == "success"


def in_short_cpp() -> Path:
    return BUILD / "examples/in_short/in_short"


def in_short_rust() -> Path:
    return BUILD / "rust/debug/examples/in_short"


def in_short_python() -> Path:
    return ROOT / "examples/in_short/in_short.py"


@pytest.mark.parametrize("program", [in_short_cpp, in_short_rust, in_short_python])
def test_the_calls_in_short(program, registry, ctl):
    """README shows pieces of these programs."""
    ctl.must("actorsctl", "register", "OtherActor", "tcp://10.77.0.1:1", "--manager", "Other")
    shutil.copytree(ROOT / "clients/python", ctl.file("/opt/python"), dirs_exist_ok=True)
    shutil.copy(program(), ctl.file("/opt/in_short"))
    assert ctl.must("env", "PYTHONPATH=/opt/python", "/opt/in_short") == "tcp://10.77.0.1:1\n"
    assert ctl.must("actorsctl", "lookup", "--allow-offline", "MyActor") == "tcp://localhost:5556\n"
    assert ctl.run("actorsctl", "lookup", "MyActor").code == 4, "it has said goodbye"
