"""A registry that encrypts, and whom it trusts."""

import re
import subprocess

from certificates import Certificates
from drivers import BUILD, eventually
from registry import Registry

from ports import free_endpoint


class CurveRegistry(Registry):
    """A registry with an encrypted endpoint beside its plain one, at which the test itself asks. It has the key `registry`
    of the certificates, and trusts those of them that it is given.
    """

    def __init__(self, certificates: Certificates, *trusted: str, stored: bool = False, **settings: object):
        super().__init__(stored=stored, begun=False, heartbeat_timeout_s=60, **settings)
        self._certificates = certificates
        self.encrypted = free_endpoint()
        self.settings["registry_endpoint"] = [self.endpoint, self.encrypted]
        clients_file = str(self.folder / "clients.json")
        self.settings["security"] = {"curve": {"endpoints": [self.encrypted], "clients_file": clients_file}}
        self.has_key("registry")
        self.start()
        for name in trusted:
            self.trust(name)

    def has_key(self, name: str) -> None:
        """From the next start on."""
        self.settings["security"]["curve"]["key_file"] = str(self._certificates.secret_file(name))

    def trust(self, name: str, *options: str) -> None:
        """In force when this returns, as in revoke()."""
        self._manage("trust", name, self._certificates.public_file(name), *options)

    def revoke(self, name: str) -> None:
        self._manage("revoke", name)

    def _manage(self, *words: object) -> None:
        def taken_notice_of() -> int:
            return len(re.findall("clients: [0-9]+ are trusted", self.log()))

        before = taken_notice_of()
        command = [BUILD / "actorsctl", "--config", self.config, "registry", *words]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        if self.runs:
            eventually(lambda: taken_notice_of() > before, f"the registry has taken notice of {words[0]}")

    def strangers(self) -> set[str]:
        """The keys that were refused."""
        return set(re.findall(r"has the key '(\S{40})', which is not trusted", self.log()))
