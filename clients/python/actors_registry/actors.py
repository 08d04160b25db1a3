"""Actors: a name and an endpoint, and messages between them as JSON envelopes, PUSH to PULL (docs/protocol.md, "As an
actor"). Enough to talk between processes and languages; whoever has the framework uses its own.
"""

from __future__ import annotations

import os
import time
import weakref
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Protocol

import zmq

from ._connection import milliseconds_until
from ._sockets import close_sockets, receive
from ._turn import Turn
from ._wire import decode, encode
from .errors import RegistryError
from .messages import Message, to_json

_MOST_CONNECTIONS = 256
_LINGER_MS = 1000
# A connection is given up, and opened anew, where nothing is acknowledged for so long, or the peer has no room for
# more: the kernel does not tell the dead from the busy, and what it held for them is lost.
_LONGEST_STANDSTILL_MS = 30_000
_LARGEST_MESSAGE = 1024 * 1024  # libzmq ends the connection over which a larger one comes


@dataclass(frozen=True)
class Envelope:
    """A message on its way. `sender_endpoint` is where an answer goes, if it is not empty."""

    receiver: str
    message_type: str
    message: Mapping[str, Any] = field(default_factory=dict)
    sender_actor: str = ""
    sender_endpoint: str = ""

    def to_bytes(self) -> bytes:
        """Raises RegistryError where that is no JSON."""
        return encode(
            {
                "sender_actor": self.sender_actor,
                "sender_endpoint": self.sender_endpoint,
                "receiver": self.receiver,
                "message_type": self.message_type,
                "message": self.message,
            }
        )

    @staticmethod
    def from_bytes(data: bytes) -> Envelope | None:
        """None where it is no envelope."""
        json = decode(data) or {}
        receiver, message_type, message = json.get("receiver"), json.get("message_type"), json.get("message")
        if not isinstance(receiver, str) or not isinstance(message_type, str) or not isinstance(message, dict):
            return None
        # Who is not named can't be answered; the message is one all the same.
        actor, endpoint = json.get("sender_actor"), json.get("sender_endpoint")
        return Envelope(
            receiver,
            message_type,
            message,
            actor if isinstance(actor, str) else "",
            endpoint if isinstance(endpoint, str) else "",
        )


def _find_out_about_the_dead(socket: zmq.Socket[bytes]) -> None:
    """Has TCP ask a silent peer whether it is still there; 30 s without an answer are a no. It does not ask while
    something is on its way.
    """
    socket.setsockopt(zmq.TCP_KEEPALIVE, 1)
    socket.setsockopt(zmq.TCP_KEEPALIVE_IDLE, 15)
    socket.setsockopt(zmq.TCP_KEEPALIVE_INTVL, 5)
    socket.setsockopt(zmq.TCP_KEEPALIVE_CNT, 3)


class Actor(Protocol):
    """Who sends: an ActorRef to oneself, for one. Whatever has a name and an endpoint will do."""

    @property
    def name(self) -> str:
        """What the receiver finds as `sender_actor`."""
        ...

    @property
    def endpoint(self) -> str:
        """Where answers go."""
        ...


class Sender:
    """Sends to any number of endpoints, over one PUSH socket each; the least recently used is closed first. Safe to use
    from any thread, in the process that made it.
    """

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._turn = Turn("sender")
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._sockets: OrderedDict[str, zmq.Socket[bytes]] = OrderedDict()
        self._finalizer = weakref.finalize(self, close_sockets, self._sockets.values(), self._context, self._pid)

    def send(self, endpoint: str, envelope: Envelope) -> None:
        """Queues it: what can't be delivered waits until it can, 1,000 messages an endpoint at most. A connection on
        which nothing moves for 30 s is given up and opened anew; what the system held for it is lost. Raises
        RegistryError where the endpoint can't be one, its queue is full, the message is over 1 MiB, which no receiver
        takes, the sender is closed, or, in a signal handler, is in the midst of a call that is interrupted.
        """
        data = envelope.to_bytes()
        if len(data) > _LARGEST_MESSAGE:
            raise RegistryError(f"{endpoint}: the message has {len(data)} bytes, more than {_LARGEST_MESSAGE}")
        if os.getpid() != self._pid:
            raise RegistryError("this sender was made before a fork: make one of its own in the child")
        with self._turn.take(self._finalizer):
            socket = self._socket(endpoint)
            try:
                socket.send(data, zmq.DONTWAIT)
            except zmq.Again:
                raise RegistryError(f"{endpoint}: takes no messages: 1,000 wait for it already") from None

    def forget(self, endpoint: str) -> None:
        """Drops what waits for an endpoint where nobody is any more. Raises RegistryError where the sender is closed,
        or, in a signal handler, is in the midst of a call that is interrupted.
        """
        with self._turn.take(self._finalizer):
            socket = self._sockets.pop(endpoint, None)
            if socket is not None:
                socket.close(0)

    def close(self) -> None:
        """What is still to be sent has a second to leave. In a signal handler that interrupts a call, it is that call
        which closes it.
        """
        if os.getpid() == self._pid:
            self._turn.close(self._finalizer)

    def __enter__(self) -> Sender:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _socket(self, endpoint: str) -> zmq.Socket[bytes]:
        socket = self._sockets.get(endpoint)
        if socket is None:
            socket = self._connected(endpoint)
            self._sockets[endpoint] = socket
            if len(self._sockets) > _MOST_CONNECTIONS:
                self._sockets.popitem(last=False)[1].close()
        self._sockets.move_to_end(endpoint)
        return socket

    def _connected(self, endpoint: str) -> zmq.Socket[bytes]:
        socket = self._context.socket(zmq.PUSH)
        socket.linger = _LINGER_MS
        _find_out_about_the_dead(socket)
        socket.setsockopt(zmq.TCP_MAXRT, _LONGEST_STANDSTILL_MS)
        if "[" in endpoint:
            socket.ipv6 = True
        try:
            socket.connect(endpoint)
        except (zmq.ZMQError, ValueError, TypeError) as error:
            socket.close(0)
            raise RegistryError(f"{endpoint}: can't connect: {error}") from None
        return socket


class ActorRef:
    """An actor to send to, by name and endpoint."""

    def __init__(self, name: str, endpoint: str, sender: Sender | None = None) -> None:
        self._name = name
        self._endpoint = endpoint
        self._sender = sender

    @property
    def name(self) -> str:
        """What the actor is registered as; messages name it as their receiver."""
        return self._name

    @property
    def endpoint(self) -> str:
        """Where its messages go."""
        return self._endpoint

    def send(
        self, message: Message | Mapping[str, Any] | object, sender: Actor | None = None, message_type: str = ""
    ) -> None:
        """Sends a message: a dataclass, whose name is its type, or a mapping and its `message_type`. An answer goes to
        `sender`. Raises RegistryError where it can't be queued, TypeError where it is no message.
        """
        if self._sender is None:
            raise RegistryError(f"the ActorRef of '{self._name}' was made without a sender")
        json = dict(message) if isinstance(message, Mapping) else to_json(message)
        if not isinstance(json, dict):
            raise TypeError(f"no message: {message!r}")
        if not message_type and isinstance(message, Mapping):
            raise TypeError("a mapping needs a message_type")
        kind = message_type or type(message).__name__
        who = (sender.name, sender.endpoint) if sender is not None else ("", "")
        self._sender.send(self._endpoint, Envelope(self._name, kind, json, *who))

    def __repr__(self) -> str:
        return f"ActorRef({self._name!r}, {self._endpoint!r})"


class Receiver:
    """Where messages arrive: a PULL socket that is bound. One thread at a time."""

    def __init__(self, endpoint: str) -> None:
        """Port * or 0 is one that is free. Raises RegistryError where it can't be bound."""
        self._pid = os.getpid()
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._socket = self._context.socket(zmq.PULL)
        self._socket.linger = 0
        self._socket.maxmsgsize = _LARGEST_MESSAGE
        _find_out_about_the_dead(self._socket)
        if "[" in endpoint:
            self._socket.ipv6 = True
        try:
            self._socket.bind(endpoint)
        except (zmq.ZMQError, ValueError, TypeError) as error:
            self._context.destroy(0)
            raise RegistryError(f"{endpoint}: can't bind: {error}") from None
        self.endpoint = self._socket.getsockopt_string(zmq.LAST_ENDPOINT)
        self._finalizer = weakref.finalize(self, close_sockets, [self._socket], self._context, self._pid)

    def receive(self, timeout: float | None = None) -> Envelope | None:
        """The next one; None where none has come within so many seconds. What is no envelope is dropped; who sends a
        message of over 1 MiB loses the connection, and what is on its way over it.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            data = receive(self._socket)
            if data is not None:
                envelope = Envelope.from_bytes(data)
                if envelope is not None:
                    return envelope
            elif not self._socket.poll(None if until is None else milliseconds_until(until)):
                return None

    def close(self) -> None:
        """What has arrived and was not received is lost."""
        self._finalizer()

    def __enter__(self) -> Receiver:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
