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
from ._repetition import Repetition
from ._sockets import prepare
from ._wire import Json, decode, with_id
from .errors import RegistryError, TimeoutError

_MOST_UNDER_WAY = 1000  # the registry answers no more than that at a time


class _Pending:
    def __init__(self, data: bytes, answer: asyncio.Future[Json]) -> None:
        self.data = data
        self.answer = answer
        self.asked_again = False  # over the same socket


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

    def ask_again(self, request_id: int) -> None:
        pending = self._pending.get(request_id)
        if pending is not None:
            pending.asked_again = True
            self._send(pending.data)

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
        while not socket.closed:
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
            request_id = self._refused_without_id()
        if type(request_id) is not int:
            return
        pending = self._pending.pop(request_id, None)
        if pending is not None and not pending.answer.done():
            pending.answer.set_result(reply)

    def _refused_without_id(self) -> int | None:
        """Whose answer that is: what is too large to be read is refused so."""
        largest = max(self._pending, key=lambda one: len(self._pending[one].data), default=None)
        if largest is not None and self._pending[largest].asked_again:
            # Another answer to the same request may come, and would be taken for that to the next.
            self.reopen()
        return largest


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
    answer wins. What is not answered is sent again over the same sockets: a registry that was restarted has lost what
    it took last. Belongs to the event loop that it is first used in.
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
        others = list(self.endpoints.in_order())
        begun = joins = time.monotonic()
        share = (deadline - begun) / len(others)
        repetition = Repetition(begun, deadline)
        one = None
        try:
            while one is None:
                now = time.monotonic()
                over = all(answer.done() for answer in answers.values())
                if answers and (now >= deadline or (over and not others)):
                    raise failure(self._faults(answers), self.endpoints.no_answer(timeout))
                if repetition.is_due(now):
                    for number in answers:
                        self._links[number].ask_again(request_id)
                if others and (over or now >= joins):
                    number = others.pop(0)
                    link = self._link(context, number)
                    ages[number] = link.age
                    answers[number] = asyncio.get_running_loop().create_future()
                    link.ask(request_id, data, answers[number])
                    joins = now + share
                one = await _first(answers, min(deadline, repetition.next, joins if others else deadline))
            self.endpoints.good = one
            return answers[one].result()
        finally:
            for number, age in ages.items():
                link = self._links[number]
                link.give_up(request_id)
                if one is None and not self._closed and link.age == age and time.monotonic() >= deadline:
                    link.reopen()

    def _faults(self, answers: dict[int, asyncio.Future[Json]]) -> dict[str, str]:
        return {
            self.endpoints.all[number]: str(answer.exception()) if answer.done() else self._links[number].fault
            for number, answer in answers.items()
        }

    def _link(self, context: zmq.asyncio.Context, number: int) -> _Link:
        if number not in self._links:
            self._links[number] = _Link(context, self.endpoints.all[number], self.endpoints.keys)
        return self._links[number]

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
