"""Who this process is, as far as it knows."""

from __future__ import annotations

import os
import secrets
import socket
from pathlib import Path

from ._version import __version__


def unit_in_cgroup(text: str) -> str | None:
    """The service or scope that the text of /proc/PID/cgroup names (cgroups(7)); None where it names none."""
    for line in text.splitlines():
        hierarchy, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        # systemd's own hierarchy is 0 without controllers, or `name=systemd` in version 1.
        if (hierarchy, controllers) != ("0", "") and controllers != "name=systemd":
            continue
        units = [part for part in path.split("/") if part.endswith((".service", ".scope"))]
        if units:
            return units[-1]
    return None


def is_name(text: str) -> bool:
    """What the registry takes as a name: 1 to 255 bytes of UTF-8 without control characters."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        return False
    return 0 < size <= 255 and not any(ord(char) < 0x20 or 0x7F <= ord(char) <= 0x9F for char in text)


def own_process() -> dict[str, str | int]:
    """As the protocol's `process` has it. What the registry would refuse is left out: it is worth less than a
    heartbeat.
    """
    try:
        unit = unit_in_cgroup(Path("/proc/self/cgroup").read_text())
    except (OSError, ValueError):
        unit = None
    texts = {
        "host": socket.gethostname(),
        "unit": unit,
        "invocation_id": os.environ.get("INVOCATION_ID"),
        "language": "python",
        "version": __version__,
    }
    process: dict[str, str | int] = {"pid": os.getpid()}
    process.update({name: text for name, text in texts.items() if text is not None and is_name(text)})
    return process


def random_instance() -> str:
    """Random enough that no two lives of a manager share it."""
    return secrets.token_hex(16)
