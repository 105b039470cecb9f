"""Ask a cloud over its socket whether it serves. The first connection wakes it."""

import http.client
import socket
from pathlib import Path
from typing import Final

READY: Final = "/ready"
MAX_BODY_BYTES: Final = 65_536


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: Path, timeout_s: float) -> None:
        super().__init__("localhost", timeout=timeout_s)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def is_ready(path: Path, timeout_s: float) -> bool:
    """Return whether the cloud answers that it is ready.

    Raise TimeoutError if it does not answer in time, and OSError or HTTPException if it refuses the connection or ends
    it without an answer.
    """
    connection = _UnixConnection(path, timeout_s)
    try:
        connection.request("GET", READY, headers={"Connection": "close"})
        response = connection.getresponse()
        response.read(MAX_BODY_BYTES)
        return response.status == http.HTTPStatus.OK
    finally:
        connection.close()
