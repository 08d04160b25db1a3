"""What each command prints about hosts and managers, as a table and as JSON, when it succeeds and when it fails."""

import threading

import pytest
from golden import Transcript, compare
from machines import eventually

LIVES_ON = "/usr/bin/sleep infinity"
# The pauses are for the order of the journal's lines: journald gets them from several processes.
DIES = "/bin/sh -c 'sleep .5; echo no licence; sleep .4; exit 3'"
RELOADS = "ExecReload=/bin/true\n[Install]\nWantedBy=multi-user.target\n"


@pytest.fixture
def transcript(fleet, request):
    """Compared with the file that has the test's name when the test is over."""
    transcript = Transcript(fleet)
    yield transcript
    compare(request.node.name.removeprefix("test_"), transcript.text, request.config.getoption("--accept"))


@pytest.fixture
def manager(fleet):
    """Makes a manager whose id and unit's name are the given word."""

    def make(machine, word: str, runs: str = "", more: str = "", **settings):
        made = fleet.manager(machine, f"{fleet.mark}-{word}", unit=f"{fleet.mark}-{word.lower()}.service", **settings)
        if runs:
            made.runs(runs, more)
        return made

    return make


def unreachable(fleet, machine):
    """A host of which nobody answers at its port, with a manager."""
    fleet.host(machine, "away", ssh=f"root@{machine.address}:2222")
    fleet.hosts["away"]["managers"][f"{fleet.mark}-Lost"] = {"service": "lost.service"}


def test_hosts(fleet, transcript, h1, h2):
    fleet.host(h1)
    assert transcript("hosts") == 0
    assert transcript("hosts", "--json") == 0
    unreachable(fleet, h1)
    fleet.host(h2, "stranger", known_hosts=f"{fleet.folder}/empty")
    assert transcript("hosts") == 7
    assert transcript("hosts", "--json") == 7
    assert transcript("hosts", "trust", "stranger") == 7
    assert transcript("hosts", "nobody") == 3


def test_status(fleet, transcript, manager, h1, h2):
    healthy = manager(h1, "Order")
    manager(h1, "Risk")
    masked = manager(h1, "Masked")
    missing = manager(h1, "Missing")
    failed = manager(h2, "Failed", DIES)
    archive = manager(h2, "Archive", LIVES_ON, heartbeats=False)
    unreachable(fleet, h2)
    h1.must("rm", f"/etc/systemd/system/{masked.unit}", f"/etc/systemd/system/{missing.unit}")
    h1.must("systemctl", "mask", masked.unit)
    assert fleet("start", healthy.id, archive.id, failed.id).code == 1
    assert transcript("status", healthy.id, archive.id) == 0
    assert transcript("status", healthy.id, "--json") == 0
    assert transcript("status") == 7
    assert transcript("status", "--json") == 7
    assert transcript("status", "--host", "h1", "--exclude", f"{fleet.mark}-M*") == 4
    assert transcript("--registry", "tcp://10.77.0.1:9", "--timeout", "1", "status", healthy.id) == 5


def test_changes_that_succeed(fleet, transcript, manager, h1, h2):
    order = manager(h1, "Order")
    archive = manager(h2, "Archive", LIVES_ON, heartbeats=False)
    assert transcript("start", "--all") == 0
    assert transcript("start", "--all", "--json") == 0
    assert transcript("restart", order.id) == 0
    assert transcript("stop", archive.id) == 0
    assert transcript("stop", archive.id, "--json") == 0
    assert transcript("restart", "--all", "--rolling") == 0
    assert transcript("start", "--no-wait", archive.id) == 0
    assert transcript("--registry", "tcp://10.77.0.1:9", "restart", order.id) == 5


def test_changes_that_fail(fleet, transcript, manager, h1, h2):
    manager(h1, "Dies", DIES)
    program, more = "/usr/local/bin/no-such-program", "Type=exec\nExecStartPre=/bin/sleep .4\nTimeoutStartSec=20\n"
    manager(h1, "NoProgram", program, more)
    missing = manager(h1, "Missing")
    silent = manager(h2, "Silent", LIVES_ON)
    manager(h2, "Later", after=[missing.id])
    slow = manager(h2, "Slow", LIVES_ON, "ExecStop=/bin/sleep 30\nTimeoutStopSec=60\n", heartbeats=False)
    unreachable(fleet, h2)
    missing.host.must("rm", f"/etc/systemd/system/{missing.unit}")
    missing.host.must("systemctl", "daemon-reload")
    assert transcript("start", "--all", "--exclude", silent.id) == 7
    assert transcript("start", "--all", "--exclude", silent.id, "--json") == 7
    assert transcript("start", silent.id, "--timeout", "6") == 5
    assert transcript("start", silent.id, "--timeout", "6", "--json") == 5
    assert transcript("stop", slow.id, "--timeout", "1") == 5
    assert transcript("stop", "nobody") == 3
    assert transcript("stop") == 2


def test_a_change_without_the_right_to_it(fleet, transcript, manager, h1):
    locked = manager(h1, "Locked")
    fleet.hosts["h1"]["ssh"] = f"ops@{h1.address}"
    assert transcript("start", locked.id) == 7
    assert transcript("start", locked.id, "--json") == 7


def test_a_rolling_restart_that_stops(fleet, transcript, manager, h1, h2):
    first, second = manager(h1, "First"), manager(h2, "Second")
    assert fleet("start", first.id, second.id).code == 0
    first.runs(DIES)
    assert transcript("restart", "--all", "--rolling") == 1
    assert fleet("stop", first.id).code == 0
    assert transcript("restart", first.id, second.id, "--rolling", "--json") == 1


def test_calls_of_units(fleet, transcript, manager, h1, h2):
    archive = manager(h1, "Archive", LIVES_ON, RELOADS, heartbeats=False)
    plain = manager(h2, "Plain", LIVES_ON, heartbeats=False)
    assert fleet("start", "--all").code == 0
    assert transcript("reload", archive.id) == 0
    assert transcript("reload", "--all") == 1
    assert transcript("reload", "--all", "--json") == 1
    assert transcript("enable", "--all") == 1
    assert transcript("disable", "--all") == 0
    assert transcript("disable", archive.id, "--json") == 0
    assert transcript("kill", "-s", "KILL", plain.id) == 0
    eventually(lambda: plain.state == "failed", within=30)
    assert transcript("kill", "-s", "KILL", plain.id) == 4
    assert transcript("reset-failed", "--all") == 0
    unreachable(fleet, h2)
    assert transcript("reset-failed", "--all") == 7


def test_logs(fleet, transcript, manager, h1, h2):
    speaks = manager(h1, "Speaks", "/bin/sh -c 'sleep .6; echo one; sleep .6; echo two; exec sleep 1000'", heartbeats=False)
    assert fleet("start", speaks.id).code == 0
    eventually(lambda: "two" in fleet("logs", speaks.id).out, within=10)
    assert transcript("logs", speaks.id) == 0
    assert transcript("logs", speaks.id, "-n", "1", "--json") == 0
    unreachable(fleet, h2)
    assert transcript("logs", "--all", "-n", "1") == 7
    assert transcript("logs", speaks.id, "--since", "soon") == 2


def test_run(fleet, transcript, ctl):
    endpoint, tool, actor = "tcp://127.0.0.1:7001", f"{fleet.mark}-Tool", f"{fleet.mark}-tool"
    run = ["run", "--manager", tool, "--actor", f"{actor}={endpoint}"]
    works = ["--", "sh", "-c", "echo at work; echo and says so >&2; exit 3"]
    assert transcript(*run, *works) == 3
    assert transcript("--json", *run, *works) == 3
    assert transcript("managers", tool) == 0
    assert transcript(*run, "--", "no-such-program") == 127
    assert transcript(*run, "--", "/tmp") == 126
    assert transcript("--registry", "tcp://10.77.0.1:9", "--timeout", "1", *run, "--", "true") == 0
    assert transcript("run", "--manager", tool, "--actor", actor, "--", "true") == 125
    assert transcript("--json", "run", "--manager", tool) == 125
    assert fleet("register", actor, endpoint, "--manager", f"{fleet.mark}-Holder").code == 0
    try:
        assert transcript("--timeout", "20", *run, "--", "true") == 125
        assert transcript("--timeout", "20", "--json", *run, "--", "true") == 125
    finally:
        for manager in (tool, f"{fleet.mark}-Holder"):
            fleet("unregister", "--manager", manager, "--forget")


def test_supervise(fleet, transcript, manager, h1, h2):
    policy = {"delay_s": 1, "max_delay_s": 60, "per_hour": 1}
    helped, helpless = (manager(h1, word, restart_on_timeout=policy) for word in ("Helped", "Helpless"))
    manager(h2, "Hidden", restart_on_timeout=policy)
    assert fleet("start", "--all").code == 0
    helpless.runs(DIES)
    fleet.hosts["h2"]["connect_timeout_s"] = 3
    supervision = fleet.ctl.begin(*fleet.command("supervise"))
    said: list[str] = []
    reader = threading.Thread(target=lambda: said.extend(line.rstrip("\n") for line in supervision.stderr))
    reader.start()
    try:
        eventually(lambda: said, within=20, what="it supervises")
        h2.cut()
        for one in (helped, helpless):
            one.signal("STOP")
        # Of the one who is not helped, that there is no help any more.
        eventually(lambda: len(said) >= 5, within=60, what="something is said of each")
        lines = said[:5]
    finally:
        h2.heal()
        supervision.terminate()
        reader.join()
    # Which of them comes first is their hosts' matter.
    assert transcript.add(["supervise"], "", [lines[0], *sorted(lines[1:])], supervision.wait(timeout=20)) == 0
    fleet.settings["settle"] = 1
    assert transcript("supervise") == 6
