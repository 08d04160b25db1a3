"""Calls one at a time, and an end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .errors import RegistryError


class Turn:
    """Calls of several threads wait for each other. One of a signal handler does not: Python runs it in the midst of a
    call of the main thread, which would wait for itself for ever.
    """

    def __init__(self, what: str) -> None:
        """`what` it is that they share, for errors."""
        self._what = what
        self._lock = threading.RLock()
        self._taken = False
        self.closing = False  # or closed; a call that waits is to look

    @contextmanager
    def take(self, end: Callable[[], object]) -> Iterator[None]:
        """For a call. Calls `end` after it where a signal handler has closed it meanwhile. Raises RegistryError where
        it is closed, or in a signal handler that interrupts another call.
        """
        with self._lock:
            if self.closing:
                raise RegistryError(f"the {self._what} is closed")
            if self._taken:
                raise RegistryError(f"the {self._what} is in the midst of a call that this signal handler interrupts")
            self._taken = True
            try:
                yield
            finally:
                self._taken = False
                if self.closing:
                    end()

    def close(self, end: Callable[[], object]) -> None:
        """Calls `end`, the first time. In a signal handler that interrupts a call it is left to that."""
        with self._lock:
            if not self.closing:
                self.closing = True
                if not self._taken:
                    end()
