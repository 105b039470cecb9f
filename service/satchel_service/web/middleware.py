"""Around every request: an id, the headers that every response has, one log entry, and the last exception handler.

The log names the operation, never the path, because paths hold the ids of shares.
"""

import asyncio
import os
import time
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from satchel_service.logs import JsonLog, error_fields
from satchel_service.security_headers import Headers, by_default, complete, over_tls
from satchel_service.settings import Settings

METHODS: Final = frozenset({"GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"})
MAX_LENGTH_DIGITS: Final = 18
DRAIN_BYTES: Final = 32 * 1024 * 1024
DRAIN_S: Final = 5.0
SEND_S: Final = 60.0  # how long a client may accept no byte of a response
CLIENT_GONE: Final = 499  # the status that nginx logs for a client that went away


class RequestObserver:
    """The outermost application. `unavailable` are the exceptions of a dependency that does not respond."""

    def __init__(
        self, app: ASGIApp, log: JsonLog, settings: Settings, unavailable: tuple[type[Exception], ...]
    ) -> None:
        self._app = app
        self._unavailable = unavailable
        self._log = log
        self._over_tls = over_tls(settings.hsts)
        self._by_default = by_default(settings.public_url, settings.hsts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request and log it once."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_tls = scope["scheme"] == "https"  # a trusted proxy has sent X-Forwarded-Proto
        exchange = Exchange(scope, receive, send, self._over_tls if is_tls else self._by_default)
        try:
            await self._app(scope, exchange.receive, exchange.send)
            if exchange.pending_bytes:
                await exchange.drain()
        except (ClientDisconnect, asyncio.CancelledError) as exc:
            exchange.status = exchange.status or CLIENT_GONE
            if isinstance(exc, asyncio.CancelledError):
                raise
        except self._unavailable as exc:
            self._log.write("error", "unavailable", request_id=exchange.id, **error_fields(exc))
        except Exception as exc:  # noqa: BLE001  the last handler: everything else became a problem before
            self._log.write("error", "unexpected", request_id=exchange.id, **error_fields(exc))
        finally:
            self._log.write("info", "request", **exchange.log_fields())


class Exchange:
    """One request and its response as they pass by."""

    __slots__ = (
        "_added",
        "_receive",
        "_received",
        "_scope",
        "_send",
        "_sent",
        "_started",
        "id",
        "pending_bytes",
        "status",
    )

    def __init__(self, scope: Scope, receive: Receive, send: Send, added: Headers) -> None:
        self.id = os.urandom(8).hex()
        self.status = 0
        self.pending_bytes = pending_bytes(scope)
        self._scope = scope
        self._receive = receive
        self._send = send
        self._added = added
        self._started = time.perf_counter()
        self._received = 0
        self._sent = 0
        scope["satchel.request_id"] = self.id

    async def receive(self) -> Message:
        """Pass on the next piece of the request body."""
        message = await self._receive()
        size = len(message.get("body", b""))
        self._received += size
        self.pending_bytes = max(0, self.pending_bytes - size) if message.get("more_body", False) else 0
        return message

    async def send(self, message: Message) -> None:
        """Pass on a piece of the response, with the headers that every response has."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = complete(message.get("headers", ()), self._added)
            message["headers"] = [*headers, (b"x-request-id", self.id.encode())]
            await self._send(message)  # servers hold it back until the body begins
            return
        if self._scope["method"] == "HEAD":
            message["body"] = b""  # gunicorn would log a warning for each HEAD request of a stranger
        self._sent += len(message.get("body", b""))
        try:
            async with asyncio.timeout(SEND_S):
                await self._send(message)
        except TimeoutError as exc:
            raise ClientDisconnect from exc

    async def drain(self) -> None:
        """Read what is left of a refused request body, within limits.

        Closing a connection with unread bytes resets it, and the client would lose the response that says why.
        """
        if self.pending_bytes > DRAIN_BYTES:
            return
        try:
            async with asyncio.timeout(DRAIN_S):
                while self.pending_bytes:
                    await self.receive()
        except TimeoutError:
            self.pending_bytes = 0

    def log_fields(self) -> dict[str, str | int | float]:
        """Return the fields of the log entry."""
        scope = self._scope
        fields: dict[str, str | int | float] = {
            "request_id": self.id,
            "method": scope["method"] if scope["method"] in METHODS else "other",
            "operation": scope.get("satchel.operation", "none"),
            "status": self.status,
            "ms": round((time.perf_counter() - self._started) * 1000, 1),
            "bytes_in": self._received,
            "bytes_out": self._sent,
        }
        for name, key in (("problem", "satchel.problem"), ("device", "satchel.device")):
            value = scope.get(key)
            if value:
                fields[name] = value
        return fields


def pending_bytes(scope: Scope) -> int:
    """Return how many bytes of the request body the client is sending; none while it waits for a 100 response."""
    length = b"0"
    for name, value in scope["headers"]:
        if name == b"expect":
            return 0
        if name == b"content-length":
            length = value
    return int(length) if length.isdigit() and len(length) <= MAX_LENGTH_DIGITS else 0
