"""What every client says and does at a registry whose endpoint is encrypted."""

from pathlib import Path

import pytest
from curve_registry import Certificates, CurveRegistry
from play import Stage, play
from registry import free_endpoint

# So long that only what comes before it can have been an answer.
LONG_MS = 60_000


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path, "registry", "other_registry", "client", "other_client")


def test_a_client_that_is_trusted_is_served(drivers, certificates):
    def script(stage: Stage) -> None:
        with CurveRegistry(free_endpoint(), certificates.pair("registry"), {certificates.public("client")}) as registry:
            stage.open(
                registry.endpoint,
                server_key=certificates.public("registry"),
                key_file=str(certificates.secret_file("client")),
            )
            stage.call("start_heartbeat")
            stage.call("register", "A", actor_endpoint="tcp://h:1")
            stage.call("lookup", "A")
            stage.call("close")
            stage.note(f"the registry has seen: {'the client' if registry.seen == registry.trusted else registry.seen}")

    play(drivers, "curve_trusted", script)


def test_the_environment_names_the_keys(drivers, certificates):
    def script(stage: Stage) -> None:
        with CurveRegistry(free_endpoint(), certificates.pair("registry"), {certificates.public("client")}) as registry:
            stage.open(registry.endpoint)
            stage.call("lookup", "A")
            stage.call("close")
            # What the program says is what counts.
            stage.open(registry.endpoint, server_key=certificates.public("registry"), timeout_ms=LONG_MS)
            stage.call("lookup", "A")

    keys = {
        "REGISTRY_SERVER_KEY": str(certificates.public_file("registry")),
        "REGISTRY_KEY_FILE": str(certificates.secret_file("client")),
    }
    play(drivers, "curve_environment", script, keys)


def test_a_client_without_a_key_of_its_own_is_a_stranger(drivers, certificates):
    def script(stage: Stage) -> None:
        with CurveRegistry(free_endpoint(), certificates.pair("registry")) as registry:
            stage.open(registry.endpoint, server_key=certificates.public("registry"), timeout_ms=LONG_MS)
            stage.call("lookup", "A")
            stage.call("lookup", "A")
            stage.note(f"keys that the registry has seen: {len(registry.seen)}")

    play(drivers, "curve_stranger", script)


def test_a_key_that_is_not_trusted_is_named_and_served_once_it_is(drivers, certificates):
    def script(stage: Stage) -> None:
        with CurveRegistry(free_endpoint(), certificates.pair("registry")) as registry:
            stage.open(
                registry.endpoint,
                server_key=str(certificates.public_file("registry")),
                key_file=str(certificates.secret_file("client")),
                timeout_ms=LONG_MS,
            )
            stage.call("lookup", "A")
            stage.call("register", "A", actor_endpoint="tcp://h:1")
            stage.call("start_heartbeat")
            stage.notice()
            registry.trusted.add(certificates.public("client"))
            stage.notice()
            stage.call("lookup", "A")
            stage.call("close")

    play(drivers, "curve_trusted_later", script)


def test_another_key_of_the_registrys_is_named(drivers, certificates):
    def script(stage: Stage) -> None:
        with CurveRegistry(free_endpoint(), certificates.pair("registry"), {certificates.public("client")}) as registry:
            stage.open(
                registry.endpoint,
                server_key=certificates.public("other_registry"),
                key_file=str(certificates.secret_file("client")),
            )
            stage.call("lookup", "A")

    play(drivers, "curve_wrong_server_key", script)


def test_one_side_without_curve_is_named(drivers, certificates):
    def script(stage: Stage) -> None:
        with CurveRegistry(free_endpoint(), certificates.pair("registry")) as registry:
            stage.open(registry.endpoint, timeout_ms=LONG_MS)
            stage.call("lookup", "A")
        with CurveRegistry(free_endpoint(), None) as registry:
            stage.open(registry.endpoint, server_key=certificates.public("registry"))
            stage.call("lookup", "A")

    play(drivers, "curve_on_one_side", script)


def test_what_changes_while_a_client_is_connected_is_named(drivers, certificates):
    def script(stage: Stage) -> None:
        endpoint = free_endpoint()
        client = {certificates.public("client")}
        with CurveRegistry(endpoint, certificates.pair("registry"), client):
            stage.open(
                endpoint,
                server_key=certificates.public("registry"),
                key_file=str(certificates.secret_file("client")),
                timeout_ms=6000,
            )
            stage.call("lookup", "A")
        with CurveRegistry(endpoint, certificates.pair("registry")):
            stage.call("lookup", "A")
        with CurveRegistry(endpoint, certificates.pair("registry"), client):
            stage.call("lookup", "A")
        with CurveRegistry(endpoint, certificates.pair("other_registry"), client):
            stage.call("lookup", "A")
        with CurveRegistry(endpoint, certificates.pair("registry"), client):
            stage.call("lookup", "A")

    play(drivers, "curve_changes", script)


def test_another_endpoint_is_asked_where_one_refuses(drivers, certificates):
    def script(stage: Stage) -> None:
        client = {certificates.public("client")}
        with CurveRegistry(free_endpoint(), certificates.pair("registry")) as refusing:
            with CurveRegistry(free_endpoint(), certificates.pair("registry"), client) as registry:
                stage.open(
                    refusing.endpoint,
                    registry.endpoint,
                    server_key=certificates.public("registry"),
                    key_file=str(certificates.secret_file("client")),
                    timeout_ms=LONG_MS,
                )
                stage.call("lookup", "A")

    play(drivers, "curve_second_endpoint", script)


def test_what_the_registry_does_not_permit_is_named(drivers, certificates):
    def script(stage: Stage) -> None:
        with CurveRegistry(free_endpoint(), certificates.pair("registry"), {certificates.public("client")}) as registry:
            stage.open(
                registry.endpoint,
                server_key=certificates.public("registry"),
                key_file=str(certificates.secret_file("client")),
            )
            stage.call("lookup", "Denied")
            stage.call("register", "Denied", actor_endpoint="tcp://h:1")

    play(drivers, "curve_denied", script)


def test_keys_that_can_not_be_used_are_an_error_before_anything_is_sent(drivers, certificates, tmp_path):
    readable = tmp_path / "readable.key_secret"
    readable.write_bytes(certificates.secret_file("client").read_bytes())
    readable.chmod(0o640)
    server_key, key_file = certificates.public("registry"), str(certificates.secret_file("client"))
    wrong = [
        {"server_key": server_key[:-1]},
        {"server_key": server_key.replace(server_key[7], "~")},
        {"server_key": str(tmp_path / "missing.key")},
        {"server_key": str(tmp_path)},
        {"key_file": key_file},
        {"server_key": server_key, "key_file": str(readable)},
        {"server_key": server_key, "key_file": str(certificates.public_file("client"))},
    ]

    def script(stage: Stage) -> None:
        for keys in wrong:
            stage.call("open", manager="M", endpoints=["tcp://127.0.0.1:1"], **keys)

    certificates.public_file("client").chmod(0o600)
    play(drivers, "curve_unusable_keys", script)
