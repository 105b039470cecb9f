"""HTTP/1.1 to a store: pooled connections, strict responses, and no failure but a StorageError.

    connections = Connections(Origin.parse("https://s3.example.org"))
    response = connections.send(Request("GET", "/bucket/key", {"host": "s3.example.org"}))
    data = response.read()

Written on sockets because importing `http.client` takes a third of a cold start (docs/adr/0006). Nothing is sent
twice, redirects are not followed, proxies are not used, and a truncated response never passes for a whole one.
"""

import re
import select
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from satchel_service.storage.http_messages import (
    BLOCK_BYTES,
    InvalidResponseError,
    Reader,
    Request,
    ResponseHead,
    body_blocks,
    body_length,
    read_chunk_size,
    read_head,
    read_lines,
    request_head,
)
from satchel_service.storage.protocol import TransientError

if TYPE_CHECKING:
    import ssl

CONNECT_TIMEOUT_S: Final = 5.0
READ_TIMEOUT_S: Final = 15.0
"""Between two bytes of a response. A platform that stops the service gives it 8 to 10 s; stores respond within 1 s."""

IDLE_S: Final = 10.0  # stores close idle connections after 15 s or more
IDLE_CONNECTIONS: Final = 16
ERROR_BYTES: Final = 64 * 1024  # read at most of an error response

DEFAULT_PORTS: Final = {"http": 80, "https": 443}
PORTS: Final = range(1, 65_536)

_ORIGIN: Final = r"(?i)(https?)://([^][/?#@:\s]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?/?"


class Origin(NamedTuple):
    """Scheme, host and port of a store."""

    scheme: str
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `https://host[:port]` or `http://host[:port]`; ValueError for anything else, such as a path."""
        found = re.fullmatch(_ORIGIN, text)
        if found is None or int(found[3] or "1") not in PORTS:
            raise ValueError("not the address of a store")
        scheme = found[1].lower()
        return cls(scheme, found[2].strip("[]").lower(), int(found[3] or DEFAULT_PORTS[scheme]))

    @property
    def authority(self) -> str:
        """The value of the Host header, without a default port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}"


class Response:
    """Status, headers and an unread body. Reading to the end returns the connection to the pool."""

    def __init__(
        self, head: ResponseHead, length: int | None, reader: "Reader", release: Callable[[bool], None]
    ) -> None:
        self.status = head.status
        self.length = length
        """The body's length in bytes; None if it is chunked, or ends with the connection."""
        self._head = head
        self._reader = reader
        self._release: Callable[[bool], None] | None = release

    def header(self, name: str) -> str:
        """Return a header's value, empty if it is absent."""
        return self._head.headers.get(name.lower(), "")

    def read(self, most: int | None = None) -> bytes:
        """Return the whole body. Raise TransientError if it exceeds `most` bytes or is truncated."""
        body = bytearray()
        for chunk in self.chunks(BLOCK_BYTES):
            body += chunk
            if most is not None and len(body) > most:
                self.close()
                raise TransientError("the object storage's response is longer than expected")
        return bytes(body)

    def chunks(self, chunk_bytes: int) -> Iterator[bytes]:
        """Yield the body, at most `chunk_bytes` at a time. Raise TransientError where it is truncated."""
        try:
            with http_errors():
                yield from self._body(chunk_bytes)
            self._end(is_reusable=self._head.is_persistent and self._reader.is_empty)
        finally:
            self.close()

    def close(self) -> None:
        """Drop the rest of the body and the connection; harmless after the body was read."""
        self._end(is_reusable=False)

    def _body(self, chunk_bytes: int) -> Iterator[bytes]:
        if self.length is not None:
            yield from self._reader.exactly(self.length, chunk_bytes)
        elif self.header("Transfer-Encoding"):
            while size := read_chunk_size(self._reader):
                yield from self._reader.exactly(size, chunk_bytes)
                if self._reader.line(2):
                    raise InvalidResponseError
            read_lines(self._reader)  # trailers
        else:
            raise TransientError("the object storage's response has no length")

    def _end(self, *, is_reusable: bool) -> None:
        release, self._release = self._release, None
        if release is not None:
            release(is_reusable)

    def __del__(self) -> None:
        self.close()


class Connection:
    """One open connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.reader = Reader(connection)

    @property
    def is_stale(self) -> bool:
        """Whether an idle connection was closed by the store, or received bytes that belong to no request."""
        poll = select.poll()
        poll.register(self.socket, select.POLLIN)
        return bool(poll.poll(0))

    def send(self, request: Request) -> ResponseHead:
        """Send a request and return the head of its response."""
        head = request_head(request)
        for block in body_blocks(request.body):
            self.socket.sendall(head + block)
            head = b""
        acknowledge_at_once(self.socket)
        return read_head(self.reader)

    def close(self) -> None:
        """Close the connection."""
        self.socket.close()


class Connections:
    """A pool of connections to one store, for any number of threads."""

    def __init__(self, origin: Origin, ca_bundle: str | None = None) -> None:
        """`ca_bundle` names a file of certificate authorities to trust instead of the system's."""
        self.origin = origin
        self._ca_bundle = ca_bundle
        self._lock = threading.Lock()
        self._idle: list[tuple[float, Connection]] = []

    def send(self, request: Request) -> Response:
        """Send a request once and return its response once the head is read. TransientError if there is none."""
        with http_errors():
            connection = self._take() or self._connect()
            try:
                head = connection.send(request)
                length = body_length(request.method, head)
            except BaseException:
                connection.close()
                raise

        def release(is_reusable: bool) -> None:  # noqa: FBT001  a callback with one argument
            self._give_back(connection) if is_reusable else connection.close()

        return Response(head, length, connection.reader, release)

    def close(self) -> None:
        """Close the idle connections."""
        with self._lock:
            idle, self._idle = self._idle, []
        for _, connection in idle:
            connection.close()

    @cached_property
    def _tls(self) -> "ssl.SSLContext":
        import ssl  # noqa: PLC0415  20 ms that plain HTTP does not need

        context = ssl.create_default_context(cafile=self._ca_bundle)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    def _connect(self) -> Connection:
        scheme, host, port = self.origin
        tls = self._tls if scheme == "https" else None
        name = (
            host.encode() if host.isascii() else host
        )  # a str costs the import of the codec for other names
        connection = socket.create_connection((name, port), CONNECT_TIMEOUT_S)  # type: ignore[arg-type]
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if tls is not None:
                connection = tls.wrap_socket(connection, server_hostname=host)
            connection.settimeout(READ_TIMEOUT_S)
        except BaseException:
            connection.close()
            raise
        return Connection(connection)

    def _take(self) -> Connection | None:
        """Return the most recently used idle connection, closing stale ones."""
        while True:
            with self._lock:
                if not self._idle:
                    return None
                since_s, connection = self._idle.pop()
            if time.monotonic() - since_s < IDLE_S and not connection.is_stale:
                return connection
            connection.close()

    def _give_back(self, connection: Connection) -> None:
        with self._lock:
            self._idle.append((time.monotonic(), connection))
            surplus = self._idle[:-IDLE_CONNECTIONS]
            del self._idle[:-IDLE_CONNECTIONS]
        for _, old in surplus:
            old.close()

    def __del__(self) -> None:
        with suppress(AttributeError):  # a constructor that failed
            self.close()


def acknowledge_at_once(connection: socket.socket) -> None:
    """Tell the kernel not to delay the acknowledgement of the response's first bytes, where it supports that.

    Ceph's radosgw sends head and body separately and waits for the acknowledgement between them, which takes 40 ms
    for each read. The kernel resets the option, so every request sets it.
    """
    if sys.platform == "linux":
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


@contextmanager
def http_errors() -> Iterator[None]:
    """Translate errors of sockets, TLS and parsing to TransientError, without details: they could name a key."""
    try:
        yield
    except (OSError, ValueError) as exc:
        raise TransientError(f"the object storage did not respond: {type(exc).__name__}") from exc
