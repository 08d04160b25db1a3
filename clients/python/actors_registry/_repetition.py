"""When a request that is not answered is sent again: docs/protocol.md, "Asked again"."""

from __future__ import annotations

LONGEST_FIRST_INTERVAL_S = 1.0
SHARES = 5


def first_interval(time: float) -> float:
    """A fifth of the time that there is, a second at most."""
    return min(time / SHARES, LONGEST_FIRST_INTERVAL_S)


class Repetition:
    """From the first time on, each is after twice the interval before, so a registry that is slow is not asked much
    more for it. Times are those of time.monotonic(), and passed in.
    """

    def __init__(self, begun: float, deadline: float) -> None:
        self._interval = first_interval(deadline - begun)
        self.next = begun + self._interval

    def is_due(self, now: float) -> bool:
        """Then the request is to be sent."""
        if now < self.next:
            return False
        self._interval *= 2
        self.next = now + self._interval
        return True
