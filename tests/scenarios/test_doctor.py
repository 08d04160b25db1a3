"""doctor: what would make a start fail, said before it does, and nothing changed by looking."""

import json


class Findings:
    """What doctor printed with --json."""

    def __init__(self, done):
        self.done = done
        self.all = json.loads(done.out)["findings"]

    def __call__(self, check: str, host: str | None = "h1") -> list[dict]:
        return [one for one in self.all if one["check"] == check and one["host"] == host]

    def results(self, check: str, host: str | None = "h1") -> list[str]:
        return [one["result"] for one in self(check, host)]

    def bad(self) -> list[dict]:
        return [one for one in self.all if one["result"] != "ok"]


def doctor(fleet, *words: str) -> Findings:
    return Findings(fleet("doctor", *words, "--json"))


def test_where_all_is_well_every_check_says_ok_and_nothing_is_changed(fleet, h1, h2):
    managers = [fleet.manager(h1), fleet.manager(h2)]
    found = doctor(fleet)
    assert found.done.code == 0, found.done.text
    assert found.bad() == []
    for host in ("h1", "h2"):
        for check in ("settings", "host key", "own key", "systemd", "clock", "units", "rights", "journal", "registry"):
            assert found.results(check, host) == ["ok"], (host, check)
    assert h1.address in found("settings")[0]["message"]
    assert "id_ed25519" in found("own key")[0]["message"]
    assert fleet.hosts["h1"]["known_hosts"] + ":1" in found("host key")[0]["message"]
    assert [manager.state for manager in managers] == ["inactive", "inactive"]
    table = fleet("doctor", "h1")
    assert table.code == 0 and "h2" not in table.out


def test_a_unit_that_cannot_be_started_is_found_without_starting_it(fleet, h1):
    missing, masked, bad, good = (fleet.manager(h1, heartbeats=False) for _ in range(4))
    h1.must("rm", f"/etc/systemd/system/{missing.unit}")
    h1.must("ln", "-sf", "/dev/null", f"/etc/systemd/system/{masked.unit}")
    h1.write(f"/etc/systemd/system/{bad.unit}", "[Service]\nType=simple\n")
    h1.must("systemctl", "daemon-reload")
    found = doctor(fleet)
    assert found.done.code == 1
    classes = {one["manager_id"]: one.get("class") for one in found("unit")}
    assert classes == {missing.id: "no_such_unit", masked.id: "masked", bad.id: "bad_setting"}
    assert all(one["hint"] for one in found("unit"))
    assert good.state == "inactive"


def test_a_missing_program_user_folder_and_file_are_named(fleet, h1):
    manager = fleet.manager(h1)
    manager.runs(
        "/opt/no-such-program",
        "User=no-such-user\nWorkingDirectory=/srv/no-such-folder\nEnvironmentFile=/etc/no-such-file\n",
    )
    found = doctor(fleet)
    assert found.done.code == 1
    said = " ".join(one["message"] for one in found("unit"))
    for thing in ("/opt/no-such-program", "no-such-user", "/srv/no-such-folder", "/etc/no-such-file"):
        assert thing in said
    assert "/opt/no-such-program" in fleet("doctor").out


def test_a_unit_that_may_not_be_started_by_hand_is_found(fleet, h1):
    manager = fleet.manager(h1)
    manager.unit_file("[Unit]\nRefuseManualStart=yes\n[Service]\nExecStart=/bin/true\n")
    assert "by hand" in doctor(fleet)("unit")[0]["message"]
    assert fleet("start", manager.id).code != 0


def test_a_unit_file_that_systemd_has_not_read_is_a_warning_and_no_failure(fleet, h1):
    manager = fleet.manager(h1)
    h1.must("systemctl", "start", manager.unit)
    h1.must("sh", "-c", f"echo '# changed' >>/etc/systemd/system/{manager.unit}")
    found = doctor(fleet)
    assert found.done.code == 0, found.done.text
    assert found.results("unit") == ["warning"]
    assert "daemon-reload" in found("unit")[0]["hint"]


def test_an_unreachable_host_is_a_failure_and_does_not_hide_the_others(fleet, h1, h2):
    fleet.manager(h1)
    fleet.manager(h2)
    fleet.host(h1, "nowhere", ssh="root@no-such-host.invalid")
    fleet.host(h1, "untrusted", known_hosts=f"{fleet.folder}/empty")
    fleet.hosts["h2"]["connect_timeout_s"] = 1
    h2.cut()
    found = doctor(fleet)
    h2.heal()
    assert found.done.code == 7
    assert found.results("connection", "h2") == ["failure"]
    assert found("connection", "nowhere")[0]["class"] == "resolve"
    assert found("host key", "untrusted")[0]["class"] == "host_key"
    assert "hosts trust untrusted" in found("host key", "untrusted")[0]["hint"]
    assert found.results("units", "h1") == ["ok"]


def test_a_key_that_is_refused_is_named(fleet, h1):
    fleet.manager(h1)
    key = f"{fleet.folder}/other_key"
    fleet.ctl.must("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
    fleet.hosts["h1"]["ssh"] = f"nobody@{h1.address}"
    fleet.hosts["h1"]["identity_file"] = key
    found = doctor(fleet)
    assert found.done.code == 7
    assert found("own key")[0]["class"] == "authentication"


def test_a_missing_right_is_found_before_a_start_and_its_sudoers_line_is_enough(fleet, h1, user):
    manager = fleet.manager(h1, unit=f"{fleet.mark}-a\\x2db@1.service")
    fleet.hosts["h1"].update(ssh=f"{user}@{h1.address}", privilege="sudo")
    found = doctor(fleet)
    assert found.done.code == 7
    right = found("rights")[0]
    assert right["class"] == "privilege" and "start, stop, restart" in right["message"]
    line = right["hint"].split("exactly that: ")[1].split("; or with polkit")[0]
    h1.write(f"/etc/sudoers.d/{user}", line + "\n", 0o440)
    found = doctor(fleet)
    assert found.results("rights") == ["ok"]
    assert "with sudo" in found("rights")[0]["message"]
    for verb in ("start", "restart", "stop"):
        assert fleet(verb, manager.id).code == 0


def test_a_right_to_start_alone_is_a_warning_that_names_the_others(fleet, h1, user):
    manager = fleet.manager(h1)
    fleet.hosts["h1"].update(ssh=f"{user}@{h1.address}", privilege="sudo")
    allowed = f"/usr/bin/systemctl --no-ask-password start {manager.unit}"
    h1.write(f"/etc/sudoers.d/{user}", f"{user} ALL=(root) NOPASSWD: {allowed}\n", 0o440)
    found = doctor(fleet)
    assert found.done.code == 0, found.done.text
    assert found.results("rights") == ["warning"]
    assert "may not stop, restart" in found("rights")[0]["message"]


def test_polkit_is_not_checkable_but_for_root_who_reads_its_rules(fleet, h1, user):
    manager = fleet.manager(h1)
    rule = (
        'polkit.addRule(function(action, subject) { if (action.id == "org.freedesktop.systemd1.manage-units" && '
        f'subject.user == "{user}" && action.lookup("unit") == "{manager.unit}") return polkit.Result.YES; }});'
    )
    file = h1.write(f"/etc/polkit-1/rules.d/{user}.rules", f"// for the operators\n{rule}\n")
    found = doctor(fleet)
    assert found.results("rights") == ["ok"]
    assert f"as root; polkit's rule at {file}:2" in found("rights")[0]["message"]
    fleet.hosts["h1"]["ssh"] = f"{user}@{h1.address}"
    found = doctor(fleet)
    assert found.done.code == 0, found.done.text
    assert found.results("rights") == ["not_checkable"]
    assert "polkit.addRule" in found("rights")[0]["hint"]


def test_a_journal_that_may_not_be_read_is_a_warning(fleet, h1, user):
    fleet.manager(h1)
    h1.write(f"/etc/sudoers.d/{user}", f"{user} ALL=(root) NOPASSWD: ALL\n", 0o440)
    fleet.hosts["h1"]["ssh"] = f"{user}@{h1.address}"
    found = doctor(fleet)
    assert found.done.code == 0, found.done.text
    assert found.results("journal") == ["warning"]
    assert "systemd-journal" in found("journal")[0]["hint"]


def test_a_registry_that_the_host_does_not_reach_is_found_from_there(fleet, h1):
    fleet.manager(h1)
    fleet.settings["registry_connect"] = "tcp://10.77.0.1:5998"
    found = Findings(fleet("doctor", "--registry", "tcp://10.77.0.1:5555", "--json"))
    assert found.done.code == 5, found.done.text
    assert found.results("registry", None) == ["ok"]
    assert found("registry")[0]["class"] == "not_heard"
    assert "refused" in found("registry")[0]["message"]


def test_a_host_without_bash_python_and_nc_can_not_say_whether_it_reaches_the_registry(fleet, h1):
    fleet.manager(h1)
    programs = [path for path in ("/usr/bin/bash", "/usr/bin/python3", "/usr/bin/nc") if h1.file(path).exists()]
    h1.must("usermod", "--shell", "/bin/sh", "root")
    for path in programs:
        h1.must("mv", path, path + ".away")
    try:
        found = doctor(fleet)
    finally:
        for path in programs:
            h1.must("mv", path + ".away", path)
        h1.must("usermod", "--shell", "/bin/bash", "root")
    assert found.results("registry") == ["not_checkable"]
    assert found.done.code == 0, found.done.text


def test_a_silent_registry_exits_5_and_a_loopback_address_is_a_warning(fleet, h1):
    fleet.manager(h1)
    fleet.settings["registry_connect"] = "tcp://127.0.0.1:5998"
    found = doctor(fleet, "--timeout", "0.3")
    assert found.done.code == 5
    assert found.results("registry", None) == ["failure"]
    assert found.results("registry") == ["warning"]
    assert "registry_connect" in found("registry")[0]["hint"]


def test_a_wildcard_address_without_registry_connect_is_a_warning(fleet, h1):
    fleet.manager(h1)
    whole = {"registry_endpoint": "tcp://0.0.0.0:5555", "hosts": fleet.hosts}
    config = fleet.ctl.write(f"{fleet.folder}/wildcard.json", json.dumps(whole))
    found = Findings(fleet.ctl.run("actorsctl", "--config", config, "doctor", "--json"))
    assert found.done.code == 0, found.done.text
    assert found.results("configuration", None) == ["warning"]
    assert "registry_connect" in found("configuration", None)[0]["message"]


def test_a_clock_that_is_off_is_a_warning(fleet, h1):
    fleet.manager(h1)
    h1.write("/usr/local/bin/date", "#!/bin/sh\nexec /usr/bin/date -d '7 seconds ago' \"$@\"\n", 0o755)
    try:
        found = doctor(fleet)
    finally:
        h1.file("/usr/local/bin/date").unlink()
    assert found.done.code == 0, found.done.text
    assert found.results("clock") == ["warning"]
    assert "behind" in found("clock")[0]["message"]


def test_this_machine_is_looked_at_over_its_bus(fleet, h1):
    good, bad = fleet.manager(h1), fleet.manager(h1)
    bad.runs("/opt/no-such-program")
    here = {"managers": {manager.id: {"service": manager.unit} for manager in (good, bad)}}
    config = h1.write(
        f"/tmp/{fleet.mark}.json", json.dumps({"registry_connect": "tcp://10.77.0.1:5555", "hosts": {"here": here}})
    )
    found = Findings(h1.run("actorsctl", "--config", config, "doctor", "--json"))
    assert found.done.code == 1, found.done.text
    for check in ("systemd", "rights", "journal"):
        assert found.results(check, "here") == ["ok"], check
    assert [one["manager_id"] for one in found("unit", "here")] == [bad.id]
