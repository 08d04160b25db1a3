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
UNIT = f"/usr/local/lib/systemd/system/{REGISTRY}"
PAGE = "/usr/local/share/man/man1/actorsctl.1"
COMPLETION = "/usr/local/share/bash-completion/completions/actorsctl"
MANIFEST = "/usr/local/share/actorsctl/installed"
CONFIG = "/etc/actors/registry.json"


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


def make_older(host, *files: str) -> None:
    """As if an earlier version with other such files had been installed."""
    for file in files:
        # A program that runs can't be written to, but replaced.
        other = f"cp -p {file} /tmp/older && echo '# older' >>/tmp/older && mv -f /tmp/older {file}"
        record = f"sed -i \"s|^[0-9a-f]*  {file}$|$(sha256sum {file})|\" {MANIFEST}"
        host.must("sh", "-c", f"{other} && {record}")
    assert manifest_is_true(host)


def make_missing(host, file: str) -> None:
    """As if an earlier version without it had been installed."""
    host.must("sh", "-c", f"rm {file} && sed -i '\\|  {file}$|d' {MANIFEST}")


def make_superfluous(host, file: str) -> None:
    """As if an earlier version with one file more had been installed."""
    host.write(file, "")
    host.must("sh", "-c", f"sha256sum {file} >>{MANIFEST}")


def manifest_is_true(host) -> bool:
    return host.run("sha256sum", "--check", "--quiet", MANIFEST).code == 0


def leftovers(host) -> str:
    return host.must("find", "/usr/local", "/etc", "-name", "*~")


def make_read_only(host, path: str) -> None:
    host.must("sh", "-c", f"mount --bind {path} {path} && mount -o remount,bind,ro {path}")


def refused_configuration(host) -> None:
    host.write(CONFIG, '{"registry_endpoint": 5}')


def tells_that_it_did_not_come_up(done: Done, unit: str = REGISTRY) -> bool:
    words = f"{unit} did not come up", f"systemctl status {unit}", f"journalctl -u {unit}"
    return done.code == 1 and all(word in done.err for word in words)


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
    pid = host.property(REGISTRY, "MainPID")
    host.must("sh", "-c", f"echo '# changed' >>{UNIT}")
    done = script(host, "status")
    assert done.code == 1 and f"           {UNIT}\n" in done.out
    assert must(host) == f"changed  {UNIT}\nrestarted {REGISTRY}\n"
    assert host.property(REGISTRY, "MainPID") != pid
    assert script(host, "status").code == 0


def test_a_file_that_a_version_no_longer_has_goes(host):
    host.write("/usr/local/share/man/man1/actorsctl-gone.1", "")
    host.must("sh", "-c", f"echo '{0:064}  /usr/local/share/man/man1/actorsctl-gone.1' >>{MANIFEST}")
    assert must(host) == "removed  /usr/local/share/man/man1/actorsctl-gone.1\n"
    assert "nothing to do" in must(host)


@pytest.mark.parametrize("drop_in", ["", "[Service]\nRestart=no\n"], ids=["begun again and again", "left failed"])
def test_an_upgrade_after_which_a_service_does_not_come_up_fails_until_it_does(host, drop_in):
    place = f"/etc/systemd/system/{REGISTRY}.d/test.conf"
    if drop_in:
        host.write(place, drop_in)
        host.must("systemctl", "daemon-reload")
    refused_configuration(host)
    make_older(host, PROGRAM, UNIT)
    done = script(host)
    assert tells_that_it_did_not_come_up(done), done.text
    assert done.out == f"changed  {PROGRAM}\nchanged  {UNIT}\n"
    assert manifest_is_true(host) and leftovers(host) == ""
    done = script(host, "status")
    assert done.code == 1 and "the last installation did not finish" in done.out
    done = script(host)
    assert tells_that_it_did_not_come_up(done) and done.out == ""
    host.must("rm", CONFIG)
    assert must(host) == f"restarted {REGISTRY}\n"
    assert host.run("systemctl", "is-active", REGISTRY).out == "active\n"
    assert "nothing to do" in must(host)
    assert script(host, "status").code == 0
    host.must("rm", "-rf", str(Path(place).parent))
    host.must("systemctl", "daemon-reload")


def test_what_an_upgrade_could_not_restart_and_was_stopped_since_is_left_stopped(host):
    refused_configuration(host)
    make_older(host, UNIT)
    assert tells_that_it_did_not_come_up(script(host))
    host.must("systemctl", "stop", REGISTRY)
    host.must("rm", CONFIG)
    assert "nothing to do" in must(host)
    assert host.run("systemctl", "is-active", REGISTRY).out == "inactive\n"
    host.must("systemctl", "start", REGISTRY)


def test_a_file_that_can_not_be_replaced_ends_an_upgrade_and_the_next_one_does_the_rest(host):
    gone = "/usr/local/share/man/man1/actorsctl-gone.1"
    pid = host.property(REGISTRY, "MainPID")
    make_older(host, PROGRAM, PAGE)
    make_missing(host, COMPLETION)
    make_superfluous(host, gone)
    make_read_only(host, PAGE)
    done = script(host)
    assert done.code == 1 and f"{PAGE} can't be put into place" in done.err, done.text
    assert done.out == f"changed  {PROGRAM}\nnew      {COMPLETION}\n"
    assert manifest_is_true(host), "of what was placed the new sum, of the rest the old"
    recorded = host.file(MANIFEST).read_text()
    assert f"  {COMPLETION}\n" in recorded and f"  {PAGE}\n" in recorded and f"  {gone}\n" in recorded
    assert leftovers(host) == ""
    assert host.property(REGISTRY, "MainPID") == pid
    host.must("umount", PAGE)
    assert must(host) == f"changed  {PAGE}\nremoved  {gone}\nrestarted {REGISTRY}\n"
    assert manifest_is_true(host)
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
    printed = lambda: f"<{odd}>" in host.journal("-u", ORDERS, "-o", "cat")  # noqa: E731
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


def test_a_manager_that_does_not_come_up_is_not_called_enabled(host):
    unit = "manager@Empty.service"
    done = script(host, "manager", "Empty", "--memory-max", "100M", "--enable")
    assert tells_that_it_did_not_come_up(done, unit)
    assert done.out == f"new      /etc/systemd/system/{unit}.d/install.conf\n"
    host.must("systemctl", "disable", "--now", unit)


def test_a_manager_whose_file_can_not_be_written_leaves_no_part_of_it(host):
    folder = "/etc/actors/managers"
    host.must("mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", folder)
    asked = ["manager", "Wide", "--", "sleep", "6" * 8000]
    done = script(host, *asked)
    assert done.code == 1 and f"{folder}/Wide.env can't be written" in done.err and done.out == "", done.text
    assert host.must("ls", folder) == ""
    host.must("umount", folder)
    assert must(host, *asked).startswith(f"new      {folder}/Wide.env\n")


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


def test_enable_with_a_configuration_that_the_registry_refuses_fails_until_it_is_right(host):
    refused_configuration(host)
    done = script(host, "--enable")
    assert tells_that_it_did_not_come_up(done), done.text
    assert f"new      {PROGRAM}\n" in done.out and "user     actors-registry\n" in done.out and "enabled" not in done.out
    assert manifest_is_true(host)
    done = script(host, "--enable")
    assert tells_that_it_did_not_come_up(done) and done.out == ""
    host.must("systemctl", "stop", REGISTRY)
    host.must("rm", CONFIG)
    assert must(host, "--enable") == f"enabled  {REGISTRY}\n"
    assert host.run("systemctl", "is-active", REGISTRY).out == "active\n"
    assert host.run("systemctl", "is-enabled", REGISTRY).out == "enabled\n"


def test_uninstall_that_can_not_remove_a_file_fails_and_the_next_one_leaves_nothing(host, before):
    make_read_only(host, PAGE)
    done = script(host, "uninstall", "--yes")
    assert done.code == 1 and f"{PAGE} can't be removed" in done.err and "install: removed" not in done.out, done.text
    host.must("umount", PAGE)
    assert "install: removed /var/lib/actors" in must(host, "uninstall", "--yes")
    assert set(names(everything(host))) - set(names(before)) == set()
    assert state(host) == []


def test_a_full_disk_changes_nothing_and_the_next_run_does_it(host):
    host.must("mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", "/usr/local")
    done = script(host, "--enable")
    assert done.code == 1 and "can't be written, and nothing was changed" in done.err and done.out == "", done.text
    assert "df -h /usr/local" in done.err
    assert host.must("find", "/usr/local", "!", "-type", "d") == ""
    assert host.run("getent", "passwd", "actors-registry").out == ""
    host.must("mount", "-o", "remount,size=64m", "/usr/local")
    assert f"enabled  {REGISTRY}\n" in must(host, "--enable")
    make_older(host, PROGRAM, UNIT)
    pid = host.property(REGISTRY, "MainPID")
    host.must("sh", "-c", "cat /dev/zero >/usr/local/filler 2>/dev/null; true")
    files = everything(host)
    done = script(host)
    assert done.code == 1 and f"{PROGRAM} can't be written, and nothing was changed" in done.err and done.out == "", done.text
    assert everything(host) == files and manifest_is_true(host)
    assert host.property(REGISTRY, "MainPID") == pid
    host.must("rm", "/usr/local/filler")
    assert must(host) == f"changed  {PROGRAM}\nchanged  {UNIT}\nrestarted {REGISTRY}\n"
    must(host, "uninstall", "--yes")
    host.must("umount", "/usr/local")


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
