"""The connections of the service: gunicorn's protocol within limits that it lacks.

gunicorn's ASGI worker limits neither the number of connections nor the time until the headers of a request are
complete, and waits forever for a client that reads no response. A client could open a thousand connections, send
nothing or one header a minute, and use up every file descriptor.
"""

import asyncio
import resource
from typing import Any, Final

from gunicorn.asgi.parser import LimitRequestHeaders, UnsupportedTransferCoding  # type: ignore[import-untyped]
from gunicorn.workers import gasgi  # type: ignore[import-untyped]

from satchel_service.logs import JsonLog
from satchel_service.security_headers import Headers
from satchel_service.server.refusals import RefusingProtocol

HEADERS_S: Final = 10.0  # from the connection to the end of its first request's headers
LINGER_S: Final = 30.0  # how long a closing connection may take to accept the rest of its response
HEAD_BYTES: Final = 32 * 1024  # of the request line and all headers together
FRESH_S: Final = 1.0  # how long a connection without a request ranks as one with a request
BURST: Final = 100  # how many connections may exceed the limit for SETTLE_S
SETTLE_S: Final = 0.05
FILES_EACH: Final = 2  # descriptors of a connection: its socket, and the object that it sends or receives
SPARE_FILES: Final = 128 + BURST  # for everything else: the database, the storage, libraries


class Connections:
    """The open connections of a worker, oldest first, and at most `limit` of them.

    Connections beyond the limit replace others: the oldest that have sent no request, then the oldest that wait for
    their next one, then the oldest without a valid token, then the oldest. So a flood never keeps the owner out. The
    choice waits for `SETTLE_S`, because the loop accepts many connections before it reads what they have sent.
    """

    def __init__(self, limit: int, log: JsonLog) -> None:
        self._limit = limit
        self._log = log
        self._open: dict[GuardedProtocol, None] = {}
        self._is_settling = False
        self.received_s = 0.0  # when any connection last sent a byte, on the clock of the event loop

    @property
    def count(self) -> int:
        """How many are open."""
        return len(self._open)

    def are_silent(self, now_s: float, silent_s: float) -> bool:
        """Return whether no connection is younger than `silent_s` or still receives a response."""
        return all(
            now_s - connection.since_s >= silent_s and not connection.is_sending for connection in self._open
        )

    def close_all(self) -> None:
        """Close every connection."""
        for connection in list(self._open):
            connection.transport.close()

    def add(self, connection: "GuardedProtocol") -> None:
        """Add a new connection; soon, or beyond the limit and `BURST` at once, abort others for it."""
        self._open[connection] = None
        if len(self._open) > self._limit + BURST:
            self._abort_excess()
        elif len(self._open) > self._limit and not self._is_settling:
            self._is_settling = True
            connection.worker.loop.call_later(SETTLE_S, self._settle)

    def _settle(self) -> None:
        self._is_settling = False
        self._abort_excess()

    def _abort_excess(self) -> None:
        excess = max(0, len(self._open) - self._limit)
        for connection in sorted(self._open, key=lambda each: each.rank)[:excess]:
            self.remove(connection)
            connection.transport.abort()

    def remove(self, connection: "GuardedProtocol") -> None:
        """Remove a connection, if it has not been removed yet."""
        self._open.pop(connection, None)

    def log_refusal(self, status: int) -> None:
        """Log a request that was refused before it reached the application."""
        self._log.write("info", "refused", status=status)


class GuardedProtocol(RefusingProtocol):
    """One connection.

    - The headers of its first request must be complete within `HEADERS_S`; gunicorn limits the wait for the next ones.
    - The request line and the headers of a request have at most `HEAD_BYTES`.
    - `Transfer-Encoding` is `chunked` or absent, so that no proxy in front frames a body differently.
    - Bytes after a request that arrive before its response are never read as another request. The response closes the
      connection. Clients of satchel and proxies do not pipeline requests, so such bytes are a smuggled request.
    - A refusal is logged, unless the application logs the request, and is never written into a response that has begun.
    - A closing connection whose client accepts no bytes is aborted after `LINGER_S`.
    """

    connections: Connections
    headers_s = HEADERS_S
    linger_s = LINGER_S

    def __init__(self, worker: Any) -> None:  # noqa: ANN401  gunicorn is not typed
        super().__init__(worker)
        self._scope: dict[str, Any] = {}
        self.since_s = 0.0
        self._head_bytes = 0
        self._is_answered = False
        self._ignores_rest = False
        self._linger: asyncio.TimerHandle | None = None

    @property
    def rank(self) -> int:
        """The order in which connections are replaced: without a request, idle, without a valid token, others."""
        if "satchel.device" in self._scope:
            return 3
        if self._current_request is not None:
            return 2
        if self._scope:
            return 1
        return 0 if self.worker.loop.time() - self.since_s > FRESH_S else 2

    @property
    def is_sending(self) -> bool:
        """Whether a part of a response waits for the client."""
        return bool(self.transport.get_write_buffer_size())

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the timer; gunicorn cancels it with its own keep-alive timer once the headers are complete."""
        super().connection_made(transport)
        self.since_s = self.worker.loop.time()
        self._keepalive_handle = self.worker.loop.call_later(self.headers_s, self._keepalive_timeout)
        self.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timers and forget the connection, and at once stop a response that nobody receives.

        gunicorn gives the application three more seconds, in which it would read the rest of an object from the storage.
        A request without a response yet keeps them, so that it can finish what it has begun.
        """
        self.connections.remove(self)
        if self._linger is not None:
            self._linger.cancel()
        super().connection_lost(exc)
        if self._task is not None and (self._is_answered or self._current_request is None):
            self._task.cancel()

    def data_received(self, data: bytes) -> None:
        """Parse bytes, unless they follow a request that closes the connection."""
        self.connections.received_s = self.worker.loop.time()
        if self._ignores_rest or self._closed:
            return
        super().data_received(data)
        if self._closed:
            return
        if self._current_request is None:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._send_error_response(431, "")
                self._close_transport()
        elif not self._is_answered and self._callback_parser.remaining():
            self._ignores_rest = True
            self._keepalive = 0  # gunicorn then announces and performs the close

    def _feed_callback_parser(self, data: bytes) -> bool:
        try:
            return bool(super()._feed_callback_parser(data))
        except ValueError:  # a Content-Length of more digits than Python converts
            self._send_error_response(400, "")
            self._close_transport()
            return False

    def _on_headers_complete(self) -> bool:
        headers = self._callback_parser.headers
        if sum(len(name) + len(value) + 4 for name, value in headers) > HEAD_BYTES:
            raise LimitRequestHeaders
        if any(name == b"transfer-encoding" and value.lower() != b"chunked" for name, value in headers):
            raise UnsupportedTransferCoding
        self._head_bytes = 0
        self._is_answered = False
        return bool(super()._on_headers_complete())

    def _build_http_scope(self, *arguments: object) -> dict[str, Any]:
        self._scope = super()._build_http_scope(*arguments)
        return self._scope

    def _send_response_start(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        self._is_answered = True
        super()._send_response_start(*arguments, **options)

    def _send_error_response(self, status: int, message: str, extra_headers: object = ()) -> None:
        if self._current_request is None:
            self.connections.log_refusal(status)
        elif self._is_answered:
            return  # it would become a part of the response that has begun
        super()._send_error_response(status, message, extra_headers)

    def _close_transport(self) -> None:
        if self.transport is not None and self._linger is None:
            self._linger = self.worker.loop.call_later(self.linger_s, self.transport.abort)
        super()._close_transport()


def fit_open_files(connections: int) -> int:
    """Raise the limit of open files as far as needed and allowed; return how many connections it has room for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections * FILES_EACH + SPARE_FILES
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return connections
    soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(1, (soft - SPARE_FILES) // FILES_EACH)


def install(limit: int, headers: Headers, log: JsonLog) -> None:
    """Make the worker use the protocol; gunicorn has no setting for it. Call it in `post_worker_init`.

    `headers` are those of the server's own refusals.
    """
    GuardedProtocol.headers = headers
    GuardedProtocol.connections = Connections(fit_open_files(limit), log)
    gasgi.ASGIProtocol = GuardedProtocol
