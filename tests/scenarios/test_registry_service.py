"""The registry as a service that nobody worries about: its state, its configuration, its log, its disk."""

import json
import time

import pytest
from machines import eventually
from registry_service import AT, Service

@pytest.fixture
def service(h3, fleet):
    service = Service(h3, fleet.mark)
    yield service
    service.remove()


def test_what_was_registered_is_there_after_a_kill_and_has_a_timeout_to_be_heard(service):
    service.start()
    assert service.ask("register", "A", "tcp://10.0.0.1:1", "--manager", "M").code == 0
    epoch = json.loads(service.ask("--json", "registry", "status").out)["epoch"]
    service.kill()
    service.start()
    found = service.ask("lookup", "A")
    assert (found.code, found.out) == (0, "tcp://10.0.0.1:1\n")
    assert json.loads(service.ask("--json", "registry", "status").out)["epoch"] == epoch
    manager = json.loads(service.ask("--json", "managers").out)["managers"][0]
    assert manager["online"] is True
    assert manager["age_s"] is None  # not heard by this registry yet
    assert "1 actors of 1 managers" in service.log()
    eventually(lambda: service.ask("lookup", "A").code == 4, within=30)


def test_a_second_registry_on_the_same_directory_is_refused_by_name(service):
    service.start()
    done = service.host.run(
        "actorsctl", "registry", "serve", "--endpoint", "tcp://127.0.0.1:5559", "--data-dir", service.data_dir
    )
    assert done.code == 1
    assert f"{service.data_dir}: in use by another registry (pid {service.pid()})" in done.err
    assert service.ask("registry", "status").code == 0


def test_a_damaged_file_is_an_error_and_never_an_empty_registry(service):
    service.start()
    service.ask("register", "A", "tcp://10.0.0.1:1", "--manager", "M")
    service.host.must("systemctl", "stop", service.unit)
    file = f"{service.data_dir}/registry.db"
    service.host.must("sh", "-c", f"printf damaged | dd of={file} bs=1 seek=100 conv=notrunc")
    assert service.host.run("systemctl", "start", service.unit).code != 0
    log = service.log()
    assert f"{file}: damaged" in log
    assert "put a copy back" in log


def test_a_configuration_that_is_gone_or_out_of_reach_is_never_taken_for_none(service):
    host, default = service.host, "/etc/actors/registry.json"
    config = {"registry_endpoint": AT, "data_dir": service.data_dir, "limits": {"names": 7}}
    host.write(default, json.dumps(config))
    host.must("sed", "-i", f"s, --config {service.config},,", f"/etc/systemd/system/{service.unit}")
    host.must("systemctl", "daemon-reload")
    try:
        service.start()
        host.must("mv", default, f"{default}.away")
        service.reload()
        refused = f"HUP: the configuration before stays in force: {default}: it is there no more"
        eventually(lambda: refused in service.log(), within=30)
        assert "HUP: limits" not in service.log()
        host.must("mv", f"{default}.away", default)
        host.must("chmod", "700", "/etc/actors")
        for words in (("config", "check"), ("lookup", "A"), ("status",), ("registry", "serve", "--in-memory")):
            done = host.run("runuser", "-u", "ops", "--", "actorsctl", *words, within=10)
            assert (done.code, done.out) == (6, ""), words
            assert f"{default}: Permission denied" in done.err
    finally:
        host.must("chmod", "755", "/etc/actors")
        host.must("rm", "-f", default, f"{default}.away")


def test_hup_puts_a_changed_timeout_in_force_and_says_what_takes_a_restart(service):
    service.configure(heartbeat_timeout_s=600)
    service.start()
    service.ask("register", "A", "tcp://10.0.0.1:1", "--manager", "M")
    service.configure(heartbeat_timeout_s=1.5, heartbeat_check_interval_s=0.5, events_endpoint="tcp://127.0.0.1:5560")
    service.reload()
    eventually(lambda: "HUP: heartbeat_timeout_s: 600 -> 1.5" in service.log(), within=30)
    assert "events_endpoint has changed in the file; it takes effect with a restart" in service.log()
    eventually(lambda: service.ask("lookup", "A").code == 4, within=30)


def test_a_wrong_file_at_hup_leaves_the_old_configuration_in_force(service):
    service.start()
    pid = service.pid()
    service.host.write(service.config, '{"heartbeat_timeout_s": -1, "limts": {}}')
    service.reload()
    refused = f"HUP: the configuration before stays in force: {service.config}"
    eventually(lambda: f"{refused}:1:29: limts" in service.log(), within=30)
    assert f"{refused}:1:25: heartbeat_timeout_s" in service.log()
    assert service.ask("registry", "status").code == 0
    assert service.pid() == pid


def test_the_journal_has_fields_to_search_by(service):
    service.start()
    service.ask("register", "A", "tcp://10.0.0.1:1", "--manager", "M1")
    entry = eventually(lambda: service.entries("ACTORS_MANAGER=M1"), within=30)[0]
    assert entry["ACTORS_EVENT"] == "online"
    assert entry["PRIORITY"] == "6"
    assert entry["MESSAGE"] == "manager 'M1' is online"


def test_a_full_disk_refuses_registrations_and_nothing_else_and_heals(service):
    service.host.must("mkdir", service.data_dir)
    service.host.must("mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", service.data_dir)
    service.start()
    assert service.ask("register", "A0", "tcp://10.0.0.1:1", "--manager", "M").code == 0
    program = """
import json, sys, zmq
socket = zmq.Context().socket(zmq.REQ)
socket.setsockopt(zmq.RCVTIMEO, 20000)
socket.setsockopt(zmq.LINGER, 0)
socket.connect(sys.argv[1])
def ask(**request):
    socket.send_json(request)
    return socket.recv_json()
for number in range(1, 5000):
    reply = ask(message_type="RegisterActor", manager_id="M", actor_name=f"A{number}", actor_endpoint="tcp://h:1")
    if reply["message_type"] != "RegistrationOk":
        break
looked_up = ask(message_type="LookupActor", actor_name="A0")
refused = ask(message_type="LookupActor", actor_name=f"A{number}")
heard = ask(message_type="Heartbeat", manager_id="M")
print(json.dumps([reply["code"], looked_up["online"], refused["endpoint"], heard["actors"] == number]))
"""
    out = service.host.must("/usr/bin/python3", "-c", program, AT)
    assert json.loads(out) == ["unavailable", True, None, True]
    status = json.loads(service.ask("--json", "registry", "status").out)
    assert status["store"] == "failing"
    assert any("full" in warning for warning in status["warnings"])
    assert service.entries("ACTORS_EVENT=store_failed")[0]["PRIORITY"] == "3"
    service.host.must("mount", "-o", "remount,size=40m", service.data_dir)
    eventually(lambda: service.ask("register", "B", "tcp://h:1", "--manager", "M").code == 0, within=30)
    assert json.loads(service.ask("--json", "registry", "status").out)["store"] == "durable"
    service.kill()
    service.start()
    assert service.ask("lookup", "B", "--allow-offline").code == 0
    assert service.ask("lookup", "A0", "--allow-offline").code == 0


def test_a_registry_that_was_stopped_for_10_s_marks_nobody_offline(service, fleet, h3):
    service.start()
    manager = fleet.manager(h3)
    manager.runs_as_a_manager(registry=AT)
    manager.systemctl("start")
    eventually(lambda: service.ask("lookup", manager.actor).code == 0, within=30)
    h3.must("kill", "-STOP", service.pid())
    # This long, and not until something: it is the stop that is tested.
    time.sleep(10)
    h3.must("kill", "-CONT", service.pid())
    ends = time.monotonic() + 4
    while time.monotonic() < ends:
        assert service.ask("lookup", manager.actor).code == 0
    assert service.entries("ACTORS_EVENT=offline") == []
    assert service.entries("ACTORS_EVENT=stall")


def test_two_managers_that_fight_for_a_name_get_it_one_after_the_other(service):
    service.start()
    take = ("register", "A", "--manager")
    assert service.ask(*take, "M1", "tcp://h:1").code == 0
    refused = service.ask(*take, "M2", "tcp://h:2")
    assert refused.code == 1
    assert "Name already registered by manager 'M1'" in refused.err
    assert service.ask("lookup", "A").out == "tcp://h:1\n"
    eventually(lambda: service.ask(*take, "M2", "tcp://h:2").code == 0, within=30)
    assert service.ask("lookup", "A").out == "tcp://h:2\n"
    assert service.ask(*take, "M1", "tcp://h:1").code == 1
    assert service.entries("ACTORS_EVENT=taken_over")[0]["ACTORS_ACTOR"] == "A"


def test_a_peer_that_never_reads_costs_its_own_replies_alone(service):
    service.start()
    service.ask("register", "A", "tcp://h:1", "--manager", "M")
    program = """
import sys, zmq
context = zmq.Context()
deaf = context.socket(zmq.DEALER)
deaf.setsockopt(zmq.LINGER, 0)
deaf.setsockopt(zmq.RCVHWM, 1)
deaf.setsockopt(zmq.RCVBUF, 4096)
deaf.setsockopt(zmq.SNDTIMEO, 20000)
deaf.connect(sys.argv[1])
other = context.socket(zmq.REQ)
other.setsockopt(zmq.RCVTIMEO, 20000)
other.connect(sys.argv[1])
for number in range(40000):
    deaf.send(b'{"message_type":"LookupActor","actor_name":"A"}')
    if number % 100 == 0:
        other.send(b'{"message_type":"LookupActor","actor_name":"A"}')
        assert other.recv_json()["online"] is True
print("served")
"""
    assert service.host.must("/usr/bin/python3", "-c", program, AT) == "served\n"
    counters = json.loads(service.ask("--json", "registry", "status").out)["counters"]
    assert counters["dropped_replies"] > 1000
    memory = int(service.host.must("sh", "-c", f"awk '/VmRSS/ {{print $2}}' /proc/{service.pid()}/status"))
    assert memory < 100_000  # kB
