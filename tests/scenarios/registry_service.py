"""`registry serve` as a service of a host's systemd."""

import json
import re

from machines import eventually

AT = "tcp://127.0.0.1:5558"
PLAIN, CURVE, EVENTS = 5561, 5562, 5563


class Service:
    """`registry serve` as a unit of a host, with a configuration and a data directory of its own."""

    def __init__(self, host, mark: str, more: str = ""):
        self.host = host
        self.unit = f"{mark}-registry.service"
        self.config = f"/etc/actors/{mark}-registry.json"
        self.data_dir = f"/var/lib/{mark}"
        self.configure()
        serve = f"/usr/local/bin/actorsctl --config {self.config} registry serve"
        host.write(
            f"/etc/systemd/system/{self.unit}",
            f"[Service]\nType=notify\nExecStart={serve}\nExecReload=kill -HUP $MAINPID\nTimeoutStartSec=30\n{more}",
        )
        host.must("systemctl", "daemon-reload")

    def configure(self, **more):
        config = {"registry_endpoint": AT, "data_dir": self.data_dir, **more}
        self.host.write(self.config, json.dumps(config))

    def start(self):
        self.host.must("systemctl", "start", self.unit)

    def ask(self, *words):
        return self.host.run("actorsctl", "--registry", AT, *words)

    def pid(self) -> str:
        return self.host.property(self.unit, "MainPID")

    def kill(self):
        self.host.must("systemctl", "kill", "--kill-whom=main", "-s", "KILL", self.unit)
        eventually(lambda: self.host.property(self.unit, "ActiveState") == "failed", within=30)

    def reload(self):
        self.host.must("kill", "-HUP", self.pid())

    def log(self) -> str:
        return self.host.journal("-u", self.unit, "-o", "cat")

    def entries(self, *matches: str) -> list[dict]:
        lines = self.host.journal("-u", self.unit, "-o", "json", *matches).splitlines()
        return [json.loads(line) for line in lines]

    def remove(self):
        self.host.run("systemctl", "kill", "-s", "KILL", self.unit)
        self.host.run("systemctl", "stop", self.unit)
        self.host.run("systemctl", "reset-failed", self.unit)
        self.host.run("umount", self.data_dir)
        self.host.run("rm", "-rf", self.data_dir, self.config, f"/etc/systemd/system/{self.unit}")
        self.host.run("systemctl", "daemon-reload")


class SecuredService(Service):
    """A registry with an endpoint with CURVE, and a plain one, both open to the lab."""

    def __init__(self, host, mark: str):
        self.folder = f"/etc/actors/{mark}"
        self.user = mark
        host.must("useradd", "--system", mark)
        super().__init__(host, mark, f"User={mark}\nStateDirectory={mark}\nMemoryMax=1G\nLimitNOFILE=4096\nLimitCORE=infinity\n")
        self.server = self.key_pair("registry")[0]
        host.must("chown", mark, f"{self.folder}/registry.key_secret")

    def configure(self, **more):
        address = self.host.address
        security = {"curve": self.curve_section(), **more.pop("security", {})}
        config = {
            "registry_endpoint": [f"tcp://{address}:{PLAIN}", f"tcp://{address}:{CURVE}"],
            "events_endpoint": f"tcp://{address}:{EVENTS}",
            "data_dir": self.data_dir,
            "security": security,
            **more,
        }
        self.host.write(self.config, json.dumps(config))

    def curve_section(self) -> dict:
        address = self.host.address
        return {
            "endpoints": [f"tcp://{address}:{CURVE}", f"tcp://{address}:{EVENTS}"],
            "key_file": f"{self.folder}/registry.key_secret",
            "clients_file": f"{self.folder}/clients.json",
        }

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
