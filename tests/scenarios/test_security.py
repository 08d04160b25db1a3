"""Who may speak to the registry, and what becomes of others' lookups while somebody hostile tries to."""

import json
import re

import pytest
from blocks import runs
from fleet import SAMPLE_MANAGER
from hostile import ASKING, CHATTER, FLOOD, GIANTS, NONSENSE, REPLAY, SLOW
from machines import eventually, line_of
from registry_service import SecuredService
from sample_managers import ROOT, python, rust

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
        return json.loads(line_of(self.child.stdout))

    def register(self, name: str):
        return self.ask("RegisterActor", manager_id="M", actor_name=name, actor_endpoint="tcp://h:1")

    def close(self):
        self.child.kill()
        self.child.communicate()


def logged(secured, event: str, text: str) -> bool:
    """Whether the registry has said it, in an entry of this event."""
    return any(text in entry["MESSAGE"] for entry in secured.entries(f"ACTORS_EVENT={event}"))


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
    assert line_of(child.stdout) == "asking\n"
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
    assert logged(secured, "not_authorized", "client 'orders' may not register 'Risk1'")


def test_an_unknown_key_and_a_wrong_server_key_get_nothing(secured, client):
    stranger = secured.key_pair("stranger")
    assert client(stranger).ask("RegistryInfo") is None
    assert client(secured.orders, server=stranger[0]).ask("RegistryInfo") is None
    assert logged(secured, "key_refused", f"has the key '{stranger[0]}', which is not trusted")
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
    assert logged(secured, "key_refused", "is not trusted any more: its connection is ended")
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


def key_files(secured, host, name: str, *words: str) -> dict[str, str]:
    """A key pair that the registry trusts, and the registry's own public key, as root's files on the host."""
    secured.trust(name, *words)
    folder = f"/etc/actors/{secured.user}-keys"
    for file, mode in ((f"{name}.key_secret", 0o600), ("registry.key", 0o644)):
        host.write(f"{folder}/{file}", secured.host.file(f"{secured.folder}/{file}").read_text(), mode)
    return {"server_key": f"{folder}/registry.key", "key_file": f"{folder}/{name}.key_secret"}


@pytest.fixture
def keyed(secured, fleet, lab):
    """The fleet, by whose configuration this registry is spoken to, with an operator's keys."""
    client = key_files(secured, fleet.ctl, f"{fleet.mark}-operator")
    fleet.settings.update(registry_connect=f"tcp://{secured.curve()}", security={"client": client})
    yield fleet
    for host in lab.hosts:
        host.run("rm", "-rf", f"/etc/actors/{secured.user}-keys", "/var/lib/actorsctl")


def test_managers_in_all_languages_are_deployed_with_keys_of_their_own_and_heard(secured, keyed, h1, h2, h3):
    programs = {"c++": (h1, SAMPLE_MANAGER), "rust": (h2, rust(h2)), "python": (h3, python(h3))}
    managers = {language: keyed.deployable(host, program) for language, (host, program) in programs.items()}
    for manager in managers.values():
        keys = key_files(secured, manager.host, manager.id, "--manager", manager.id, "--register", manager.actor)
        environment = {"REGISTRY_SERVER_KEY": keys["server_key"], "REGISTRY_KEY_FILE": keys["key_file"]}
        keyed.hosts[manager.host.name]["managers"][manager.id]["environment"] = environment
    done = keyed("deploy", "--all", "--yes")
    assert done.code == 0, done.text
    done = keyed("--timeout", "30", "start", "--all")
    assert done.code == 0, done.text
    assert {one["verdict"] for one in keyed.statuses().values()} == {"healthy"}
    heard = {one["manager_id"]: one["process"] for one in keyed.json("managers", f"{keyed.mark}-*")["managers"]}
    for language, manager in managers.items():
        assert heard[manager.id]["language"] == language
        credential = f"/run/credentials/{manager.unit}/registry.key_secret"
        assert "secret-key" in manager.host.must("cat", credential)
        assert manager.host.run("runuser", "-u", "nobody", "--", "cat", credential).code != 0
        assert keyed.lookup(manager)["endpoint"] == manager.endpoint
    # Without the file nothing runs.
    manager = managers["c++"]
    manager.host.must("rm", f"/etc/actors/{secured.user}-keys/{manager.id}.key_secret")
    done = keyed("--timeout", "30", "restart", manager.id)
    assert done.code == 1, done.text
    assert "status=243/CREDENTIALS" in done.err
    assert "a file that systemd was to hand it is not there: look at LoadCredential" in done.err


@runs("docs/security.md", "manager-keys")
def test_managers_of_the_template_have_keys_of_their_own_by_a_drop_in(blocks, secured, h1):
    (drop_in,) = blocks
    name, template = f"{secured.user}-t", "/etc/systemd/system/manager@.service"
    endpoint = f"tcp://{h1.address}:6900"
    keys = key_files(secured, h1, name, "--manager", name)
    environment = f"EXEC={SAMPLE_MANAGER} --actor {name}={endpoint}\nREGISTRY_ENDPOINT=tcp://{secured.curve()}\n"
    h1.write(f"/etc/actors/managers/{name}.env", environment)
    h1.must("mv", keys["key_file"], f"/etc/actors/managers/{name}.key_secret")
    h1.must("mv", keys["server_key"], "/etc/actors/registry.key")
    h1.write(template, (ROOT / "systemd_units/manager@.service").read_text())
    h1.write(f"{template}.d/keys.conf", drop_in.text)
    try:
        h1.must("systemctl", "daemon-reload")
        h1.must("systemctl", "start", f"manager@{name}.service")
        asked = ("actorsctl", "--registry", f"tcp://{secured.plain()}", "--timeout", "30", "lookup", "--wait", name)
        assert h1.must(*asked).strip() == endpoint
    finally:
        h1.run("systemctl", "stop", f"manager@{name}.service")
        h1.run("rm", "-rf", template, f"{template}.d", "/etc/actors/managers", "/etc/actors/registry.key")
        h1.must("systemctl", "daemon-reload")


def test_the_registry_takes_its_own_key_as_a_credential_of_systemds(h1, h2):
    service = SecuredService(h1, "credential")
    peer = None
    try:
        secret = f"{service.folder}/registry.key_secret"
        h1.must("chown", "root:", secret)
        hand = f"[Service]\nLoadCredential=registry.key_secret:{secret}\n"
        h1.write(f"/etc/systemd/system/{service.unit}.d/key.conf", hand)
        h1.must("systemctl", "daemon-reload")
        credential = f"/run/credentials/{service.unit}/registry.key_secret"
        service.configure(security={"curve": {**service.curve_section(), "key_file": credential}})
        keys = service.trust("orders", "--register", "Order*", "--manager", "M")
        service.start()
        peer = Client(h2, f"tcp://{service.curve()}", service.server, keys)
        assert peer.register("OrderProcessor")["message_type"] == "RegistrationOk"
    finally:
        if peer:
            peer.close()
        service.remove()
        h1.run("rm", "-r", f"/etc/systemd/system/{service.unit}.d")


def test_nothing_secret_is_in_arguments_or_the_log_and_memory_is_not_to_be_read(secured):
    pid = secured.pid()
    secrets = [
        re.search(r'secret-key = "(.*)"', file.read_text())[1]
        for file in secured.host.file(secured.folder).glob("*.key_secret")
    ]
    assert secrets
    seen = secured.log() + secured.host.must("ps", "-eww", "-o", "args") + secured.host.journal("-o", "cat")
    assert not [secret for secret in secrets if secret in seen]
    # Of a process that may not be dumped, /proc/PID is root's (proc(5)).
    assert secured.host.must("ps", "-o", "user=", "-p", pid).strip() == secured.user
    assert secured.host.must("stat", "-c", "%U", f"/proc/{pid}/environ").strip() == "root"
    secured.host.must("systemctl", "kill", "--kill-whom=main", "-s", "ABRT", secured.unit)
    eventually(lambda: secured.host.property(secured.unit, "ActiveState") == "failed", within=20)
    assert secured.host.property(secured.unit, "Result") == "signal"  # and not core-dump
    secured.start()


def test_ten_thousand_connections_of_one_address_leave_64_and_cost_others_no_lookup(secured, others, h1):
    living = int(h1.must("/usr/bin/python3", "-c", FLOOD, secured.plain(), "10000", within=120))
    assert living <= 64
    assert secured.counters()["refused.connections"] >= 1
    assert logged(secured, "connections_refused", f"there are 64 connections from {h1.address} already")


def test_messages_beyond_an_addresss_measure_are_dropped_and_others_are_not(secured, h1, h2):
    secured.configure(limits={"peer_messages_s": 2000})
    secured.reload()
    eventually(lambda: "HUP: limits.peer_messages_s: 200000 -> 2000" in secured.log(), within=20)
    try:
        assert h1.must("/usr/bin/python3", "-c", CHATTER, secured.plain(), "3") == "True\n"
        for _ in range(5):
            assert h2.run("actorsctl", "--registry", f"tcp://{secured.plain()}", "registry", "status").code == 0
        assert secured.counters()["refused.messages"] > 0
        assert logged(secured, "messages_refused", "sends more than limits.peer_messages_s allows")
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
