"""The Debian packages on bare hosts. They are packed from the build that is tested (`scripts/package --from`): what is not seen here
is the compilation with Debian's flags, which `scripts/package` does."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from blocks import runs
from conftest import BUILD
from machines import Lab, eventually, line_of
from ssh_files import fingerprint

ROOT = Path(__file__).resolve().parents[2]
REGISTRY = "global-registry.service"
UNITS = ["market-data.service", "order-processor.service", "risk-checker.service"]  # of the example, on h1, h2, h3


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("packages")


@pytest.fixture(scope="module")
def packages(folder) -> dict[str, Path]:
    """Each package's file, by its name; a lintian error would have failed."""
    command = [ROOT / "scripts" / "package", "--from", BUILD, "--to", folder]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return {Path(line).name.split("_")[0]: Path(line) for line in done.stdout.splitlines()}


@pytest.fixture(scope="module")
def next_version(packages, folder) -> Path:
    """The same actorsctl as a higher version, packed anew rather than compiled."""
    tree = folder / "tree"
    subprocess.run(["dpkg-deb", "-R", packages["actorsctl"], tree], check=True)
    control = tree / "DEBIAN" / "control"
    control.write_text(re.sub("^Version: .*", "Version: 99.0", control.read_text(), flags=re.MULTILINE))
    subprocess.run(["dpkg-deb", "-Znone", "-b", tree, folder / "next.deb"], check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(tree)
    return folder / "next.deb"


@pytest.fixture(scope="module")
def lab(packages, folder):
    reason = Lab.refused_because()
    if reason:
        pytest.skip(reason)
    lab = Lab(3, [], [folder])
    for host in lab.hosts:
        # A container's image may forbid services that packages would restart.
        host.run("rm", "-f", "/usr/sbin/policy-rc.d")
        # As the pages call them.
        names = "".join(f"{one.address} {name}\n" for one, name in zip(lab.hosts, ["control", "server1", "server2"]))
        host.file("/etc/hosts").write_text("127.0.0.1 localhost\n" + names)
    with_a_key(*lab.hosts)
    yield lab
    lab.down()


def test_they_hold_what_each_is_for(packages):
    assert sorted(packages) == ["actorsctl", "libactors-registry-dev", "python3-actors-registry"]
    held = {name: files(package) for name, package in packages.items()}
    for path in [
        "usr/bin/actorsctl",
        "etc/actors/managers/",
        "lib/systemd/system/global-registry.service",
        "lib/systemd/system/global-registry.socket",
        "lib/systemd/system/actors-supervise.service",
        "lib/systemd/system/manager@.service",
        "usr/lib/sysusers.d/actorsctl.conf",
        "usr/share/bash-completion/completions/actorsctl",
        "usr/share/zsh/vendor-completions/_actorsctl",
        "usr/share/fish/vendor_completions.d/actorsctl.fish",
        "usr/share/doc/actorsctl/examples/registry.json",
        "usr/share/doc/actorsctl/examples/multi_host/start_system.sh",
        "usr/share/doc/actorsctl/docs/operations.md",
        "usr/share/doc/actorsctl/docs/terminal.svg",
    ]:
        assert path in held["actorsctl"], path
    shown = subprocess.run(["dpkg-deb", "--fsys-tarfile", packages["actorsctl"]], check=True, capture_output=True).stdout
    readme = subprocess.run(
        ["tar", "-xO", "./usr/share/doc/actorsctl/README.md"], input=shown, check=True, capture_output=True
    ).stdout
    assert readme == (ROOT / "README.md").read_bytes(), "the project's, and no other page of that name"
    assert "usr/share/doc/libactors-registry-dev/README.md" in held["libactors-registry-dev"]
    assert "usr/share/doc/python3-actors-registry/README.md" in held["python3-actors-registry"]
    pages = {page.name.removesuffix(".scd") for page in (ROOT / "man").glob("*.scd")}
    packed = {Path(path).name.removesuffix(".gz") for path in held["actorsctl"] if path.startswith("usr/share/man/man")}
    assert packed - {""} >= pages
    assert "usr/include/actors/registry/RegistryClient.hpp" in held["libactors-registry-dev"]
    assert any(path.endswith("/pkgconfig/actors_registry.pc") for path in held["libactors-registry-dev"])
    assert "usr/lib/python3/dist-packages/actors_registry/__init__.py" in held["python3-actors-registry"]
    assert not [path for paths in held.values() for path in paths if path.startswith("usr/local")]


def files(package: Path) -> set[str]:
    listed = subprocess.run(["dpkg-deb", "-c", package], check=True, capture_output=True, text=True).stdout
    return {line.split(None, 5)[5].removeprefix("./").split(" -> ")[0] for line in listed.splitlines()}


@runs("README.md", "on-control", "on-server1", "trust", "first-start")
def test_the_commands_of_the_readme_go_from_bare_hosts_to_a_manager_that_is_looked_up(blocks, lab, packages):
    on_control, on_server1, trust, first_start = (block.text for block in blocks)
    control, server1, _ = lab.hosts
    for host in (control, server1):
        shutil.copy(packages["actorsctl"], host.file("/root"))
    typed_on(control, on_control)
    typed_on(server1, on_server1)
    assert fingerprint(server1) in at_a_terminal(control, trust, "yes\n")
    out = typed_on(control, first_start)
    assert "tcp://server1:8000\n" in out and re.search("Files .* healthy", out)


def typed_on(host, commands: str) -> str:
    return host.must("bash", "-exc", "cd; " + commands, within=300)


def with_a_key(host, *others) -> None:
    """root of a host reaches others as root and as ops with an SSH key."""
    host.must("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/root/.ssh/id_ed25519")
    key = host.file("/root/.ssh/id_ed25519.pub").read_text()
    for home in (other.file(path) for other in others for path in ("/root", "/home/ops")):
        with (home / ".ssh/authorized_keys").open("a") as keys:
            keys.write(key)


def at_a_terminal(host, command: str, answers: str) -> str:
    child = host.begin("script", "-qec", command, "/dev/null", stdin=subprocess.PIPE, stderr=subprocess.STDOUT)
    out, _ = child.communicate(answers, timeout=60)
    assert child.returncode == 0, out
    return out


# Runs beside an upgrade until its standard input ends: lookups by the packages' own Python client, each one call, and bare connections.
ASKS = """
import select, socket, sys
from actors_registry import RegistryClient
looked_up, connected, failed = 0, 0, []
with RegistryClient("Asks", "tcp://127.0.0.1:5555") as client:
    client.start_heartbeat()
    client.register("asks", "tcp://127.0.0.1:7009")
    print("asking", flush=True)
    while not select.select([sys.stdin], [], [], 0.001)[0]:
        try:
            assert client.lookup("orders") == "tcp://127.0.0.1:7001"
            looked_up += 1
            socket.create_connection(("127.0.0.1", 5555), timeout=10).close()
            connected += 1
        except Exception as error:
            failed.append(repr(error))
print(looked_up, connected, len(failed), failed[:3])
"""
# Lookups from the shell, each a process of its own, until a file is gone.
SHELL_ASKS = """
touch /tmp/asking
while [ -e /tmp/asking ]; do
  [ "$(actorsctl lookup orders)" = tcp://127.0.0.1:7001 ] && echo ok || echo failed
done
"""


def test_an_upgrade_under_load_loses_no_lookup(lab, packages, next_version):
    host = lab.hosts[0]
    host.must("dpkg", "-i", str(packages["actorsctl"]), str(packages["python3-actors-registry"]))
    host.must("systemctl", "restart", "global-registry")
    run = "EXEC=actorsctl run --manager Orders --actor orders=tcp://127.0.0.1:7001 -- sleep 600\n"
    host.write("/etc/actors/managers/Orders.env", run)
    host.must("systemctl", "start", "manager@Orders")
    host.must("actorsctl", "lookup", "--wait", "--timeout", "30", "orders")
    before = registry(host)
    asking = host.begin("/usr/bin/python3", "-c", ASKS, stdin=subprocess.PIPE)
    assert line_of(asking.stdout) == "asking\n"
    shell = host.begin("sh", "-c", SHELL_ASKS)
    eventually(lambda: host.file("/tmp/asking").exists(), within=20)
    for package, version in (next_version, "99.0"), (packages["actorsctl"], None):
        pid = host.property(REGISTRY, "MainPID")
        host.must("dpkg", "-i", str(package), within=180)
        assert host.property(REGISTRY, "MainPID") not in (pid, "0"), "the registry is a new process"
        if version:  # then back to the one before
            assert host.must("dpkg-query", "-W", "-f", "${Version}", "actorsctl") == version
    host.file("/tmp/asking").unlink()
    out, err = asking.communicate("\n", timeout=60)
    looked_up, connected, failed, *_ = out.split(" ", 3)
    assert int(failed) == 0 and int(looked_up) > 100 and int(connected) > 100, out + err
    out, err = shell.communicate(timeout=60)
    assert set(out.split()) == {"ok"}, err
    assert registry(host)["epoch"] == before["epoch"]


def test_an_upgrade_after_which_the_registry_does_not_come_up_fails_until_it_does(lab, packages, next_version):
    host = lab.hosts[0]
    config, kept = "/etc/actors/registry.json", "/root/registry.json"
    host.run("mv", config, kept)
    host.write(config, '{"registry_endpoint": 5}')
    done = host.run("dpkg", "-i", str(next_version), within=180)
    assert done.code != 0 and f"systemctl status {REGISTRY}" in done.text, done.text
    assert host.run("dpkg", "--configure", "-a").code != 0, "it is begun again and again, and does not run"
    host.must("rm", config)
    host.run("mv", kept, config)
    host.must("dpkg", "--configure", "-a")
    assert host.run("systemctl", "is-active", REGISTRY).out == "active\n"
    host.must("dpkg", "-i", str(packages["actorsctl"]), within=180)


def test_an_upgrade_has_systemd_read_a_unit_that_has_changed(lab, packages):
    host = lab.hosts[0]
    unit = host.property(REGISTRY, "FragmentPath")
    host.must("sh", "-c", f"sed -i 's/^Description=.*/Description=of before/' {unit} && systemctl daemon-reload")
    host.must("dpkg", "-i", str(packages["actorsctl"]), within=180)
    assert host.property(REGISTRY, "Description") == "Registry of actors"


def registry(host) -> dict:
    return json.loads(host.must("actorsctl", "--json", "registry", "status"))


def test_a_removal_keeps_state_and_a_purge_does_not(lab):
    host = lab.hosts[0]
    host.must("apt-get", "remove", "-y", "actorsctl", within=180)
    assert host.run("systemctl", "is-active", REGISTRY).out == "inactive\n"
    assert host.file("/var/lib/actors/registry.db").exists()
    host.must("dpkg", "--purge", "actorsctl")
    assert not host.file("/var/lib/actors").exists()
    assert host.file("/etc/actors/managers/Orders.env").exists(), "that was written by hand"


@runs("examples/multi_host/README.md", "control", "trust", "servers", "start", "look", "stop")
def test_the_example_of_three_machines_goes_from_bare_hosts_to_a_system_that_runs_and_stops(blocks, lab, packages):
    control, server1, server2 = lab.hosts
    texts = [block.text for block in blocks]
    control.run("rm", "-rf", "/root/system", "/root/.ssh/known_hosts", "/etc/actors")
    control.must("mkdir", "-p", "/root/system")
    example = ROOT / "examples/multi_host"
    for file in [*example.iterdir(), ROOT / "examples/sample_manager/python/sample_manager.py", *packages.values()]:
        shutil.copy(file, control.file("/root/system"))

    def typed(commands: str) -> str:
        return typed_on(control, f"cd system; {commands}")

    typed(texts[0])
    shown = at_a_terminal(control, texts[1], "yes\nyes\n")
    assert fingerprint(server1) in shown and fingerprint(server2) in shown
    typed(texts[2])
    started = typed(texts[3])
    for name in "MarketData", "OrderProcessor", "RiskChecker":
        assert re.search(f"^{name} .* healthy", started, re.MULTILINE), started
    lives = [host.property(unit, "InvocationID") for host, unit in zip(lab.hosts, UNITS)]
    typed(texts[3])
    assert lives == [host.property(unit, "InvocationID") for host, unit in zip(lab.hosts, UNITS)], "nothing was to do"
    assert "tcp://server2:6001\n" in typed(texts[4])
    assert server1.run("runuser", "-u", "ops", "--", "systemctl", "--no-ask-password", "stop", "ssh.service").code != 0
    typed(texts[5])
    states = [host.property(unit, "ActiveState") for host, unit in zip(lab.hosts, UNITS)]
    assert states == ["inactive"] * 3


@runs("docs/supervise.md", "key", "trust", "begin")
def test_supervision_has_a_key_of_its_own_and_restarts_what_hangs(blocks, lab):
    """The system of the test before."""
    key, trust, begin = blocks
    control, server1, server2 = lab.hosts
    config = control.file("/etc/actors/registry.json")
    hurried = '"resources": {"memory_max": "200M"}, "restart_on_timeout": {"delay_s": 1}'
    text = config.read_text().replace('"resources": {"memory_max": "200M"}', hurried)
    config.write_text(text.replace('"hosts": {', '"settle_s": 1,\n  "hosts": {'))
    assert "restart_on_timeout" in config.read_text() and "settle_s" in config.read_text()
    public = typed_on(control, key.text).splitlines()[-1]
    for server in server1, server2:
        with server.file("/home/ops/.ssh/authorized_keys").open("a") as keys:
            keys.write(f"{public}\n")
    (as_,) = (line for line in key.content.splitlines() if line.startswith("as() "))
    shown = at_a_terminal(control, f"{as_}\n{trust.text}", "yes\nyes\n")
    assert fingerprint(server1) in shown and fingerprint(server2) in shown
    typed_on(control, f"actorsctl start OrderProcessor\n{as_}\n{begin.text}")
    life = server1.property("order-processor.service", "InvocationID")
    server1.must("systemctl", "kill", "-s", "STOP", "order-processor.service")
    eventually(
        lambda: server1.property("order-processor.service", "InvocationID") != life, within=90, what="it is restarted"
    )
    control.must("systemctl", "stop", "actors-supervise")
    server1.must("systemctl", "stop", "order-processor")
