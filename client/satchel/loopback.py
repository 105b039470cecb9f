"""Listening on this computer alone, for the servers of the window and of agents.

    listening = listen(port=0, pending=256, hint="choose another port")

`satchel.outgoing.loopback` waits for the redirect of a sign-in.
"""

import socket
from typing import Final

from satchel.errors import SatchelError

HOST: Final = "127.0.0.1"


def listen(port: int, *, pending: int, hint: str) -> socket.socket:
    """Listen on loopback, never on another address; on any free port if `port` is 0.

    Up to `pending` connections wait. SatchelError with the hint if the port is not free.
    """
    # asyncio turns Nagle's algorithm off only where the protocol is named; it delays answers by 40 ms
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen(pending)
    except OSError as exc:
        listening.close()
        raise SatchelError(f"cannot listen on {HOST} port {port}", hint=hint) from exc
    return listening
