"""Heartbeats on a thread, context and socket of their own, so that nothing else delays one, and one without an answer
never blocks the next.
"""

from __future__ import annotations

import contextlib
import logging
import random
import socket
import threading
import time
from collections.abc import Iterator
from typing import Callable, Optional, Protocol

import zmq

from ._connection import milliseconds_until
from ._endpoints import Endpoints
from ._sockets import Dealer, receive, send
from ._wire import Json, decode, encode, with_id
from .errors import RegistryError

_REPAIR_INTERVAL_S = 0.1
_LONGEST_ASK_S = 1.0
_MOST_UNANSWERED = 2

_log = logging.getLogger("actors_registry")

Ask = Callable[[Json], Optional[Json]]


class Work(Protocol):
    """What is said with heartbeats, and done about their answers. Called on their thread."""

    def heartbeat(self) -> Json:
        """The next one."""

    def acknowledged(self, ack: Json) -> None:
        """A HeartbeatAck has come."""

    def silent(self, endpoint: str, fault: str) -> None:
        """Two heartbeats were not acknowledged, or it has refused the connection: `fault` says why, if known."""

    def reconnected(self, endpoint: str) -> None:
        """One was, after that."""

    def repair(self, ask: Ask) -> bool:
        """What else is to be said to the registry. Called after each acknowledgement, and about every 100 ms while it
        returns true, with the means to ask: a reply, or None within a second.
        """


class Heartbeats:
    def __init__(self, endpoints: Endpoints, work: Work, interval: float, ids: Iterator[int]) -> None:
        """Raises RegistryError where an endpoint can't be one."""
        self._endpoints = endpoints
        self._work = work
        self._interval = interval
        self._ids = ids
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._endpoint = endpoints.good
        try:
            self._dealer = Dealer(self._context, endpoints.all[self._endpoint], endpoints.keys)
        except BaseException:
            self._context.term()
            raise
        self._wake, self._waker = socket.socketpair()
        self._stopping = False
        self._next = 0.0
        self._last_id = 0
        self._answered_id = 0  # of the latest heartbeat that was answered; those before it count as answered
        self._unanswered = 0
        self._refusal = ""  # what was said in place of an acknowledgement
        self._silent = False  # and that it is has been said
        self._repairing = False
        self._asked_id = 0  # what ask() waits for
        self._asked: Json | None = None
        self._thread = threading.Thread(target=self._run, name="registry heartbeats", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """No heartbeat is sent after it returned, except where it is its own thread that collects the garbage."""
        self._stopping = True
        with contextlib.suppress(OSError):  # it has ended already
            self._waker.send(b"x")
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        self._next = time.monotonic()
        try:
            while not self._stopping:
                try:
                    self._round()
                except Exception:  # whatever it was, the next heartbeat is what matters most
                    _log.exception("heartbeats")
                    self._pause()
        finally:
            self._dealer.close()
            self._context.term()
            self._wake.close()
            self._waker.close()

    def _round(self) -> None:
        if time.monotonic() >= self._next:
            self._send_next()
        if self._repairing:
            self._repairing = self._work.repair(self._ask)
        if not self._stopping:
            self._wait(min(self._next, time.monotonic() + _REPAIR_INTERVAL_S) if self._repairing else self._next)
        self._read_replies()

    def _send_next(self) -> None:
        # Around the interval, so that managers started together do not stay together.
        self._next = time.monotonic() + self._interval * random.uniform(0.95, 1.05)
        if self._unanswered >= _MOST_UNANSWERED or self._dealer.look()[1]:
            self._reopen()
        self._last_id = next(self._ids)
        self._unanswered += 1
        send(self._dealer.socket, with_id(encode(self._work.heartbeat()), self._last_id))

    def _reopen(self) -> None:
        """A connection that was cut may wait for TCP for minutes; a new one does not, and another endpoint may be
        there.
        """
        if not self._silent:
            self._work.silent(self._endpoints.all[self._endpoint], self._refusal or self._dealer.look()[0])
        self._silent = True
        self._refusal = ""
        self._endpoint = (self._endpoint + 1) % len(self._endpoints.all)
        self._unanswered = 0
        endpoint = self._endpoints.all[self._endpoint]
        old, self._dealer = self._dealer, Dealer(self._context, endpoint, self._endpoints.keys)
        old.close()

    def _pause(self) -> None:
        poller = zmq.Poller()
        poller.register(self._wake, zmq.POLLIN)
        poller.poll(milliseconds_until(time.monotonic() + self._interval))

    def _wait(self, until: float) -> None:
        poller = zmq.Poller()
        poller.register(self._wake, zmq.POLLIN)
        for dealer_socket in self._dealer.sockets():
            poller.register(dealer_socket, zmq.POLLIN)
        poller.poll(min(milliseconds_until(until), 60_000))

    def _read_replies(self) -> None:
        self._dealer.look()
        while (data := receive(self._dealer.socket)) is not None:
            reply = decode(data)
            if reply is not None:
                self._dealer.prove()
                self._take(reply)

    def _take(self, reply: Json) -> None:
        found = reply.get("request_id")
        if type(found) is not int:
            return
        if self._asked_id and found == self._asked_id:
            self._asked = reply
            return
        if not self._answered_id < found <= self._last_id:
            return
        if reply.get("message_type") == "Error":
            self._refusal = str(reply.get("error", ""))
        if reply.get("message_type") != "HeartbeatAck":
            return
        self._answered_id = found
        self._unanswered = 0
        self._refusal = ""
        if self._silent:
            self._work.reconnected(self._endpoints.all[self._endpoint])
        self._silent = False
        self._work.acknowledged(reply)
        self._repairing = True

    def _ask(self, request: Json) -> Json | None:
        self._asked = None
        self._last_id = self._asked_id = next(self._ids)
        send(self._dealer.socket, with_id(encode(request), self._asked_id))
        until = time.monotonic() + _LONGEST_ASK_S
        while self._asked is None and not self._stopping and time.monotonic() < until:
            self._wait(min(until, self._next))
            self._read_replies()
            if time.monotonic() >= self._next:
                self._send_next()
        self._asked_id = 0
        asked, self._asked = self._asked, None
        return asked


class Beating:
    """Heartbeats, on or off. From any thread, in the process that made it."""

    def __init__(self, endpoints: Endpoints, work: Work, interval: float, ids: Iterator[int]) -> None:
        self._start: Callable[[], Heartbeats] = lambda: Heartbeats(endpoints, work, interval, ids)
        self._heartbeats: Heartbeats | None = None
        self._over = False
        self._lock = threading.Lock()

    def start(self) -> None:
        """Nothing happens where they are under way already. Raises RegistryError where an endpoint can't be one."""
        with self._lock:
            if self._over:
                raise RegistryError("the client is closed")
            if self._heartbeats is None:
                self._heartbeats = self._start()

    def stop(self) -> None:
        with self._lock:
            heartbeats, self._heartbeats = self._heartbeats, None
        if heartbeats is not None:
            heartbeats.stop()

    def end(self) -> bool:
        """Stops for good. Returns whether it had not ended before."""
        with self._lock:
            over, self._over = self._over, True
        self.stop()
        return not over
