#!/usr/bin/python3
"""Finds the actor `echo` by its name, says something to it and prints what comes back."""

import os
import sys

from actors_registry import ActorRef, Receiver, RegistryClient, Sender

registry = os.environ.get("REGISTRY_ENDPOINT", "tcp://localhost:5555")
here = sys.argv[1] if len(sys.argv) > 1 else "tcp://127.0.0.1:*"

with RegistryClient("Asker", registry) as client, Sender() as sender, Receiver(here) as receiver:
    echo = ActorRef("echo", client.lookup("echo"), sender)
    echo.send({"text": "hello"}, message_type="Ask", sender=ActorRef("asker", receiver.endpoint))
    answer = receiver.receive(timeout=5)
    print(answer.message["text"] if answer else "no answer within 5 s")
