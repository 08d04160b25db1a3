"""CURVE keys: where they come from, and how a socket is given them."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import zmq

from .errors import UnusableKeyError

_KEY_CHARACTERS = 40
_LONGEST_FILE = 64 * 1024


class CurveKeys:
    """The registry's public key, and the client's own pair; without that a fresh one is made for each connection.
    Nothing prints them.
    """

    __slots__ = ("_own", "_server")

    def __init__(self, server: bytes, own: tuple[bytes, bytes] | None) -> None:
        self._server = server
        self._own = own

    def apply(self, socket: zmq.Socket[Any]) -> None:
        """Before the socket connects."""
        public, secret = self._own or zmq.curve_keypair()
        socket.setsockopt(zmq.CURVE_SERVERKEY, self._server)
        socket.setsockopt(zmq.CURVE_PUBLICKEY, public)
        socket.setsockopt(zmq.CURVE_SECRETKEY, secret)

    def __reduce__(self) -> str:
        raise TypeError("keys are not to be written anywhere")


def keys_of(server_key: str | None, key_file: str | os.PathLike[str] | None) -> CurveKeys | None:
    """Where neither is given, what $REGISTRY_SERVER_KEY and $REGISTRY_KEY_FILE name; None where that is nothing.
    Raises UnusableKeyError.
    """
    if server_key is not None or key_file is not None:
        return _read(server_key or "", os.fspath(key_file or ""))
    try:
        return _read(os.environ.get("REGISTRY_SERVER_KEY", ""), os.environ.get("REGISTRY_KEY_FILE", ""))
    except UnusableKeyError as error:
        raise UnusableKeyError(f"REGISTRY_SERVER_KEY, REGISTRY_KEY_FILE: {error}") from None


def _read(server_key: str, key_file: str) -> CurveKeys | None:
    if not server_key:
        if key_file:
            raise UnusableKeyError(f"{key_file}: is of no use without the registry's public key")
        return None
    if not zmq.has("curve"):
        raise UnusableKeyError("the libzmq of pyzmq has no CURVE")
    return CurveKeys(_server_key(server_key), _own(key_file) if key_file else None)


def _server_key(text: str) -> bytes:
    # What begins as a path does may be a key all the same: 2 of Z85's 85 characters are '/' and '.'.
    if _is_key(text) and not Path(text).exists():
        return text.encode()
    if not text.startswith(("/", ".")) and not Path(text).exists():
        raise UnusableKeyError("the registry's key: expected 40 characters (Z85), or a certificate's path")
    public = _certificate(text, secret=False).get("public-key")
    if public is None:
        raise UnusableKeyError(f"{text}: expected a certificate with a public-key")
    return public


def _own(path: str) -> tuple[bytes, bytes]:
    found = _certificate(path, secret=True)
    secret = found.get("secret-key")
    if secret is None:
        raise UnusableKeyError(f"{path}: expected a certificate with a secret-key")
    public = zmq.curve_public(secret)
    if found.get("public-key", public) != public:
        raise UnusableKeyError(f"{path}: its public-key is another's than its secret-key")
    return public, secret


def _is_key(text: str) -> bool:
    if len(text) != _KEY_CHARACTERS or not text.isascii() or "\0" in text:
        return False
    try:
        zmq.curve_public(text.encode())
    except zmq.ZMQError:
        return False
    return True


def _certificate(path: str, secret: bool) -> dict[str, bytes]:
    """The keys in a certificate of czmq or of zmq.auth (ZeroMQ RFC 4, ZPL)."""
    keys: dict[str, bytes] = {}
    for line in _text(path, secret).splitlines():
        name, equals, value = line.strip().partition("=")
        value = value.strip(" \t\"'")
        if equals and name.strip() in ("public-key", "secret-key") and _is_key(value):
            keys[name.strip()] = value.encode()
    return keys


def _is_credential(path: str) -> bool:
    """Whether systemd made it for this service alone (systemd.exec(5), LoadCredential=): nobody else comes into the
    folder. That a group may read the file is then the mask of an ACL which names the service's user.
    """
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    return bool(folder) and os.path.dirname(path) == folder


def _text(path: str, secret: bool) -> str:
    try:
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK | os.O_NOCTTY)) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise UnusableKeyError(f"{path}: no file")
            if secret and status.st_mode & (0o037 if _is_credential(path) else 0o077):
                why = f"holds a secret key, and others than its owner may use it; chmod 600 {path}"
                raise UnusableKeyError(f"{path}: {why}")
            data = file.read(_LONGEST_FILE + 1)
    except (OSError, ValueError) as error:
        raise UnusableKeyError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    if len(data) > _LONGEST_FILE:
        raise UnusableKeyError(f"{path}: too long for a certificate")
    return data.decode("utf-8", "replace")
