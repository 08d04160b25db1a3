"""Sockets, and how they are opened, read and closed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import zmq

from ._handshake import Handshake
from ._keys import CurveKeys
from .errors import RegistryError

# Of plain integers libzmq's binding makes quicker work.
_DONTWAIT = int(zmq.DONTWAIT)
_RCVMORE = int(zmq.RCVMORE)


class Dealer:
    """A DEALER that connects in the background. LINGER is 0: what was not sent when it closes is not worth waiting
    for. One thread at a time.
    """

    def __init__(
        self, context: zmq.Context[zmq.Socket[bytes]], endpoint: str, keys: CurveKeys | None, queue: int = 0
    ) -> None:
        """Raises RegistryError where the endpoint can't be one."""
        self.endpoint = endpoint
        self.socket = context.socket(zmq.DEALER)
        if queue:
            self.socket.sndhwm = self.socket.rcvhwm = queue
        try:
            self._handshake: Handshake | None = prepare(context, self.socket, endpoint, keys)
        except BaseException:
            self.socket.close(0)
            raise

    def sockets(self) -> list[zmq.Socket[bytes]]:
        """What is to be polled for reading."""
        return [self.socket] if self._handshake is None else [self.socket, self._handshake.socket]

    @property
    def proven(self) -> bool:
        """It was answered over this connection, which is not watched any more since."""
        return self._handshake is None

    def prove(self) -> None:
        if self._handshake is not None:
            self._handshake.end()
            self._handshake = None

    def look(self) -> tuple[str, bool]:
        """What is in the connection's way, empty for nothing, and whether only a new one may fare better."""
        if self._handshake is None:
            return "", False
        self._handshake.look()
        return self._handshake.fault, self._handshake.over

    def close(self, linger_ms: int = 0) -> None:
        self.prove()
        self.socket.close(linger_ms)


def prepare(context: zmq.Context[Any], socket: zmq.Socket[Any], endpoint: str, keys: CurveKeys | None) -> Handshake:
    """Connects it, and says how to see what becomes of that."""
    socket.linger = 0
    if keys is not None:
        keys.apply(socket)
    # With IPv6 on, libzmq takes a name's IPv6 address alone: "localhost" would miss a registry on 127.0.0.1.
    if "[" in endpoint:
        socket.ipv6 = True
    handshake = Handshake(context, socket, keys is not None)
    try:
        socket.connect(endpoint)
    except (zmq.ZMQError, ValueError, TypeError) as error:
        handshake.end()
        raise RegistryError(f"registry {endpoint}: can't connect: {error}") from None
    return handshake


def send(socket: zmq.Socket[bytes], data: bytes) -> None:
    """Queues a message; nothing happens where the queue is full, which is as if it had got lost."""
    try:  # noqa: SIM105 - this is what every lookup does
        socket.send(data, _DONTWAIT)
    except zmq.Again:
        pass


def receive(socket: zmq.Socket[bytes]) -> bytes | None:
    """A message that has arrived, without waiting. A delimiter before it, from a registry that answers as a REP socket
    would, is dropped.
    """
    try:
        data = socket.recv(_DONTWAIT)
        while not data and socket.getsockopt(_RCVMORE):
            data = socket.recv(_DONTWAIT)
    except zmq.Again:
        return None
    return data


def close_sockets(sockets: Iterable[zmq.Socket[bytes]], context: zmq.Context[zmq.Socket[bytes]], pid: int) -> None:
    """Closes the context's sockets, each with its LINGER, and waits for them; in the process that made them. For a
    weakref.finalize, also at the end of the program: it has to be given the sockets, since the context's own list of
    them is empty where they are collected together, and would wait for ever for what nobody closes.
    """
    if os.getpid() == pid:
        for socket in sockets:
            socket.close()
        context.term()
