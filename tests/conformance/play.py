"""One script, played by every client at the same time; their traces are to be the one in traces/."""

import difflib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Callable

from drivers import Driver

TRACES = Path(__file__).resolve().parent / "traces"


def text_of(message: object) -> str:
    return json.dumps(message, sort_keys=True)


class Stage:
    """A driver on which a script is played, and what has come of it."""

    def __init__(self, driver: Driver, trace: list[str], role: str = ""):
        self.driver = driver
        self.trace = trace
        self.finished = False
        self._role = f"{role}: " if role else ""

    def note(self, text: str) -> None:
        self.trace.append(text)

    def open(
        self,
        *endpoints: str,
        manager: str = "M",
        timeout_ms: int = 4000,
        heartbeat_interval_ms: int = 500,
        **keys: str,
    ) -> None:
        self.driver.send(
            "open",
            manager=manager,
            endpoints=list(endpoints),
            timeout_ms=timeout_ms,
            heartbeat_interval_ms=heartbeat_interval_ms,
            **keys,
        )
        assert self.driver.result() == {"ok": True}

    def call(self, do: str, actor_name: str | None = None, **fields: object) -> dict:
        """One command; it and its result go into the trace."""
        if actor_name is not None:
            fields["actor_name"] = actor_name
        self.driver.send(do, **fields)
        result = self.driver.result()
        self.note(f"{self._role}{do}{self._told(fields)} -> {text_of(result)}")
        return result

    @staticmethod
    def _told(fields: dict) -> str:
        names = [fields[key] for key in ("actor_name", "actor_endpoint") if key in fields]
        return "".join(f" {name}" for name in names)

    def quietly(self, do: str, **fields: object) -> dict:
        """One command whose result is not for the trace."""
        self.driver.send(do, **fields)
        return self.driver.result()

    def notice(self, saying: str = "") -> None:
        """Waits for the next one. What it says goes into the trace only as far as it is `saying` that."""
        notice = self.driver.notice()
        text = notice.pop("text", "")
        self.note(f"{self._role}notice {text_of(notice)}{saying and f', {saying}'}")
        assert saying in text, text

    def finish(self) -> None:
        """Whatever came unasked goes into the trace, which has none of it."""
        status = self.driver.finish()
        self.finished = True
        self.trace += [f"{self._role}unasked: {text_of(notice)}" for notice in self.driver.notices_left()]
        self.note(f"{self._role}exit status {status}")


def play(
    drivers: dict[str, list[str]], name: str, script: Callable[[Stage], None], environment: dict[str, str] | None = None
) -> None:
    """All languages at once: each has a registry of its own, and mostly waits."""

    def one(command: list[str]) -> list[str]:
        trace: list[str] = []
        with Driver(command, environment or {}) as driver:
            stage = Stage(driver, trace)
            try:
                script(stage)
                if not stage.finished:
                    stage.finish()
            except Exception as error:
                trace.append(f"failed: {type(error).__name__}: {error}")
        return trace

    with ThreadPoolExecutor(len(drivers)) as pool:
        traces = dict(zip(drivers, pool.map(one, drivers.values())))
    file = TRACES / f"{name}.txt"
    if os.environ.get("ACCEPT_TRACES") and not any(line.startswith("failed: ") for line in traces["cpp"]):
        file.write_text("".join(line + "\n" for line in traces["cpp"]))
    expected = file.read_text().splitlines()
    differences = [
        line
        for language, trace in traces.items()
        for line in difflib.unified_diff(expected, trace, f"traces/{name}.txt", language, lineterm="")
    ]
    assert not differences, "\n".join(["", *differences])
