"""Ports of the loopback address for servers that are not there yet, or not any more."""

import socket

_kept: list[socket.socket] = []


def free_endpoint() -> str:
    """Nobody else's until the end of this process, as it stays bound. Who asks for it with SO_REUSEADDR gets it, as
    libzmq does; where nobody listens, connections are refused.
    """
    keeper = socket.socket()
    keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    keeper.bind(("127.0.0.1", 0))
    _kept.append(keeper)
    return f"tcp://127.0.0.1:{keeper.getsockname()[1]}"
