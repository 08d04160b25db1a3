"""`registry serve` as a service of a host's systemd."""

import json

from machines import eventually

AT = "tcp://127.0.0.1:5558"


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
            f"[Service]\nType=notify\nExecStart={serve}\nExecReload=kill -HUP $MAINPID\nTimeoutStartSec=10\n{more}",
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
        eventually(lambda: self.host.property(self.unit, "ActiveState") == "failed", within=5)

    def reload(self):
        self.host.must("kill", "-HUP", self.pid())

    def log(self) -> str:
        return self.host.must("journalctl", "-u", self.unit, "-o", "cat")

    def entries(self, *matches: str) -> list[dict]:
        out = self.host.run("journalctl", "-u", self.unit, "-o", "json", *matches).out
        return [json.loads(line) for line in out.splitlines()]

    def remove(self):
        self.host.run("systemctl", "kill", "-s", "KILL", self.unit)
        self.host.run("systemctl", "stop", self.unit)
        self.host.run("systemctl", "reset-failed", self.unit)
        self.host.run("umount", self.data_dir)
        self.host.run("rm", "-rf", self.data_dir, self.config, f"/etc/systemd/system/{self.unit}")
        self.host.run("systemctl", "daemon-reload")
