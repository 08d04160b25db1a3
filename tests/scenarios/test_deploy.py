"""deploy: an administrator installs units and rights; the control user has exactly these."""

import json
import re

import pytest
from machines import eventually

UNITS = "/etc/systemd/system"
# Runs a command on a terminal of its own; what comes in is typed there.
ON_A_TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"


def items(found: dict, host: str) -> dict[str, dict]:
    """What is said of a host, by path or kind."""
    (one,) = (one for one in found["hosts"] if one["host"] == host)
    return {item.get("path", item["kind"]): item for item in one["items"]}


def files(machine, mark: str) -> dict[str, tuple]:
    """Everything of the test's on that machine: content, and when and how it was put there."""
    folders = (UNITS, "/etc/polkit-1/rules.d", "/etc/sudoers.d")
    found = [file for folder in folders for file in machine.file(folder).glob(f"*{mark}*") if file.is_file()]
    return {file.name: (file.read_text(), file.stat().st_mtime_ns, oct(file.stat().st_mode)) for file in found}


@pytest.fixture
def control_user(fleet, lab):
    """A user without rights on every host, who controls the fleet; root installs."""
    user = fleet.mark
    for machine in lab.hosts:
        machine.must("useradd", "--create-home", user)
        machine.must("cp", "-r", "/root/.ssh", f"/home/{user}")
        machine.must("chown", "-R", f"{user}:", f"/home/{user}/.ssh")
        fleet.host(machine, ssh=f"{user}@{machine.address}", deploy_ssh="root@")
    yield user
    for machine in lab.hosts:
        machine.run("rm", "-f", f"/etc/polkit-1/rules.d/60-actorsctl-{user}.rules", f"/etc/sudoers.d/actorsctl-{user}")
        machine.run("rm", "-f", f"/etc/sudoers.d/{user}")
        eventually(
            lambda machine=machine: machine.run("userdel", "--force", "--remove", user).code in (0, 6), within=20
        )


@pytest.fixture
def without_polkit(h3):
    h3.must("systemctl", "mask", "--now", "polkit.service")
    yield h3
    h3.must("systemctl", "unmask", "polkit.service")


@pytest.fixture(autouse=True)
def nothing_is_left(lab):
    yield
    for machine in lab.hosts:
        machine.run("rm", "-rf", "/var/lib/actorsctl")
        for file in machine.file(UNITS).glob(".actorsctl-*"):
            pytest.fail(f"{file} was left behind")


def test_an_administrator_deploys_to_three_hosts_and_an_unprivileged_user_controls_exactly_these_units(
    fleet, lab, h1, h2, h3, control_user, without_polkit
):
    managers = [fleet.deployable(machine) for machine in (h1, h2, h3)]
    assert fleet("start", managers[0].id).code == 1  # there is no such unit
    done = fleet("deploy", "--all", "--yes")
    assert done.code == 0, done.text
    for manager in managers:
        verified = manager.host.run("systemd-analyze", "verify", "--man=no", f"{UNITS}/{manager.unit}")
        assert (verified.code, manager.unit in verified.text) == (0, False), verified.text
        assert "systemd-journal" in manager.host.must("id", "-nG", control_user)
    assert h1.file(f"/etc/polkit-1/rules.d/60-actorsctl-{control_user}.rules").exists()
    assert not h1.file(f"/etc/sudoers.d/actorsctl-{control_user}").exists()
    sudoers = h3.file(f"/etc/sudoers.d/actorsctl-{control_user}")
    assert oct(sudoers.stat().st_mode)[-3:] == "440"
    assert not set("*?[") & set(sudoers.read_text().split("\n", 1)[1])
    h3.must("visudo", "-c")

    before = [files(machine, fleet.mark) for machine in lab.hosts]
    again = fleet.json("deploy", "--all", "--yes")
    assert {item["result"] for machine in lab.hosts for item in items(again, machine.name).values()} == {"unchanged"}
    assert [one["reloaded"] for one in again["hosts"]] == [False] * 3
    assert [files(machine, fleet.mark) for machine in lab.hosts] == before

    eventually(lambda: fleet("start", "--all").code == 0, within=30, what="polkit has read the rules")
    assert {one["verdict"] for one in fleet.statuses().values()} == {"healthy"}
    for words in (["restart"], ["kill", "-s", "TERM"], ["reset-failed"], ["stop"]):
        done = fleet(*words, "--all")
        assert done.code == 0, done.text
    assert fleet("enable", managers[0].id).code == fleet("enable", managers[2].id).code == 7
    for manager in managers:
        logs = fleet("logs", manager.id)
        assert logs.code == 0 and logs.out.strip(), logs.text

    # What is not theirs, by the command and by hand.
    fleet.hosts["h1"]["managers"]["Ssh"] = {"service": "ssh.service"}
    fleet.hosts["h3"]["managers"]["Ssh3"] = {"service": "ssh.service"}
    for verb in ("stop", "restart"):
        refused = fleet.json(verb, "Ssh", "Ssh3")
        assert {one["error"]["class"] for one in refused["managers"]} == {"privilege"}
    evil = f"{managers[0].unit} --root=/ evil.service"
    fleet.hosts["h1"]["managers"]["Ssh"]["service"] = evil
    assert fleet("start", "Ssh").code == 6
    for machine in (h1, h3):
        unit = next(manager.unit for manager in managers if manager.host is machine)
        for words in ([f"{unit} --root=/ evil.service"], [unit, "--root=/", "evil.service"], ["ssh.service"]):
            plain = machine.run("runuser", "-u", control_user, "--", "systemctl", "--no-ask-password", "start", *words)
            sudo = ["sudo", "-n", "/usr/bin/systemctl", "--no-ask-password", "start", *words]
            assert plain.code != 0
            assert machine.run("runuser", "-u", control_user, "--", *sudo).code != 0
    assert [manager.state for manager in managers] == ["inactive"] * 3


def test_what_deploy_did_not_write_stays_and_what_was_edited_is_shown_and_replaced_only_when_told(fleet, h1):
    foreign, edited, link = fleet.deployable(h1), fleet.deployable(h1), fleet.deployable(h1)
    theirs = "[Service]\nExecStart=/usr/bin/sleep 1\n"
    h1.write(f"{UNITS}/{foreign.unit}", theirs)
    h1.must("systemctl", "mask", link.unit)
    assert fleet("deploy", edited.id, "--yes").code == 0
    with h1.file(f"{UNITS}/{edited.unit}").open("a") as file:
        file.write("# tuned by hand\n")
    before = files(h1, fleet.mark)

    done = fleet("deploy", "--all", "--yes")
    assert done.code == 1, done.text
    assert "-# tuned by hand" in done.out and "-ExecStart=/usr/bin/sleep 1" in done.out
    assert "it was edited since deploy wrote it" in done.err and "deploy did not write it" in done.err
    assert "it is a link to /dev/null" in done.err
    assert files(h1, fleet.mark) == before

    replaced = items(fleet.json("deploy", foreign.id, edited.id, "--yes", "--replace"), "h1")
    assert [item["result"] for item in replaced.values()] == ["written", "written"]
    kept = replaced[f"{UNITS}/{foreign.unit}"]["backup"]
    assert h1.file(kept).read_text() == theirs
    assert kept.startswith("/var/lib/actorsctl/backup/") and oct(h1.file(kept).parent.stat().st_mode)[-3:] == "700"
    assert fleet("start", foreign.id, edited.id).code == 0
    assert h1.property(link.unit, "LoadState") == "masked"
    # systemd's own units are as little ours, nor is the template of an instance.
    fleet.hosts["h1"]["managers"]["Ssh"] = {"service": "ssh.service", "exec": "/usr/bin/true"}
    h1.write(f"{UNITS}/{fleet.mark}-t@.service", theirs)
    fleet.hosts["h1"]["managers"]["Instance"] = {"service": f"{fleet.mark}-t@1.service", "exec": "/usr/bin/true"}
    done = fleet("deploy", "Ssh", "Instance", "--yes")
    assert done.code == 1, done.text
    assert "the unit comes from" in done.err and not h1.file(f"{UNITS}/{fleet.mark}-t@1.service").exists()


def test_units_start_at_boot_when_told_and_leftovers_are_said_and_pruned_when_they_are_stopped(fleet, h1):
    stays, goes = fleet.deployable(h1), fleet.deployable(h1)
    done = fleet("deploy", "--all", "--yes", "--enable")
    assert done.code == 0, done.text
    for manager in (stays, goes):
        assert re.search(f"^h1 +{manager.unit} at boot +enabled$", done.out, re.MULTILINE), done.out
        assert h1.file(f"{UNITS}/multi-user.target.wants/{manager.unit}").is_symlink()
    again = fleet.json("deploy", "--all", "--yes", "--enable")["hosts"][0]
    assert ({item["result"] for item in again["items"]}, again["reloaded"]) == ({"unchanged"}, False)
    assert fleet("start", "--all").code == 0
    del fleet.hosts["h1"]["managers"][goes.id]
    place = f"{UNITS}/{goes.unit}"
    assert "--prune removes it" in items(fleet.json("deploy", "--all", "--yes"), "h1")[place]["text"]
    done = fleet("deploy", "--all", "--yes", "--prune")
    assert done.code == 1 and f"stop it there first: systemctl stop {goes.unit}" in done.err, done.text
    assert goes.state == "active" and h1.file(place).exists()

    h1.must("systemctl", "stop", goes.unit)
    del fleet.hosts["h1"]["managers"][stays.id]
    fleet.hosts["h1"]["managers"]["Other"] = {"service": stays.unit}  # known, though written by nobody
    removed = items(fleet.json("deploy", "--host", "h1", "--yes", "--prune"), "h1")[place]
    assert removed["result"] == "removed" and h1.file(removed["backup"]).exists()
    assert not h1.file(place).exists() and h1.property(goes.unit, "LoadState") == "not-found"
    assert not list(h1.file(UNITS).glob(f"*.wants/{goes.unit}"))
    assert stays.state == "active"
    assert items(fleet.json("deploy", "--host", "h1", "--yes", "--prune"), "h1").keys() == {f"{UNITS}/{stays.unit}"}


def test_who_is_no_administrator_is_told_so_and_the_other_hosts_are_done(fleet, h1, h2, h3, control_user):
    managers = [fleet.deployable(machine) for machine in (h1, h2, h3)]
    del fleet.hosts["h1"]["deploy_ssh"]
    fleet.hosts["h2"]["ssh"] = f"{control_user}@{h2.address}:9"
    done = fleet("deploy", "--all", "--yes", "--json")
    assert done.code == 7, done.text
    found = {one["host"]: one for one in json.loads(done.out)["hosts"]}
    assert found["h1"]["error"]["class"] == "privilege"
    assert "--as root, or deploy_ssh of hosts.h1" in found["h1"]["error"]["hint"]
    assert found["h2"]["error"]["class"] == "connect"
    assert found["h3"]["items"][0]["result"] == "written"
    assert files(h1, fleet.mark) == {}
    looked = fleet("deploy", managers[0].id, "--dry-run")
    assert looked.code == 0 and "would be written (new)" in looked.out and "only root may read" in looked.out
    h1.write(f"/etc/sudoers.d/{control_user}", f"{control_user} ALL=(ALL) NOPASSWD: ALL\n", 0o440)
    assert fleet("deploy", managers[0].id, "--yes").code == 0
    assert fleet("start", managers[0].id).code == 0
    h1.file(f"/etc/sudoers.d/{control_user}").unlink()
    assert fleet("deploy", managers[0].id, "--yes", "--as", "root").code == 0


def test_what_the_configuration_says_reaches_the_program_as_it_stands(fleet, h1):
    words = ["%n %%", "$HOME ${PATH} $$", "it's \"quoted\"", "back\\slash\\", ";", "", " blanks ", "ü€", "#x", "-y"]
    wild = "a=%h $HOME \"b\" 'c' \\n \\"
    program = "import json, os, sys, time; open(os.environ['STATE_DIRECTORY'] + '/seen', 'w').write(json.dumps("
    program += "[sys.argv[1:], os.environ['WILD'], os.environ['MANAGER_ID'], os.environ['REGISTRY_ENDPOINT']])); "
    program += "time.sleep(1000)"
    manager = fleet.deployable(
        h1,
        exec=["/usr/bin/python3", "-c", program, *words],
        environment={"WILD": wild},
        description="100% \\",
        resources={"memory_max": "256M", "limit_nofile": 1000, "tasks_max": 10, "nice": 5, "cpu_quota": "50%"},
    )
    assert fleet("deploy", manager.id, "--yes").code == 0
    verified = h1.run("systemd-analyze", "verify", "--man=no", f"{UNITS}/{manager.unit}")
    assert verified.code == 0 and manager.unit not in verified.text, verified.text
    h1.must("systemctl", "start", manager.unit)
    folder = f"/var/lib/actors-managers/{manager.unit.removesuffix('.service')}"
    seen = eventually(lambda: h1.run("cat", f"{folder}/seen").out, within=20)
    assert json.loads(seen) == [words, wild, manager.id, "tcp://10.77.0.1:5555"]
    assert h1.property(manager.unit, "Description") == "100% \\"
    properties = ("MemoryMax", "LimitNOFILE", "TasksMax", "Nice", "CPUQuotaPerSecUSec", "DynamicUser", "ProtectSystem")
    values = ["268435456", "1000", "10", "5", "500ms", "yes", "strict"]
    assert [h1.property(manager.unit, name) for name in properties] == values
    h1.run("rm", "-rf", folder, f"/var/lib/private/{folder.removeprefix('/var/lib/')}")


def test_on_a_terminal_the_difference_is_shown_and_it_is_asked(fleet, h1):
    manager = fleet.deployable(h1)

    def answering(answer: str) -> tuple[int, str]:
        child = fleet.ctl.begin("/usr/bin/python3", "-c", ON_A_TERMINAL, *fleet.command("deploy", manager.id), stdin=-1)
        out, err = child.communicate(answer + "\n", timeout=60)
        return child.returncode, out + err

    code, said = answering("no")
    assert code == 1 and "make 1 change on 1 host? (yes/no)" in said, said
    assert f"+Environment=\"MANAGER_ID={manager.id}\"" in said and "nothing was changed" in said
    assert files(h1, fleet.mark) == {}
    code, said = answering("yes")
    assert code == 0, said
    assert manager.unit in files(h1, fleet.mark)
