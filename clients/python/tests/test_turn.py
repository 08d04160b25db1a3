from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from conftest import TOP

from actors_registry import RegistryError
from actors_registry._turn import Turn


def nothing() -> None:
    pass


def test_what_a_signal_handler_calls_in_the_midst_of_a_call_is_refused() -> None:
    turn = Turn("sender")
    with turn.take(nothing):
        with pytest.raises(RegistryError, match="signal handler"), turn.take(nothing):
            pass
        thread = threading.Thread(target=turn.close, args=(nothing,))  # which waits
        thread.start()
        assert not turn.closing
    thread.join(10)
    with pytest.raises(RegistryError, match="the sender is closed"), turn.take(nothing):
        pass


def test_a_call_in_whose_midst_it_is_closed_ends_it() -> None:
    turn, ended = Turn("sender"), []
    with turn.take(lambda: ended.append("by the call")):
        turn.close(lambda: ended.append("by the handler"))
        assert turn.closing
        assert not ended
    turn.close(lambda: ended.append("again"))
    assert ended == ["by the call"]


def test_while_it_ends_it_is_closed() -> None:
    turn = Turn("sender")
    ended = []

    def end() -> None:
        turn.close(end)
        with pytest.raises(RegistryError, match="closed"), turn.take(end):
            pass
        ended.append(1)

    turn.close(end)
    assert ended == [1]


def run(program: str, endpoint: str) -> list[str]:
    """What a program says that gets a signal, `on_signal()`, soon after it calls `interrupted(call)`."""
    before = (
        "import os, signal, sys, time\n"
        "from actors_registry import Envelope, RegistryError, Sender, connect, registry_socket\n"
        "def interrupted(call):\n"
        "    signal.signal(signal.SIGALRM, lambda *_: on_signal())\n"
        "    signal.setitimer(signal.ITIMER_REAL, 0.2)\n"
        "    call()\n"
        "def attempt(call, *arguments):\n"
        "    try:\n"
        "        call(*arguments)\n"
        "        print('done')\n"
        "    except RegistryError as error:\n"
        "        print(error)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-B", "-c", before + program, endpoint],
        env={"PYTHONPATH": str(TOP / "clients" / "python")},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


def test_a_handler_may_close_a_socket_that_is_being_closed(folder: Path) -> None:
    program = (
        "socket = connect(sys.argv[1])\n"
        "socket.send(b'{}')\n"
        "def on_signal():\n"
        "    attempt(socket.close)\n"
        "    attempt(socket.send, b'{}')\n"
        "interrupted(socket.close)\n"
    )
    assert run(program, f"ipc://{folder}/nobody") == ["done", "the socket is closed"]


def test_a_handler_may_close_a_socket_that_waits_to_send(folder: Path) -> None:
    program = (
        "socket = connect(sys.argv[1])\n"
        "for _ in range(1000):\n"
        "    socket.send(b'{}')\n"
        "def on_signal():\n"
        "    attempt(socket.close)\n"
        "registry_socket._PATIENCE_S = 3600.0\n"
        "interrupted(lambda: attempt(socket.send, b'{}'))\n"
        "attempt(socket.send, b'{}')\n"
    )
    assert run(program, f"ipc://{folder}/nobody") == ["done", "the socket is closed", "the socket is closed"]


def test_a_handler_can_not_send_where_its_own_thread_waits_to(folder: Path) -> None:
    program = (
        "socket = connect(sys.argv[1])\n"
        "for _ in range(1000):\n"
        "    socket.send(b'{}')\n"
        "def on_signal():\n"
        "    attempt(socket.send, b'{}')\n"
        "registry_socket._PATIENCE_S = 2.0\n"
        "interrupted(lambda: attempt(socket.send, b'{}'))\n"
    )
    said = run(program, f"ipc://{folder}/nobody")
    assert said == ["the socket is in the midst of a call that this signal handler interrupts", "done"]


def test_a_handler_may_close_a_sender_that_is_being_closed(folder: Path) -> None:
    program = (
        "sender, endpoint = Sender(), sys.argv[1]\n"
        "sender.send(endpoint, Envelope('A', 'T'))\n"
        "def on_signal():\n"
        "    attempt(sender.close)\n"
        "    attempt(sender.send, endpoint, Envelope('A', 'T'))\n"
        "interrupted(sender.close)\n"
    )
    assert run(program, f"ipc://{folder}/nobody") == ["done", "the sender is closed"]
