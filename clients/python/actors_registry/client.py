"""A manager's side of the registry."""

from __future__ import annotations

import itertools
import os
import time
import weakref
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType

from ._batches import MOST_NAMES_LOOKED_UP, MOST_NAMES_REGISTERED, batches
from ._connection import Connections
from ._endpoints import Endpoints, Registry
from ._heartbeats import Beating
from ._keys import keys_of
from ._manager import Manager
from ._notice_thread import NoticeThread
from ._replies import endpoint_and_online, found_actors, registration_results, stored
from ._wire import Json, encode, encode_lookup, expect
from .errors import ActorNotFoundError, ActorOfflineError, RegistryError, TimeoutError
from .messages import FoundActor, RegistrationResult
from .notices import OnNotice

DEFAULT_TIMEOUT_S = 5.0
DEFAULT_HEARTBEAT_INTERVAL_S = 2.0
_LAST_GOODBYE_S = 1.0


class RegistryClient:
    """Registers actors, sends heartbeats, looks others up. Safe to use from any thread.

    What is not answered is asked again within the call, at growing intervals (docs/protocol.md), so a registry that is
    restarted meanwhile costs time and no call.

    Heartbeats (every 2 s with a little jitter) have a thread and a socket of their own. When the registry has lost
    what it acknowledged, everything is registered again, except what another manager has taken over. Who this
    process is (host, pid, unit, $INVOCATION_ID) goes with registrations and heartbeats, and so does a random
    `instance`, which tells this life of the manager from the one before.

    Best used in a `with`, which closes it. One that has registered or sent a heartbeat and is let go of without, at
    the end of the program perhaps, says goodbye too, and waits a second at most.

    A forked child has neither the thread nor the sockets: there every call raises RegistryError, close() does
    nothing, and the child makes a client of its own.
    """

    def __init__(
        self,
        manager_id: str,
        registry: Registry,
        *,
        timeout: float = DEFAULT_TIMEOUT_S,
        heartbeat_interval: float = DEFAULT_HEARTBEAT_INTERVAL_S,
        on_notice: OnNotice = None,
        server_key: str | None = None,
        key_file: str | os.PathLike[str] | None = None,
    ) -> None:
        """`registry` is an endpoint, an ActorRef, or several endpoints of one registry, tried in order, the last good
        one first. Every call ends within `timeout` seconds. `on_notice` is called with each Notice, which is in the log
        too, on a thread that does nothing else: it may take its time, and call this client.

        For a registry whose endpoints are encrypted `server_key` is its public key, as 40 characters (Z85) or the
        path of a certificate, and `key_file` the path of the client's own certificate with its secret key, which
        nobody but its owner may read; without that the client is a stranger to the registry. Where neither is given,
        $REGISTRY_SERVER_KEY and $REGISTRY_KEY_FILE are; `server_key=""` is plain in any case. The keys hold for every
        endpoint.

        Raises RegistryError where there is no endpoint, UnusableKeyError.
        """
        endpoints, ids = Endpoints(registry, keys_of(server_key, key_file)), itertools.count(1)
        self._timeout = timeout
        notices = NoticeThread(on_notice)
        self._manager = Manager(manager_id, notices.put)
        self._connections = Connections(endpoints, ids)
        self._beating = Beating(endpoints, self._manager, heartbeat_interval, ids)
        # Nobody else holds the client: neither the heartbeats' thread nor what it works with.
        self._finalizer = weakref.finalize(self, let_go, self._manager, self._connections, self._beating, notices)

    @property
    def manager_id(self) -> str:
        """As it was given."""
        return self._manager.manager_id

    @property
    def instance(self) -> str:
        """What tells this life of the manager from others: a random text."""
        return self._manager.instance

    def start_heartbeat(self) -> None:
        """The first one is sent at once. Nothing happens where they are under way already. Raises RegistryError
        where an endpoint can't be one.
        """
        self._manager.check_process()
        self._beating.start()
        self._manager.has_spoken = True

    def stop_heartbeat(self) -> None:
        """No heartbeat is sent after it returned."""
        if not self._manager.forked_off:
            self._beating.stop()

    def register(self, actor_name: str, actor_endpoint: str) -> str:
        """Returns the endpoint as it was stored: another than was given where that one was a wildcard. Raises
        RegistrationFailedError, TimeoutError, RegistryError.
        """
        with self._registration() as deadline:
            self._manager.has_spoken = True
            request = self._manager.registration(actor_name, actor_endpoint)
            reply = self._change(request, "RegistrationOk", deadline)
            self._manager.names.registered({actor_name: actor_endpoint}, reply)
            return stored(reply, actor_endpoint)

    def register_many(self, actors: Mapping[str, str]) -> list[RegistrationResult]:
        """Names and their endpoints, in few messages: one result for each, in their order, some of which may not be
        `ok`. Raises TimeoutError, RegistryError; what was registered before that is.
        """
        results: list[RegistrationResult] = []
        entries = ({"actor_name": name, "actor_endpoint": endpoint} for name, endpoint in actors.items())
        with self._registration() as deadline:
            self._manager.has_spoken = True
            for batch in batches(entries, MOST_NAMES_REGISTERED):
                reply = self._change(self._manager.registrations_of(batch), "RegistrationResults", deadline)
                results += self._manager.names.registered_many(actors, registration_results(reply, len(batch)), reply)
        return results

    def unregister(self, actor_name: str) -> None:
        """Fine also where there is no such name. Raises RegistrationFailedError, TimeoutError, RegistryError; the
        client does not register it again in any case.
        """
        with self._registration() as deadline:
            self._manager.names.given_up(actor_name)
            self._change(self._manager.unregistration(actor_name), "RegistrationOk", deadline)

    def lookup(self, actor_name: str) -> str:
        """The endpoint of an actor that is online. Raises ActorNotFoundError, ActorOfflineError, TimeoutError,
        RegistryError.
        """
        endpoint, online = self.lookup_allow_offline(actor_name)
        if not online:
            raise ActorOfflineError(actor_name)
        return endpoint

    def lookup_allow_offline(self, actor_name: str) -> tuple[str, bool]:
        """Endpoint and whether it is online. Raises ActorNotFoundError, TimeoutError, RegistryError."""
        self._manager.check_process()
        reply = self._ask(encode_lookup(actor_name), "LookupResult", time.monotonic() + self._timeout)
        endpoint, online = endpoint_and_online(reply)
        if endpoint is None:
            raise ActorNotFoundError(actor_name)
        return endpoint, online

    def lookup_many(self, actor_names: Iterable[str]) -> list[FoundActor]:
        """What is known of each, in their order; what is not registered has no endpoint. Where there are many
        names, not all of them are looked up at the same moment. Raises TimeoutError, RegistryError.
        """
        self._manager.check_process()
        deadline = time.monotonic() + self._timeout
        found: list[FoundActor] = []
        for batch in batches(actor_names, MOST_NAMES_LOOKED_UP):
            request = encode({"message_type": "LookupActors", "actor_names": batch})
            reply = self._ask(request, "LookupResults", deadline)
            found += found_actors(reply, len(batch))
        return found

    def goodbye(self, forget: bool = False) -> bool:
        """Ends this life of the manager: stops the heartbeats and tells the registry, for which the manager's names
        are offline at once. They keep their endpoints, unless told to `forget` them; start_heartbeat() or
        register() brings them back. Returns whether the registry has confirmed it. Ends within the timeout, and
        never raises for a registry that is away or refuses: it will notice the silence.
        """
        self._manager.check_process()
        deadline = time.monotonic() + self._timeout
        self.stop_heartbeat()
        if forget:
            self._manager.names.forget_all()
        self._manager.has_spoken = False
        try:
            self._change(self._manager.goodbye(forget), "ManagerUnregistered", deadline)
        except RegistryError:
            return False
        return True

    def close(self, forget: bool = False) -> bool:
        """Says goodbye, and is of no use any more. Returns whether the registry has confirmed it. Done twice, or in a
        forked child, it does nothing.
        """
        if self._manager.forked_off:
            return False
        if not self._beating.end():
            return False
        confirmed = self.goodbye(forget)
        self._finalizer()
        return confirmed

    def __enter__(self) -> RegistryClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _registration(self) -> Iterator[float]:
        """One at a time. Gives the deadline."""
        self._manager.check_process()
        deadline = time.monotonic() + self._timeout
        if not self._manager.registrations.acquire(timeout=self._timeout):
            no_answer = self._connections.endpoints.no_answer(self._timeout)
            raise TimeoutError(no_answer + ": other registrations wait for it")
        try:
            yield deadline
        finally:
            self._manager.registrations.release()

    def _change(self, request: Json, reply_type: str, deadline: float) -> Json:
        endpoints = self._connections.endpoints
        reply = self._connections.change(encode(request), deadline, self._timeout)
        return expect(reply, reply_type, endpoints.all[endpoints.good])

    def _ask(self, request: bytes, reply_type: str, deadline: float) -> Json:
        endpoints = self._connections.endpoints
        reply = self._connections.call(request, deadline, self._timeout)
        return expect(reply, reply_type, endpoints.all[endpoints.good])


def let_go(manager: Manager, connections: Connections, beating: Beating, notices: NoticeThread | None = None) -> None:
    """Where nobody has closed the client; also at the end of the program."""
    if manager.forked_off:
        return
    beating.end()
    if notices is not None:
        notices.end()
    try:
        if manager.has_spoken:
            goodbye = encode(manager.goodbye(forget=False))
            connections.change(goodbye, time.monotonic() + _LAST_GOODBYE_S, _LAST_GOODBYE_S)
    except RegistryError:  # it will notice the silence
        pass
    connections.close()
