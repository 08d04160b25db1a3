"""RegistryClient for asyncio."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import time
import weakref
from collections.abc import AsyncIterator, Iterable, Mapping
from types import TracebackType

from ._async_connection import AsyncConnection
from ._batches import MOST_NAMES_LOOKED_UP, MOST_NAMES_REGISTERED, batches
from ._connection import Connections
from ._endpoints import Endpoints, Registry
from ._heartbeats import Beating
from ._keys import keys_of
from ._manager import Manager
from ._replies import endpoint_and_online, found_actors, registration_results, stored
from ._wire import Json, encode, encode_lookup, expect
from .client import DEFAULT_HEARTBEAT_INTERVAL_S, DEFAULT_TIMEOUT_S, let_go
from .errors import ActorNotFoundError, ActorOfflineError, RegistryError, TimeoutError
from .messages import FoundActor, RegistrationResult
from .notices import Notice, OnNotice

_BETWEEN_TRIES_S = 0.01


class AsyncRegistryClient:
    """What RegistryClient does, for one event loop: any number of tasks may call, 1,000 requests are under way at
    most. The heartbeats have a thread of their own here too, so a task that holds the loop up delays none.
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
        """As RegistryClient's; `on_notice` is called in the event loop from which start_heartbeat() was."""
        endpoints, ids = Endpoints(registry, keys_of(server_key, key_file)), itertools.count(1)
        self._timeout = timeout
        self._notices = _Notices(on_notice)
        self._manager = Manager(manager_id, self._notices)
        self._connection = AsyncConnection(endpoints, ids)
        self._beating = Beating(endpoints, self._manager, heartbeat_interval, ids)
        self._registering: asyncio.Lock | None = None
        # For who lets go of it without closing it, when there may be no loop any more.
        last_words = Connections(endpoints, ids)
        self._finalizer = weakref.finalize(self, _let_go, self._manager, last_words, self._beating, self._connection)

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
        self._notices.loop = asyncio.get_running_loop()
        self._beating.start()
        self._manager.has_spoken = True

    async def stop_heartbeat(self) -> None:
        """No heartbeat is sent after it returned."""
        if not self._manager.forked_off:
            await asyncio.get_running_loop().run_in_executor(None, self._beating.stop)

    async def register(self, actor_name: str, actor_endpoint: str) -> str:
        """Returns the endpoint as it was stored: another than was given where that one was a wildcard. Raises
        RegistrationFailedError, TimeoutError, RegistryError.
        """
        async with self._registration() as deadline:
            self._manager.has_spoken = True
            request = self._manager.registration(actor_name, actor_endpoint)
            reply = await self._call(request, "RegistrationOk", deadline)
            self._manager.names.registered({actor_name: actor_endpoint}, reply)
            return stored(reply, actor_endpoint)

    async def register_many(self, actors: Mapping[str, str]) -> list[RegistrationResult]:
        """Names and their endpoints, in few messages: one result for each, in their order, some of which may not be
        `ok`. Raises TimeoutError, RegistryError; what was registered before that is.
        """
        results: list[RegistrationResult] = []
        entries = ({"actor_name": name, "actor_endpoint": endpoint} for name, endpoint in actors.items())
        async with self._registration() as deadline:
            self._manager.has_spoken = True
            for batch in batches(entries, MOST_NAMES_REGISTERED):
                reply = await self._call(self._manager.registrations_of(batch), "RegistrationResults", deadline)
                results += self._manager.names.registered_many(actors, registration_results(reply, len(batch)), reply)
        return results

    async def unregister(self, actor_name: str) -> None:
        """Fine also where there is no such name. Raises RegistrationFailedError, TimeoutError, RegistryError; the
        client does not register it again in any case.
        """
        async with self._registration() as deadline:
            self._manager.names.given_up(actor_name)
            await self._call(self._manager.unregistration(actor_name), "RegistrationOk", deadline)

    async def lookup(self, actor_name: str) -> str:
        """The endpoint of an actor that is online. Raises ActorNotFoundError, ActorOfflineError, TimeoutError,
        RegistryError.
        """
        endpoint, online = await self.lookup_allow_offline(actor_name)
        if not online:
            raise ActorOfflineError(actor_name)
        return endpoint

    async def lookup_allow_offline(self, actor_name: str) -> tuple[str, bool]:
        """Endpoint and whether it is online. Raises ActorNotFoundError, TimeoutError, RegistryError."""
        self._manager.check_process()
        reply = await self._ask(encode_lookup(actor_name), "LookupResult", time.monotonic() + self._timeout)
        endpoint, online = endpoint_and_online(reply)
        if endpoint is None:
            raise ActorNotFoundError(actor_name)
        return endpoint, online

    async def lookup_many(self, actor_names: Iterable[str]) -> list[FoundActor]:
        """What is known of each, in their order; what is not registered has no endpoint. Where there are many
        names, not all of them are looked up at the same moment. Raises TimeoutError, RegistryError.
        """
        self._manager.check_process()
        deadline = time.monotonic() + self._timeout
        found: list[FoundActor] = []
        for batch in batches(actor_names, MOST_NAMES_LOOKED_UP):
            request = {"message_type": "LookupActors", "actor_names": batch}
            found += found_actors(await self._call(request, "LookupResults", deadline), len(batch))
        return found

    async def goodbye(self, forget: bool = False) -> bool:
        """As RegistryClient.goodbye()."""
        self._manager.check_process()
        deadline = time.monotonic() + self._timeout
        await self.stop_heartbeat()
        if forget:
            self._manager.names.forget_all()
        self._manager.has_spoken = False
        try:
            await self._call(self._manager.goodbye(forget), "ManagerUnregistered", deadline)
        except RegistryError:
            return False
        return True

    async def close(self, forget: bool = False) -> bool:
        """As RegistryClient.close()."""
        if self._manager.forked_off:
            return False
        loop = asyncio.get_running_loop()
        if not await loop.run_in_executor(None, self._beating.end):
            return False
        confirmed = await self.goodbye(forget)
        self._finalizer()
        return confirmed

    async def __aenter__(self) -> AsyncRegistryClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    @contextlib.asynccontextmanager
    async def _registration(self) -> AsyncIterator[float]:
        """One at a time, and none while the heartbeats' thread registers names again. Gives the deadline."""
        self._manager.check_process()
        if self._registering is None:
            self._registering = asyncio.Lock()
        deadline = time.monotonic() + self._timeout
        try:
            await asyncio.wait_for(self._registering.acquire(), self._timeout)
        except asyncio.TimeoutError:
            raise self._others_wait() from None
        try:
            while not self._manager.registrations.acquire(blocking=False):
                if time.monotonic() >= deadline:
                    raise self._others_wait()
                await asyncio.sleep(_BETWEEN_TRIES_S)
            try:
                yield deadline
            finally:
                self._manager.registrations.release()
        finally:
            self._registering.release()

    def _others_wait(self) -> TimeoutError:
        return TimeoutError(self._connection.endpoints.no_answer(self._timeout) + ": other registrations wait for it")

    async def _call(self, request: Json, reply_type: str, deadline: float) -> Json:
        return await self._ask(encode(request), reply_type, deadline)

    async def _ask(self, request: bytes, reply_type: str, deadline: float) -> Json:
        endpoints = self._connection.endpoints
        reply = await self._connection.call(request, deadline, self._timeout)
        return expect(reply, reply_type, endpoints.all[endpoints.good])


class _Notices:
    """Brings them from the heartbeats' thread into the event loop."""

    def __init__(self, on_notice: OnNotice) -> None:
        self._on_notice = on_notice
        self.loop: asyncio.AbstractEventLoop | None = None

    def __call__(self, notice: Notice) -> None:
        if self._on_notice is not None and self.loop is not None and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._on_notice, notice)


def _let_go(manager: Manager, last_words: Connections, beating: Beating, connection: AsyncConnection) -> None:
    let_go(manager, last_words, beating)
    if not manager.forked_off:
        connection.close_from_anywhere()
