"""The registry on the wire, for peers that know nothing but the documented core fields."""

import json

import pytest
from machines import eventually, line_of

REGISTRY = "tcp://10.77.0.1:5555"

PLAIN_PEER = """
import json, sys, zmq
socket = zmq.Context().socket(zmq.REQ)
socket.setsockopt(zmq.RCVTIMEO, 20000)
socket.setsockopt(zmq.LINGER, 0)
socket.connect(sys.argv[1])
for line in sys.stdin:
    socket.send(line.strip().encode())
    print(socket.recv().decode(), flush=True)
"""

# Sends what is on a line as bytes of a Python literal, as so many frames; says what came back, or that nothing did.
RAW_PEER = """
import ast, sys, zmq
context = zmq.Context()
for line in sys.stdin:
    socket = context.socket(zmq.DEALER)
    socket.setsockopt(zmq.RCVTIMEO, 5000)
    socket.setsockopt(zmq.LINGER, 0)
    socket.connect(sys.argv[1])
    socket.send_multipart(ast.literal_eval(line))
    try:
        print(socket.recv_multipart()[-1].decode(), flush=True)
    except zmq.Again:
        print("null", flush=True)
    socket.close()
"""


class Peer:
    """A pyzmq program that sends what it is given and returns the replies."""

    def __init__(self, machine, program: str, registry: str = REGISTRY):
        self.child = machine.begin("/usr/bin/python3", "-c", program, registry, stdin=-1, stderr=None)

    def ask(self, line: str):
        self.child.stdin.write(line + "\n")
        self.child.stdin.flush()
        reply = line_of(self.child.stdout)
        assert reply, "the peer got no reply"
        return json.loads(reply)

    def request(self, message_type: str, **fields):
        return self.ask(json.dumps({"message_type": message_type, **fields}))

    def send_raw(self, *frames: bytes):
        return self.ask(repr(list(frames)))

    def close(self) -> None:
        self.child.kill()
        self.child.communicate()


@pytest.fixture
def peer(h1, registry):
    peer = Peer(h1, PLAIN_PEER)
    yield peer
    peer.close()


@pytest.fixture
def raw_peer(h1, registry):
    peer = Peer(h1, RAW_PEER)
    yield peer
    peer.close()


def test_plain_pyzmq_req_socket_sending_only_core_fields_registers_looks_up_and_sends_heartbeats(peer, fleet):
    manager, actor, endpoint = f"{fleet.mark}-m", f"{fleet.mark}-a", "tcp://10.77.0.11:7001"
    registered = peer.request("RegisterActor", manager_id=manager, actor_name=actor, actor_endpoint=endpoint)
    assert registered["message_type"] == "RegistrationOk"
    assert registered["actor_name"] == actor
    found = peer.request("LookupActor", actor_name=actor)
    assert found["message_type"] == "LookupResult"
    assert (found["endpoint"], found["online"]) == (endpoint, True)
    beat = peer.request("Heartbeat", manager_id=manager)
    assert beat["message_type"] == "HeartbeatAck"
    assert peer.request("Heartbeat", manager_id=manager, timestamp_ms=0)["message_type"] == "HeartbeatAck"

    eventually(lambda: not peer.request("LookupActor", actor_name=actor)["online"], within=30)
    assert peer.request("LookupActor", actor_name=actor)["endpoint"] == endpoint
    peer.request("Heartbeat", manager_id=manager)
    assert peer.request("LookupActor", actor_name=actor)["online"]

    unknown = peer.request("LookupActor", actor_name=f"{fleet.mark}-nobody")
    assert (unknown["endpoint"], unknown["online"]) == (None, False)
    assert peer.request("UnregisterActor", actor_name=actor)["message_type"] == "RegistrationOk"
    assert peer.request("LookupActor", actor_name=actor)["endpoint"] is None


def test_message_ids_are_accepted_in_place_of_names(peer, fleet):
    reply = peer.ask(json.dumps({"message_id": 904, "actor_name": f"{fleet.mark}-nobody", "request_id": 17}))
    assert reply["message_type"] == "LookupResult"
    assert reply["request_id"] == 17


def test_a_name_is_refused_to_another_manager_while_its_owner_is_heard(peer, fleet):
    actor = f"{fleet.mark}-a"
    owner, other = f"{fleet.mark}-owner", f"{fleet.mark}-other"
    peer.request("RegisterActor", manager_id=owner, actor_name=actor, actor_endpoint="tcp://10.77.0.11:7001")
    register = {"manager_id": other, "actor_name": actor, "actor_endpoint": "tcp://10.77.0.11:7002"}
    refused = peer.request("RegisterActor", **register)
    assert refused["message_type"] == "RegistrationFailed"
    assert refused["code"] == "taken"
    assert refused["reason"] == f"Name already registered by manager '{owner}'"
    eventually(lambda: peer.request("RegisterActor", **register)["message_type"] == "RegistrationOk", within=30)
    assert peer.request("LookupActor", actor_name=actor)["endpoint"] == "tcp://10.77.0.11:7002"


@pytest.mark.parametrize(
    "frame,code",
    [
        (b"", "bad_json"),
        (b"\xff\xfe\x00", "bad_json"),
        (b"{", "bad_json"),
        (b"[]", "bad_json"),
        (b'{"message_type": "LookupActor", "actor_name": "a"} x', "bad_json"),
        (b'{"message_type": "LookupActor", "actor_name": "a", "actor_name": "b"}', "bad_json"),
        (b'{"message_type": "LookupActor", "actor_name": "\xc3\x28"}', "bad_json"),
        (b"[" * 60000, "bad_json"),
        (b'{"message_type": "NoSuchThing"}', "unknown_type"),
        (b'{"message_id": 1}', "unknown_type"),
        (b'{"message_type": "LookupActor"}', "missing_field"),
        (b'{"message_type": "LookupActor", "actor_name": 7}', "invalid_field"),
        (b'{"message_type": "LookupActor", "actor_name": ""}', "invalid_field"),
        (b'{"message_type": "LookupActor", "actor_name": "%s"}' % (b"x" * 70000), "too_large"),
    ],
)
def test_bad_input_gets_an_error_and_the_next_peer_never_notices(raw_peer, peer, frame, code):
    reply = raw_peer.send_raw(b"", frame)
    assert reply["message_type"] == "Error"
    assert reply["code"] == code
    assert reply["error"]
    assert peer.request("LookupActor", actor_name="x")["message_type"] == "LookupResult"


def test_too_many_frames_and_a_frame_over_1_mib_leave_the_others_alone(raw_peer, peer):
    assert raw_peer.send_raw(*[b""] * 20, b"{}")["code"] == "too_large"
    assert raw_peer.send_raw(b"", b"x" * (2 << 20)) is None
    assert peer.request("LookupActor", actor_name="x")["message_type"] == "LookupResult"


def test_a_bad_registration_is_a_registration_failed(raw_peer):
    request = {"message_type": "RegisterActor", "manager_id": "a*b", "actor_name": "n", "actor_endpoint": "tcp://h:1"}
    reply = raw_peer.send_raw(b"", json.dumps(request).encode())
    assert reply["message_type"] == "RegistrationFailed"
    assert reply["code"] == "invalid_field"


def test_a_bare_dealer_pipelines_and_gets_every_reply_in_order(h1, registry):
    program = """
import json, sys, zmq
socket = zmq.Context().socket(zmq.DEALER)
socket.setsockopt(zmq.RCVTIMEO, 20000)
socket.connect(sys.argv[1])
for number in range(500):
    socket.send(json.dumps({"message_type": "LookupActor", "actor_name": "a", "request_id": number}).encode())
print([json.loads(socket.recv())["request_id"] for _ in range(500)] == list(range(500)))
"""
    assert h1.must("/usr/bin/python3", "-c", program, REGISTRY).strip() == "True"


def registry_unit(machine, mark: str, more: str = "") -> str:
    unit = f"{mark}-registry.service"
    serve = "/usr/local/bin/actorsctl registry serve --in-memory --endpoint tcp://127.0.0.1:5556"
    machine.write(
        f"/etc/systemd/system/{unit}",
        f"[Service]\nType=notify\nExecStart={serve}\nTimeoutStartSec=30\nTimeoutStopSec=30\n{more}",
    )
    machine.must("systemctl", "daemon-reload")
    return unit


@pytest.fixture
def served_by_systemd(h2, fleet):
    """Starts a registry as a unit of h2."""
    units = []

    def start(more: str = "") -> str:
        units.append(registry_unit(h2, fleet.mark, more))
        h2.must("systemctl", "start", units[-1])
        return units[-1]

    yield start
    for unit in units:
        h2.run("systemctl", "kill", "-s", "KILL", unit)
        h2.run("systemctl", "stop", unit)
        h2.file(f"/etc/systemd/system/{unit}").unlink()
        h2.run("systemctl", "daemon-reload")


def test_registry_serve_tells_systemd_when_it_is_ready_and_ends_cleanly_on_term(served_by_systemd, h2):
    unit = served_by_systemd()
    # READY came: Type=notify lets start end only then. It answers at once.
    assert h2.run("actorsctl", "--registry", "tcp://127.0.0.1:5556", "registry", "status").code == 0
    h2.must("systemctl", "stop", unit)
    assert h2.property(unit, "Result") == "success"
    assert h2.property(unit, "ExecMainStatus") == "0"


def test_registry_serve_tells_systemd_that_it_is_stopping(served_by_systemd, h2):
    unit = served_by_systemd()
    h2.must("systemctl", "kill", "--kill-whom=main", "-s", "TERM", unit)
    # Not asked by systemd to stop: only STOPPING=1 makes this deactivating instead of a sudden end.
    eventually(lambda: h2.property(unit, "ActiveState") == "inactive", within=30)
    assert h2.property(unit, "Result") == "success"
    journal = h2.journal("-u", unit, "-o", "cat")
    assert "Failed" not in journal


def test_the_watchdog_is_fed_and_ends_a_registry_that_hangs(served_by_systemd, h2):
    unit = served_by_systemd("WatchdogSec=6\n")

    def at(what: str) -> float:
        return int(h2.property(unit, f"{what}TimestampMonotonic")) / 1_000_000

    pid = h2.property(unit, "MainPID")
    eventually(lambda: at("Watchdog") > at("ActiveEnter") + 6, within=60, what="it is fed for longer than WatchdogSec")
    assert (h2.property(unit, "ActiveState"), h2.property(unit, "MainPID")) == ("active", pid)
    h2.must("kill", "-STOP", pid)
    eventually(lambda: h2.property(unit, "Result") == "watchdog", within=60)


def test_registry_serve_without_systemd_ends_cleanly_on_int_and_term(h3):
    for name in ("INT", "TERM"):
        child = h3.begin("sh", "-c", "echo $$; exec actorsctl registry serve --in-memory --endpoint tcp://127.0.0.1:5557")
        pid = line_of(child.stdout).strip()
        ask = ("actorsctl", "--registry", "tcp://127.0.0.1:5557", "registry", "status")
        eventually(lambda: h3.run(*ask).code == 0, within=30)
        h3.must("kill", f"-{name}", pid)
        child.communicate(timeout=30)
        assert child.returncode == 0


def test_a_port_that_is_taken_is_said_to_be(ctl, registry):
    done = ctl.run("actorsctl", "registry", "serve", "--in-memory", "--endpoint", "tcp://0.0.0.0:5555")
    assert done.code not in (0, 2)
    assert "tcp://0.0.0.0:5555" in done.err


def test_managers_register_again_when_the_registry_lost_its_state(fleet, h2, served_by_systemd):
    unit = served_by_systemd()
    manager = fleet.manager(h2)
    manager.runs_as_a_manager(registry="tcp://127.0.0.1:5556")
    manager.systemctl("start")
    lookup = ("actorsctl", "--registry", "tcp://127.0.0.1:5556", "lookup", manager.actor)
    eventually(lambda: h2.run(*lookup).out == manager.endpoint + "\n", within=30)
    h2.must("systemctl", "restart", unit)
    eventually(lambda: h2.run(*lookup).out == manager.endpoint + "\n", within=30)
