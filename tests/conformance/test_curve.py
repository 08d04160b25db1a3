"""What every client says and does at a registry whose endpoint is encrypted."""

import shutil
from pathlib import Path

import pytest
from certificates import Certificates
from curve_registry import CurveRegistry
from drivers import eventually
from play import Stage, play
from proxy import HangsUp
from registry import Registry

# So long that only what comes before it can have been an answer.
LONG_MS = 60_000


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path, "registry", "other_registry", "client", "other_client")


def keys_of(certificates: Certificates, name: str = "client") -> dict[str, str]:
    return {"server_key": certificates.public("registry"), "key_file": str(certificates.secret_file(name))}


def with_an_actor(registry: Registry) -> None:
    """Theirs, which anybody may find there."""
    registry.ask("RegisterActor", manager_id="N", actor_name="Theirs", actor_endpoint="tcp://h:9")


def test_a_client_that_is_trusted_is_served(drivers, certificates):
    def script(stage: Stage) -> None:
        with CurveRegistry(certificates, "client") as registry:
            stage.open(registry.encrypted, **keys_of(certificates))
            stage.call("start_heartbeat")
            stage.call("register", "A", actor_endpoint="tcp://h:1")
            stage.call("lookup", "A")
            eventually(lambda: registry.heartbeats() >= 3, "heartbeats arrive")
            stage.call("close")
            stage.note(f"keys that were refused: {len(registry.strangers())}")

    play(drivers, "curve_trusted", script)


def test_the_environment_names_the_keys(drivers, certificates):
    def script(stage: Stage) -> None:
        with CurveRegistry(certificates, "client") as registry:
            with_an_actor(registry)
            stage.open(registry.encrypted)
            stage.call("lookup", "Theirs")
            stage.call("close")
            # What the program says is what counts.
            stage.open(registry.encrypted, server_key=certificates.public("registry"), timeout_ms=LONG_MS)
            stage.call("lookup", "Theirs")

    keys = {
        "REGISTRY_SERVER_KEY": str(certificates.public_file("registry")),
        "REGISTRY_KEY_FILE": str(certificates.secret_file("client")),
    }
    play(drivers, "curve_environment", script, keys)


def test_a_service_has_its_key_as_a_credential_of_systemds(drivers, certificates, tmp_path):
    folder = tmp_path / "credentials"
    folder.mkdir()
    credential = shutil.copy(certificates.secret_file("client"), folder)
    # The mask of an ACL that names the service's user, which systemd writes where it can (systemd.exec(5)).
    Path(credential).chmod(0o440)

    def script(stage: Stage) -> None:
        with CurveRegistry(certificates, "client") as registry:
            with_an_actor(registry)
            stage.open(registry.encrypted)
            stage.call("lookup", "Theirs")

    keys = {
        "CREDENTIALS_DIRECTORY": str(folder),
        "REGISTRY_SERVER_KEY": certificates.public("registry"),
        "REGISTRY_KEY_FILE": credential,
    }
    play(drivers, "curve_credential", script, keys)


def test_a_client_without_a_key_of_its_own_is_a_stranger(drivers, certificates):
    def script(stage: Stage) -> None:
        with CurveRegistry(certificates) as registry:
            stage.open(registry.encrypted, server_key=certificates.public("registry"), timeout_ms=LONG_MS)
            stage.call("lookup", "A")
            stage.call("lookup", "A")
            stage.note(f"keys that were refused: {len(registry.strangers())}")

    play(drivers, "curve_stranger", script)


def test_a_key_that_is_not_trusted_is_named_and_served_once_it_is(drivers, certificates):
    def script(stage: Stage) -> None:
        with CurveRegistry(certificates, "other_client") as registry:
            stage.open(
                registry.encrypted,
                server_key=str(certificates.public_file("registry")),
                key_file=str(certificates.secret_file("client")),
                timeout_ms=LONG_MS,
            )
            stage.call("lookup", "A")
            stage.call("register", "A", actor_endpoint="tcp://h:1")
            stage.call("start_heartbeat")
            stage.notice()
            stage.note("it is trusted")
            registry.trust("client")
            stage.notice()
            stage.call("register", "A", actor_endpoint="tcp://h:1")
            stage.call("lookup", "A")
            stage.call("close")

    play(drivers, "curve_trusted_later", script)


def test_a_key_that_is_revoked_ends_what_is_connected_and_all_is_as_before_when_it_is_trusted_again(
    drivers, certificates
):
    def script(stage: Stage) -> None:
        with CurveRegistry(certificates, "client", "other_client") as registry:
            with_an_actor(registry)
            stage.open(registry.encrypted, **keys_of(certificates), timeout_ms=4000)
            stage.call("start_heartbeat")
            stage.call("register", "A", actor_endpoint="tcp://h:1")
            stage.note("it is revoked")
            registry.revoke("client")
            stage.call("lookup", "Theirs")
            stage.notice()
            stage.call("register", "B", actor_endpoint="tcp://h:2")
            stage.note("the registry loses its state")
            registry.kill()
            registry.start()
            stage.note(f"heartbeats that it has: {registry.heartbeats()}")
            stage.note("it is trusted again")
            registry.trust("client")
            stage.notice()
            stage.notice()
            stage.call("lookup", "A")
            stage.call("register", "B", actor_endpoint="tcp://h:2")
            stage.call("close")

    play(drivers, "curve_revoked", script)


def test_another_key_of_the_registrys_is_named(drivers, certificates):
    def script(stage: Stage) -> None:
        with CurveRegistry(certificates, "client") as registry:
            stage.open(
                registry.encrypted,
                server_key=certificates.public("other_registry"),
                key_file=str(certificates.secret_file("client")),
            )
            stage.call("lookup", "A")

    play(drivers, "curve_wrong_server_key", script)


def test_one_side_without_curve_is_named(drivers, certificates):
    def script(stage: Stage) -> None:
        def error_of_a_lookup() -> str:
            # libzmq's server may hang up before it has said that it encrypts: how often is the scheduler's affair.
            error = stage.quietly("lookup", actor_name="A")["error"]
            return "" if error == "timeout" else error

        with CurveRegistry(certificates, "client") as registry:
            stage.open(registry.encrypted)
            stage.note(f"the client: {eventually(error_of_a_lookup, 'it is named')}")
            stage.open(registry.endpoint, **keys_of(certificates))
            stage.note(f"the registry: {eventually(error_of_a_lookup, 'it is named')}")

    play(drivers, "curve_on_one_side", script)


def test_who_hangs_up_again_and_again_is_named(drivers):
    def script(stage: Stage) -> None:
        with HangsUp() as stranger:
            stage.open(stranger.endpoint, timeout_ms=2500)
            stage.call("lookup", "A")

    play(drivers, "hangs_up", script)


def test_what_changes_while_a_client_is_connected_is_named(drivers, certificates):
    def script(stage: Stage) -> None:
        with CurveRegistry(certificates, "client", stored=True) as registry:
            with_an_actor(registry)
            stage.open(registry.encrypted, **keys_of(certificates), timeout_ms=6000)
            stage.call("lookup", "Theirs")

            def after(text: str, change) -> None:
                registry.kill()
                change()
                registry.start()
                stage.note(f"started again, {text}")
                stage.call("lookup", "Theirs")

            after("the client is revoked", lambda: registry.revoke("client"))
            after("the client is trusted", lambda: registry.trust("client"))
            after("with another key", lambda: registry.has_key("other_registry"))
            after("with its own key", lambda: registry.has_key("registry"))

    play(drivers, "curve_changes", script)


def test_another_endpoint_is_asked_where_one_refuses(drivers, certificates):
    def script(stage: Stage) -> None:
        with CurveRegistry(certificates) as refusing, CurveRegistry(certificates, "client") as registry:
            with_an_actor(registry)
            endpoints = (refusing.encrypted, registry.encrypted)
            stage.open(*endpoints, **keys_of(certificates), timeout_ms=LONG_MS)
            stage.call("lookup", "Theirs")

    play(drivers, "curve_second_endpoint", script)


def test_what_the_registry_does_not_permit_is_named_and_the_rest_is_done(drivers, certificates):
    def script(stage: Stage) -> None:
        with CurveRegistry(certificates) as registry:
            with_an_actor(registry)
            lists = ("--register", "A*", "--lookup", "A*", "--unregister", "A1", "--manager", "M")
            registry.trust("client", *lists)
            stage.open(registry.encrypted, **keys_of(certificates))
            stage.call("start_heartbeat")
            stage.call("register", "A1", actor_endpoint="tcp://h:1")
            stage.call("register", "Other", actor_endpoint="tcp://h:1")
            actors = [{"actor_name": name, "actor_endpoint": "tcp://h:2"} for name in ("A2", "Other")]
            stage.call("register_many", actors=actors)
            stage.call("lookup", "A2")
            stage.call("lookup", "Theirs")
            stage.call("lookup_many", actor_names=["A1", "A2"])
            stage.call("lookup_many", actor_names=["A1", "Theirs"])
            stage.call("unregister", "A1")
            stage.call("unregister", "A2")
            stage.call("close")
            stage.note("as another manager")
            stage.open(registry.encrypted, manager="Other", **keys_of(certificates))
            stage.call("lookup_allow_offline", "A2")
            stage.call("register", "A3", actor_endpoint="tcp://h:3")
            stage.call("start_heartbeat")
            stage.notice(saying="does not acknowledge heartbeats: client 'client' may not speak for manager 'Other'")
            stage.call("stop_heartbeat")
            stage.call("close")

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
