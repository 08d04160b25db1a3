"""The blocks of pages that want hosts: played on ctl and h1, h2, h3 (tests/docs has what this machine alone will do for)."""

import json
import shutil
from pathlib import Path

import pytest
from blocks import ROOT, chosen, runs
from conftest import BUILD
from fleet import REGISTRY
from machines import Machine, eventually


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
    h1.must("ln", "-s", "/usr/local/bin/actorsctl", "/usr/bin/actorsctl")  # where a package has it
    try:
        unit_section(unit.text + "Environment=LONG=infinity\n", "orders.service", h1)
        h1.must("systemctl", "start", "orders")
        eventually(lambda: ctl.run("actorsctl", "lookup", "orders").code == 0, within=30)
        h1.must("systemctl", "stop", "orders")
        assert ctl.run("actorsctl", "lookup", "orders").code == 4, "it has said goodbye"
        assert h1.property("orders.service", "Result") == "success"
    finally:
        h1.file("/usr/bin/actorsctl").unlink()


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


def first_manager_cpp(host: Machine) -> None:
    shutil.copy(BUILD / "examples/first_manager/first_manager", host.file("/root"))


def first_manager_rust(host: Machine) -> None:
    shutil.copy(BUILD / "rust/debug/examples/first_manager", host.file("/root"))


def first_manager_python(host: Machine) -> None:
    """With the package beside it, where the unit finds the program."""
    package = ROOT / "clients/python/actors_registry"
    shutil.copytree(package, host.file(f"/usr/local/bin/{package.name}"), dirs_exist_ok=True)
    shutil.copy(ROOT / "examples/first_manager/python/first_manager.py", host.file("/root/first_manager"))


@pytest.fixture
def own_configuration(ctl, h1):
    """ctl's /etc/actors/registry.json; h1's key is known, and h1 knows who `registry` is."""
    ctl.write("/root/.ssh/known_hosts", f"h1 {h1.public_key()}\n")
    h1.write("/etc/hosts", h1.file("/etc/hosts").read_text() + f"{ctl.address} registry\n")
    yield lambda text: ctl.write("/etc/actors/registry.json", text.replace("tcp://registry:", f"tcp://{ctl.address}:"))
    ctl.must("rm", "-rf", "/etc/actors", "/root/.ssh/known_hosts")


@pytest.mark.parametrize("program", [first_manager_cpp, first_manager_rust, first_manager_python])
@runs("docs/writing_a_manager.md", "install", "doctor", "start")
def test_a_manager_from_nothing_to_a_service(blocks, site, registry, own_configuration, h1, program):
    (configuration,) = chosen("docs/writing_a_manager.md", ("registry.json",))
    own_configuration(configuration.text)
    program(h1)
    shutil.copy(ROOT / "examples/first_manager/systemd/echo.service", h1.file("/root"))
    site.play(*blocks)
    assert h1.property("echo.service", "Result") == "success"
