from __future__ import annotations

import contextlib
import copy
import logging
import os
import pickle
import random
import socket
from pathlib import Path
from typing import Any

import pytest
from conftest import eventually
from curve_registry import Certificates, CurveRegistry

from actors_registry import Heartbeat, KeyNotAcceptedError, RegistryClient, UnusableKeyError, connect, serialize
from actors_registry._keys import keys_of

_kept: list[socket.socket] = []


def free_endpoint() -> str:
    """Nobody else's until the end, as it stays bound. Who asks for it with SO_REUSEADDR gets it, as libzmq does."""
    keeper = socket.socket()
    keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    keeper.bind(("127.0.0.1", 0))
    _kept.append(keeper)
    return f"tcp://127.0.0.1:{keeper.getsockname()[1]}"


@pytest.fixture
def certificates(folder: Path) -> Any:
    return Certificates(folder, "registry", "client", "other")


def test_keys_are_text_or_files(certificates: Any) -> None:
    for server_key in certificates.public("registry"), str(certificates.public_file("registry")):
        keys = keys_of(server_key, certificates.secret_file("client"))
        assert keys is not None
        assert keys._server == certificates.public("registry").encode()
        assert keys._own == certificates.pair("client")
    assert keys_of("", None) is None


def test_the_environment_is_asked_by_who_names_none(certificates: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_SERVER_KEY", certificates.public("registry"))
    monkeypatch.setenv("REGISTRY_KEY_FILE", str(certificates.secret_file("client")))
    keys = keys_of(None, None)
    assert keys is not None and keys._own == certificates.pair("client")
    assert keys_of("", None) is None
    monkeypatch.setenv("REGISTRY_KEY_FILE", "/nowhere/at")
    with pytest.raises(UnusableKeyError, match="REGISTRY_KEY_FILE: /nowhere/at: No such file"):
        RegistryClient("M", "tcp://127.0.0.1:1")


def test_what_can_not_be_used_is_said_without_a_key_in_it(certificates: Any, folder: Path) -> None:
    server_key = certificates.public("registry")
    secret = certificates.pair("client")[1].decode()
    fifo = folder / "fifo"
    os.mkfifo(fifo, 0o600)
    readable = folder / "readable"
    readable.write_bytes(certificates.secret_file("client").read_bytes())
    readable.chmod(0o604)
    mixed, long = folder / "mixed", folder / "long"
    for path, text in (mixed, f"public-key = '{server_key}'\nsecret-key = '{secret}'"), (long, "#" * 65537):
        path.touch(0o600)
        path.write_text(text)
    cases: list[tuple[str, Any, str]] = [
        ("nonsense", None, "40 characters"),
        ("a\0b", None, ""),
        ("", certificates.secret_file("client"), "without the registry's public key"),
        (str(folder), None, "Is a directory"),
        (server_key, fifo, "no file"),
        (server_key, readable, "chmod 600"),
        (server_key, mixed, "another's"),
        (server_key, long, "too long"),
        (server_key, folder / "missing", "No such file"),
    ]
    for key, file, expected in cases:
        with pytest.raises(UnusableKeyError) as caught:
            keys_of(key, file)
        assert expected in str(caught.value)
        assert secret not in str(caught.value) and server_key not in str(caught.value)


def test_a_credential_is_this_services_own_whatever_its_mode_says_of_a_group(
    certificates: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = certificates.secret_file("client")
    path.chmod(0o440)
    with pytest.raises(UnusableKeyError, match="others than its owner"):
        keys_of(certificates.public("registry"), path)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(path.parent))
    assert keys_of(certificates.public("registry"), path) is not None
    for mode in 0o444, 0o460:
        path.chmod(mode)
        with pytest.raises(UnusableKeyError, match="others than its owner"):
            keys_of(certificates.public("registry"), path)


def test_nothing_prints_or_writes_keys(certificates: Any) -> None:
    keys = keys_of(certificates.public("registry"), certificates.secret_file("client"))
    assert certificates.pair("client")[1].decode() not in repr(keys)
    for write in pickle.dumps, copy.deepcopy:
        with pytest.raises(TypeError):
            write(keys)


def test_no_certificate_does_harm(certificates: Any, folder: Path) -> None:
    good = certificates.secret_file("client").read_bytes()
    numbers = random.Random(7)
    path = folder / "some"
    path.touch(0o600)
    for _ in range(2000):
        data = bytearray(good)
        for _ in range(numbers.randrange(1, 4)):
            data[numbers.randrange(len(data))] = numbers.randrange(256)
        path.write_bytes(data)
        with contextlib.suppress(UnusableKeyError):
            keys_of(certificates.public("registry"), path)


def test_what_is_only_told_is_refused_in_the_log_and_goes_once_the_client_is_trusted(
    certificates: Any, caplog: pytest.LogCaptureFixture
) -> None:
    keys = {"server_key": certificates.public("registry"), "key_file": str(certificates.secret_file("client"))}
    heartbeat = serialize(Heartbeat(manager_id="M"))
    with (
        CurveRegistry(free_endpoint(), certificates.pair("registry")) as registry,
        connect(registry.endpoint, **keys) as connection,
        caplog.at_level(logging.WARNING, "actors_registry"),
    ):

        def refused() -> bool:
            connection.send(heartbeat)
            return "key not accepted" in caplog.text

        eventually(refused)
        assert caplog.text.count("key not accepted") == 1
        registry.trusted.add(certificates.public("client"))

        def answered() -> bool:
            connection.send(heartbeat)
            return bool(connection._handshake.socket.closed)

        eventually(answered)
        assert caplog.text.count("key not accepted") == 1


def test_a_client_that_is_refused_closes_and_says_goodbye_to_nobody(certificates: Any) -> None:
    with (
        CurveRegistry(free_endpoint(), certificates.pair("registry")) as registry,
        RegistryClient("M", registry.endpoint, server_key=certificates.public("registry"), timeout=60) as client,
    ):
        with pytest.raises(KeyNotAcceptedError):
            client.register("A", "tcp://h:1")
        assert not client.goodbye()
