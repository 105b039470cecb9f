"""What surrounds every request: an id, the headers every answer has, one log entry, and the last catch.

The log names the operation, never the path: paths hold the ids of shares.
"""

import asyncio
import os
import time
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from satchel_service.database import DatabaseError
from satchel_service.logs import JsonLog, error_fields
from satchel_service.storage import StorageError

HEADERS: Final = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-store",
    b"cross-origin-resource-policy": b"same-origin",
}
METHODS: Final = frozenset({"GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"})
DRAIN_BYTES: Final = 32 * 1024 * 1024
DRAIN_S: Final = 5.0
SEND_S: Final = 60.0  # how long a client may take no byte of an answer


class Observing:
    """The outermost application."""

    def __init__(self, app: ASGIApp, log: JsonLog) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request and log it once."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = Exchange(scope, receive, send)
        try:
            await self._app(scope, exchange.receive, exchange.send)
            await exchange.drain()
        except (ClientDisconnect, asyncio.CancelledError) as exc:
            exchange.status = exchange.status or 499  # nginx's number for a client that went away
            if isinstance(exc, asyncio.CancelledError):
                raise
        except (StorageError, DatabaseError) as exc:
            self._log.write("error", "unavailable", request_id=exchange.id, **error_fields(exc))
        except Exception as exc:  # noqa: BLE001  the last catch: everything else was turned into a problem before
            self._log.write("error", "unexpected", request_id=exchange.id, **error_fields(exc))
        finally:
            self._log.write("info", "request", **exchange.fields())


class Exchange:
    """One request and its answer, as they pass by."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.id = os.urandom(8).hex()
        self.status = 0
        self._scope = scope
        self._receive = receive
        self._send = send
        self._began = time.perf_counter()
        self._received = 0
        self._sent = 0
        headers = {name: value for name, value in scope["headers"] if name in (b"content-length", b"expect")}
        length = headers.get(b"content-length", b"0")
        self._pending = int(length) if length.isdigit() and b"expect" not in headers else 0
        scope["satchel.request_id"] = self.id

    async def receive(self) -> Message:
        """Pass the next piece of the body on."""
        message = await self._receive()
        size = len(message.get("body", b""))
        self._received += size
        self._pending = max(0, self._pending - size) if message.get("more_body", False) else 0
        return message

    async def send(self, message: Message) -> None:
        """Pass a piece of the answer on; its first gets the headers that every answer has."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message.get("headers", ()))
            present = {name for name, _ in headers}
            headers += [(name, value) for name, value in HEADERS.items() if name not in present]
            message["headers"] = [*headers, (b"x-request-id", self.id.encode())]
        else:
            self._sent += len(message.get("body", b""))
        try:
            async with asyncio.timeout(SEND_S):
                await self._send(message)
        except TimeoutError as exc:
            raise ClientDisconnect from exc

    async def drain(self) -> None:
        """Take in what is left of a refused body, within limits.

        Closing a connection with unread bytes resets it, and the client would lose the answer that says why.
        """
        if not 0 < self._pending <= DRAIN_BYTES:
            return
        try:
            async with asyncio.timeout(DRAIN_S):
                while self._pending:
                    await self.receive()
        except TimeoutError:
            self._pending = 0

    def fields(self) -> dict[str, str | int | float]:
        """Return what the log tells of it."""
        fields: dict[str, str | int | float] = {
            "request_id": self.id,
            "method": self._scope["method"] if self._scope["method"] in METHODS else "other",
            "operation": self._scope.get("satchel.operation", "none"),
            "status": self.status,
            "ms": round((time.perf_counter() - self._began) * 1000, 1),
            "bytes_in": self._received,
            "bytes_out": self._sent,
        }
        for name in ("problem", "device"):
            value = self._scope.get(f"satchel.{name}")
            if value:
                fields[name] = value
        return fields
