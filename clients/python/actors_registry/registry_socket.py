"""For a manager that only tells the registry things."""

from __future__ import annotations

import logging
import os
import time
import weakref
from collections.abc import Callable
from types import TracebackType

import zmq

from ._connection import milliseconds_until
from ._keys import keys_of
from ._sockets import close_sockets, prepare, receive
from ._turn import Turn
from .errors import RegistryError

_MOST_UNANSWERED = 1000  # the registry answers no more than that at a time
_PATIENCE_S = 5.0
_LINGER_MS = 1000
_LONGEST_POLL_MS = 100  # libzmq's binding goes on with it after a signal, whose handler may have closed the socket

_log = logging.getLogger("actors_registry")


class RegistrySocket:
    """A DEALER that sends requests and discards the replies: nobody needs to receive. Safe to use from any thread.

    What is sent while the registry is away waits, 1,000 messages at most, and goes out when it is back. What was
    under way when a connection broke, or the registry ended, is lost: nothing is sent twice. Whether a request was
    refused is not found out: that is what RegistryClient is for.
    """

    def __init__(
        self, endpoint: str, *, server_key: str | None = None, key_file: str | os.PathLike[str] | None = None
    ) -> None:
        """Connects in the background. The keys are as RegistryClient has them; that they are refused stands in the
        log. Raises RegistryError where the endpoint can't be one, UnusableKeyError.
        """
        self._endpoint = endpoint
        self._keys = keys_of(server_key, key_file)
        self._refused = ""  # why, said already
        self._pid = os.getpid()
        self._turn = Turn("socket")
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._unanswered = 0
        self._answered_at = time.monotonic()
        try:
            self._sockets = self._open()  # the one that there is, and the one that tells what becomes of it
        except BaseException:
            self._context.term()
            raise
        self._finalizer = weakref.finalize(self, close_sockets, self._sockets, self._context, self._pid)

    def send(self, data: bytes) -> None:
        """Sends a request. Where 1,000 are unanswered, waits for the registry; where it has not answered anything
        for 5 s, they are given up. Raises RegistryError only where the socket is closed, also meanwhile by a signal
        handler, was made before a fork, or is in the midst of a call that this one, a signal handler's, interrupts.
        """
        if os.getpid() != self._pid:
            raise RegistryError("this socket was made before a fork: make one of its own in the child")
        with self._turn.take(self._end):
            self._discard_replies()
            self._see_refusal()
            if self._unanswered == 0:
                self._answered_at = time.monotonic()  # there was nothing to be answered
            if not self._wait_until(self._may_go_on, self._answered_at + _PATIENCE_S):
                self._give_up()
            if self._turn.closing:
                raise RegistryError("the socket is closed")
            self._socket.send(data)
            self._unanswered += 1

    def close(self) -> None:
        """What is unanswered has a second for it. In a signal handler that interrupts a call, it is that call which
        closes it.
        """
        if os.getpid() == self._pid:
            self._turn.close(self._end)

    def __enter__(self) -> RegistrySocket:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def _socket(self) -> zmq.Socket[bytes]:
        return self._sockets[0]

    def _end(self) -> None:
        try:
            self._wait_until(lambda: self._unanswered == 0, time.monotonic() + _LINGER_MS / 1000)
        finally:
            self._finalizer()

    def _may_go_on(self) -> bool:
        return self._unanswered < _MOST_UNANSWERED or self._turn.closing

    def _open(self) -> list[zmq.Socket[bytes]]:
        socket = self._context.socket(zmq.DEALER)
        try:
            # A connection that was cut is noticed within seconds, and what waits goes over the next one.
            socket.setsockopt(zmq.TCP_MAXRT, int(_PATIENCE_S * 1000))
            socket.setsockopt(zmq.TCP_KEEPALIVE, 1)
            socket.setsockopt(zmq.TCP_KEEPALIVE_IDLE, 5)
            socket.setsockopt(zmq.TCP_KEEPALIVE_INTVL, 2)
            socket.setsockopt(zmq.TCP_KEEPALIVE_CNT, 3)
            socket.sndhwm = socket.rcvhwm = 2 * _MOST_UNANSWERED  # send() never waits for libzmq
            self._handshake = prepare(self._context, socket, self._endpoint, self._keys)
            socket.linger = _LINGER_MS
        except BaseException:
            socket.close(0)
            raise
        return [socket, self._handshake.socket]

    def _see_refusal(self) -> None:
        """After which libzmq would never connect again."""
        if self._handshake.socket.closed:
            return
        self._handshake.look()
        if self._handshake.over:
            if self._handshake.fault != self._refused:
                self._refused = self._handshake.fault
                _log.warning("registry %s: %s", self._endpoint, self._refused)
            self._open_anew()

    def _discard_replies(self) -> None:
        while receive(self._socket) is not None:
            if not self._handshake.socket.closed:
                self._handshake.end()
                self._refused = ""
            self._unanswered = max(0, self._unanswered - 1)
            self._answered_at = time.monotonic()

    def _wait_until(self, condition: Callable[[], bool], until: float) -> bool:
        while not condition():
            if time.monotonic() >= until:
                return False
            self._socket.poll(min(milliseconds_until(until), _LONGEST_POLL_MS))
            self._discard_replies()
        return True

    def _give_up(self) -> None:
        _log.warning("registry %s does not answer: %d messages to it are given up", self._endpoint, self._unanswered)
        self._open_anew()

    def _open_anew(self) -> None:
        if not self._handshake.socket.closed:
            self._handshake.end()
        old = self._socket
        self._sockets[:] = self._open()
        old.close(0)
        self._unanswered = 0
        self._answered_at = time.monotonic()


def connect(
    endpoint: str, *, server_key: str | None = None, key_file: str | os.PathLike[str] | None = None
) -> RegistrySocket:
    """A RegistrySocket: `connect(endpoint).send(serialize(...))`, and nothing to receive."""
    return RegistrySocket(endpoint, server_key=server_key, key_file=key_file)
