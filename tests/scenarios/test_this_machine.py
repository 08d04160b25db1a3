"""A host without ssh in the configuration is this machine: its units are controlled over the bus."""

import json


def test_units_of_this_machine_are_controlled_over_the_bus(fleet, h1):
    manager = fleet.manager(h1)
    text = json.dumps({
        "registry_connect": "tcp://10.77.0.1:5555",
        "settle_s": 1,
        "hosts": {"here": {"managers": {manager.id: {"service": manager.unit}}}},
    })
    config = h1.write(f"/tmp/{fleet.mark}.json", text)

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


def test_the_bus_code_agrees_with_a_running_systemd(h2):
    done = h2.run("systemd_on_host", within=120)
    assert done.code == 0, done.text
