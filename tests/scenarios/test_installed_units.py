"""The units as they are installed, on a host."""

import json
import shutil
import subprocess

import pytest
from conftest import BUILD
from machines import eventually

PORT = 5555


@pytest.fixture(scope="module")
def installed(lab, tmp_path_factory):
    """A host on which everything is installed, and its registry runs."""
    host = lab.hosts[1]
    folder = tmp_path_factory.mktemp("installed")
    command = ["meson", "install", "-C", str(BUILD), "--no-rebuild", "--tags", "runtime", "--destdir", str(folder)]
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    for part in ("systemd/system", "sysusers.d"):
        (source,) = folder.glob(f"**/{part}")
        shutil.copytree(source, host.file(f"/{source.relative_to(folder)}"), dirs_exist_ok=True)
    host.write("/etc/actors/registry.json", json.dumps({"registry_endpoint": "tcp://127.0.0.1:5555"}))
    host.must("systemd-sysusers")
    host.must("systemctl", "daemon-reload")
    host.must("systemctl", "start", "global-registry.service")
    yield host
    host.run("systemctl", "stop", "global-registry.socket", "global-registry.service")
    for unit in ("global-registry.service", "global-registry.socket", "actors-supervise.service", "manager@.service"):
        for file in host.root.glob(f"usr/**/systemd/system/{unit}"):
            file.unlink()
    host.run("rm", "-rf", "/etc/actors", "/var/lib/actors")
    host.run("systemctl", "daemon-reload")


def test_the_registry_runs_as_its_own_user_in_its_sandbox_and_keeps_its_state(installed):
    assert installed.must("actorsctl", "register", "greeter", "tcp://10.0.0.1:1", "--manager", "Hello") == ""
    pid = installed.property("global-registry.service", "MainPID")
    assert installed.must("stat", "-c", "%U", f"/proc/{pid}").strip() == "actors-registry"
    installed.must("systemctl", "kill", "--kill-whom=main", "-s", "KILL", "global-registry.service")
    eventually(lambda: installed.property("global-registry.service", "MainPID") not in (pid, "0"), within=10)
    assert installed.must("actorsctl", "lookup", "--wait", "--timeout", "10", "greeter") == "tcp://10.0.0.1:1\n"
    assert installed.must("stat", "-c", "%U %a", "/var/lib/actors").strip() == "actors-registry 750"


CONNECT = """
import select, socket, sys
connected = refused = 0
while not select.select([sys.stdin], [], [], 0.002)[0]:
    try:
        socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=5).close()
        connected += 1
    except ConnectionRefusedError:
        refused += 1
print(connected, refused)
"""


def test_a_restart_of_the_registry_refuses_no_connection(installed):
    asking = installed.begin("/usr/bin/python3", "-c", CONNECT, str(PORT), stdin=subprocess.PIPE)
    for _ in range(3):
        installed.must("systemctl", "restart", "global-registry.service")
    out, err = asking.communicate("\n", timeout=30)
    connected, refused = map(int, out.split())
    assert refused == 0 and connected > 100, out + err
    log = installed.must("journalctl", "-u", "global-registry.service", "-o", "cat")
    assert "is closed: no endpoint is there" not in log


def test_a_socket_that_no_endpoint_is_at_is_said_and_closed(installed):
    drop_in = "/etc/systemd/system/global-registry.socket.d/other.conf"
    installed.write(drop_in, "[Socket]\nListenStream=127.0.0.1:5599\n")
    try:
        installed.must("systemctl", "daemon-reload")
        installed.must("systemctl", "stop", "global-registry.socket", "global-registry.service")
        installed.must("systemctl", "start", "global-registry.service")
        log = installed.must("journalctl", "-u", "global-registry.service", "-o", "cat")
        assert "the socket passed for tcp://127.0.0.1:5599 is closed: no endpoint is there" in log
        assert installed.run("actorsctl", "registry", "status").code == 0
    finally:
        installed.run("rm", "-rf", "/etc/systemd/system/global-registry.socket.d")
        installed.run("systemctl", "daemon-reload")
        installed.run("systemctl", "stop", "global-registry.socket", "global-registry.service")
        installed.must("systemctl", "start", "global-registry.service")


def test_a_manager_of_the_template_is_heard_under_its_name(installed):
    installed.write(
        "/etc/actors/managers/Orders.env",
        'EXEC=/usr/local/bin/actorsctl run --manager ${MANAGER_ID} --actor orders=tcp://127.0.0.1:7001 -- sleep 60\n',
    )
    try:
        installed.must("systemctl", "start", "manager@Orders.service")
        eventually(lambda: installed.run("actorsctl", "lookup", "orders").code == 0, within=10)
        (manager,) = json.loads(installed.must("actorsctl", "--json", "managers", "Orders"))["managers"]
        invocation = installed.property("manager@Orders.service", "InvocationID")
        assert manager["process"]["invocation_id"] == invocation
    finally:
        installed.run("systemctl", "stop", "manager@Orders.service")
