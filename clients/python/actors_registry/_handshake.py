"""What libzmq tells of a connection that is refused: the registry says nothing else."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Sequence
from typing import Any

import zmq

from .errors import HandshakeFailedError, KeyNotAcceptedError, RegistryError, TimeoutError

_SUCCEEDED = int(zmq.EVENT_HANDSHAKE_SUCCEEDED)
_NO_DETAIL = int(zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL)
_PROTOCOL = int(zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL)
_AUTH = int(zmq.EVENT_HANDSHAKE_FAILED_AUTH)
_EVENTS = _SUCCEEDED | _NO_DETAIL | _PROTOCOL | _AUTH | int(zmq.EVENT_CLOSED)
_MECHANISM_MISMATCH = 0x11000002  # zmq.h: ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH
_EVENT = struct.Struct("=HI")
_REFUSED = "key not accepted: the registry does not trust this client"
_FAILED = "wrong server key, or one side is without CURVE"
_HUNG_UP = "hangs up in the handshake, again and again: one side is without CURVE, or this address is not let in"
_MANY_HANG_UPS = 3

_numbers = itertools.count(1)


class Handshake:
    """How a socket fares that connects to one endpoint. The thread of the socket."""

    def __init__(self, context: zmq.Context[Any], socket: zmq.Socket[Any], with_keys: bool) -> None:
        """Before the socket connects."""
        self._watched = socket
        self._with_keys = with_keys
        self.fault = ""  # in a few words
        self._hang_ups = 0  # one after the other
        self.over = False  # libzmq does not try again: only a new socket may fare better
        address = f"inproc://handshake-{next(_numbers)}"
        self.socket = context.socket(zmq.PAIR)
        self.socket.linger = 0
        self.socket.rcvhwm = 0  # libzmq's own thread would wait where there is no room
        try:
            socket.monitor(address, _EVENTS)
            self.socket.connect(address)
        except BaseException:
            self.socket.close()
            raise

    def look(self) -> None:
        """Takes note of what has happened."""
        try:
            while True:
                self.take(self.socket.recv_multipart(zmq.DONTWAIT))
        except zmq.Again:
            pass

    def take(self, frames: Sequence[bytes]) -> None:
        """Takes note of one event."""
        if self.over or len(frames[0]) != _EVENT.size:
            return
        event, value = _EVENT.unpack(frames[0])
        if event == _AUTH:  # ZAP's 400 and 500; of a 300 we are told nothing, and it is tried again
            self.fault, self.over = _REFUSED, True
        elif event == _PROTOCOL:
            if self._with_keys or value == _MECHANISM_MISMATCH:  # to a plain socket anything may answer
                self.fault, self.over = _FAILED, True
        elif event == _NO_DETAIL:
            self._hang_ups += 1
            if self._with_keys:  # who can't read what we encrypted hangs up, as does a registry that ends
                self.fault = _FAILED
            elif self._hang_ups >= _MANY_HANG_UPS:  # as one that encrypts, often before libzmq has said that it does
                self.fault = _HUNG_UP
        else:  # it succeeded, or nobody listens there now
            self.fault = ""
            self._hang_ups = 0

    def end(self) -> None:
        """Before the socket is closed."""
        if not self._watched.closed:
            self._watched.disable_monitor()
        self.socket.close()


def failure(faults: dict[str, str], silence: str) -> RegistryError:
    """Why there is no answer. `faults` has those of each endpoint that was asked, which may be empty; `silence` is
    what is said where they are.
    """
    said = [f"{endpoint}: {fault}" for endpoint, fault in faults.items() if fault]
    if not said:
        return TimeoutError(silence)
    if len(said) < len(faults):
        return TimeoutError(f"{silence} ({'; '.join(said)})")
    kind = KeyNotAcceptedError if _REFUSED in faults.values() else HandshakeFailedError
    return kind("registry " + "; ".join(said))
