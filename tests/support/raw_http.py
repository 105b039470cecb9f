"""HTTP over a plain socket, for malformed and incomplete requests."""

import socket
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class RawConnection:
    """A connection on which the test controls every byte.

    A small `receive_buffer` lets the server's response wait in the server soon. Every call gives up after `patience_s`.
    """

    def __init__(self, url: str, *, receive_buffer: int = 0, patience_s: float = 30.0) -> None:
        target = urlsplit(url)
        self._socket = socket.socket()
        if receive_buffer:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._socket.settimeout(patience_s)
        self._socket.connect((target.hostname or "", target.port or 80))

    def send_head(self, method: str, path: str, headers: dict[str, str]) -> None:
        """Send a request line and headers."""
        lines = [f"{method} {path} HTTP/1.1", "Host: cloud.test", *(f"{k}: {v}" for k, v in headers.items())]
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n")

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self._socket.sendall(data)

    def receive(self) -> bytes:
        """Return everything received until the server closes or resets the connection."""
        received = bytearray()
        try:
            while data := self._socket.recv(65536):
                received += data
        except ConnectionResetError:
            pass
        return bytes(received)

    def receive_some(self) -> bytes:
        """Return the next bytes; none if the server has closed the connection."""
        return self._socket.recv(65536)

    def receive_head(self) -> bytes:
        """Return the status line and headers, and any bytes received with them."""
        received = bytearray()
        while b"\r\n\r\n" not in received and (data := self._socket.recv(65536)):
            received += data
        return bytes(received)

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        self.close()
