"""`supervise`: what hangs is restarted, and nothing else."""

import json
import signal

import pytest
from fleet import REGISTRY
from machines import eventually

POLICY = {"delay_s": 1, "max_delay_s": 4, "per_hour": 3}


class Supervising:
    """`actorsctl supervise` on ctl, its log read as it grows."""

    def __init__(self, fleet, *options: str):
        self.log = fleet.ctl.file(f"{fleet.folder}/supervise.log")
        self.out = open(self.log, "w")
        self.child = fleet.ctl.begin(*fleet.command("supervise", *options), stdout=self.out, stderr=self.out)
        eventually(lambda: "supervising" in self.text(), within=30)

    def text(self) -> str:
        return self.log.read_text()

    def end(self) -> int:
        self.child.terminate()
        try:
            return self.child.wait(timeout=20)
        finally:
            self.out.close()


@pytest.fixture
def supervising(fleet):
    begun = []

    def begin(*options: str) -> Supervising:
        begun.append(Supervising(fleet, *options))
        return begun[-1]

    yield begin
    for one in begun:
        assert one.end() == 0, one.text()


def test_a_manager_that_hangs_is_restarted_and_heard_again(fleet, h1, supervising):
    manager = fleet.started(h1, restart_on_timeout=POLICY)
    before = manager.invocation
    supervision = supervising()
    manager.signal("STOP")
    eventually(lambda: "restarted and heard again" in supervision.text(), within=40)
    assert manager.invocation != before
    assert fleet.verdict(manager) == "healthy"


def test_one_that_hangs_again_and_again_is_left_alone_at_its_limit_and_that_is_said(fleet, h1, supervising):
    manager = fleet.started(h1, restart_on_timeout={**POLICY, "per_hour": 1})
    supervision = supervising()
    manager.signal("STOP")
    eventually(lambda: "restarted and heard again" in supervision.text(), within=40)
    life = manager.invocation
    manager.signal("STOP")
    eventually(lambda: "its limit of 1 an hour (per_hour) is reached" in supervision.text(), within=40)
    assert manager.invocation == life
    assert supervision.text().count(" hung: ") == 1


def test_one_that_is_heard_again_while_it_is_looked_at_is_not_restarted(fleet, h1, supervising):
    manager = fleet.started(h1, restart_on_timeout=POLICY)
    life = manager.invocation
    supervision = supervising()

    def logins():
        return h1.journal("-b", "-t", "sshd", "-o", "cat").count("Accepted publickey")

    before = logins()
    manager.signal("STOP")
    eventually(lambda: logins() > before, within=40, what="supervision looks at its unit")
    manager.signal("CONT")
    left_alone = f"{manager.id} on h1 was offline and is heard again: it is left alone"
    eventually(lambda: left_alone in supervision.text(), within=20)
    assert manager.invocation == life
    assert "restarted" not in supervision.text()


def test_one_without_the_key_is_left_alone(fleet, h1, supervising):
    watched = fleet.started(h1, restart_on_timeout=POLICY)
    other = fleet.started(h1)
    lives = other.invocation
    supervision = supervising()
    other.signal("STOP")
    watched.signal("STOP")
    eventually(lambda: "restarted and heard again" in supervision.text(), within=40)
    assert other.invocation == lives
    assert other.id not in supervision.text()


def test_what_was_stopped_and_what_its_host_hides_is_left_alone(fleet, h1, h2, supervising):
    stopped = fleet.started(h1, restart_on_timeout=POLICY)
    hidden = fleet.started(h2, restart_on_timeout=POLICY)
    life = hidden.invocation
    fleet.hosts["h2"]["connect_timeout_s"] = 3
    supervision = supervising()
    assert fleet("stop", stopped.id).code == 0
    h2.cut()
    try:
        eventually(lambda: f"{hidden.id} on h2 is offline and left alone: it is unreachable" in supervision.text(), within=40)
    finally:
        h2.heal()
    assert stopped.state == "inactive"
    assert hidden.invocation == life
    assert "restarted" not in supervision.text()


def test_a_dry_run_says_what_it_would_restart(fleet, h1, supervising):
    manager = fleet.started(h1, restart_on_timeout=POLICY)
    life = manager.invocation
    supervision = supervising("--dry-run")
    manager.signal("STOP")
    eventually(lambda: f"{manager.id} on h1 hangs" in supervision.text(), within=40)
    assert manager.invocation == life


def test_a_registry_that_was_stopped_or_restarted_makes_nobody_restart(fleet, h1, ctl, supervising):
    address = "tcp://10.77.0.1:5999"

    def serve():
        return ctl.begin("actorsctl", "registry", "serve", "--in-memory", "--endpoint", "tcp://0.0.0.0:5999")

    own = serve()
    try:
        manager = fleet.manager(h1, restart_on_timeout=POLICY)
        manager.runs_as_a_manager(registry=address)
        assert fleet("--registry", address, "start", manager.id).code == 0
        life = manager.invocation
        supervision = supervising("--registry", address)
        own.send_signal(signal.SIGSTOP)
        eventually(lambda: "the registry can't be asked" in supervision.text(), within=30)
        assert f"registry {address} (from --registry): no answer within 2 s" in supervision.text()
        own.send_signal(signal.SIGCONT)
        eventually(lambda: "the registry answers again" in supervision.text(), within=30)
        own.terminate()
        assert own.wait(timeout=10) == 0
        eventually(lambda: supervision.text().count("the registry can't be asked") == 2, within=30)
        own = serve()
        eventually(lambda: supervision.text().count("the registry answers again") == 2, within=30)
        eventually(lambda: manager.id in ctl.run("actorsctl", "--registry", address, "managers").out, within=20)
        assert manager.invocation == life
        # It still watches: what hangs now is restarted, and that is the first restart.
        manager.signal("STOP")
        eventually(lambda: "restarted and heard again" in supervision.text(), within=60)
        assert supervision.text().count(" hung: ") == 1
    finally:
        own.send_signal(signal.SIGCONT)
        own.kill()
        own.wait(timeout=10)


def test_hup_reads_the_configuration_again_and_refuses_a_wrong_one(fleet, h1, ctl, supervising):
    manager = fleet.started(h1)
    supervision = supervising()
    assert "supervising nobody" in supervision.text()
    settings = fleet.hosts["h1"]["managers"][manager.id]
    settings["restart_on_timeout"] = {"delay": 1}
    fleet.write_config()
    supervision.child.send_signal(signal.SIGHUP)
    eventually(lambda: "delay" in supervision.text() and "stays in force" in supervision.text(), within=30)
    settings["restart_on_timeout"] = POLICY
    fleet.write_config()
    supervision.child.send_signal(signal.SIGHUP)
    eventually(lambda: "HUP: supervising 1 manager" in supervision.text(), within=30)


def test_after_hup_another_registry_is_asked_by_the_keys_that_go_with_it(fleet, h1, supervising):
    manager = fleet.started(h1, restart_on_timeout=POLICY)
    nobody = "tcp://10.77.0.1:5998"
    fleet.settings["registry_connect"] = nobody
    supervision = supervising()
    away = f"registry {nobody} (from {fleet.folder}/registry.json: registry_connect)"
    eventually(lambda: away in supervision.text(), within=20)
    fleet.settings.update(registry_connect=REGISTRY, security={"client": {"server_key": f"{fleet.folder}/no.key"}})
    fleet.write_config()
    supervision.child.send_signal(signal.SIGHUP)
    eventually(lambda: "HUP: the configuration before stays in force: " in supervision.text(), within=30)
    assert f"{fleet.folder}/no.key" in supervision.text()
    del fleet.settings["security"]
    fleet.write_config()
    supervision.child.send_signal(signal.SIGHUP)
    eventually(lambda: f"HUP: the registry is asked at {REGISTRY}" in supervision.text(), within=30)
    eventually(lambda: "the registry answers again" in supervision.text(), within=30)
    manager.signal("STOP")
    eventually(lambda: "restarted and heard again" in supervision.text(), within=60)


class SupervisionService:
    """`actorsctl supervise` as a service of a host that supervises managers of its own."""

    def __init__(self, fleet, host):
        self.fleet, self.host = fleet, host
        self.unit = f"{fleet.mark}-supervise.service"
        fleet.hosts[host.name] = {"managers": {}}
        self.config = f"/etc/actors/{fleet.mark}-supervise.json"
        command = f"/usr/local/bin/actorsctl --config {self.config} supervise"
        service = f"Type=notify\nExecStart={command}\nExecReload=kill -HUP $MAINPID\nRestart=always\nWatchdogSec=12\n"
        host.write(f"/etc/systemd/system/{self.unit}", f"[Service]\n{service}")
        host.must("systemctl", "daemon-reload")

    def configure(self) -> None:
        config = {"registry_connect": REGISTRY, "hosts": self.fleet.hosts, "settle_s": 1}
        self.host.write(self.config, json.dumps(config))

    def manages(self, **settings):
        """A manager of its own, which is heard."""
        manager = self.fleet.manager(self.host, **settings)
        manager.systemctl("start")
        asked = ("actorsctl", "--registry", REGISTRY, "lookup", manager.actor)
        eventually(lambda: self.host.run(*asked).code == 0, within=30)
        return manager

    def start(self) -> None:
        self.configure()
        self.host.must("systemctl", "start", self.unit)

    def log(self) -> str:
        return self.host.journal("-u", self.unit, "-o", "cat")

    def property(self, name: str) -> str:
        return self.host.property(self.unit, name)

    def remove(self) -> None:
        self.host.run("systemctl", "kill", "-s", "KILL", self.unit)
        self.host.run("systemctl", "stop", self.unit)
        self.host.run("rm", "-f", self.config, f"/etc/systemd/system/{self.unit}")
        self.host.run("systemctl", "daemon-reload")


@pytest.fixture
def supervision_service(fleet, h3):
    service = SupervisionService(fleet, h3)
    yield service
    service.remove()


def begin_a_restart_of_which_nothing_is_heard(manager, seconds: int) -> None:
    """It is under way for as long as the unit may take to stop and start."""
    life = manager.invocation
    manager.runs("/bin/sleep 1000", f"TimeoutStartSec={seconds}\nTimeoutStopSec={seconds}\n")
    manager.signal("STOP")
    eventually(lambda: manager.state == "active" and manager.invocation != life, within=60)


def test_while_a_restart_is_under_way_hup_is_heeded_and_the_watchdog_served(fleet, h3, supervision_service):
    service = supervision_service
    deaf, other = (service.manages(restart_on_timeout={**POLICY, "per_hour": 1}) for _ in range(2))
    managers = fleet.hosts[h3.name]["managers"]
    settings = managers.pop(other.id)
    service.start()
    pid = service.property("MainPID")
    begin_a_restart_of_which_nothing_is_heard(deaf, seconds=20)
    managers[other.id] = settings
    service.configure()
    h3.must("systemctl", "reload", service.unit)
    eventually(lambda: "HUP: supervising 2 managers" in service.log(), within=30)
    eventually(lambda: service.property("ActiveState") == "active", within=30)
    told = f"HUP: what is under way ends by the configuration before: {deaf.id}"
    eventually(lambda: told in service.log(), within=30)
    # One that only the new configuration has is restarted meanwhile. What is under way takes longer than WatchdogSec.
    other.signal("STOP")
    eventually(lambda: f"{other.id} on h3 hung: restarted and heard again" in service.log(), within=60)
    assert "its restart did not help" not in service.log()
    # What was under way counts.
    eventually(lambda: f"{deaf.id} on h3 hung: its restart did not help" in service.log(), within=90)
    eventually(lambda: f"{deaf.id} is offline and not restarted any more: its limit of 1" in service.log(), within=60)
    assert (service.property("MainPID"), service.property("NRestarts")) == (pid, "0")


def test_what_is_under_way_at_term_is_finished_and_the_watchdog_served(supervision_service):
    service = supervision_service
    deaf = service.manages(restart_on_timeout=POLICY)
    service.start()
    begin_a_restart_of_which_nothing_is_heard(deaf, seconds=5)
    # Not by systemctl stop, under which systemd asks for no sign of life.
    service.host.must("kill", "-TERM", service.property("MainPID"))
    eventually(lambda: service.property("NRestarts") == "1", within=60)
    assert f"{deaf.id} on h3 hung: its restart did not help" in service.log()
    assert "Watchdog timeout" not in service.log()
