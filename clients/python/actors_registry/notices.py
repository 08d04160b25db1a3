"""What a manager may want to know of its standing with the registry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Optional


@dataclass(frozen=True)
class Notice:
    """`kind` is one of

    - `silent`: two heartbeats were not acknowledged, or the registry has refused the connection; once for each silence
    - `reconnected`: the first answer to a heartbeat after that
    - `registered_again`: the registry had lost names, and has `actors` of them again
    - `refused`: it can't take `actor_name` again for now; that is tried again
    - `lost`: another manager, or an operator, has taken `actor_name`; it is not taken back
    - `superseded`: a newer instance of this manager is running; once, until this one is current again

    and str() is a line for the log.
    """

    kind: str
    text: str
    actor_name: str = ""
    actors: int = 0

    def __str__(self) -> str:
        return self.text


OnNotice = Optional[Callable[[Notice], object]]


def silent(endpoint: str, fault: str = "") -> Notice:
    """Two heartbeats were not acknowledged, or the connection was refused: `fault` says why, where that is known."""
    return Notice("silent", f"registry {endpoint} does not acknowledge heartbeats{fault and ': '}{fault}")


def reconnected(endpoint: str) -> Notice:
    """The first answer after that."""
    return Notice("reconnected", f"registry {endpoint} answers again")


def registered_again(actors: int) -> Notice:
    """The registry had lost names."""
    return Notice("registered_again", f"registered again: {actors} actors", actors=actors)


def refused(actor_name: str, reason: str) -> Notice:
    """It can't take a name again for now."""
    return Notice("refused", f"'{actor_name}' can't be registered again for now: {reason}", actor_name)


def lost(actor_name: str, reason: str) -> Notice:
    """A name is another's, or nobody's."""
    return Notice("lost", f"lost: '{actor_name}': {reason}", actor_name)


def superseded() -> Notice:
    """A newer life is current."""
    return Notice("superseded", "superseded: a newer instance of this manager is running")
