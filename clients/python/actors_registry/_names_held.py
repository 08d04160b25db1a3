"""What the registry has acknowledged to a manager, and what it has to be told again. Pure: no socket, no clock."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from ._batches import MOST_NAMES_REPAIRED, batches
from ._wire import Json, count_of, text_of
from .messages import RegistrationResult
from .notices import Notice, lost, refused, superseded

_TAKEN_OVER = "another manager has taken it over, or it was removed"


def _may_pass(code: str) -> bool:
    """A refusal that says more about the registry's day than about the name."""
    return code in ("unavailable", "limit", "not_authorized")


def _results_of(actors: list[Json], reply: Json) -> list[Json]:
    """The results in the reply; where the whole request was answered at once, that answer as the first name's."""
    results = reply.get("results")
    if isinstance(results, list):
        return [result for result in results if isinstance(result, dict)]
    # What was said to many names at once condemns none of them.
    code = str(reply.get("code") or "") if len(actors) == 1 else "unavailable"
    reason = str(reply.get("reason") or reply.get("error") or "refused")
    ok = reply.get("message_type") == "RegistrationOk"
    return [{"actor_name": actors[0]["actor_name"], "ok": ok, "reason": reason, "code": code}]


@dataclass
class News:
    notices: list[Notice] = field(default_factory=list)
    go_on: bool = False  # of a repair: whether there is more to be had now


class NamesHeld:
    """From any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._endpoints: dict[str, str] = {}  # of the names that were acknowledged and not lost
        # How many of them there were when the last heartbeat was sent, so that the registry must count them.
        self._at_heartbeat = 0
        self._epoch = ""
        self._superseded = False
        self._repair = False
        self._to_repair: dict[str, None] = {}  # names, in order
        self._repaired = 0
        self._refusal = ""  # the last one that may pass, said already

    def registered(self, names: dict[str, str], reply: Json) -> None:
        """The registry has acknowledged them, in a RegistrationOk or RegistrationResults. Raises RegistryError
        where that is malformed.
        """
        with self._lock:
            # Before the names are counted: they need no repair.
            self._see_state(reply, len(self._endpoints.keys() | names.keys()), besides=names)
            for name, endpoint in names.items():
                self._endpoints[name] = endpoint
                self._to_repair.pop(name, None)

    def registered_many(
        self, actors: Mapping[str, str], results: list[RegistrationResult], reply: Json
    ) -> list[RegistrationResult]:
        """Those of the results that are ok are acknowledged. Returns the results."""
        self.registered({one.actor_name: actors[one.actor_name] for one in results if one.ok}, reply)
        return results

    def given_up(self, name: str) -> None:
        with self._lock:
            self._drop(name)

    def forget_all(self) -> None:
        with self._lock:
            self._at_heartbeat = 0
            self._endpoints.clear()
            self._to_repair.clear()

    def held(self) -> dict[str, str]:
        with self._lock:
            return dict(self._endpoints)

    def heartbeat_sent(self) -> None:
        """One is about to be sent: its acknowledgement can't count names that are acknowledged later."""
        with self._lock:
            self._at_heartbeat = len(self._endpoints)

    def heartbeat_acknowledged(self, ack: Json) -> News:
        """Raises RegistryError where it is malformed."""
        news = News()
        with self._lock:
            if ack.get("superseded") is True:
                # What the registry counts is the newer life's then, and taking its names back would be a fight.
                self._now_superseded(news)
                return news
            self._superseded = False
            names = ack.get("lost")
            for name in names if isinstance(names, list) else []:
                if isinstance(name, str) and name in self._endpoints:
                    self._lose(name, _TAKEN_OVER, news)
            self._see_state(ack, self._at_heartbeat)
        return news

    def needs_repair(self) -> bool:
        """Whether the registry knows less than it acknowledged: from the first such sign until end_repair()."""
        with self._lock:
            return self._repair and not self._superseded

    def next_to_repair(self, most: int = MOST_NAMES_REPAIRED) -> list[Json]:
        """Names and their endpoints that are to be registered again, as a RegisterActors has them; none when all have
        been.
        """
        with self._lock:
            entries = ({"actor_name": name, "actor_endpoint": self._endpoints[name]} for name in self._to_repair)
            return next(batches(entries, most), [])

    def repaired(self, actors: list[Json], reply: Json) -> News:
        """The registry's answer for them: to a RegisterActors, or to a RegisterActor for the only one."""
        news = News()
        with self._lock:
            left = len(self._to_repair)
            for result in _results_of(actors, reply):
                if result.get("actor_name") in self._to_repair:
                    self._take_result(result, news)
            news.go_on = len(self._to_repair) < left and not self._refusal and not self._superseded
        return news

    def end_repair(self) -> int:
        """Returns how many names were registered again."""
        with self._lock:
            self._repair = False
            self._refusal = ""
            repaired, self._repaired = self._repaired, 0
            return repaired

    def _see_state(self, reply: Json, expected: int, besides: dict[str, str] | None = None) -> None:
        """How many names the registry must count, unless it has lost some."""
        epoch, actors = text_of(reply, "epoch"), count_of(reply, "actors")
        # That it counts fewer while they are being registered again is nothing new: a long repair would never end.
        under_way = self._repair and not self._refusal
        if (self._epoch and epoch != self._epoch) or (actors < expected and not under_way):
            self._repair = True
            self._repaired = 0
            self._to_repair.update((name, None) for name in self._endpoints if name not in (besides or ()))
        self._epoch = epoch

    def _take_result(self, result: Json, news: News) -> None:
        name = text_of(result, "actor_name")
        if result.get("ok") is True:
            del self._to_repair[name]
            self._repaired += 1
            self._refusal = ""
            return
        code, reason = str(result.get("code") or ""), str(result.get("reason") or "refused")
        if code == "superseded":  # nothing is lost yet: this life may become the current one again
            self._now_superseded(news)
        elif _may_pass(code):
            if self._refusal != reason:
                news.notices.append(refused(name, reason))
            self._refusal = reason
        else:  # for good: asking every two seconds would not change it
            self._lose(name, reason, news)

    def _now_superseded(self, news: News) -> None:
        if not self._superseded:
            news.notices.append(superseded())
        self._superseded = True

    def _lose(self, name: str, reason: str, news: News) -> None:
        self._drop(name)
        news.notices.append(lost(name, reason))

    def _drop(self, name: str) -> None:
        self._to_repair.pop(name, None)
        # It may be one that came after the heartbeat: then too few are expected for once, which costs nothing.
        if self._endpoints.pop(name, None) is not None and self._at_heartbeat > 0:
            self._at_heartbeat -= 1
