#!/usr/bin/python3
"""A manager from nothing: the actor `echo` sends back what it gets (docs/writing_a_manager.md)."""

import os
import signal
import socket
import sys
import threading

from actors_registry import ActorRef, Envelope, Notice, Receiver, RegistryClient, RegistryError, Sender

ending = threading.Event()


def tell_systemd(state: str) -> None:
    """sd_notify(3), in a few lines; nothing happens where systemd has not started us."""
    path = os.environ.get("NOTIFY_SOCKET")
    if path:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.sendto(state.encode(), path)


def noticed(notice: Notice) -> None:
    print(notice, file=sys.stderr)
    if notice.kind == "superseded":  # a newer process has our place
        ending.set()


def is_registered(client: RegistryClient, me: ActorRef) -> bool:
    """The registry may be away, or another manager may have the name still: then it is tried again."""
    try:
        client.register(me.name, me.endpoint)
    except RegistryError as error:
        print(f"{error}; trying again", file=sys.stderr)
        return False
    return True


def answer(asked: Envelope, sender: Sender) -> None:
    """What somebody gives as its endpoint may be none: no reason to end."""
    if not asked.sender_endpoint:
        return
    try:
        ActorRef(asked.sender_actor, asked.sender_endpoint, sender).send(asked.message, message_type="Echo")
    except RegistryError as error:
        print(error, file=sys.stderr)


def run(manager_id: str, registry: str, endpoint: str) -> None:
    with (
        Sender() as sender,
        Receiver(endpoint) as receiver,  # before the client: who finds us can send
        RegistryClient(manager_id, registry, timeout=1, on_notice=noticed) as client,
    ):
        me = ActorRef("echo", receiver.endpoint, sender)
        client.start_heartbeat()
        tell_systemd("READY=1")
        registered = False
        while not ending.is_set():
            registered = registered or is_registered(client, me)
            asked = receiver.receive(timeout=1)
            if asked is not None:
                answer(asked, sender)
        tell_systemd("STOPPING=1")
    # Closing the client has said goodbye: offline at once, not after the timeout.


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    run(
        os.environ.get("MANAGER_ID", "Echo"),
        os.environ.get("REGISTRY_ENDPOINT", "tcp://localhost:5555"),
        sys.argv[1] if len(sys.argv) > 1 else "tcp://*:7100",
    )
