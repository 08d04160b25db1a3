"""A test's own managers: their units on the lab's hosts, the configuration that names them, and actorsctl on it."""

import json
from dataclasses import dataclass, field

from machines import Done, Machine

REGISTRY = "tcp://10.77.0.1:5555"
SAMPLE_MANAGER = "/usr/local/bin/sample_manager"

# Ends quickly and lets a wait for a manager that is never heard end quickly: actorsctl waits for as long as a unit's
# own start and stop may take.
SERVICE = """[Unit]
StartLimitIntervalSec=0
[Service]
TimeoutStartSec=2
TimeoutStopSec=2
"""

# Of a unit that begins with it, or stops with it: it takes until Manager.go_on().
HELD_UP = "/bin/sh -c 'until [ -e /run/%n.go ]; do sleep .1; done'"


@dataclass
class Manager:
    """A manager that is a systemd service on a host."""

    id: str
    host: Machine
    unit: str
    actor: str
    endpoint: str
    settings: dict = field(default_factory=dict)

    def systemctl(self, *words: str) -> str:
        return self.host.must("systemctl", *words, "--", self.unit)

    @property
    def pid(self) -> str:
        return self.host.property(self.unit, "MainPID")

    @property
    def state(self) -> str:
        return self.host.property(self.unit, "ActiveState")

    @property
    def invocation(self) -> str:
        return self.host.property(self.unit, "InvocationID")

    def signal(self, name: str) -> None:
        self.host.must("kill", f"-{name}", self.pid)

    def go_on(self) -> None:
        """What holds its unit up is over, for good."""
        self.host.write(f"/run/{self.unit}.go", "")

    def unit_file(self, text: str) -> None:
        """Writes the unit's file anew; systemd knows it when this returns."""
        name, at, rest = self.unit.partition("@")
        file = name + "@.service" if at else self.unit
        self.host.write(f"/etc/systemd/system/{file}", text)
        self.host.must("systemctl", "daemon-reload")

    def runs(self, command: str, more: str = "") -> None:
        """What the unit's process is from now on. \\ and % are systemd's."""
        self.unit_file(f"{SERVICE}ExecStart={command}\n{more}")

    def runs_as_a_manager(
        self,
        options: str = "",
        registry: str = REGISTRY,
        more: str = "",
        program: str = SAMPLE_MANAGER,
    ) -> None:
        """The project's sample manager, which registers its actor and sends heartbeats; the one in C++ unless named."""

        def quoted(text: str) -> str:
            return '"' + text.replace("\\", "\\\\").replace("%", "%%").replace("$", "$$").replace('"', '\\"') + '"'

        words = ["--manager", self.id, "--registry", registry, "--actor", f"{self.actor}={self.endpoint}"]
        self.runs(" ".join([program, *map(quoted, words), options]), more)


class Fleet:
    """Everything that a test makes has `mark` in its name, so tests on one lab do not meet."""

    def __init__(self, ctl: Machine, mark: str):
        self.ctl = ctl
        self.mark = mark
        self.folder = f"/tmp/{mark}"
        ctl.file(self.folder).mkdir()
        self.managers: list[Manager] = []
        self.hosts: dict[str, dict] = {}
        self.settings: dict = {"settle_s": 1}

    def host(self, machine: Machine, name: str = "", **settings) -> str:
        """A host of the configuration, its key known. Returns its name."""
        name = name or machine.name
        known_hosts = self.ctl.write(f"{self.folder}/known_hosts_{name}", f"{machine.address} {machine.public_key()}\n")
        defaults = {"ssh": f"root@{machine.address}", "known_hosts": known_hosts, "connect_timeout_s": 10}
        self.hosts[name] = {**defaults, **settings, "managers": {}}
        return name

    def manager(self, machine: Machine, id: str = "", *, unit: str = "", on: str = "", **settings) -> Manager:
        """A manager of the configuration, with a unit that runs the sample manager; not started."""
        id = id or f"{self.mark}-manager{len(self.managers)}"
        on = on or machine.name
        if on not in self.hosts:
            self.host(machine, on)
        number = len(self.managers)
        manager = Manager(
            id=id,
            host=machine,
            unit=unit or f"{self.mark}-{number}.service",
            actor=f"{self.mark}-actor{number}",
            endpoint=f"tcp://{machine.address}:{6000 + number}",
            settings=settings,
        )
        self.managers.append(manager)
        self.hosts[on]["managers"][manager.id] = {"service": manager.unit, **settings}
        manager.runs_as_a_manager()
        return manager

    def deployable(self, machine: Machine, program: str = SAMPLE_MANAGER, **settings) -> Manager:
        """A manager of the configuration whose unit is nowhere yet; what it would run is the sample manager."""
        if machine.name not in self.hosts:
            self.host(machine)
        number = len(self.managers)
        manager = Manager(
            id=f"{self.mark}-manager{number}",
            host=machine,
            unit=f"{self.mark}-{number}.service",
            actor=f"{self.mark}-actor{number}",
            endpoint=f"tcp://{machine.address}:{6000 + number}",
        )
        words = [program, "--actor", f"{manager.actor}={manager.endpoint}"]
        self.managers.append(manager)
        self.hosts[machine.name]["managers"][manager.id] = {"service": manager.unit, "exec": words, **settings}
        return manager

    def started(self, machine: Machine, **settings) -> Manager:
        """A manager that is healthy."""
        manager = self.manager(machine, **settings)
        done = self("start", manager.id)
        assert done.code == 0, done.text
        return manager

    def write_config(self) -> str:
        whole = {"registry_connect": REGISTRY, "hosts": self.hosts, **self.settings}
        return self.ctl.write(f"{self.folder}/registry.json", json.dumps(whole, indent=2))

    def command(self, *words: str) -> list[str]:
        return ["actorsctl", "--config", self.write_config(), *words]

    def __call__(self, *words: str, within: float = 60) -> Done:
        """actorsctl on ctl, with this fleet's configuration."""
        return self.ctl.run(*self.command(*words), within=within)

    def json(self, *words: str) -> dict:
        """The object that a command prints with --json, whatever its exit status."""
        done = self(*words, "--json")
        assert done.out, done.text
        return json.loads(done.out)

    def statuses(self, *words: str) -> dict[str, dict]:
        return {one["manager_id"]: one for one in self.json("status", *words)["managers"]}

    def verdict(self, manager: Manager) -> str:
        return self.statuses(manager.id)[manager.id]["verdict"]

    def lookup(self, manager: Manager) -> dict:
        return self.json("lookup", manager.actor)

    def online(self, manager: Manager) -> bool:
        return self.lookup(manager)["online"]

    def remove(self) -> None:
        """Nothing of the test is left, in the registry neither: what still read online would go offline in the next."""
        for manager in self.managers:
            manager.host.heal()
            manager.host.run("systemctl", "kill", "-s", "KILL", "--", manager.unit)
            manager.host.run("systemctl", "stop", "--", manager.unit)
            manager.host.run("systemctl", "reset-failed", "--", manager.unit)
            manager.host.file(f"/run/{manager.unit}.go").unlink(missing_ok=True)
            self.ctl.run("actorsctl", "--registry", REGISTRY, "unregister", "--manager", manager.id, "--forget")
        for machine in {id(manager.host): manager.host for manager in self.managers}.values():
            for file in machine.file("/etc/systemd/system").glob(f"{self.mark}-*"):
                file.unlink()
            machine.run("systemctl", "daemon-reload")
