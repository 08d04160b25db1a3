"""Requests and replies, each call on a socket of its own for as long as it takes."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Iterator

import zmq

from ._endpoints import Endpoints
from ._sockets import open_dealer, receive, send
from ._wire import Json, decode, encode
from .errors import RegistryError, TimeoutError

_MOST_CONNECTIONS = 32  # and so many calls under way: far below the 1,000 that a registry answers to one peer


def milliseconds_until(moment: float) -> int:
    """Rounded up, so that a poll never returns just before its time and spins."""
    return max(0, math.ceil((moment - time.monotonic()) * 1000))


def answers(reply: Json, request_id: int) -> bool:
    # What is too large to be read is refused without an id. Only one request is ever under way on a connection.
    found = reply.get("request_id")
    if found is None:
        return reply.get("message_type") == "Error"
    return type(found) is int and found == request_id


class _Attempt:
    """A request's way to one endpoint."""

    def __init__(self, number: int, socket: zmq.Socket[bytes]) -> None:
        self.number = number
        self.socket = socket

    def answer(self, request_id: int) -> Json | None:
        while (data := receive(self.socket)) is not None:
            reply = decode(data)
            if reply is not None and answers(reply, request_id):
                return reply
        return None


class Connection:
    """One request at a time. The last good endpoint is asked first, the others join it one by one while there is no
    answer, and the first answer wins. One thread at a time.
    """

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], endpoints: Endpoints, ids: Iterator[int]) -> None:
        self._context = context
        self._endpoints = endpoints
        self._ids = ids
        self._kept: _Attempt | None = None  # between calls; None after a failure

    def call(self, request: Json, deadline: float, timeout: float) -> Json:
        """The reply to this request: one that carries its id. Raises TimeoutError, which names `timeout`; after it, as
        after every exception, the sockets are new.
        """
        request_id = request["request_id"] = next(self._ids)
        data = encode(request)
        attempts: list[_Attempt] = []
        winner = None
        try:
            winner, reply = self._race(attempts, data, request_id, deadline, timeout)
        finally:
            for attempt in attempts:
                if attempt is not winner:
                    attempt.socket.close()
        self._endpoints.good = winner.number
        self._kept = winner
        return reply

    def _race(
        self, attempts: list[_Attempt], data: bytes, request_id: int, deadline: float, timeout: float
    ) -> tuple[_Attempt, Json]:
        order = self._endpoints.in_order()
        now = next_attempt = time.monotonic()
        share = (deadline - now) / len(order)
        poller = zmq.Poller()
        while now < deadline:
            if len(attempts) < len(order) and now >= next_attempt:
                attempt = self._attempt(order[len(attempts)])
                attempts.append(attempt)
                poller.register(attempt.socket, zmq.POLLIN)
                send(attempt.socket, data)
                next_attempt = now + share
            poller.poll(milliseconds_until(deadline if len(attempts) == len(order) else min(next_attempt, deadline)))
            for attempt in attempts:
                reply = attempt.answer(request_id)
                if reply is not None:
                    return attempt, reply
            now = time.monotonic()
        raise TimeoutError(self._endpoints.no_answer(timeout))

    def _attempt(self, number: int) -> _Attempt:
        kept, self._kept = self._kept, None
        if kept is not None:
            if kept.number == number:
                return kept
            kept.socket.close()
        return _Attempt(number, open_dealer(self._context, self._endpoints.all[number]))

    def close(self) -> None:
        if self._kept is not None:
            self._kept.socket.close()
            self._kept = None


class Connections:
    """Gives every call a connection that no other uses, so that a slow one delays nobody. From any thread."""

    def __init__(self, endpoints: Endpoints, ids: Iterator[int]) -> None:
        self.endpoints = endpoints
        self._ids = ids
        self._process = os.getpid()
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._idle: list[Connection] = []
        self._out = 0
        self._closed = False
        self._given_back = threading.Condition(threading.Lock())

    def call(self, request: Json, deadline: float, timeout: float) -> Json:
        """Raises TimeoutError, RegistryError."""
        connection = self._take(deadline, timeout)
        try:
            return connection.call(request, deadline, timeout)
        finally:
            self._give_back(connection)

    def _take(self, deadline: float, timeout: float) -> Connection:
        with self._given_back:
            while self._out >= _MOST_CONNECTIONS and not self._closed:
                if not self._given_back.wait(max(0.0, deadline - time.monotonic())):
                    raise TimeoutError(self.endpoints.no_answer(timeout) + ": other calls wait for it")
            if self._closed:
                raise RegistryError("the client is closed")
            self._out += 1
            return self._idle.pop() if self._idle else Connection(self._context, self.endpoints, self._ids)

    def _give_back(self, connection: Connection) -> None:
        with self._given_back:
            self._out -= 1
            self._idle.append(connection)
            if self._closed:
                self._end()
            else:
                self._given_back.notify()

    def close(self) -> None:
        """Calls that are under way still end as they would. Nothing happens in a process that was forked off."""
        if os.getpid() != self._process:
            return
        with self._given_back:
            if not self._closed:
                self._closed = True
                self._given_back.notify_all()
                self._end()

    def _end(self) -> None:
        for connection in self._idle:
            connection.close()
        self._idle.clear()
        if self._out == 0:
            self._context.term()
