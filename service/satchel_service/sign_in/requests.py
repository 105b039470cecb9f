"""Requests to the issuer: its metadata and its public keys, bounded in bytes and in time.

    document = get(Address.parse("https://issuer.example.com/.well-known/openid-configuration"), ca_bundle="")

One request on one connection, without redirects and proxies. The whole exchange ends at a deadline, however slowly the
bytes arrive. Blocks: call it in a thread.
"""

import re
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Final, NamedTuple, Self

from satchel_service.settings import LOOPBACK
from satchel_service.storage.http_messages import (
    Reader,
    Request,
    body_length,
    read_chunk_size,
    read_head,
    request_head,
)
from satchel_service.storage.protocol import TransientError

TIMEOUT_S: Final = 10.0
MAX_BYTES: Final = 256 * 1024
CHUNK_BYTES: Final = 16 * 1024
DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_ADDRESS: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<target>/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)"
)
MAX_ADDRESS_CHARS: Final = 2000


class IssuerUnavailableError(Exception):
    """The issuer did not respond as it must. The message says why, and quotes nothing."""


class Address(NamedTuple):
    """A host, a port and what to request there."""

    scheme: str
    host: str
    port: int
    target: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse an https address, or http on loopback. Raise IssuerUnavailableError for any other."""
        match = _ADDRESS.fullmatch(text) if len(text) <= MAX_ADDRESS_CHARS else None
        if match is None or (match["scheme"] == "http" and match["host"] not in LOOPBACK):
            raise IssuerUnavailableError("the address is not https")
        port = int(match["port"] or DEFAULT_PORTS[match["scheme"]])
        if not 0 < port < 1 << 16:
            raise IssuerUnavailableError("the address has no valid port")
        return cls(match["scheme"], match["host"].strip("[]"), port, match["target"])

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


class DeadlineSocket:
    """A connection on which nothing takes longer than until the deadline."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection = connection
        self._deadline = deadline

    def recv(self, size: int) -> bytes:
        """Receive bytes."""
        return self._limited().recv(size)

    def recv_into(self, buffer: memoryview) -> int:
        """Receive bytes into a buffer."""
        return self._limited().recv_into(buffer)

    def sendall(self, data: bytes) -> None:
        """Send bytes."""
        self._limited().sendall(data)

    def _limited(self) -> socket.socket:
        self._connection.settimeout(time_left(self._deadline))
        return self._connection


def get(address: Address, *, ca_bundle: str, timeout_s: float = TIMEOUT_S) -> bytes:
    """Return the body of a response with the status 200. Raise IssuerUnavailableError."""
    deadline = time.monotonic() + timeout_s
    with _failures(), closing(_connect(address, ca_bundle, deadline)) as connection:
        limited = DeadlineSocket(connection, deadline)
        headers = {"host": address.authority, "accept": "application/json", "connection": "close"}
        limited.sendall(request_head(Request("GET", address.target, headers)))
        reader = Reader(limited)
        head = read_head(reader)
        if head.status != 200:
            raise IssuerUnavailableError(f"the issuer responded with the status {head.status}")
        return b"".join(
            _body(reader, body_length("GET", head), is_chunked="transfer-encoding" in head.headers)
        )


def _connect(address: Address, ca_bundle: str, deadline: float) -> socket.socket:
    connection = socket.create_connection((address.host, address.port), time_left(deadline))
    if address.scheme == "http":
        return connection
    import ssl  # noqa: PLC0415  20 ms that plain HTTP does not need

    try:
        context = ssl.create_default_context(cafile=ca_bundle or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        connection.settimeout(time_left(deadline))
        return context.wrap_socket(connection, server_hostname=address.host)
    except BaseException:
        connection.close()
        raise


def _body(reader: Reader, length: int | None, *, is_chunked: bool) -> Iterator[bytes]:
    if length is not None:
        _check_size(length)
        yield from reader.exactly(length, CHUNK_BYTES)
        return
    if not is_chunked:
        raise IssuerUnavailableError("the issuer's response has no length")
    total = 0
    while size := read_chunk_size(reader):
        total += size
        _check_size(total)
        yield from reader.exactly(size, CHUNK_BYTES)
        if reader.line(2):
            raise IssuerUnavailableError("the issuer's response is not valid HTTP")


def _check_size(size: int) -> None:
    if size > MAX_BYTES:
        raise IssuerUnavailableError(f"the issuer's response exceeds {MAX_BYTES} bytes")


def time_left(deadline: float) -> float:
    """Return the seconds until the deadline. Raise TimeoutError once it has passed."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


@contextmanager
def _failures() -> Iterator[None]:
    """Translate every failure of sockets, TLS and HTTP."""
    try:
        yield
    except TimeoutError as exc:
        raise IssuerUnavailableError("the issuer did not respond in time") from exc
    except (OSError, ValueError, TransientError) as exc:
        raise IssuerUnavailableError(f"the issuer did not respond: {type(exc).__name__}") from exc
