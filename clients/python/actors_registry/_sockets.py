"""Sockets, and how they are opened, read and closed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import zmq

from .errors import RegistryError

# Of plain integers libzmq's binding makes quicker work.
_DONTWAIT = int(zmq.DONTWAIT)
_RCVMORE = int(zmq.RCVMORE)


def open_dealer(context: zmq.Context[zmq.Socket[bytes]], endpoint: str) -> zmq.Socket[bytes]:
    """A DEALER that connects in the background. LINGER is 0: what was not
    sent when it closes is not worth waiting for. Raises RegistryError where the endpoint can't be one.
    """
    socket = context.socket(zmq.DEALER)
    try:
        prepare(socket, endpoint)
    except BaseException:
        socket.close()
        raise
    return socket


def prepare(socket: zmq.Socket[Any], endpoint: str) -> None:
    socket.linger = 0
    # With IPv6 on, libzmq takes a name's IPv6 address alone: "localhost" would miss a registry on 127.0.0.1.
    if "[" in endpoint:
        socket.ipv6 = True
    try:
        socket.connect(endpoint)
    except (zmq.ZMQError, ValueError, TypeError) as error:
        raise RegistryError(f"registry {endpoint}: can't connect: {error}") from None


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
