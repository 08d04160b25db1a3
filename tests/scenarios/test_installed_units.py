"""The units as they are installed, on a host."""

import json
import shutil
import subprocess

import pytest
from blocks import blocks_of, runs
from conftest import BUILD
from machines import eventually, line_of

PORT = 5555
AT = "tcp://127.0.0.1:5555"


def configure(host, endpoint: str) -> None:
    host.write("/etc/actors/registry.json", json.dumps({"registry_endpoint": endpoint}))


def log_of(host) -> str:
    return host.journal("-u", "global-registry.service", "-o", "cat")


def with_socket(host) -> None:
    """The socket unit holds the port; the registry is not started."""
    host.must("systemctl", "daemon-reload")
    host.must("systemctl", "stop", "global-registry.service")
    host.must("systemctl", "start", "global-registry.socket")


def without_socket(host) -> None:
    """The registry runs on its own."""
    host.run("systemctl", "daemon-reload")
    host.run("systemctl", "stop", "global-registry.socket", "global-registry.service")
    host.must("systemctl", "start", "global-registry.service")


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
    configure(host, AT)
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
    eventually(lambda: installed.property("global-registry.service", "MainPID") not in (pid, "0"), within=30)
    assert installed.must("actorsctl", "--timeout=10", "lookup", "--allow-offline", "greeter") == "tcp://10.0.0.1:1\n"
    assert installed.must("stat", "-c", "%U %a", "/var/lib/actors").strip() == "actors-registry 750"


CONNECT = """
import select, socket, sys
connected = refused = 0
while not select.select([sys.stdin], [], [], 0.002)[0] or connected <= 100:
    try:
        socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=5).close()
        connected += 1
        if connected == 1:
            print("asking", flush=True)
    except ConnectionRefusedError:
        refused += 1
print(connected, refused)
"""


def test_a_restart_of_the_registry_refuses_no_connection(installed):
    asking = installed.begin("/usr/bin/python3", "-c", CONNECT, str(PORT), stdin=subprocess.PIPE)
    try:
        assert line_of(asking.stdout) == "asking\n"
        for _ in range(3):
            installed.must("systemctl", "restart", "global-registry.service")
        out, err = asking.communicate("\n", timeout=30)
    finally:
        asking.kill()
    connected, refused = map(int, out.split())
    assert refused == 0 and connected > 100, out + err
    assert installed.run("systemctl", "is-active", "global-registry.socket").out == "inactive\n"
    assert "is closed: no endpoint is there" not in log_of(installed)


def test_an_endpoint_that_the_configuration_changes_is_where_it_serves_after_a_restart(installed):
    def listening() -> set[str]:
        return set(installed.must("sh", "-c", "ss -Hltn '( sport = :5555 or sport = :5556 )' | awk '{ print $4 }'").split())

    try:
        for endpoint, address in ("0.0.0.0:5555", "0.0.0.0:5555"), ("127.0.0.1:5556", "127.0.0.1:5556"):
            configure(installed, f"tcp://{endpoint}")
            installed.must("systemctl", "restart", "global-registry.service")
            assert listening() == {address}
    finally:
        configure(installed, AT)
        installed.must("systemctl", "restart", "global-registry.service")
    assert listening() == {"127.0.0.1:5555"}


def test_a_socket_that_is_in_the_way_is_named(installed):
    configure(installed, "tcp://0.0.0.0:5555")
    try:
        with_socket(installed)
        assert installed.run("systemctl", "start", "global-registry.service").code != 0
        assert "the socket passed for tcp://127.0.0.1:5555 is at no endpoint of the configuration" in log_of(installed)
        asked = installed.run("actorsctl", "--timeout", "0.5", "lookup", "greeter")
        assert (asked.code, "is it running here? systemctl status global-registry" in asked.err) == (5, True), asked.text
    finally:
        configure(installed, AT)
        without_socket(installed)


def test_a_socket_that_no_endpoint_is_at_is_said_and_closed(installed):
    drop_in = "/etc/systemd/system/global-registry.socket.d/other.conf"
    installed.write(drop_in, "[Socket]\nListenStream=127.0.0.1:5599\n")
    try:
        with_socket(installed)
        installed.must("systemctl", "start", "global-registry.service")
        log = log_of(installed)
        assert "the socket passed for tcp://127.0.0.1:5599 is closed: no endpoint is there" in log
        assert "the socket passed for tcp://127.0.0.1:5555 is closed" not in log
        assert installed.run("actorsctl", "registry", "status").code == 0
    finally:
        installed.run("rm", "-rf", "/etc/systemd/system/global-registry.socket.d")
        without_socket(installed)


def test_a_manager_of_the_template_is_heard_under_its_name(installed):
    installed.write(
        "/etc/actors/managers/Orders.env",
        'EXEC=/usr/local/bin/actorsctl run --manager ${MANAGER_ID} --actor orders=tcp://127.0.0.1:7001 -- sleep 60\n',
    )
    try:
        installed.must("systemctl", "start", "manager@Orders.service")
        eventually(lambda: installed.run("actorsctl", "lookup", "orders").code == 0, within=30)
        (manager,) = json.loads(installed.must("actorsctl", "--json", "managers", "Orders"))["managers"]
        invocation = installed.property("manager@Orders.service", "InvocationID")
        assert manager["process"]["invocation_id"] == invocation
        installed.must("systemctl", "stop", "manager@Orders.service")
        # TERM simply ends it: no failure
        assert installed.property("manager@Orders.service", "ActiveState") == "inactive"
    finally:
        installed.run("systemctl", "stop", "manager@Orders.service")


@runs("docs/security.md", "keys")
def test_the_registry_is_closed_to_strangers_by_what_the_page_on_security_has_one_type(blocks, installed):
    (keys,) = blocks
    (configuration,) = (one for one in blocks_of("docs/security.md") if '"clients_file"' in one.content)
    installed.write("/etc/actors/registry.json", configuration.text)
    hosts = installed.file("/etc/hosts").read_text()
    installed.write("/etc/hosts", f"{hosts}{installed.address} registry.example.net\n")
    try:
        printed = installed.must("sh", "-ec", f"cd /root\n{keys.text}")
        assert "orders: trusted" in printed and "durable" in printed
        trusted = json.loads(installed.file("/etc/actors/clients.json").read_text())["clients"]["orders"]
        assert (trusted["register"], trusted["managers"]) == (["Order*"], ["OrderProcessor"])
        stranger = installed.run("actorsctl", "--registry", "tcp://registry.example.net:5556", "--timeout", "5", "actors")
        assert stranger.code == 5 and "CURVE" in stranger.err, stranger.text
        known = "REGISTRY_SERVER_KEY=/etc/actors/registry.key REGISTRY_KEY_FILE=orders.key_secret"
        register = "actorsctl --registry tcp://registry.example.net:5556 register {} tcp://10.0.0.1:1 --manager OrderProcessor"
        assert installed.run("sh", "-c", f"cd /root; {known} {register.format('Orders')}").code == 0
        assert installed.run("sh", "-c", f"cd /root; {known} {register.format('Risks')}").code == 1
    finally:
        installed.write("/etc/hosts", hosts)
        configure(installed, AT)
        installed.must("systemctl", "restart", "global-registry.service")


@runs("docs/operations.md", "backup", "restore")
def test_a_copy_is_made_while_the_registry_runs_and_can_be_restored(blocks, installed):
    backup, restore = blocks
    installed.must("actorsctl", "register", "kept", "tcp://10.0.0.1:1", "--manager", "Hello")
    installed.must("sh", "-ec", backup.text)
    installed.must("actorsctl", "register", "later", "tcp://10.0.0.1:2", "--manager", "Hello")
    printed = installed.must("sh", "-ec", restore.text)
    assert "durable" in printed
    assert installed.must("actorsctl", "lookup", "--allow-offline", "kept") == "tcp://10.0.0.1:1\n"
    assert installed.run("actorsctl", "lookup", "later").code == 3
    assert installed.must("stat", "-c", "%U", "/var/lib/actors/registry.db").strip() == "actors-registry"
