"""Who may speak to the registry, and what becomes of others' lookups while somebody hostile tries to."""

import json
import re

import pytest
from hostile import ASKING, CHATTER, FLOOD, GIANTS, NONSENSE, REPLAY, SLOW
from machines import eventually
from registry_service import Service

PLAIN, CURVE, EVENTS = 5561, 5562, 5563

# Does what is on a line, a request or null, and prints the reply, or null after 3 s without one. argv: the endpoint,
# the server's key, and a certificate's keys.
CLIENT = """
import sys, zmq
endpoint, server, public, secret = sys.argv[1:]
socket = zmq.Context().socket(zmq.DEALER)
socket.setsockopt(zmq.RCVTIMEO, 3000)
socket.setsockopt(zmq.LINGER, 0)
socket.curve_serverkey, socket.curve_publickey, socket.curve_secretkey = server.encode(), public.encode(), secret.encode()
socket.connect(endpoint)
for line in sys.stdin:
    socket.send(line.strip().encode())
    try:
        print(socket.recv().decode(), flush=True)
    except zmq.Again:
        print("null", flush=True)
"""


class Client:
    """A peer with a key of its own on another machine."""

    def __init__(self, machine, endpoint: str, server: str, keys: tuple[str, str]):
        words = ("/usr/bin/python3", "-c", CLIENT, endpoint, server, *keys)
        self.child = machine.begin(*words, stdin=-1, stderr=None)

    def ask(self, message_type: str, **fields):
        self.child.stdin.write(json.dumps({"message_type": message_type, **fields}) + "\n")
        self.child.stdin.flush()
        return json.loads(self.child.stdout.readline())

    def register(self, name: str):
        return self.ask("RegisterActor", manager_id="M", actor_name=name, actor_endpoint="tcp://h:1")

    def close(self):
        self.child.kill()
        self.child.communicate()


class SecuredService(Service):
    """A registry with an endpoint with CURVE, and a plain one, both open to the lab."""

    def __init__(self, host, mark: str):
        self.folder = f"/etc/actors/{mark}"
        self.user = mark
        host.must("useradd", "--system", mark)
        super().__init__(host, mark, f"User={mark}\nStateDirectory={mark}\nMemoryMax=1G\nLimitNOFILE=4096\n")
        self.server = self.key_pair("registry")[0]
        host.must("chown", mark, f"{self.folder}/registry.key_secret")

    def configure(self, **more):
        address = self.host.address
        security = {
            "curve": {
                "endpoints": [f"tcp://{address}:{CURVE}", f"tcp://{address}:{EVENTS}"],
                "key_file": f"{self.folder}/registry.key_secret",
                "clients_file": f"{self.folder}/clients.json",
            },
            **more.pop("security", {}),
        }
        config = {
            "registry_endpoint": [f"tcp://{address}:{PLAIN}", f"tcp://{address}:{CURVE}"],
            "events_endpoint": f"tcp://{address}:{EVENTS}",
            "data_dir": self.data_dir,
            "security": security,
            **more,
        }
        self.host.write(self.config, json.dumps(config))

    def key_pair(self, name: str) -> tuple[str, str]:
        self.host.must("mkdir", "-p", self.folder)
        self.host.must("actorsctl", "registry", "keygen", f"{self.folder}/{name}")
        text = self.host.file(f"{self.folder}/{name}.key_secret").read_text()
        return tuple(re.search(rf'{key} = "(.*)"', text)[1] for key in ("public-key", "secret-key"))

    def manage(self, *words: str):
        return self.host.must("actorsctl", "--config", self.config, "registry", *words)

    def trust(self, name: str, *words: str) -> tuple[str, str]:
        keys = self.key_pair(name)
        self.manage("trust", name, f"{self.folder}/{name}.key", *words)
        return keys

    def plain(self) -> str:
        return f"{self.host.address}:{PLAIN}"

    def curve(self) -> str:
        return f"{self.host.address}:{CURVE}"

    def counters(self) -> dict:
        done = self.host.run("actorsctl", "--registry", f"tcp://{self.plain()}", "--json", "registry", "status")
        return json.loads(done.out)["counters"]

    def remove(self):
        super().remove()
        self.host.run("rm", "-rf", self.folder)
        eventually(lambda: self.host.run("userdel", self.user).code in (0, 6), within=20)


@pytest.fixture(scope="module")
def secured(lab):
    service = SecuredService(lab.hosts[2], "secured")
    service.orders = service.trust("orders", "--register", "Order*", "--register", "Replayed", "--manager", "M")
    service.start()
    yield service
    service.remove()


@pytest.fixture
def client(secured, h1):
    made = []

    def make(keys, server=None, endpoint=None) -> Client:
        made.append(Client(h1, endpoint or f"tcp://{secured.curve()}", server or secured.server, keys))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def others(secured, h2):
    """A peer that goes on asking while the test does its worst. What it measured is printed, for whoever runs the test with -s."""
    child = h2.begin("/usr/bin/python3", "-c", ASKING, secured.plain(), stdin=-1, stderr=None)
    assert child.stdout.readline() == "asking\n"
    yield
    out, _ = child.communicate(timeout=60)
    assert child.returncode == 0, "a lookup was not answered"
    print("others meanwhile:", out.strip())
    assert json.loads(out)["lookups"] > 0


def test_a_trusted_client_does_what_it_may_and_nothing_else(secured, client):
    orders = client(secured.orders)
    assert orders.register("Order1")["message_type"] == "RegistrationOk"
    denied = orders.register("Risk1")
    assert (denied["message_type"], denied["code"]) == ("RegistrationFailed", "not_authorized")
    assert orders.ask("Heartbeat", manager_id="Other")["code"] == "not_authorized"
    assert orders.ask("LookupActor", actor_name="Order1")["online"] is True
    assert secured.counters()["error.not_authorized"] == 2
    entries = secured.entries("ACTORS_EVENT=not_authorized")
    assert any("client 'orders' may not register 'Risk1'" in entry["MESSAGE"] for entry in entries)


def test_an_unknown_key_and_a_wrong_server_key_get_nothing(secured, client):
    stranger = secured.key_pair("stranger")
    assert client(stranger).ask("RegistryInfo") is None
    assert client(secured.orders, server=stranger[0]).ask("RegistryInfo") is None
    entries = secured.entries("ACTORS_EVENT=key_refused")
    assert any(f"has the key '{stranger[0]}', which is not trusted" in entry["MESSAGE"] for entry in entries)
    assert secured.counters()["refused.key"] >= 1
    assert secured.counters()["refused.handshake"] >= 1


def test_who_is_trusted_is_served_and_who_is_revoked_stops_without_a_restart(secured, client, h1):
    keys = secured.trust("passing")
    eventually(lambda: "clients: 2 are trusted" in secured.log(), within=20)
    passing = client(keys)
    orders = client(secured.orders)
    assert passing.register("Passing")["message_type"] == "RegistrationOk"
    assert orders.ask("RegistryInfo")["message_type"] == "RegistryInfo"
    pid = secured.pid()
    secured.manage("revoke", "passing")
    eventually(lambda: "clients: 1 are trusted" in secured.log(), within=20)
    assert passing.ask("LookupActor", actor_name="Passing") is None
    assert orders.ask("RegistryInfo")["message_type"] == "RegistryInfo"
    ended = "is not trusted any more: its connection is ended"
    assert any(ended in entry["MESSAGE"] for entry in secured.entries("ACTORS_EVENT=key_refused"))
    assert secured.pid() == pid


def test_a_wrong_clients_file_revokes_nobody(secured, client):
    file = f"{secured.folder}/clients.json"
    before = secured.host.file(file).read_text()
    secured.host.write(file, '{"clients": {"orders": {}}}')
    refused = "clients: those that were trusted before stay so: "
    eventually(lambda: f"{refused}{file}:1:14: clients.orders: has no 'key'" in secured.log(), within=20)
    assert client(secured.orders).ask("RegistryInfo")["message_type"] == "RegistryInfo"
    secured.host.write(file, before)
    eventually(lambda: secured.log().count("clients: 1 are trusted") >= 1, within=20)


def test_an_allow_list_takes_effect_with_a_reload(secured, client, h1, h2):
    plain = f"tcp://{secured.plain()}"
    asked = ("actorsctl", "--registry", plain, "--timeout", "2", "registry", "status", "--json")
    assert h2.run(*asked).code == 0
    assert any("is OPEN TO THE NETWORK" in line for line in secured.log().splitlines())
    secured.configure(security={"allow": {plain: [h1.address, secured.host.address]}, "require": True})
    secured.reload()
    eventually(lambda: "HUP: security.allow: none -> " in secured.log(), within=20)
    assert h2.run(*asked).code == 5
    status = h1.must(*asked)
    assert json.loads(status)["warnings"] == []
    secured.configure()
    secured.reload()
    eventually(lambda: h2.run(*asked).code == 0, within=20)
    assert "OPEN TO THE NETWORK" in h2.run("actorsctl", "--registry", plain, "registry", "status").out


def test_nothing_secret_is_in_arguments_or_the_log_and_memory_is_not_to_be_read(secured):
    pid = secured.pid()
    secrets = [
        re.search(r'secret-key = "(.*)"', file.read_text())[1]
        for file in secured.host.file(secured.folder).glob("*.key_secret")
    ]
    assert secrets
    seen = secured.log() + secured.host.must("ps", "-eww", "-o", "args") + secured.host.must("journalctl", "-o", "cat")
    assert not [secret for secret in secrets if secret in seen]
    # Of a process that may not be dumped, /proc/PID is root's (proc(5)).
    assert secured.host.must("ps", "-o", "user=", "-p", pid).strip() == secured.user
    assert secured.host.must("stat", "-c", "%U", f"/proc/{pid}/environ").strip() == "root"


def test_ten_thousand_connections_of_one_address_leave_64_and_cost_others_no_lookup(secured, others, h1):
    living = int(h1.must("/usr/bin/python3", "-c", FLOOD, secured.plain(), "10000", within=120))
    assert living <= 64
    assert secured.counters()["refused.connections"] >= 1
    entries = secured.entries("ACTORS_EVENT=connections_refused")
    assert any(f"there are 64 connections from {h1.address} already" in entry["MESSAGE"] for entry in entries)


def test_messages_beyond_an_addresss_measure_are_dropped_and_others_are_not(secured, h1, h2):
    secured.configure(limits={"peer_messages_s": 2000})
    secured.reload()
    eventually(lambda: "HUP: limits.peer_messages_s: 200000 -> 2000" in secured.log(), within=20)
    try:
        assert h1.must("/usr/bin/python3", "-c", CHATTER, secured.plain(), "3") == "True\n"
        for _ in range(5):
            assert h2.run("actorsctl", "--registry", f"tcp://{secured.plain()}", "registry", "status").code == 0
        assert secured.counters()["refused.messages"] > 0
        assert secured.entries("ACTORS_EVENT=messages_refused")
    finally:
        secured.configure()
        secured.reload()
        eventually(lambda: "HUP: limits.peer_messages_s: 2000 -> 200000" in secured.log(), within=20)


def test_handshakes_that_do_not_end_are_ended(secured, others, h1):
    assert h1.must("/usr/bin/python3", "-c", SLOW, secured.curve()) == "60\n"


def test_replayed_and_truncated_handshakes_have_no_effect(secured, others, h1):
    done = h1.must("/usr/bin/python3", "-c", REPLAY, secured.curve(), secured.server, *secured.orders, within=120)
    ended, endpoint = json.loads(done)
    assert (ended, endpoint) == (5, None)


def test_giants_and_nonsense_cost_their_own_connections_alone(secured, others, h1):
    pid = secured.pid()
    assert h1.must("/usr/bin/python3", "-c", NONSENSE, secured.plain()) == "done\n"
    said = json.loads(h1.must("/usr/bin/python3", "-c", GIANTS, secured.plain(), within=120))
    assert said == {"giant frame ended": True, "large frame ended": True, "many frames": True}
    assert secured.pid() == pid
