"""scripts/install.sh from a checkout, on a host that has nothing of ours. The tests follow each other on one host."""

import subprocess
from pathlib import Path

import pytest
from conftest import BUILD
from machines import Done, Lab, eventually

ROOT = Path(__file__).resolve().parents[2]
REGISTRY = "global-registry.service"
ORDERS = "manager@Orders-1.service"
PROGRAM = "/usr/local/bin/actorsctl"


@pytest.fixture(scope="module")
def lab():
    """One host, where this checkout and its build are in the same places, and its own to write to."""
    reason = Lab.refused_because()
    if reason:
        pytest.skip(reason)
    lab = Lab(1, [], [ROOT] if BUILD.is_relative_to(ROOT) else [ROOT, BUILD])
    yield lab
    lab.down()


@pytest.fixture(scope="module")
def host(lab):
    return lab.hosts[0]


@pytest.fixture(scope="module")
def before(host):
    """What the host had at first."""
    return everything(host)


def script(host, *words: str, **environment: str) -> Done:
    setting = [f"{name}={value}" for name, value in {"BUILD_DIR": str(BUILD), **environment}.items()]
    return host.run("env", *setting, str(ROOT / "scripts" / "install.sh"), *words, within=300)


def must(host, *words: str, **environment: str) -> str:
    done = script(host, *words, **environment)
    assert done.code == 0, done.text
    return done.out


def everything(host) -> list[str]:
    """Each file of the folders where an installation writes, with its time, size, mode and owner."""
    # Not what systemd and the accounts' tools keep for themselves.
    kept = "-name '*-' -o -name '.pwd.lock' -o -name '*.cache' -o -name 'ld.so*'"
    find = f"find /usr/local /etc \\( {kept} \\) -o ! -type d -printf '%p %T@ %s %m %u\\n' | sort"
    return host.must("sh", "-c", find).splitlines()


def state(host) -> list[str]:
    return host.must("sh", "-c", "ls -d /var/lib/actors* /var/lib/private/actors* 2>/dev/null; true").split()


def names(files: list[str]) -> list[str]:
    return [line.split()[0] for line in files]


def at_a_terminal(host, answer: str, *words: str) -> str:
    command = " ".join([f"BUILD_DIR={BUILD}", str(ROOT / "scripts" / "install.sh"), *words])
    child = host.begin("script", "-qec", command, "/dev/null", stdin=subprocess.PIPE, stderr=subprocess.STDOUT)
    out, _ = child.communicate(answer + "\n", timeout=120)
    return out


def test_it_installs_and_enables_nothing(host, before):
    done = script(host, "status")
    assert (done.code, done.out) == (3, "install: nothing is installed below /usr/local\n")
    out = must(host)
    assert f"new      {PROGRAM}\n" in out
    assert "new      /usr/local/lib/systemd/system/global-registry.service\n" in out
    assert "new      /usr/local/share/man/man1/actorsctl.1\n" in out
    assert "new      /usr/local/share/doc/actorsctl/examples/registry.json\n" in out
    assert "user     actors-registry\n" in out and "user     actors-supervise\n" in out
    assert "systemctl enable --now global-registry" in out
    assert host.run("systemctl", "is-enabled", REGISTRY).out == "disabled\n"
    assert host.run("systemctl", "is-active", REGISTRY).out == "inactive\n"


def test_the_registry_that_it_installed_starts_and_answers(host):
    host.must("systemctl", "enable", "--now", "global-registry")
    host.must("actorsctl", "register", "greeter", "tcp://10.0.0.1:1", "--manager", "Hello")
    assert host.must("actorsctl", "lookup", "greeter") == "tcp://10.0.0.1:1\n"


def test_run_twice_it_changes_nothing_and_says_so(host):
    files = everything(host)
    pid = host.property(REGISTRY, "MainPID")
    out = must(host, "--enable")
    assert out.startswith("install: nothing to do: ") and out.count("\n") == 1
    assert everything(host) == files
    assert host.property(REGISTRY, "MainPID") == pid


def test_what_differs_from_the_checkout_is_told_and_put_right_and_a_service_that_runs_restarted(host):
    out = must(host, "status")
    assert "below /usr/local\n" in out and "not as they were installed" not in out
    assert f"unit       {REGISTRY:26} active, enabled" in out
    unit = f"/usr/local/lib/systemd/system/{REGISTRY}"
    pid = host.property(REGISTRY, "MainPID")
    host.must("sh", "-c", f"echo '# changed' >>{unit}")
    done = script(host, "status")
    assert done.code == 1 and f"           {unit}\n" in done.out
    assert must(host) == f"changed  {unit}\nrestarted {REGISTRY}\n"
    assert host.property(REGISTRY, "MainPID") != pid
    assert script(host, "status").code == 0


def test_a_file_that_a_version_no_longer_has_goes(host):
    manifest = "/usr/local/share/actorsctl/installed"
    host.write("/usr/local/share/man/man1/actorsctl-gone.1", "")
    host.must("sh", "-c", f"echo '{0:064}  /usr/local/share/man/man1/actorsctl-gone.1' >>{manifest}")
    assert must(host) == "removed  /usr/local/share/man/man1/actorsctl-gone.1\n"
    assert "nothing to do" in must(host)


def test_a_manager_is_written_once_and_heard_and_its_words_arrive_as_they_were_given(host):
    words = ["actorsctl", "run", "--manager", "Orders-1", "--actor", "orders=tcp://127.0.0.1:7001", "--"]
    odd = """a'b"c $HOME `d` \\e %i #f"""
    words += ["sh", "-c", 'printf "<%s>\\n" "$1"; exec sleep 600', "sh", odd]
    asked = ["manager", "Orders-1", "--registry", "tcp://127.0.0.1:5555", "--memory-max", "200M", "--enable", "--", *words]
    out = must(host, *asked)
    assert "new      /etc/actors/managers/Orders-1.env\n" in out
    assert f"new      /etc/systemd/system/{ORDERS}.d/install.conf\n" in out
    assert f"enabled  {ORDERS}\n" in out
    assert f'"Orders-1": {{"service": "{ORDERS}"}}' in out
    assert host.must("actorsctl", "lookup", "--wait", "--timeout", "30", "orders") == "tcp://127.0.0.1:7001\n"
    printed = lambda: f"<{odd}>" in host.must("journalctl", "-u", ORDERS, "-o", "cat")  # noqa: E731
    eventually(printed, within=10, what="what it printed is in the journal")
    assert host.property(ORDERS, "MemoryMax") == str(200 * 2**20)
    files = everything(host)
    assert f"install: nothing to do: {ORDERS} is as it was asked for\n" in must(host, *asked)
    assert everything(host) == files
    other = script(host, "manager", "Orders-1", "--", "sleep", "1")
    assert other.code == 1
    assert "+EXEC=\"sleep 1\"" in other.err and "left as it is" in other.err
    assert everything(host) == files


def test_a_manager_without_a_program_is_told_where_to_say_it_and_fails_to_start_until_then(host):
    out = must(host, "manager", "Empty")
    assert "EXEC= in /etc/actors/managers/Empty.env" in out
    assert host.run("systemctl", "start", "manager@Empty.service").code != 0
    host.must("systemctl", "reset-failed", "manager@Empty.service")


@pytest.mark.parametrize("words", [[], ["a/b"], ["../x"], ["a b"], ["--root=/"], ["A", "B"], ["A", "--memory-max", "1;2"],
                                   ["A", "--registry", "no"], ["A", "--", "line\nend"]])
def test_what_is_no_manager_is_refused_and_writes_nothing(host, words):
    files = everything(host)
    assert script(host, "manager", *words).code == 2
    assert everything(host) == files


def test_uninstall_does_nothing_where_it_can_not_ask(host):
    files = everything(host)
    done = script(host, "uninstall", "--keep-state")
    assert done.code == 1 and f"These managers run and would be stopped: {ORDERS}" in done.err
    host.must("systemctl", "stop", ORDERS)
    done = script(host, "uninstall")
    assert done.code == 1 and "/var/lib/actors" in done.err
    assert everything(host) == files
    assert host.run("systemctl", "is-active", REGISTRY).out == "active\n"
    host.must("systemctl", "start", ORDERS)


def test_uninstall_asks_and_keeps_state_that_the_next_installation_has(host):
    out = at_a_terminal(host, "y\nn", "uninstall")
    assert "would be stopped" in out and "/var/lib/actors" in out
    assert not host.file(PROGRAM).exists()
    assert host.run("systemctl", "is-active", REGISTRY, ORDERS).out == "inactive\ninactive\n"
    assert not [name for name in names(everything(host)) if "/usr/local" in name and "actors" in name]
    must(host, "--enable")
    assert host.must("actorsctl", "lookup", "greeter", "--allow-offline") == "tcp://10.0.0.1:1\n"


def test_uninstall_with_yes_leaves_nothing(host, before):
    out = must(host, "uninstall", "--yes")
    assert "install: removed /var/lib/actors, " in out
    assert set(names(everything(host))) - set(names(before)) == set()
    assert state(host) == []
    assert host.run("getent", "passwd", "actors-registry", "actors-supervise").out == ""
    assert "actors" not in host.must("systemctl", "list-unit-files", "--no-legend")
    assert "nothing is installed" in must(host, "uninstall", "--yes")


def test_with_destdir_files_are_placed_and_nothing_else_is_done(host, before):
    out = must(host, "--prefix", "/usr/local", DESTDIR="/tmp/image")
    assert "new      /tmp/image/usr/local/bin/actorsctl\n" in out and "user " not in out
    assert "nothing to do" in must(host, DESTDIR="/tmp/image")
    assert must(host, "status", DESTDIR="/tmp/image").endswith("below /tmp/image/usr/local\n")
    assert set(names(everything(host))) == set(names(before))
    must(host, "uninstall", "--keep-state", DESTDIR="/tmp/image")
    assert host.run("find", "/tmp/image", "-type", "f").out == ""


def test_the_documented_place_forwards_and_sudo_is_asked_where_root_is_needed(host):
    place = ROOT / "systemd_units" / "install.sh"
    assert host.run(str(place), "status").code == 3
    host.write("/etc/sudoers.d/ops", "ops ALL=(root) NOPASSWD: ALL\n", 0o440)
    done = host.run("runuser", "-u", "ops", "--", str(place), "manager", "Orders-2", "--", "sleep", "1")
    assert done.code == 1 and "nothing is installed here" in done.err
    must(host)
    done = host.run("runuser", "-u", "ops", "--", str(place), "manager", "Orders-2", "--", "sleep", "1")
    assert done.code == 0, done.text
    assert host.must("stat", "-c", "%U", "/etc/actors/managers/Orders-2.env") == "root\n"
    assert "removed" in host.must("runuser", "-u", "ops", "--", str(place), "uninstall", "--yes")
    assert not host.file(PROGRAM).exists()
