"""What can go wrong. Every failure that the package reports is a RegistryError."""

from __future__ import annotations

import builtins


class RegistryError(Exception):
    """`code` is why the registry refused, in its own word (docs/protocol.md, "Error"): `taken`, `limit`,
    `unavailable`, …; empty where it was not the registry that refused. After `unavailable` the same call may
    succeed later; most others want something changed first.
    """

    def __init__(self, text: str, code: str = "") -> None:
        super().__init__(text)
        self.code = code


class TimeoutError(RegistryError, builtins.TimeoutError):
    """No answer within the call's timeout. The client is good for the next call. Python's own TimeoutError, too."""


class ActorNotFoundError(RegistryError):
    """No actor of that name is registered."""

    def __init__(self, actor_name: str) -> None:
        super().__init__(f"no actor named '{actor_name}' is registered")
        self.actor_name = actor_name


class ActorOfflineError(RegistryError):
    """The actor is registered, and its manager is not heard."""

    def __init__(self, actor_name: str) -> None:
        super().__init__(f"actor '{actor_name}' is offline")
        self.actor_name = actor_name


class RegistrationFailedError(RegistryError):
    """The registry refused a registration or an unregistration."""

    def __init__(self, actor_name: str, reason: str, code: str = "") -> None:
        again = "; nothing was changed, and it may be tried again" if code == "unavailable" else ""
        super().__init__(f"registration of '{actor_name}' failed: {reason}{again}", code)
        self.actor_name = actor_name
        self.reason = reason


class NotAuthorizedError(RegistryError):
    """The registry does not let this client do that; `code` is `not_authorized`. A registration that is denied is a
    RegistrationFailedError of that code.
    """


class UnusableKeyError(RegistryError):
    """A key is none, or its file can't be used: it is not there, is no certificate, or others may read it."""


class KeyNotAcceptedError(RegistryError):
    """The registry does not trust the client's key, or wants one where it has none. The next call tries again."""


class HandshakeFailedError(RegistryError):
    """The registry's key is another than the client was given, or only one of the two encrypts: which of them can't be
    told apart. The next call tries again.
    """
