#!/usr/bin/python3
"""A manager's calls, one after the other; first_manager is one that stays."""

from actors_registry import RegistryClient

with RegistryClient("MyManager", "tcp://localhost:5555") as client:  # says goodbye at its end
    client.start_heartbeat()
    client.register("MyActor", "tcp://localhost:5556")
    print(client.lookup("OtherActor"))  # or ActorNotFoundError, ActorOfflineError, TimeoutError
