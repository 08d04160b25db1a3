"""What stands between a client and its registry: a link that can be cut, and somebody who meddles with replies."""

import itertools
import json
import selectors
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Union
from urllib.parse import urlsplit

import zmq


Rule = Callable[[bytes], Union[list[bytes], float, None]]


class Background:
    """Something with a loop of its own, which step() goes round, from the block's beginning to its end."""

    def __enter__(self):
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def _run(self) -> None:
        while not self._ending.is_set():
            self.step()

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()
        self.close()


class Link(Background):
    """TCP, byte by byte. A connection that was cut stays dead and open, as behind a firewall that forgot it; when the
    link is healed only new ones get through."""

    def __init__(self, registry: str):
        address = urlsplit(registry)
        self._registry = (address.hostname, address.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._others: dict[socket.socket, socket.socket] = {}
        self._dead: list[socket.socket] = []
        self._lock = threading.Lock()
        self._is_cut = False
        self.passed_on = 0  # bytes, both ways together
        self.endpoint = f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut(self) -> None:
        with self._lock:
            self._is_cut = True
            for end in self._others:
                self._selector.unregister(end)
            self._dead += self._others
            self._others = {}

    def heal(self) -> None:
        with self._lock:
            self._is_cut = False

    def step(self) -> None:
        ready = self._selector.select(timeout=0.02)
        with self._lock:
            for key, _ in ready:
                if key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj in self._others:
                    self._pass_on(key.fileobj)
        if self._is_cut:
            time.sleep(0.02)  # the listener stays readable

    def _accept(self) -> None:
        if self._is_cut:
            return
        client, _ = self._listener.accept()
        try:
            server = socket.create_connection(self._registry)
        except OSError:
            client.close()
            return
        for end, other in ((client, server), (server, client)):
            self._others[end] = other
            self._selector.register(end, selectors.EVENT_READ)

    def _pass_on(self, end: socket.socket) -> None:
        try:
            data = end.recv(65536)
            if data:
                self._others[end].sendall(data)
                self.passed_on += len(data)
                return
        except OSError:
            pass
        other = self._others[end]
        for each in (end, other):
            self._selector.unregister(each)
            del self._others[each]
            each.close()

    def close(self) -> None:
        for each in (self._listener, *self._others, *self._dead):
            each.close()
        self._selector.close()


class Meddler(Background):
    """A ROUTER that passes requests on, and does with each reply what `rule` says: the messages that are sent in its
    place, none perhaps, how many seconds it is delayed, or None: it is held until release()."""

    GARBAGE = [b"garbage", b"", b"[]", b"null", b"{", b"\xff\xfe\x00", b"{}"]

    def __init__(self, registry: str):
        self._context = zmq.Context()
        self._front = self._context.socket(zmq.ROUTER)
        self._back = self._context.socket(zmq.DEALER)
        for each in (self._front, self._back):
            each.linger = 0
        self._front.bind("tcp://127.0.0.1:*")
        self._back.connect(registry)
        self.endpoint = self._front.last_endpoint.decode()
        self.rule: Rule = self.leave_alone
        self._held: list[list[bytes]] = []
        self._delayed: list[tuple[float, list[bytes]]] = []
        self._lock = threading.Lock()
        self.requests: Counter[str] = Counter()  # by their type

    @property
    def heartbeats(self) -> int:
        return self.requests["Heartbeat"]

    @staticmethod
    def leave_alone(reply: bytes) -> list[bytes]:
        return [reply]

    def garbage_first(self, reply: bytes) -> list[bytes]:
        return [*self.GARBAGE, reply]

    def garbage_only(self, _reply: bytes) -> list[bytes]:
        return self.GARBAGE

    def hold_lookups(self, reply: bytes) -> list[bytes] | None:
        return None if json.loads(reply).get("message_type") == "LookupResult" else [reply]

    def delay_lookups(self, by: float) -> None:
        self.rule = lambda reply: by if json.loads(reply).get("message_type") == "LookupResult" else [reply]

    def lose(self, *which: int) -> None:
        """Of the replies to come, counted from 0. All others get through."""
        numbers = itertools.count()
        self.rule = lambda reply: [] if next(numbers) in which else [reply]

    def lose_all(self, _reply: bytes) -> list[bytes]:
        return []

    def release(self) -> None:
        self.rule = self.leave_alone
        with self._lock:
            self._delayed += [(0, frames) for frames in self._held]
            self._held = []

    def step(self) -> None:
        zmq.select([self._front, self._back], [], [], 0.02)
        self._take_requests()
        self._take_replies()
        with self._lock:
            due = [frames for at, frames in self._delayed if at <= time.monotonic()]
            self._delayed = [each for each in self._delayed if each[0] > time.monotonic()]
        for frames in due:
            self._front.send_multipart(frames)

    def _take_requests(self) -> None:
        while self._front.poll(0):
            frames = self._front.recv_multipart()
            self.requests[json.loads(frames[-1])["message_type"]] += 1
            self._back.send_multipart(frames)

    def _take_replies(self) -> None:
        while self._back.poll(0):
            frames = self._back.recv_multipart()
            done = self.rule(frames[-1])
            with self._lock:
                if done is None:
                    self._held.append(frames)
                elif isinstance(done, float):
                    self._delayed.append((time.monotonic() + done, frames))
            if isinstance(done, list):
                for body in done:
                    self._front.send_multipart([*frames[:-1], body])

    def close(self) -> None:
        self._front.close()
        self._back.close()
        self._context.term()


class HangsUp(Background):
    """Takes every connection and ends it, as an encrypted endpoint does where libzmq is quick, or a relay whose other side is
    away.
    """

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        self.endpoint = f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"

    def step(self) -> None:
        try:
            self._listener.accept()[0].close()
        except TimeoutError:
            pass

    def close(self) -> None:
        self._listener.close()
