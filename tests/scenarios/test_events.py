"""Who is told what: changes as they happen, silences that were announced, and goodbyes."""

import json
import signal

import pytest
from machines import eventually

REQUESTS = "tcp://10.77.0.1:5655"
EVENTS = "tcp://10.77.0.1:5656"


class Registry:
    """One of this file's own, on ctl, that publishes events and can be ended and begun anew."""

    def __init__(self, ctl):
        self.ctl = ctl
        config = {"registry_endpoint": REQUESTS, "events_endpoint": EVENTS}
        self.config = ctl.write("/tmp/events-registry.json", json.dumps(config))
        self.child = None

    def begin(self):
        self.child = self.ctl.begin("actorsctl", "--config", self.config, "registry", "serve", "--in-memory")
        status = ("actorsctl", "--registry", REQUESTS, "registry", "status", "--json")
        eventually(lambda: self.ctl.run(*status).code == 0, within=30, what="the registry answers")

    def end(self):
        self.child.terminate()
        self.child.communicate(timeout=10)


class Listener:
    """`actorsctl events --json`, with what it has told so far."""

    def __init__(self, ctl, fleet, *words):
        self.file = ctl.file(f"{fleet.folder}/events")
        self.talk = ctl.file(f"{fleet.folder}/events.err")
        with open(self.file, "w") as out, open(self.talk, "w") as err:
            command = ("actorsctl", "-v", "--registry", REQUESTS, "events", "--json", *words)
            self.child = ctl.begin(*command, stdout=out, stderr=err)
        eventually(lambda: "following" in self.talk.read_text(), within=30, what="the listener follows")

    def all(self):
        return [json.loads(line) for line in self.file.read_text().splitlines()]

    def wait_for(self, within=40, **fields):
        """The first event that has these values."""
        return eventually(
            lambda: next((one for one in self.all() if fields.items() <= one.items()), None),
            within=within,
            what=f"an event with {fields}",
        )

    def end(self):
        self.child.send_signal(signal.SIGTERM)
        return self.child.wait(timeout=10)


@pytest.fixture(scope="module")
def publisher(ctl):
    registry = Registry(ctl)
    registry.begin()
    yield registry
    registry.end()


@pytest.fixture
def publishing(fleet, publisher):
    """The test's fleet, on this file's registry."""
    fleet.settings["registry_connect"] = REQUESTS
    return fleet


@pytest.fixture
def listener(ctl, publishing):
    listener = Listener(ctl, publishing)
    yield listener
    if listener.child.poll() is None:
        listener.end()


def started(fleet, host, plain=False):
    """A healthy manager of this registry; a plain one ends without a goodbye."""
    manager = fleet.manager(host)
    manager.runs_as_a_manager(registry=REQUESTS, more="KillSignal=SIGKILL\n" if plain else "")
    done = fleet("start", manager.id)
    assert done.code == 0, done.text
    return manager


def in_registry(fleet, manager):
    return fleet.json("managers", manager.id)["managers"][0]


def test_a_stopped_manager_is_expected_offline(publishing, listener, h1):
    manager = started(publishing, h1, plain=True)
    listener.wait_for(event="online", manager_id=manager.id)
    done = publishing("stop", manager.id)
    assert done.code == 0, done.text
    offline = listener.wait_for(event="offline", manager_id=manager.id)
    assert offline["expected"] is True
    assert offline["reason"].startswith("actorsctl stop by ")
    told = in_registry(publishing, manager)
    assert told["online"] is False
    assert told["expected"]["reason"] == offline["reason"]
    assert "expected, for" in publishing("managers", manager.id).out


def test_a_killed_manager_is_not_expected_offline(publishing, listener, h1):
    manager = started(publishing, h1)
    manager.signal("KILL")
    offline = listener.wait_for(event="offline", manager_id=manager.id)
    assert offline["expected"] is False
    assert in_registry(publishing, manager)["expected"] is None


def test_a_manager_that_says_goodbye_is_offline_at_once(publishing, listener, h1):
    manager = started(publishing, h1)
    done = publishing("stop", manager.id)
    assert done.code == 0, done.text
    assert not publishing.online(manager)
    goodbye = listener.wait_for(event="goodbye", manager_id=manager.id)
    assert goodbye["expected"] is True


def test_after_a_restart_an_end_is_a_surprise_again(publishing, listener, h1):
    manager = started(publishing, h1, plain=True)
    done = publishing("restart", manager.id)
    assert done.code == 0, done.text
    assert in_registry(publishing, manager)["expected"] is None
    manager.signal("KILL")
    assert listener.wait_for(event="offline", manager_id=manager.id)["expected"] is False


def test_a_stop_that_fails_is_no_longer_expected(publishing, h1):
    manager = started(publishing, h1)
    unit = manager.host.file(f"/etc/systemd/system/{manager.unit}").read_text()
    manager.unit_file(unit + "[Unit]\nRefuseManualStop=yes\n")
    done = publishing("stop", manager.id)
    assert done.code == 1, done.text
    assert in_registry(publishing, manager)["online"] is True
    assert in_registry(publishing, manager)["expected"] is None


def test_a_registry_that_is_away_fails_no_stop(publishing, h1):
    manager = started(publishing, h1)
    command = publishing.command("--registry", "tcp://10.77.0.1:5699", "stop", manager.id)
    done = publishing.ctl.run(*command)
    assert done.code == 0, done.text
    assert manager.state == "inactive"


def test_events_go_on_through_a_restart_of_the_registry(ctl, publishing, listener, publisher, h1):
    manager = started(publishing, h1)
    publisher.end()
    publisher.begin()
    assert listener.wait_for(event="gap")
    # What was registered before is told again by the manager itself.
    run = publishing.json("registry", "status")["run"]
    listener.wait_for(event="registered", actor_name=manager.actor, run=run)
    assert "anew" in listener.talk.read_text()
    assert listener.end() == 143


def test_lookup_waits_through_events_for_the_moment_an_actor_is_there(ctl, publishing, h1):
    manager = publishing.manager(h1)
    manager.runs_as_a_manager(registry=REQUESTS)
    waiting = ctl.begin(*publishing.command("lookup", manager.actor, "--wait"))
    assert publishing("start", manager.id).code == 0
    out, _ = waiting.communicate(timeout=40)
    assert out.strip() == manager.endpoint
    assert waiting.returncode == 0


def test_a_manager_that_comes_back_is_seen_by_who_waits_for_its_actor(ctl, publishing, h1):
    manager = started(publishing, h1)
    manager.signal("STOP")
    assert publishing("unregister", "--manager", manager.id).code == 0

    def lookups():
        return publishing.json("registry", "status")["counters"]["request.LookupActor"]

    before = lookups()
    waiting = ctl.begin(*publishing.command("lookup", manager.actor, "--wait"))
    eventually(lambda: lookups() > before, within=40, what="it has looked in vain")
    manager.signal("CONT")
    out, _ = waiting.communicate(timeout=40)
    assert out.strip() == manager.endpoint


def test_where_events_are_off_it_is_said_with_the_key(fleet):
    done = fleet("events")
    assert done.code == 6
    assert "events_endpoint" in done.err
