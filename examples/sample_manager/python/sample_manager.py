#!/usr/bin/python3
"""The smallest useful manager in Python: what a unit on a host runs to try the registry out. It uses the client package
alone.
"""

from __future__ import annotations

import math
import os
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import zmq

# Where the package is neither installed nor beside this file.
sys.path.extend(str(top / "clients" / "python") for top in [*Path(__file__).resolve().parents][3:4])

from actors_registry import RegistryClient, RegistryError

CALL_TIMEOUT_S = 1.0
PAUSE_BETWEEN_TRIES_S = 1.0
LONGEST_WAIT_S = 60.0

USAGE = """\
Usage: sample_manager [--manager ID] [--registry ENDPOINT] [--actor NAME=ENDPOINT]...

A manager that does nothing but be one: it registers its actors, sends heartbeats, and counts
the messages that each actor's PULL socket receives, until TERM or INT.

  --manager ID             its name in the registry ($MANAGER_ID)
  --registry ENDPOINT      where the registry is ($REGISTRY_ENDPOINT, tcp://localhost:5555)
  --actor NAME=ENDPOINT    an actor and where its socket is bound; port * for any that is free
  --die-after SECONDS      ends without a word after that time
  --exit-status N          with that status (1)
  --silent                 never speaks to the registry
"""


class UsageError(Exception):
    """The command line is wrong."""


@dataclass
class Actor:
    name: str
    endpoint: str


@dataclass
class Options:
    manager_id: str = field(default_factory=lambda: os.environ.get("MANAGER_ID", ""))
    registry: str = field(default_factory=lambda: os.environ.get("REGISTRY_ENDPOINT", "tcp://localhost:5555"))
    actors: list[Actor] = field(default_factory=list)
    die_after_s: float = math.inf
    exit_status: int = 1  # of the death that die_after_s brings
    silent: bool = False  # never speaks to the registry
    help: bool = False


def say(line: object) -> None:
    print(f"sample_manager: {line}", file=sys.stderr, flush=True)


def actor(text: str) -> Actor:
    name, _, endpoint = text.partition("=")
    if not name or not endpoint:
        raise UsageError(f"--actor {text}: expected NAME=ENDPOINT")
    return Actor(name, endpoint)


def number(option: str, text: str, kind: type[float] | type[int]) -> float:
    try:
        value = kind(text)
    except ValueError:
        value = -1
    if not 0 <= value < math.inf:
        raise UsageError(f"{option} {text}: expected a number")
    return value


def parse_options(arguments: list[str]) -> Options:
    options = Options()
    words = iter(arguments)
    for option in words:
        if option == "--silent":
            options.silent = True
        elif option == "--help":
            options.help = True
        else:
            value = next(words, None)
            if value is None:
                raise UsageError(f"{option} needs a value" if option.startswith("--") else f"unexpected {option}")
            apply(options, option, value)
    if not options.manager_id and not options.help:
        raise UsageError("--manager or MANAGER_ID is needed")
    return options


def apply(options: Options, option: str, value: str) -> None:
    if option == "--manager":
        options.manager_id = value
    elif option == "--registry":
        options.registry = value
    elif option == "--actor":
        options.actors.append(actor(value))
    elif option == "--die-after":
        options.die_after_s = number(option, value, float)
    elif option == "--exit-status":
        options.exit_status = int(number(option, value, int))
    else:
        raise UsageError(f"unknown option {option}")


def bindable(endpoint: str) -> str:
    """libzmq binds to addresses: a host name, which is for those who connect, is bound on all of them."""
    host, colon, port = endpoint.removeprefix("tcp://").rpartition(":")
    if not endpoint.startswith("tcp://") or not colon or host.startswith("[") or not host.strip("0123456789.*"):
        return endpoint
    return f"tcp://127.0.0.1:{port}" if host == "localhost" else f"tcp://*:{port}"


class Signals:
    """TERM and INT as something to poll."""

    def __init__(self) -> None:
        self.wakes, waker = socket.socketpair()
        self.wakes.setblocking(False)
        waker.setblocking(False)
        self._waker = waker
        signal.set_wakeup_fd(waker.fileno())
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, lambda *_: None)

    def pending(self) -> signal.Signals | None:
        """The one that asks for the end."""
        try:
            return signal.Signals(self.wakes.recv(1)[0])
        except BlockingIOError:
            return None


class ActorSockets:
    """One PULL socket an actor; what arrives is counted and dropped."""

    def __init__(self, actors: list[Actor], signals: Signals) -> None:
        """Binds them all. Raises RegistryError naming the actor and the endpoint."""
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._poller = zmq.Poller()
        self._poller.register(signals.wakes, zmq.POLLIN)
        self._sockets = [self._bound(one) for one in actors]
        self.messages = [0] * len(actors)
        # What is to be registered: with the port that was chosen, where any was asked for.
        self.bound = [
            Actor(
                one.name,
                pull.getsockopt_string(zmq.LAST_ENDPOINT) if one.endpoint.endswith((":*", ":0")) else one.endpoint,
            )
            for one, pull in zip(actors, self._sockets)
        ]

    def wait(self, longest_s: float) -> None:
        """For messages, or a signal; counts what arrived."""
        self._poller.poll(math.ceil(max(0.0, longest_s) * 1000))
        for i, pull in enumerate(self._sockets):
            try:
                while True:
                    pull.recv_multipart(zmq.DONTWAIT)
                    self.messages[i] += 1
            except zmq.Again:
                pass

    def _bound(self, one: Actor) -> zmq.Socket[bytes]:
        pull = self._context.socket(zmq.PULL)
        pull.linger = 0
        try:
            pull.bind(bindable(one.endpoint))
        except zmq.ZMQError as error:
            raise RegistryError(f"actor {one.name}: can't bind {one.endpoint}: {error}") from None
        self._poller.register(pull, zmq.POLLIN)
        return pull


class Registration:
    """What is not registered yet."""

    def __init__(self, actors: list[Actor]) -> None:
        self._left = list(actors)
        self._said = ""

    def advance(self, client: RegistryClient) -> bool:
        """Whether everything is registered."""
        while self._left:
            one = self._left[0]
            try:
                client.register(one.name, one.endpoint)
            except RegistryError as error:
                if self._said != str(error):  # once: the registry may be away for long
                    say(f"{error}; trying again")
                self._said = str(error)
                return False
            say(f"registered {one.name} at {one.endpoint}")
            self._left.pop(0)
            self._said = ""
        return True


def work(options: Options, sockets: ActorSockets, signals: Signals) -> signal.Signals:
    """Returns the signal that ended it."""
    client = RegistryClient(options.manager_id, options.registry, timeout=CALL_TIMEOUT_S, on_notice=say)
    if not options.silent:
        client.start_heartbeat()
    registration = Registration(sockets.bound)
    death = time.monotonic() + options.die_after_s
    registered = options.silent
    while True:
        ended_by = signals.pending()
        if ended_by is not None:
            if not options.silent and not client.close():
                say("the registry did not confirm the goodbye")
            return ended_by
        if time.monotonic() >= death:
            os._exit(options.exit_status)
        registered = registered or registration.advance(client)
        pause = LONGEST_WAIT_S if registered else PAUSE_BETWEEN_TRIES_S
        sockets.wait(min(pause, death - time.monotonic()))


def run(options: Options) -> None:
    signals = Signals()
    sockets = ActorSockets(options.actors, signals)
    say(f"manager {options.manager_id}, " + ("silent" if options.silent else f"registry {options.registry}"))
    ended_by = work(options, sockets, signals)
    for one, messages in zip(options.actors, sockets.messages):
        say(f"{one.name} received {messages} messages")
    say(f"ending on {ended_by.name.removeprefix('SIG')}")


def main() -> int:
    try:
        options = parse_options(sys.argv[1:])
        if options.help:
            print(USAGE, end="")
        else:
            run(options)
    except UsageError as error:
        say(error)
        return 2
    except RegistryError as error:
        say(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
