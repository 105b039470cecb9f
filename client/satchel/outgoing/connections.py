"""Connections that a deadline ends, that dial only allowed addresses, and that report what they dial.

    with guarded(Guard(deadline, exchange, most, refuse)):
        pool.request(...)      # by a pool with the classes in POOLS

urllib3 limits each wait, not their sum: a server that sends one byte a second could hold a command for hours. The
deadline shuts the socket down, whatever the connection waits for. Nor does it limit heads, sizes of chunks and
trailers, which http.client reads line by line and drops: a response may have LINES_BYTES of them.
"""

import http.client
import io
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, Final

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
)

from satchel.errors import SatchelError
from satchel.outgoing.reach import Reach, reach_of
from satchel.outgoing.recording import Dialed, Exchange

LINES_BYTES: Final = 4 << 20
"""The limit of all lines of a response: its head, interim responses before it, sizes of chunks and trailers."""


class Deadline:
    """Cuts a connection once its time is up. `is_over` tells whether it did. Close it in any case."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._end = clock() + seconds
        self._sockets: list[Any] = []
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self.is_over = False
        self._arm(seconds)

    def move(self, seconds: float) -> None:
        """Set the end to some seconds from now."""
        with self._lock:
            self._end = self._clock() + seconds

    def watch(self, connection: HTTPConnection) -> None:
        """Cut this connection at the end, or now if that has passed. It may still be connecting."""
        with self._lock:
            self._sockets.append(connection)
            if connection.sock is not None:  # the connection forgets it when the server will close
                self._sockets.append(connection.sock)
            if self.is_over:  # looking up the name took all the time
                _cut(connection)

    def close(self) -> None:
        """Stop watching."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = None
            self._sockets.clear()

    def _arm(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._tick)
        self._timer.daemon = True
        self._timer.start()

    def _tick(self) -> None:
        with self._lock:
            if self._timer is None:
                return
            left = self._end - self._clock()
            if left > 0:
                self._arm(left)
                return
            self.is_over = True
            for each in self._sockets:
                _cut(each)


def _cut(watched: Any) -> None:  # noqa: ANN401  a connection, a socket or urllib3's TLS in TLS
    sock = watched.sock if isinstance(watched, HTTPConnection) else watched
    sock = getattr(sock, "socket", sock)
    if isinstance(sock, socket.socket):
        with suppress(OSError):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)  # not SSLSocket's, which another thread is using


class Guard:
    """What the connections of one request obey, and what they report to.

    `most` is the closest reach that they may dial; None for any.
    """

    def __init__(
        self,
        deadline: Deadline,
        exchange: Exchange,
        most: Reach | None,
        refuse: Callable[[Reach], SatchelError],
    ) -> None:
        self.deadline = deadline
        self.exchange = exchange
        self._most = most
        self._refuse = refuse

    def check(self, addresses: Iterator[str] | list[str]) -> None:
        """Raise unless every address may be dialled."""
        for address in addresses if self._most is not None else ():
            if self._most is not None and (reach := reach_of(address)) > self._most:
                raise self._refuse(reach)


_current: ContextVar[Guard | None] = ContextVar("guard", default=None)


@contextmanager
def guarded(guard: Guard) -> Iterator[None]:
    """Apply a guard to the connections that this thread uses."""
    token = _current.set(guard)
    try:
        yield
    finally:
        _current.reset(token)


def addresses_of(host: str, port: int) -> list[str]:
    """Return the numeric addresses of a host. Raise socket.gaierror (an OSError) if there are none."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def numeric_address(host: str) -> str | None:
    """Return the address that a host spells in any way (`127.1`, `0x7f000001`), or None if it is a name."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return None
    return str(found[0][4][0])


class _Lines(io.BufferedReader):
    """Reads a response. Raises HTTPException once its lines exceed LINES_BYTES."""

    _left = LINES_BYTES

    def readline(self, size: int | None = -1, /) -> bytes:
        """Read a line, or `size` bytes of it."""
        most = self._left + 1
        line = super().readline(most if size is None or size < 0 else min(size, most))
        self._left -= len(line)
        if self._left < 0:
            raise http.client.HTTPException(f"the lines of the response exceed {LINES_BYTES} bytes")
        return line


class _Response(http.client.HTTPResponse):
    """A response with a limit of its lines."""

    def __init__(self, *args: Any, **settings: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **settings)
        self.fp: io.BufferedReader = _Lines(self.fp.detach())


class _Guarded(HTTPConnection):
    """A connection that obeys the current guard."""

    response_class = _Response
    name = ""  # of the connection, for the exchanges that it carries

    def connect(self) -> None:
        """Connect, and let the deadline cut the connection from the start."""
        self._watch()
        super().connect()
        self._watch()

    def request(self, *args: Any, **settings: Any) -> None:  # noqa: ANN401
        """Send a request over a new or an idle connection."""
        self._watch()
        guard = _current.get()
        if guard is not None and self.sock is not None:
            guard.exchange.connection = self.name
        super().request(*args, **settings)

    def _new_conn(self) -> socket.socket:
        """Dial the host (or its proxy, which resolves names itself), one address after the other, and report each.

        The address that answered is checked again, because a name may resolve to another one by then.
        """
        guard = _current.get()
        if guard is None:
            return super()._new_conn()
        host = self._dns_host
        try:
            addresses = addresses_of(host, self.port)
        except socket.gaierror as exc:
            raise NameResolutionError(self.host, self, exc) from exc
        except UnicodeError as exc:
            raise LocationParseError(f"'{host}', label empty or too long") from exc
        if self.proxy is None:
            guard.check(addresses)
        failure: Exception | None = None
        for address in addresses:
            self._dns_host = address
            try:
                sock = super()._new_conn()
            except (NewConnectionError, ConnectTimeoutError) as exc:
                guard.exchange.dialed.append(Dialed(address, self.port))
                failure = failure or exc
            else:
                return self._answered(sock, guard)
            finally:
                self._dns_host = host
        raise failure or NewConnectionError(self, "the host has no address")

    def _answered(self, sock: socket.socket, guard: Guard) -> socket.socket:
        try:
            address = str(sock.getpeername()[0])
            guard.exchange.dialed.append(Dialed(address, self.port, sock.getsockname()[1]))
            if self.proxy is None:
                guard.check([address])
        except BaseException:
            sock.close()
            raise
        self.name = f"{guard.exchange.number}.{len(guard.exchange.dialed)}"
        guard.exchange.connection = self.name
        return sock

    def _watch(self) -> None:
        guard = _current.get()
        if guard is not None:
            guard.deadline.watch(self)


class _GuardedTls(_Guarded, HTTPSConnection):
    """The same with TLS."""


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Guarded


class _TlsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _GuardedTls


POOLS: Final = {"http": _Pool, "https": _TlsPool}
