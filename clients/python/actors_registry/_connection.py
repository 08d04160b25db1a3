"""Requests and replies, each call on a socket of its own for as long as it takes."""

from __future__ import annotations

import contextlib
import math
import os
import select
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator

import zmq

from ._endpoints import Endpoints
from ._handshake import failure
from ._repetition import LONGEST_FIRST_INTERVAL_S, SHARES, Repetition
from ._sockets import Dealer, receive, send
from ._wire import Json, decode, with_id
from .errors import RegistryError, TimeoutError

_MOST_CONNECTIONS = 32  # and so many calls under way: far below the 1,000 that a registry answers to one peer
_EVENTS = zmq.EVENTS
_NOTHING_TO_READ = (0, int(zmq.POLLOUT))


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

    def __init__(self, number: int, dealer: Dealer) -> None:
        self.number = number
        self.dealer = dealer
        self.socket = dealer.socket
        self.proven = False  # as the dealer has it
        self.asked_again = False  # over this very socket
        self._descriptor = select.poll()
        self._descriptor.register(self.socket.fileno(), select.POLLIN)

    def ask_again(self, data: bytes) -> None:
        self.asked_again = True
        send(self.socket, data)

    def answer(self, request_id: int) -> Json | None:
        """What has arrived."""
        while (data := receive(self.socket)) is not None:
            reply = decode(data)
            if reply is not None and answers(reply, request_id):
                if not self.proven:
                    self.dealer.prove()
                    self.proven = True
                return reply
        return None

    def wait(self, request_id: int, until: float) -> Json | None:
        """What arrives by then."""
        if not self.proven:
            return _first_answer([self], request_id, until)[1]
        while True:
            # libzmq's descriptor tells of what is new once the queue was seen empty, and not before. The socket's own
            # timeout would begin anew after every signal, and zmq.Poller takes another system call.
            if self.socket.getsockopt(_EVENTS) in _NOTHING_TO_READ:
                self._descriptor.poll(milliseconds_until(until))
            reply = self.answer(request_id)
            if reply is not None or time.monotonic() >= until:
                return reply


class Connection:
    """One request at a time. The last good endpoint is asked first, the others join it one by one while there is no
    answer, and the first answer wins. What is not answered is sent again over the same sockets: a registry that was
    restarted has lost what it took last. One thread at a time.
    """

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], endpoints: Endpoints, ids: Iterator[int]) -> None:
        self._context = context
        self._endpoints = endpoints
        self._ids = ids
        self._kept: _Attempt | None = None  # between calls; None after a failure

    def call(self, request: bytes, deadline: float, timeout: float) -> Json:
        """The reply to this request: one that carries its id. Raises TimeoutError, which names `timeout`; after it, as
        after every exception, the sockets are new.
        """
        request_id = next(self._ids)
        data = with_id(request, request_id)
        order = self._endpoints.in_order()
        now = time.monotonic()
        first = self._attempt(order[0])
        if first.proven and self._endpoints.keys is not None:
            # Where this client's key has been revoked meanwhile, or the registry's is another, only a new connection
            # is told so.
            order = [order[0], *order]
        attempts = [first]
        winner, reply = first, None
        try:
            if now < deadline:
                send(first.socket, data)
                left = deadline - now
                share = left / len(order)
                # As first_interval() has it, in a tenth of the time.
                again = left / SHARES if left < SHARES * LONGEST_FIRST_INTERVAL_S else LONGEST_FIRST_INTERVAL_S
                reply = first.wait(request_id, now + (again if again < share else share))
            if reply is None:
                winner, reply = self._race(attempts, order[1:], data, request_id, now, deadline)
            if reply is None:
                raise failure(_faults(attempts), self._endpoints.no_answer(timeout))
        finally:
            if reply is None or len(attempts) > 1:
                for attempt in attempts:
                    if reply is None or attempt is not winner:
                        attempt.dealer.close()
        self._endpoints.good = winner.number
        self._kept = winner
        if winner.asked_again and reply.get("request_id") is None:
            # Another answer to the same request may come, and would be taken for the next one's.
            self.close()
        return reply

    @property
    def asked_again(self) -> bool:
        """Over the socket that is kept: what was asked twice may take effect again after its answer."""
        return self._kept is not None and self._kept.asked_again

    def _race(
        self,
        attempts: list[_Attempt],
        others: list[int],
        data: bytes,
        request_id: int,
        begun: float,
        deadline: float,
    ) -> tuple[_Attempt, Json | None]:
        """Asks again, and adds the other endpoints to the attempts, one by one."""
        repetition = Repetition(begun, deadline)
        share = (deadline - begun) / (len(others) + 1)
        joins = begun + share
        winner, reply = attempts[0], None
        while reply is None and (now := time.monotonic()) < deadline:
            over = _are_over(attempts)
            if over and not others:
                break
            if repetition.is_due(now):
                for attempt in attempts:
                    attempt.ask_again(data)
            if others and (over or now >= joins):
                attempts.append(self._attempt(others.pop(0)))
                send(attempts[-1].socket, data)
                joins = now + share
            until = min(repetition.next, joins if others else deadline, deadline)
            winner, reply = _first_answer(attempts, request_id, until)
        return winner, reply

    def _attempt(self, number: int) -> _Attempt:
        kept, self._kept = self._kept, None
        if kept is not None:
            if kept.number == number:
                return kept
            kept.dealer.close()
        return _Attempt(number, Dealer(self._context, self._endpoints.all[number], self._endpoints.keys))

    def close(self) -> None:
        if self._kept is not None:
            self._kept.dealer.close()
            self._kept = None


def _first_answer(attempts: list[_Attempt], request_id: int, until: float) -> tuple[_Attempt, Json | None]:
    """None where none has come by then, or none can come any more."""
    poller = zmq.Poller()
    for attempt in attempts:
        for socket in attempt.dealer.sockets():
            poller.register(socket, zmq.POLLIN)
    while True:
        poller.poll(milliseconds_until(until))
        for attempt in attempts:
            reply = attempt.answer(request_id)
            if reply is not None:
                return attempt, reply
        if time.monotonic() >= until or _are_over(attempts):
            return attempts[0], None


def _latest(attempts: list[_Attempt]) -> Iterable[_Attempt]:
    """At each endpoint."""
    return {attempt.number: attempt for attempt in attempts}.values()


def _are_over(attempts: list[_Attempt]) -> bool:
    """No answer can come any more."""
    return all(attempt.dealer.look()[1] for attempt in _latest(attempts))


def _faults(attempts: list[_Attempt]) -> dict[str, str]:
    return {attempt.dealer.endpoint: attempt.dealer.look()[0] for attempt in _latest(attempts)}


class Connections:
    """Gives every call a connection that no other uses, so that a slow one delays nobody. From any thread."""

    def __init__(self, endpoints: Endpoints, ids: Iterator[int]) -> None:
        self.endpoints = endpoints
        self._ids = ids
        self._process = os.getpid()
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        # Taken and given back without the lock, which is for who makes one, waits for one, or closes them.
        self._idle: deque[Connection] = deque()
        self._for_changes: deque[Connection] = deque()
        self._changed = threading.Condition(threading.Lock())
        self._open = 0
        self._waiting = 0
        self._closed = False

    def call(self, request: bytes, deadline: float, timeout: float) -> Json:
        """Raises TimeoutError, RegistryError."""
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._another(deadline, timeout)
        try:
            return connection.call(request, deadline, timeout)
        finally:
            self._idle.append(connection)
            if self._waiting or self._closed:
                self._settle()

    def change(self, request: bytes, deadline: float, timeout: float) -> Json:
        """The same for what changes the registry's state. After something was asked twice, all further changes go over
        the same connection, and so take effect behind it.
        """
        try:
            connection = (self._for_changes or self._idle).pop()
        except IndexError:
            connection = self._another(deadline, timeout)
        try:
            return connection.call(request, deadline, timeout)
        finally:
            (self._for_changes if connection.asked_again else self._idle).append(connection)
            if self._waiting or self._closed:
                self._settle()

    def close(self) -> None:
        """Calls that are under way still end as they would. Nothing happens in a process that was forked off."""
        if os.getpid() == self._process and not self._closed:
            self._closed = True
            self._settle()

    def _another(self, deadline: float, timeout: float) -> Connection:
        with self._changed:
            self._waiting += 1  # before a look at what is idle: who gives one back from now on says so
            try:
                while not self._closed:
                    with contextlib.suppress(IndexError):
                        return self._idle.pop()
                    if self._open < _MOST_CONNECTIONS:
                        self._open += 1
                        return Connection(self._context, self.endpoints, self._ids)
                    if not self._changed.wait(max(0.0, deadline - time.monotonic())):
                        raise TimeoutError(self.endpoints.no_answer(timeout) + ": other calls wait for it")
            finally:
                self._waiting -= 1
        raise RegistryError("the client is closed")

    def _settle(self) -> None:
        with self._changed:
            self._changed.notify_all() if self._closed else self._changed.notify()
            if not self._closed or self._context.closed:
                return
            for kept in self._idle, self._for_changes:
                with contextlib.suppress(IndexError):
                    while True:
                        kept.pop().close()
                        self._open -= 1
            if self._open == 0:
                self._context.term()
