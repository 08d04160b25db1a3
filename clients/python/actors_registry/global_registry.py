"""Runs the registry: `actorsctl registry serve`, as a child of this process. There is no second registry."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import threading
from collections import deque
from typing import IO

from .errors import RegistryError

_LINES_OF_AN_ERROR = 5
_END_S = 10.0


def find_actorsctl() -> str:
    """$ACTORSCTL, or actorsctl in the PATH. Raises RegistryError where it is in neither."""
    named = os.environ.get("ACTORSCTL")
    found = shutil.which(named or "actorsctl")
    if found is None:
        where = f"ACTORSCTL names {named!r}, which is no program" if named else "there is no actorsctl in the PATH"
        raise RegistryError(f"{where}; set ACTORSCTL to the program's path")
    return found


class GlobalRegistry:
    """Runs once. What the registry logs goes to this process's standard error."""

    def __init__(self, config_path: str | os.PathLike[str] | None = None) -> None:
        """Without a path, the configuration is where actorsctl looks for it: $REGISTRY_CONFIG, then
        /etc/actors/registry.json.
        """
        self._config_path = config_path
        self._lock = threading.RLock()  # a signal handler may call stop() while run() holds it
        self._child: subprocess.Popen[bytes] | None = None
        self._started = False
        self._stopped = False
        self._last_lines: deque[str] = deque(maxlen=_LINES_OF_AN_ERROR)

    def run(self) -> None:
        """Blocks until stop() is called, before or meanwhile, and the registry has answered what was under way. Raises
        RegistryError where it can't be started or ends by itself, with what it said last.
        """
        with self._lock:
            if self._started:
                raise RegistryError("this GlobalRegistry has been run already: make another one")
            self._started = True
            if self._stopped:
                return
            child = self._child = self._start()
        assert child.stderr is not None
        try:
            self._pass_on(child.stderr)
            status = child.wait()
        finally:
            self._end(child)
        if status != 0 and not (self._stopped and status == -15):
            raise RegistryError(self._failure(status))

    def stop(self) -> None:
        """Has the registry end, and so run() return; does not wait for that. From any thread, and from a signal
        handler.
        """
        with self._lock:
            self._stopped = True
            if self._child is not None:
                self._child.terminate()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [find_actorsctl()]
        if self._config_path is not None:
            command += ["--config", os.fspath(self._config_path)]
        # A process that is killed leaves no registry behind.
        setpriv = shutil.which("setpriv")
        if setpriv is not None:
            command = [setpriv, "--pdeathsig", "TERM", "--", *command]
        try:
            return subprocess.Popen([*command, "registry", "serve"], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        except OSError as error:
            raise RegistryError(f"can't run {command[0]}: {error}") from None

    def _pass_on(self, log: IO[bytes]) -> None:
        for line in log:
            text = line.decode(errors="replace")
            self._last_lines.append(text.strip())
            with contextlib.suppress(OSError, ValueError):  # nobody reads it any more: no reason to end the registry
                sys.stderr.write(text)
                sys.stderr.flush()

    def _end(self, child: subprocess.Popen[bytes]) -> None:
        """Also where an exception, a KeyboardInterrupt perhaps, has come between."""
        child.terminate()
        try:
            child.wait(_END_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        assert child.stderr is not None
        child.stderr.close()

    def _failure(self, status: int) -> str:
        how = f"ended with status {status}" if status > 0 else f"was ended by signal {-status}"
        said = "; ".join(line for line in self._last_lines if line)
        return f"actorsctl registry serve {how}" + (f": {said}" if said else "")
