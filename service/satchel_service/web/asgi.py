"""The part of ASGI that the service needs: its types, a request, and two kinds of response.

docs/adr/0009-asgi-without-a-framework.md says why the service does not use Starlette for this.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
ASGIApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

BODILESS: frozenset[int] = frozenset({204, 304})  # statuses without a body and its headers


class ClientDisconnectError(Exception):
    """The client went away before the request or the response was complete."""


class Request:
    """One HTTP request: `parameters` of its path, `headers` by name in lower case; of a repeated one, the first."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope = scope
        self.receive = receive
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.parameters: Mapping[str, str] = {}
        self.headers: Mapping[str, str] = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])
        }

    @property
    def scheme(self) -> str:
        """`http` or `https`, as the client sees it."""
        found: str = self.scope["scheme"]
        return found

    def query(self, name: str) -> str | None:
        """Return a parameter of the query; of a repeated one, the last."""
        text: str = self.scope["query_string"].decode("latin-1")
        return dict(parse_qsl(text, keep_blank_values=True)).get(name)


class Response:
    """A response whose body is in memory. With None for a body it has no Content-Length of its own."""

    def __init__(
        self,
        body: bytes | None = b"",
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str = "",
    ) -> None:
        fields = {} if headers is None else {name.lower(): value for name, value in headers.items()}
        if body is not None and status not in BODILESS:
            fields.setdefault("content-length", str(len(body)))
        if media_type:
            fields.setdefault("content-type", media_type)
        self.body = body or b""
        self.status = status
        self.headers = fields

    async def send(self, send: Send) -> None:
        """Send it."""
        await self.send_start(send)
        await send({"type": "http.response.body", "body": self.body})

    async def send_start(self, send: Send) -> None:
        """Send the status and the headers."""
        fields = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self.headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": fields})


class StreamedResponse(Response):
    """A response whose body is read while it is sent; without a Content-Length in `headers`, it is sent in chunks."""

    def __init__(
        self, chunks: AsyncIterator[bytes], status: int, headers: Mapping[str, str], media_type: str
    ) -> None:
        super().__init__(None, status, headers, media_type)
        self._chunks = chunks

    async def send(self, send: Send) -> None:
        """Send it, one chunk after another at the pace of the client."""
        await self.send_start(send)
        async for chunk in self._chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
