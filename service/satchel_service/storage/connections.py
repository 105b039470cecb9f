"""HTTP/1.1 to a store over the standard library: connections kept open, and no failure but a StorageError.

boto3's own stack costs a wake-up a quarter of a second and 20 MiB before its first request; this costs neither.
Nothing is sent twice here, redirects are not followed, proxies are not used, and an answer that was cut short is
never taken for a whole one.
"""

import http.client
import select
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Final, NamedTuple, Self
from urllib.parse import urlsplit

from satchel_service.storage.protocol import StorageError

CONNECT_TIMEOUT_S: Final = 5.0
READ_TIMEOUT_S: Final = 15.0
"""Between two bytes of an answer. A platform that stops us gives 8 to 10 seconds, but stores answer in under one."""

IDLE_S: Final = 10.0  # stores close idle connections, the hastiest after some 15 s
IDLE_CONNECTIONS: Final = 16
BLOCK_BYTES: Final = 256 * 1024
REFUSAL_BYTES: Final = 64 * 1024  # what is read of an answer that says no


class UnansweredError(StorageError):
    """The store did not answer, or answered that it cannot just now: asking again may help."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Origin(NamedTuple):
    """Where a store listens."""

    scheme: str
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `https://host[:port]` or `http://host[:port]`; anything more is a ValueError."""
        parts = urlsplit(text)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
            raise ValueError("not the address of a store")
        if parts.path not in ("", "/") or parts.query or parts.fragment:
            raise ValueError("an address has no path")
        return cls(parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80))

    @property
    def authority(self) -> str:
        """Return what stands in the Host header: a default port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.scheme == "https" else 80) else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}"


class Request(NamedTuple):
    """A request; `target` is its path and query, `headers` include Host. An iterable body needs a Content-Length."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes | Iterable[bytes] = b""


class Answer:
    """A status, headers and a body that is still to be read; reading to the end frees the connection for others."""

    def __init__(self, response: http.client.HTTPResponse, free: Callable[[bool], None]) -> None:
        self._response = response
        self._free: Callable[[bool], None] | None = free
        self.status = response.status
        self.length = response.length  # None when it is chunked, or ends with the connection

    def header(self, name: str) -> str:
        """Return a header, empty when it is absent."""
        return self._response.headers.get(name, "")

    def read(self, most: int | None = None) -> bytes:
        """Return the whole body; more than `most` bytes or fewer than announced: UnansweredError."""
        body = bytearray()
        for chunk in self.chunks(BLOCK_BYTES):
            body += chunk
            if most is not None and len(body) > most:
                self.close()
                raise UnansweredError("the object storage answered more than was asked for")
        return bytes(body)

    def chunks(self, chunk_bytes: int) -> Iterator[bytes]:
        """Yield the body; where it ends early, UnansweredError is raised instead of an end."""
        try:
            if self.length is None and not self._response.chunked:
                raise UnansweredError("the object storage answered without a length")
            received = 0
            while chunk := self._next(chunk_bytes):
                received += len(chunk)
                yield chunk
            if self.length is not None and received != self.length:
                raise UnansweredError("the object storage's answer was cut short")
            self._end(is_whole=not self._response.will_close)
        finally:
            self.close()

    def close(self) -> None:
        """Give up what has not been read, and the connection with it; harmless when all has been read."""
        self._end(is_whole=False)

    def _next(self, chunk_bytes: int) -> bytes:
        with translated():
            return self._response.read(chunk_bytes)

    def _end(self, *, is_whole: bool) -> None:
        free, self._free = self._free, None
        if free is not None:
            self._response.close()
            free(is_whole)

    def __del__(self) -> None:
        self.close()


class Connections:
    """Connections to one store, for any number of threads."""

    def __init__(self, origin: Origin, ca_bundle: str | None = None) -> None:
        """`ca_bundle` names a file of authorities to trust instead of the system's."""
        self.origin = origin
        self._ca_bundle = ca_bundle
        self._lock = threading.Lock()
        self._idle: list[tuple[float, http.client.HTTPConnection]] = []

    def send(self, request: Request) -> Answer:
        """Send a request once and return its answer as soon as it begins. UnansweredError when none does."""
        connection = self._take() or self._connect()
        try:
            with translated():
                connection.request(request.method, request.target, request.body, dict(request.headers))
                acknowledge_at_once(connection.sock)
                response = connection.getresponse()
        except BaseException:
            connection.close()
            raise

        def free(is_whole: bool) -> None:  # noqa: FBT001  the one thing a connection's return says
            self._give_back(connection) if is_whole else connection.close()

        return Answer(response, free)

    def close(self) -> None:
        """Close what is idle."""
        with self._lock:
            idle, self._idle = self._idle, []
        for _, connection in idle:
            connection.close()

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self._ca_bundle)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    def _connect(self) -> http.client.HTTPConnection:
        scheme, host, port = self.origin
        with translated():
            connection = (
                http.client.HTTPSConnection(
                    host, port, timeout=CONNECT_TIMEOUT_S, context=self._tls, blocksize=BLOCK_BYTES
                )
                if scheme == "https"
                else http.client.HTTPConnection(host, port, timeout=CONNECT_TIMEOUT_S, blocksize=BLOCK_BYTES)
            )
            connection.connect()
            connection.sock.settimeout(READ_TIMEOUT_S)
        return connection

    def _take(self) -> http.client.HTTPConnection | None:
        """Return the idle connection that was used last, unless it is stale; stale ones are closed."""
        while True:
            with self._lock:
                if not self._idle:
                    return None
                since, connection = self._idle.pop()
            if time.monotonic() - since < IDLE_S and not is_readable(connection):
                return connection
            connection.close()

    def _give_back(self, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            self._idle.append((time.monotonic(), connection))
            surplus = self._idle[:-IDLE_CONNECTIONS]
            del self._idle[:-IDLE_CONNECTIONS]
        for _, old in surplus:
            old.close()

    def __del__(self) -> None:
        with suppress(AttributeError):  # a constructor that failed
            self.close()


def is_readable(connection: http.client.HTTPConnection) -> bool:
    """Whether something has come on an idle connection: its end, or what nobody asked for."""
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return bool(poll.poll(0))


def acknowledge_at_once(connection: socket.socket) -> None:
    """Let the kernel not hold back its acknowledgement of an answer's first bytes, where it can be told so.

    Ceph's radosgw sends head and body apart and waits for it in between: 40 ms for every object that is read. The
    kernel forgets this again, so that every request says it.
    """
    if sys.platform == "linux":
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


@contextmanager
def translated() -> Iterator[None]:
    """Turn what the standard library raises into UnansweredError; no detail is repeated, it may name a key."""
    try:
        yield
    except (OSError, http.client.HTTPException, ValueError) as exc:
        raise UnansweredError(f"the object storage did not answer: {type(exc).__name__}") from exc
