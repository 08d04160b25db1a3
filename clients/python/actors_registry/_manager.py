"""What RegistryClient and AsyncRegistryClient have in common: who the manager is, what it holds, and what its
heartbeats say and lead to.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable

from ._heartbeats import Ask
from ._names_held import NamesHeld, News
from ._process import own_process, random_instance
from ._wire import Json
from .errors import RegistryError
from .notices import Notice, reconnected, registered_again, silent

_log = logging.getLogger("actors_registry")


class Manager:
    """From any thread, and of one process alone."""

    def __init__(self, manager_id: str, on_notice: Callable[[Notice], object]) -> None:
        """`on_notice` is called on the heartbeats' thread, and is to be quick."""
        self.manager_id = manager_id
        self.instance = random_instance()
        self.process = own_process()
        self.names = NamesHeld()
        # Held from the decision to register or unregister a name until it is answered, so that a name which is being
        # given up is not registered again meanwhile.
        self.registrations = threading.Lock()
        self.has_spoken = False  # and says goodbye when it is let go of
        self._on_notice = on_notice
        self._batches = True  # the registry knows RegisterActors; on the thread of the heartbeats
        self._pid = os.getpid()

    @property
    def forked_off(self) -> bool:
        """Whether this is a child of the process that made it: sockets and threads are not here."""
        return os.getpid() != self._pid

    def check_process(self) -> None:
        if self.forked_off:
            raise RegistryError("this client was made before a fork: make one of its own in the child")

    def heartbeat(self) -> Json:
        self.names.heartbeat_sent()
        return {
            "message_type": "Heartbeat",
            "manager_id": self.manager_id,
            "timestamp_ms": time.time_ns() // 1_000_000,
            "instance": self.instance,
            "process": self.process,
        }

    def acknowledged(self, ack: Json) -> None:
        self._tell(*self.names.heartbeat_acknowledged(ack).notices)

    def silent(self, endpoint: str, fault: str) -> None:
        self._tell(silent(endpoint, fault))

    def reconnected(self, endpoint: str) -> None:
        self._tell(reconnected(endpoint))

    def registration(self, actor_name: str, actor_endpoint: str) -> Json:
        return {
            "message_type": "RegisterActor",
            "manager_id": self.manager_id,
            "actor_name": actor_name,
            "actor_endpoint": actor_endpoint,
            "instance": self.instance,
            "process": self.process,
        }

    def registrations_of(self, actors: list[Json]) -> Json:
        return {
            "message_type": "RegisterActors",
            "manager_id": self.manager_id,
            "actors": actors,
            "instance": self.instance,
            "process": self.process,
        }

    def unregistration(self, actor_name: str) -> Json:
        return {
            "message_type": "UnregisterActor",
            "actor_name": actor_name,
            "manager_id": self.manager_id,
            "instance": self.instance,
        }

    def goodbye(self, forget: bool) -> Json:
        return {
            "message_type": "UnregisterManager",
            "manager_id": self.manager_id,
            "instance": self.instance,
            **({"forget": True} if forget else {}),
        }

    def repair(self, ask: Ask) -> bool:
        """Registers again what is to be, as many names at a time as a message holds. Returns whether to come back for
        more.
        """
        while self.names.needs_repair():
            if not self.registrations.acquire(blocking=False):
                return True
            try:
                actors = self.names.next_to_repair(*(() if self._batches else (1,)))
                if not actors:
                    break
                news = self._repair(actors, ask)
            finally:
                self.registrations.release()
            if news is None:
                return True
            self._tell(*news.notices)
            if not news.go_on:
                return False
        repaired = self.names.end_repair()
        if repaired:
            self._tell(registered_again(repaired))
        return False

    def _repair(self, actors: list[Json], ask: Ask) -> News | None:
        if self._batches:
            request = self.registrations_of(actors)
        else:
            request = self.registration(actors[0]["actor_name"], actors[0]["actor_endpoint"])
        reply = ask(request)
        if reply is not None and self._batches and reply.get("code") == "unknown_type":
            self._batches = False  # an older registry: a name at a time
            return News(go_on=True)
        return None if reply is None else self.names.repaired(actors, reply)

    def _tell(self, *notices: Notice) -> None:
        for notice in notices:
            _log.log(
                logging.INFO if notice.kind == "reconnected" else logging.WARNING, "%s: %s", self.manager_id, notice
            )
            self._on_notice(notice)
