"""Where the registry may be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, Union, runtime_checkable

from ._keys import CurveKeys
from .errors import RegistryError


@runtime_checkable
class HasEndpoint(Protocol):
    """Anything that knows where the registry is: an ActorRef, for one."""

    @property
    def endpoint(self) -> str: ...


Registry = Union[str, HasEndpoint, Iterable[str]]


_THE_ONE = [0]


class Endpoints:
    """Ways to one registry, tried in order, the last good one first. From any thread."""

    def __init__(self, registry: Registry, keys: CurveKeys | None = None) -> None:
        """`keys` hold for all of them."""
        self.keys = keys
        if isinstance(registry, str):
            self.all = [registry]
        elif isinstance(registry, HasEndpoint):
            self.all = [registry.endpoint]
        else:
            self.all = list(registry)
        if not self.all:
            raise RegistryError("no registry endpoint is given")
        self.good = 0  # the number of the one that answered last

    def in_order(self) -> list[int]:
        count = len(self.all)
        if count == 1:
            return _THE_ONE
        good = self.good
        return [(good + i) % count for i in range(count)]

    def no_answer(self, timeout: float) -> str:
        return f"registry {', '.join(self.all)} does not answer within {timeout:g} s"
