"""reload, kill, reset-failed, enable and disable: one call to systemd, and a look at what came of it."""

from machines import eventually

INSTALL = "[Install]\nWantedBy=multi-user.target\n"
COUNTS_RELOADS = "ExecReload=/bin/sh -c 'echo reloaded >>/run/%n.reloads'\n"


def test_reload_is_done_when_the_same_life_goes_on(fleet, h1, h2):
    one, other = fleet.manager(h1), fleet.manager(h2)
    for manager in (one, other):
        manager.runs_as_a_manager(more=COUNTS_RELOADS)
    assert fleet("start", "--all").code == 0
    lives = [one.invocation, other.invocation]
    done = fleet("reload", "--all")
    assert done.code == 0, done.text
    assert done.out.count("reloaded") == 2
    assert [one.invocation, other.invocation] == lives
    assert h1.must("cat", f"/run/{one.unit}.reloads").strip() == "reloaded"


def test_reload_of_a_unit_without_one_says_what_it_needs(fleet, h1):
    manager = fleet.started(h1)
    done = fleet("reload", manager.id)
    assert done.code == 1
    assert "ExecReload=" in done.err


def test_reload_and_kill_of_what_does_not_run_exit_4(fleet, h1):
    manager = fleet.manager(h1)
    for words in (["reload"], ["kill", "-s", "HUP"]):
        done = fleet(*words, manager.id)
        assert done.code == 4, done.text
        assert "there is nothing to" in done.err
        (said,) = fleet.json(*words, manager.id)["managers"]
        assert said["error"]["class"] == "not_running"


def test_kill_sends_exactly_this_signal(fleet, h1):
    manager = fleet.manager(h1, heartbeats=False)
    manager.runs("/bin/sh -c 'trap \"exit 9\" USR2; while :; do sleep .05; done'")
    assert fleet("start", manager.id).code == 0
    done = fleet("kill", "-s", "usr2", manager.id)
    assert done.code == 0, done.text
    assert "sent SIGUSR2" in done.out
    eventually(lambda: h1.property(manager.unit, "ExecMainStatus") == "9", within=30)


def test_reset_failed_makes_systemd_forget_the_failure(fleet, h1):
    manager = fleet.manager(h1)
    manager.runs("/bin/sh -c 'exit 3'")
    assert fleet("start", manager.id).code == 1
    assert fleet.verdict(manager) == "failed"
    assert fleet("reset-failed", manager.id).code == 0
    assert fleet.verdict(manager) == "stopped"
    assert "was not failed" in fleet("reset-failed", manager.id).out


def test_enable_and_disable_are_done_when_the_unit_file_says_so(fleet, h1):
    manager = fleet.manager(h1)
    manager.runs_as_a_manager(more=INSTALL)
    assert fleet("enable", manager.id).code == 0
    assert h1.property(manager.unit, "UnitFileState") == "enabled"
    assert "already enabled" in fleet("enable", manager.id).out
    assert fleet("disable", manager.id).code == 0
    assert h1.property(manager.unit, "UnitFileState") == "disabled"


def test_enable_of_a_unit_without_an_install_section_fails_and_says_why(fleet, h1):
    manager = fleet.manager(h1)
    done = fleet("enable", manager.id)
    assert done.code == 1
    assert "[Install]" in done.err


def test_a_call_to_an_unreachable_host_does_not_hide_the_others(fleet, h1, h2):
    one, other = fleet.started(h1), fleet.started(h2)
    fleet.hosts["h2"]["connect_timeout_s"] = 3
    h2.cut()
    done = fleet("kill", "-s", "CONT", one.id, other.id)
    h2.heal()
    assert done.code == 7
    assert "sent SIGCONT" in done.out


def test_the_same_over_the_bus_of_this_machine(fleet, h1):
    manager = fleet.manager(h1)
    manager.runs_as_a_manager(more=COUNTS_RELOADS + INSTALL)
    config = h1.write(
        f"/tmp/{fleet.mark}.json",
        '{"registry_connect": "tcp://10.77.0.1:5555", "settle_s": 1, "hosts": {"here": {"managers": '
        f'{{"{manager.id}": {{"service": "{manager.unit}"}}}}}}}}}}',
    )

    def here(*words: str):
        return h1.run("actorsctl", "--config", config, *words, manager.id)

    for words, said in [
        (["start"], "started"),
        (["reload"], "reloaded"),
        (["enable"], "enabled"),
        (["enable"], "already enabled"),
        (["disable"], "disabled"),
        (["kill", "-s", "KILL"], "sent SIGKILL"),
    ]:
        done = here(*words)
        assert done.code == 0, done.text
        assert said in done.out
    eventually(lambda: manager.state == "failed", within=30)
    assert "reset" in here("reset-failed").out
    assert manager.state == "inactive"
