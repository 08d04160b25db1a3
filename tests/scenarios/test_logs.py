"""`logs`: journals of many hosts as one."""

import json
import re
from contextlib import contextmanager

import pytest
from machines import eventually

# Each says its name ten times, two a second, the hosts' lines between each other.
SPEAKS = """/bin/sh -c 'for i in 1 2 3 4 5 6; do echo "%n says $$i"; sleep .3; done; exec sleep 1000'"""


def speaking(fleet, *machines):
    managers = [fleet.manager(machine, heartbeats=False) for machine in machines]
    for manager in managers:
        manager.runs(SPEAKS)
    return managers


class Following:
    """`logs -f`, its output read as it grows."""

    def __init__(self, fleet, *words: str):
        self.out, self.err = (fleet.ctl.file(f"{fleet.folder}/{name}") for name in ("follow.out", "follow.err"))
        command = " ".join(fleet.command("logs", "-f", *words))
        self.child = fleet.ctl.begin(
            "sh", "-c", f"echo $$ >{fleet.folder}/follow.pid; exec {command} >{fleet.folder}/follow.out 2>{fleet.folder}/follow.err",
        )
        self.fleet = fleet

    def interrupt(self) -> int:
        self.fleet.ctl.run("kill", "-INT", self.fleet.ctl.file(f"{self.fleet.folder}/follow.pid").read_text().strip())
        return self.child.wait(timeout=30)

    def text(self) -> str:
        return self.out.read_text() if self.out.exists() else ""

    def errors(self) -> str:
        return self.err.read_text() if self.err.exists() else ""

    def has(self, *texts: str) -> bool:
        return all(text in self.text() for text in texts)


def test_lines_of_all_hosts_are_merged_by_time_with_the_managers_names(fleet, h1, h2):
    one, other = speaking(fleet, h1, h2)
    for manager in one, other:
        manager.runs(SPEAKS.replace("for", "until [ -e /run/%n.go ]; do sleep .1; done; for", 1))
    assert fleet("start", "--all").code == 0
    for manager in one, other:  # at the same time
        manager.go_on()
    eventually(lambda: fleet("logs", "--all").out.count("says 6") == 2, within=30)
    done = fleet("logs", "--all")
    assert done.code == 0, done.text
    assert f"{one.unit} says 1" in done.out and f"{other.unit} says 1" in done.out
    times = [re.match(r"\w{3} \d\d [\d:.]+", line).group() for line in done.out.splitlines()]
    assert times == sorted(times)
    owners = [line.split()[3] for line in done.out.splitlines() if " says " in line]
    assert set(owners) == {one.id, other.id}
    assert owners != sorted(owners)  # not one host after the other


def test_the_last_lines_are_counted_over_all_hosts(fleet, h1, h2):
    speaking(fleet, h1, h2)
    assert fleet("start", "--all").code == 0
    eventually(lambda: fleet("logs", "--all").out.count("says 6") == 2, within=30)
    assert len(fleet("logs", "--all", "-n", "3").out.splitlines()) == 3


def test_since_takes_a_time_and_refuses_what_is_none(fleet, h1):
    (manager,) = speaking(fleet, h1)
    assert fleet("start", manager.id).code == 0
    eventually(lambda: "says 6" in fleet("logs", manager.id, "--since", "5 min ago").out, within=30)
    assert fleet("logs", manager.id, "--since", "now").out == ""
    wrong = fleet("logs", manager.id, "--since", "soon; reboot")
    assert wrong.code == 2
    assert "no time: 'soon; reboot'" in wrong.err


def test_the_last_lines_since_a_time_are_the_last(fleet, h1):
    (manager,) = speaking(fleet, h1)
    assert fleet("start", manager.id).code == 0
    eventually(lambda: "says 6" in fleet("logs", manager.id).out, within=30)
    done = fleet("logs", manager.id, "--since", "5 min ago", "-n", "2")
    assert re.findall(r"says \d", done.out) == ["says 5", "says 6"]
    assert fleet("logs", manager.id, "--since", "now", "-n", "2").out == ""


def test_json_is_an_object_a_line(fleet, h1):
    (manager,) = speaking(fleet, h1)
    assert fleet("start", manager.id).code == 0
    eventually(lambda: "says 6" in fleet("logs", manager.id).out, within=30)
    lines = [json.loads(line) for line in fleet("logs", manager.id, "--json").out.splitlines()]
    said = [line for line in lines if "says 6" in line["message"]]
    assert said[0]["manager_id"] == manager.id and said[0]["host"] == "h1" and said[0]["unit"] == manager.unit


def test_each_manager_has_a_colour_on_a_terminal_and_none_in_a_pipe(fleet, h1, h2):
    one, other = speaking(fleet, h1, h2)
    assert fleet("start", "--all").code == 0
    eventually(lambda: fleet("logs", "--all").out.count("says 6") == 2, within=30)
    assert "\x1b" not in fleet("logs", "--all").out
    shown = fleet.ctl.run("env", "TERM=xterm", "script", "-qec", " ".join(fleet.command("logs", "--all")), "/dev/null").out
    colours = {id: set(re.findall(rf"\x1b\[(\d+)m{re.escape(id)}", shown)) for id in (one.id, other.id)}
    assert all(len(found) == 1 for found in colours.values())
    assert colours[one.id] != colours[other.id]


def test_an_unreachable_host_does_not_hide_the_others_lines(fleet, h1, h2):
    one, other = speaking(fleet, h1, h2)
    assert fleet("start", "--all").code == 0
    fleet.hosts["h2"]["connect_timeout_s"] = 3
    h1.must("journalctl", "--sync")
    h2.cut()
    done = fleet("logs", one.id, other.id)
    h2.heal()
    assert done.code == 7
    assert f"{one.unit} says" in done.out
    assert "host h2:" in done.err


def test_following_gives_lines_as_they_come_and_ends_with_130(fleet, h1, h2):
    one, other = speaking(fleet, h1, h2)
    following = Following(fleet, "--all")
    assert fleet("start", "--all").code == 0
    eventually(lambda: following.has(f"{one.unit} says 6", f"{other.unit} says 6"), within=30)
    assert following.interrupt() == 130
    for machine in (h1, h2):
        eventually(lambda machine=machine: machine.run("pgrep", "-f", f"journalctl.*{fleet.mark}").code == 1, within=30)


def test_following_takes_a_host_up_again_where_it_was_left(fleet, h1, h2):
    one, other = speaking(fleet, h1, h2)
    assert fleet("start", "--all").code == 0
    fleet.hosts["h2"]["connect_timeout_s"] = 3
    following = Following(fleet, one.id, other.id)
    try:
        eventually(lambda: following.has(f"{other.unit} says 6"), within=30)
        h2.cut()
        eventually(lambda: "host h2:" in following.errors(), within=40)
        h2.must("systemd-cat", "--identifier=elsewhere", "true")
        h2.must("systemctl", "restart", "--", other.unit)  # its lines are written while nobody reads them
        one.host.must("systemctl", "restart", "--", one.unit)
        eventually(lambda: following.text().count(f"{one.unit} says 6") == 2, within=30)
        h2.heal()
        eventually(lambda: following.text().count(f"{other.unit} says 6") == 2, within=40)
        assert following.text().count(f"{other.unit} says 1") == 2  # none lost, none twice
        assert "host h2: heard again" in following.errors()
    finally:
        h2.heal()
        following.interrupt()


def test_following_shows_what_a_host_said_that_was_away_at_the_beginning(fleet, h1, h2):
    one, other = speaking(fleet, h1, h2)
    assert fleet("start", "--all").code == 0
    eventually(lambda: fleet("logs", other.id).out.count("says 6") == 1, within=30)
    fleet.hosts["h2"]["connect_timeout_s"] = 3
    h2.cut()
    following = Following(fleet, one.id, other.id)
    try:
        eventually(lambda: "host h2:" in following.errors() and following.has(f"{one.unit} says 6"), within=40)
        h2.heal()
        eventually(lambda: following.has(f"{other.unit} says 6"), within=40)
        assert following.text().count(f"{other.unit} says 1") == 1
    finally:
        h2.heal()
        following.interrupt()


def test_a_journal_that_may_not_be_read_says_so_and_how_to_allow_it(fleet, h1):
    (manager,) = speaking(fleet, h1)
    assert fleet("start", manager.id).code == 0
    h1.must("useradd", "--create-home", fleet.mark)
    try:
        home = f"/home/{fleet.mark}"
        h1.must("cp", "-r", "/root/.ssh", home)
        h1.must("chown", "-R", f"{fleet.mark}:", f"{home}/.ssh")
        fleet.hosts["h1"]["ssh"] = f"{fleet.mark}@{h1.address}"
        done = fleet("logs", manager.id)
        assert done.code == 7
        assert "systemd-journal" in done.err
        following = fleet("logs", "-f", manager.id, within=20)  # nor is it followed for ever
        assert following.code == 7
        assert "systemd-journal" in following.err
    finally:
        h1.run("userdel", "--force", "--remove", fleet.mark)


def test_a_closed_pipe_ends_following_quietly(fleet, h1):
    (manager,) = speaking(fleet, h1)
    assert fleet("start", manager.id).code == 0
    command = " ".join(fleet.command("logs", "-f", manager.id))
    done = fleet.ctl.run("sh", "-c", f"{command} | head -n 1", within=20)
    assert done.code == 0, done.text
    assert "Broken pipe" not in done.err


@contextmanager
def journalctl_of(host, script: str):
    """For its time `journalctl` on the host is a script, and `real` in it the real one."""
    real = host.must("sh", "-c", "command -v journalctl").strip()
    assert real == "/usr/bin/journalctl"
    host.write("/usr/local/bin/journalctl", f"#!/bin/bash\nreal() {{ {real} \"$@\"; }}\n{script}\n", 0o755)
    try:
        yield
    finally:
        host.file("/usr/local/bin/journalctl").unlink()


def said_all(fleet, machine):
    (manager,) = speaking(fleet, machine)
    assert fleet("start", manager.id).code == 0
    eventually(lambda: "says 6" in fleet("logs", manager.id).out, within=30)
    return manager


def test_a_journal_that_comes_slowly_is_read_to_its_end(fleet, h1):
    manager = said_all(fleet, h1)
    fleet.hosts["h1"]["command_timeout_s"] = 5
    with journalctl_of(h1, 'real "$@" | while IFS= read -r line; do printf "%s\\n" "$line"; sleep 1; done'):
        done = fleet("logs", manager.id)
    assert done.seconds > 6
    assert done.code == 0, done.text
    assert done.out.count(" says ") == 6


def test_of_a_journal_that_goes_silent_what_came_is_shown(fleet, h1):
    manager = said_all(fleet, h1)
    fleet.hosts["h1"]["command_timeout_s"] = 5
    with journalctl_of(h1, 'real "$@" | head -n 4; exec sleep 40'):
        done = fleet("logs", manager.id)
    assert done.code == 7, done.text
    assert "says 1" in done.out and "says 6" not in done.out
    assert "host h1: journalctl gave nothing more for 5 s" in done.err and "cut off" in done.err


def test_following_a_journal_that_goes_silent_goes_on_where_it_was_cut_off(fleet, h1):
    manager = said_all(fleet, h1)
    fleet.hosts["h1"]["command_timeout_s"] = 5
    with journalctl_of(h1, 'case "$*" in *--follow*) real "$@" ;; *) real "$@" | head -n 4; exec sleep 40 ;; esac'):
        following = Following(fleet, manager.id)
        try:
            eventually(lambda: following.has("says 6"), within=40)
            assert [following.text().count(f"says {i}") for i in range(1, 7)] == [1] * 6
            assert "cut off" in following.errors() and "host h1: heard again" in following.errors()
        finally:
            following.interrupt()


def test_a_journal_of_this_machine_that_hangs_is_given_up(fleet, h1):
    manager = fleet.manager(h1, heartbeats=False)
    manager.runs("/bin/sh -c 'exit 3'")
    here = {"command_timeout_s": 4, "managers": {manager.id: {"service": manager.unit, "heartbeats": False}}}
    text = json.dumps({"hosts": {"here": here}})
    config = h1.write(f"/tmp/{fleet.mark}.json", text)
    with journalctl_of(h1, 'trap "" TERM; exec sleep 600'):
        read = h1.run("actorsctl", "--config", config, "logs", manager.id, within=60)
        started = h1.run("actorsctl", "--config", config, "start", manager.id, within=60)
        assert h1.run("pgrep", "-fx", "sleep 600").code == 1  # one that does not heed TERM neither
    assert read.code == 7, read.text
    assert "journalctl gave no answer within 4 s" in read.err
    assert started.code == 1, started.text
    assert "no journal to quote: journalctl gave no answer within 4 s" in started.err


@pytest.mark.parametrize("since", [(), ("--since", "'5 min ago'")], ids=["ever", "since"])
def test_following_with_no_lines_shows_only_what_is_new(fleet, h1, since):
    manager = said_all(fleet, h1)
    following = Following(fleet, "-n", "0", *since, manager.id)
    try:
        eventually(lambda: h1.run("pgrep", "-f", f"journalctl.*--follow.*{manager.unit}").code == 0, within=30)
        manager.runs("/bin/sh -c 'echo back again; exec sleep 1000'")
        manager.systemctl("restart")
        eventually(lambda: following.has("back again"), within=30)
        assert " says " not in following.text()
    finally:
        following.interrupt()


def test_following_with_no_lines_shows_the_first_that_a_unit_ever_says(fleet, h1):
    (manager,) = speaking(fleet, h1)
    following = Following(fleet, "-n", "0", manager.id)
    try:
        eventually(lambda: h1.run("pgrep", "-f", f"journalctl.*--follow.*{manager.unit}").code == 0, within=30)
        manager.systemctl("start")
        eventually(lambda: following.has("says 1", "says 6"), within=30)
    finally:
        following.interrupt()
