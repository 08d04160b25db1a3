"""A host without ssh in the configuration is this machine: its units are controlled over the bus."""

import json
import threading
import time

from machines import eventually


def test_units_of_this_machine_are_controlled_over_the_bus(fleet, h1):
    manager = fleet.manager(h1)
    config = configured_there(fleet, manager)

    def here(*words: str):
        return h1.run("actorsctl", "--config", config, *words)

    assert "stopped" in here("status").out
    started = here("start", manager.id)
    assert started.code == 0, started.text
    assert manager.state == "active"
    assert "healthy" in here("status").out
    before = manager.invocation
    assert here("restart", manager.id).code == 0
    assert manager.invocation != before
    assert here("hosts").code == 0
    assert here("stop", manager.id).code == 0
    assert manager.state == "inactive"

    manager.runs("/bin/sh -c 'exit 3'")
    failed = here("start", manager.id)
    assert failed.code == 1
    assert "status=3" in failed.text


def configured_there(fleet, manager) -> str:
    """A configuration on the manager's host, to which that is this machine."""
    text = json.dumps({
        "registry_connect": "tcp://10.77.0.1:5555",
        "settle_s": 1,
        "hosts": {"here": {"managers": {manager.id: {"service": manager.unit, **manager.settings}}}},
    })
    return manager.host.write(f"/tmp/{fleet.mark}.json", text)


def test_a_watch_shows_a_change_of_this_machine_at_once_whatever_its_interval(fleet, h1):
    manager = fleet.manager(h1, heartbeats=False)
    manager.runs("/usr/bin/sleep infinity")
    config = configured_there(fleet, manager)
    watch = h1.begin("actorsctl", "--config", config, "--json", "status", "--watch=600")
    looks: list[tuple[float, str]] = []

    def read():
        for line in watch.stdout:
            looks.append((time.monotonic(), json.loads(line)["managers"][0]["verdict"]))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        eventually(lambda: looks, within=15, what="the first look")
        for verb, verdict in (("start", "healthy"), ("stop", "stopped"), ("start", "healthy")):
            manager.systemctl(verb)
            changed = time.monotonic()
            eventually(lambda: looks[-1][1] == verdict, within=30, what=f"{verdict} is shown")
            assert looks[-1][0] - changed < 5
        # Looking is no change: a look does not lead to the next.
        seen = len(looks)
        eventually(lambda: time.monotonic() - looks[-1][0] > 1.5, within=15, what="it has come to rest")
        assert len(looks) < seen + 5
    finally:
        watch.terminate()
        reader.join()


def test_the_bus_code_agrees_with_a_running_systemd(h2):
    done = h2.run("systemd_on_host", within=120)
    assert done.code == 0, done.text
