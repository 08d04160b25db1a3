"""Key pairs for tests; those of the Python client take them from here, too."""

from __future__ import annotations

from pathlib import Path

import zmq.auth


class Certificates:
    """Key pairs, each as the two files that zmq.auth makes of it."""

    def __init__(self, folder: Path, *names: str):
        self._folder = folder
        for name in names:
            zmq.auth.create_certificates(folder, name)
            self.secret_file(name).chmod(0o600)

    def public_file(self, name: str) -> Path:
        return self._folder / f"{name}.key"

    def secret_file(self, name: str) -> Path:
        return self._folder / f"{name}.key_secret"

    def pair(self, name: str) -> tuple[bytes, bytes]:
        public, secret = zmq.auth.load_certificate(self.secret_file(name))
        assert secret is not None
        return public, secret

    def public(self, name: str) -> str:
        return self.pair(name)[0].decode()
