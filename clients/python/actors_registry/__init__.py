"""The client of the actors' registry: register actors, be heard, look others up.

    from actors_registry import RegistryClient

    with RegistryClient("MyManager", "tcp://localhost:5555") as client:
        client.start_heartbeat()
        client.register("MyActor", "tcp://localhost:5556")
        endpoint = client.lookup("OtherActor")

What it logs goes to the logger `actors_registry`.
"""

from ._version import __version__
from .actors import Actor, ActorRef, Envelope, Receiver, Sender
from .aio import AsyncRegistryClient
from .client import RegistryClient
from .errors import (
    ActorNotFoundError,
    ActorOfflineError,
    HandshakeFailedError,
    KeyNotAcceptedError,
    NotAuthorizedError,
    RegistrationFailedError,
    RegistryError,
    TimeoutError,
    UnusableKeyError,
)
from .global_registry import GlobalRegistry
from .messages import (
    ActorEndpoint,
    Error,
    FoundActor,
    Heartbeat,
    HeartbeatAck,
    LookupActor,
    LookupActors,
    LookupResult,
    LookupResults,
    ManagerUnregistered,
    Message,
    Process,
    RegisterActor,
    RegisterActors,
    RegistrationFailed,
    RegistrationOk,
    RegistrationResult,
    RegistrationResults,
    UnregisterActor,
    UnregisterManager,
    deserialize,
    serialize,
)
from .notices import Notice
from .registry_socket import RegistrySocket, connect

__all__ = [
    "Actor",
    "ActorEndpoint",
    "ActorNotFoundError",
    "ActorOfflineError",
    "ActorRef",
    "AsyncRegistryClient",
    "Envelope",
    "Error",
    "FoundActor",
    "GlobalRegistry",
    "HandshakeFailedError",
    "Heartbeat",
    "HeartbeatAck",
    "KeyNotAcceptedError",
    "LookupActor",
    "LookupActors",
    "LookupResult",
    "LookupResults",
    "ManagerUnregistered",
    "Message",
    "NotAuthorizedError",
    "Notice",
    "Process",
    "Receiver",
    "RegisterActor",
    "RegisterActors",
    "RegistrationFailed",
    "RegistrationFailedError",
    "RegistrationOk",
    "RegistrationResult",
    "RegistrationResults",
    "RegistryClient",
    "RegistryError",
    "RegistrySocket",
    "Sender",
    "TimeoutError",
    "UnregisterActor",
    "UnregisterManager",
    "UnusableKeyError",
    "__version__",
    "connect",
    "deserialize",
    "serialize",
]
