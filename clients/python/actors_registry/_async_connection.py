"""Requests and replies for asyncio: many under way at a time, on one socket an endpoint."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import cast

import zmq
import zmq.asyncio

from ._endpoints import Endpoints
from ._handshake import Handshake, failure
from ._keys import CurveKeys
from ._sockets import prepare
from ._wire import Json, decode, with_id
from .errors import RegistryError, TimeoutError

_MOST_UNDER_WAY = 1000  # the registry answers no more than that at a time


class _Pending:
    def __init__(self, data: bytes, answer: asyncio.Future[Json]) -> None:
        self.data = data
        self.answer = answer


class _Link:
    """To one endpoint: what was sent over it and is not answered, and who reads the answers."""

    def __init__(self, context: zmq.asyncio.Context, endpoint: str, keys: CurveKeys | None) -> None:
        self._context = context
        self._keys = keys
        self.endpoint = endpoint
        self._pending: dict[int, _Pending] = {}  # in the order in which they were sent
        self.age = 0  # how many sockets there were before this one
        self._open()

    def _open(self) -> None:
        self._socket = self._context.socket(zmq.DEALER)
        try:
            self._socket.sndhwm = self._socket.rcvhwm = 2 * _MOST_UNDER_WAY
            self._handshake = prepare(self._context, self._socket, self.endpoint, self._keys)
        except BaseException:
            self._socket.close(0)
            raise
        self._reader = asyncio.ensure_future(self._read(self._socket))
        self._watcher = asyncio.ensure_future(self._watch(self._handshake))

    @property
    def fault(self) -> str:
        """What is in the connection's way; empty: nothing that is known."""
        return self._handshake.fault

    def ask(self, request_id: int, data: bytes, answer: asyncio.Future[Json]) -> None:
        """`answer` gets an exception, the fault, where none can come any more."""
        if self._handshake.over:
            self.reopen()
        self._pending[request_id] = _Pending(data, answer)
        self._send(data)

    def give_up(self, request_id: int) -> None:
        self._pending.pop(request_id, None)

    def reopen(self) -> None:
        """A connection that was cut may wait for TCP for minutes; a new one does not. What others wait for is asked
        again: every request may be.
        """
        self.close()
        self.age += 1
        self._open()
        for pending in self._pending.values():
            self._send(pending.data)

    def close(self) -> None:
        if not self._reader.get_loop().is_closed():
            self._reader.cancel()
            self._watcher.cancel()
        self._handshake.end()
        self._socket.close(0)

    def _send(self, data: bytes) -> None:
        # Done at once, so that the order is that of the calls. A full queue is as if it had got lost.
        sent = self._socket.send(data, zmq.DONTWAIT)
        cast("asyncio.Future[object]", sent).exception()

    async def _read(self, socket: zmq.asyncio.Socket) -> None:
        while True:
            frames = await socket.recv_multipart()
            reply = decode(frames[-1])
            if reply is not None:
                self._take(reply)

    async def _watch(self, handshake: Handshake) -> None:
        while not handshake.over:
            handshake.take(await handshake.socket.recv_multipart())
        for pending in self._pending.values():
            if not pending.answer.done():
                pending.answer.set_exception(RegistryError(handshake.fault))

    def _take(self, reply: Json) -> None:
        request_id = reply.get("request_id")
        if request_id is None and reply.get("message_type") == "Error":
            # What is too large to be read is refused without an id; requests are answered in order.
            request_id = next(iter(self._pending), None)
        if type(request_id) is not int:
            return
        pending = self._pending.pop(request_id, None)
        if pending is not None and not pending.answer.done():
            pending.answer.set_result(reply)


async def _first(answers: dict[int, asyncio.Future[Json]], until: float) -> int | None:
    """Whose answer comes first; None where none comes by then, or none can come any more."""
    while True:
        waiting = []
        for number, answer in answers.items():
            if not answer.done():
                waiting.append(answer)
            elif answer.exception() is None:
                return number
        left = until - time.monotonic()
        if not waiting or left <= 0:
            return None
        await asyncio.wait(waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED)


class AsyncConnection:
    """The last good endpoint is asked first, the others join it one by one while there is no answer, and the first
    answer wins. Belongs to the event loop that it is first used in.
    """

    def __init__(self, endpoints: Endpoints, ids: Iterator[int]) -> None:
        self.endpoints = endpoints
        self._ids = ids
        self._context: zmq.asyncio.Context | None = None
        self._links: dict[int, _Link] = {}
        self._under_way = 0
        self._room: asyncio.Condition | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    async def call(self, request: bytes, deadline: float, timeout: float) -> Json:
        """The reply to this request. Raises TimeoutError, which names `timeout`; RegistryError."""
        if self._context is None or self._room is None:
            self._loop = asyncio.get_running_loop()
            self._context = zmq.asyncio.Context()
            self._room = asyncio.Condition()
        request_id = next(self._ids)
        data = with_id(request, request_id)
        await self._take_room(self._room, deadline, timeout)
        try:
            return await self._race(self._context, request_id, data, deadline, timeout)
        finally:
            self._under_way -= 1
            async with self._room:
                self._room.notify()

    async def _take_room(self, room: asyncio.Condition, deadline: float, timeout: float) -> None:
        if self._closed:
            raise RegistryError("the client is closed")
        if self._under_way >= _MOST_UNDER_WAY:
            async with room:
                try:
                    await asyncio.wait_for(
                        room.wait_for(lambda: self._under_way < _MOST_UNDER_WAY), deadline - time.monotonic()
                    )
                except asyncio.TimeoutError:
                    raise TimeoutError(self.endpoints.no_answer(timeout) + ": other calls wait for it") from None
        self._under_way += 1

    async def _race(
        self, context: zmq.asyncio.Context, request_id: int, data: bytes, deadline: float, timeout: float
    ) -> Json:
        answers: dict[int, asyncio.Future[Json]] = {}
        ages: dict[int, int] = {}
        order = self.endpoints.in_order()
        share = (deadline - time.monotonic()) / len(order)
        answered = False
        try:
            for i, number in enumerate(order):
                if number not in self._links:
                    self._links[number] = _Link(context, self.endpoints.all[number], self.endpoints.keys)
                link = self._links[number]
                answers[number] = asyncio.get_running_loop().create_future()
                ages[number] = link.age
                link.ask(request_id, data, answers[number])
                until = deadline if i + 1 == len(order) else min(time.monotonic() + share, deadline)
                one = await _first(answers, until)
                if one is not None:
                    answered = True
                    self.endpoints.good = one
                    return answers[one].result()
            faults = {
                self.endpoints.all[i]: str(a.exception()) if a.done() else self._links[i].fault
                for i, a in answers.items()
            }
            raise failure(faults, self.endpoints.no_answer(timeout))
        finally:
            for number, age in ages.items():
                link = self._links[number]
                link.give_up(request_id)
                if not answered and not self._closed and link.age == age and time.monotonic() >= deadline:
                    link.reopen()

    def close(self) -> None:
        """In the event loop. Calls that are under way end as they would, without an answer."""
        self._closed = True
        for link in self._links.values():
            link.close()
        if self._context is not None:
            self._context.term()

    def close_from_anywhere(self) -> None:
        """Also where its loop is another thread's, or has ended."""
        try:
            here = asyncio.get_running_loop()
        except RuntimeError:
            here = None
        if self._loop is not None and self._loop.is_running() and self._loop is not here:
            self._loop.call_soon_threadsafe(self.close)
        else:
            self.close()
