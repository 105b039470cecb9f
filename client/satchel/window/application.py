"""The application: the page's files, its session, its operations and its stream of events.

Handlers take three steps: decode, call the endpoint on a thread, encode.
"""

from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial
from typing import Any, Final, TypeVar

import anyio
import msgspec
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from satchel.errors import IntegrityError, NotFoundError, SatchelError, UsageError
from satchel.window import assets
from satchel.window.calls import Window
from satchel.window.endpoints import find_endpoint
from satchel.window.guard import API, JSON, NO_SESSION, SESSION, App, Guard, Receive, Scope, Send
from satchel.window.operations import BY_NAME, Bytes, Operation
from satchel.window.preferences import with_preferences
from satchel.window.problems import ConflictingEditError, problem_of, refused, status_of
from satchel.window.threads import Threads
from satchel.window.uploads import TooLargeError

MAX_BODY_BYTES: Final = 4 * 2**20
MAX_TEXT_BODY_BYTES: Final = 96 * 2**20
"""A Piece of 64 MiB, whose quotation marks and line ends JSON escapes."""
WITH_TEXT: Final = frozenset({"edit_piece", "add_piece", "propose", "keep_draft"})
MAX_THREADS: Final = 6
ALIVE_S: Final = 10.0
"""How often the stream says that the server is still there."""
ROUTES_OF_PAGE: Final = (
    "/", "/new", "/shares", "/requests", "/backups", "/settings", "/memory", "/ledger", "/processing", "/devices",
    "/audit", "/statistics", "/pieces/{id}", "/pieces/{id}/{part}",
)  # fmt: skip
NDJSON: Final = "application/x-ndjson"


Message = TypeVar("Message")


class _TokenRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    token: str


def application(window: Window) -> App:
    """Return the whole application of a window, guarded."""
    server = Server(window)
    routes = [
        *(Route(path, server.page, methods=["GET"]) for path in ROUTES_OF_PAGE),
        Route("/assets/{name}", server.asset, methods=["GET"]),
        Route(SESSION, server.begin, methods=["POST"]),
        Route(f"{API}events", server.events, methods=["POST"]),
        Route(f"{API}upload", server.upload, methods=["POST"]),
        Route(f"{API}{{name}}", server.operation, methods=["POST"]),
        Route("/{name}", server.root_file, methods=["GET"]),
    ]
    app = Starlette(routes=routes, exception_handlers={404: _not_found, 405: _not_found})

    async def noticed(scope: Scope, receive: Receive, send: Send) -> None:
        window.hub.touch()
        await app(scope, receive, send)

    return Guard(noticed, window.session)


class Server:
    """The handlers of one window."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._decoders = {name: msgspec.json.Decoder(one.takes) for name, one in BY_NAME.items()}
        self._encoder = msgspec.json.Encoder()
        self._threads = Threads(MAX_THREADS)

    # -- the page -----------------------------------------------------------------------------

    async def page(self, request: Request) -> Response:
        """Serve the page under every route that it knows, with the owner's preferences."""
        try:
            page = assets.index()
            data = with_preferences(page.data, self._window.home)
            return _file(request, page if data == page.data else page.changed(data), "no-cache")
        except SatchelError as exc:
            return self._failure(exc)

    async def asset(self, request: Request) -> Response:
        """Serve a file whose name has a digest."""
        found = None
        with suppress(IntegrityError):  # `page` tells of a missing build
            found = assets.named(request.path_params["name"])
        return _not_found(request) if found is None else _file(request, found, assets.FOREVER)

    async def root_file(self, request: Request) -> Response:
        """Serve a file of the root, such as an icon."""
        found = None
        with suppress(IntegrityError):
            found = assets.at_root(request.path_params["name"])
        return _not_found(request) if found is None else _file(request, found, "no-cache")

    # -- the session --------------------------------------------------------------------------

    async def begin(self, request: Request) -> Response:
        """Exchange the token, once, for the cookie and the key."""
        try:
            token = decode_token(await _body(request, MAX_BODY_BYTES))
        except SatchelError as exc:
            return self._failure(exc)
        session = self._window.session
        if not session.admit(token):
            return Response(refused(NO_SESSION), NO_SESSION.status, media_type=JSON.decode())
        body = self._encoder.encode({"key": session.key})
        return Response(body, headers={"set-cookie": session.set_cookie}, media_type=JSON.decode())

    # -- operations ---------------------------------------------------------------------------

    async def operation(self, request: Request) -> Response:
        """Run an operation on a thread."""
        name = request.path_params["name"]
        operation = BY_NAME.get(name)
        if operation is None:
            return self._failure(NotFoundError("there is no such operation", hint="reload the page"))
        try:
            asked = self._decode(name, await _body(request, _limit(name)))
            answer = await self._threads.run(partial(self._run, operation, asked))
        except ClientDisconnect:
            return Response(status_code=499)
        except Exception as exc:  # noqa: BLE001  the last place before the page
            return self._failure(exc)
        if operation.gives is Bytes:
            return Response(answer, media_type="application/octet-stream")
        return Response(self._encoder.encode(answer), media_type=JSON.decode())

    def _run(self, operation: Operation, asked: Any) -> Any:  # noqa: ANN401  of the operation's types
        return find_endpoint(operation.name)(self._window.call(operation.name), asked)

    def _decode(self, name: str, body: bytes) -> Any:  # noqa: ANN401  of the operation's type
        return decode_request(self._decoders[name], body)

    async def upload(self, request: Request) -> Response:
        """Take in a file, piece by piece."""
        uploads = self._window.uploads
        begun = None
        try:
            begun = uploads.begin()
            async for chunk in request.stream():
                uploads.write(begun, chunk)
            return Response(self._encoder.encode(uploads.end(begun)), media_type=JSON.decode())
        except ClientDisconnect:
            if begun is not None:
                uploads.discard(begun)
            return Response(status_code=499)
        except SatchelError as exc:
            if begun is not None:
                uploads.discard(begun)
            return self._failure(exc)

    # -- events -------------------------------------------------------------------------------

    async def events(self, request: Request) -> Response:
        """Send events, one a line, until the page or the window closes."""
        await _body(request, MAX_BODY_BYTES)
        return StreamingResponse(self._lines(), media_type=NDJSON)

    async def _lines(self) -> AsyncIterator[bytes]:
        async with self._window.hub.follow() as queue:
            yield b"\n"
            while True:
                event = None
                with anyio.move_on_after(ALIVE_S) as waiting:
                    event = await queue.get()
                if waiting.cancelled_caught:
                    yield b"\n"
                elif event is None:
                    return
                else:
                    yield self._encoder.encode(event) + b"\n"

    def _failure(self, error: Exception) -> Response:
        if isinstance(error, ConflictingEditError):
            return Response(self._encoder.encode(error.conflict), 409, media_type=JSON.decode())
        status = 413 if isinstance(error, TooLargeError) else status_of(error)
        return Response(self._encoder.encode(problem_of(error)), status, media_type=JSON.decode())


def decode_token(body: bytes) -> str:
    """Return the token of a request that begins a session. UsageError if it is malformed."""
    return decode_request(msgspec.json.Decoder(_TokenRequest), body).token


def decode_request(decoder: "msgspec.json.Decoder[Message]", body: bytes) -> Message:
    """Return a request. UsageError, which quotes no value, if it is malformed."""
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise UsageError(f"the request is not valid{_place(str(exc))}") from exc


def _limit(name: str) -> int:
    return MAX_TEXT_BODY_BYTES if name in WITH_TEXT else MAX_BODY_BYTES


async def _body(request: Request, limit: int) -> bytes:
    """Read a body of at most `limit` bytes. TooLargeError for more."""
    with suppress(ValueError):
        if int(request.headers.get("content-length", "0")) > limit:
            raise TooLargeError("the request is too large")
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > limit:
            raise TooLargeError("the request is too large")
    return bytes(found)


def _place(message: str) -> str:
    """Return where a message of the decoder points to, without what it quotes."""
    at = message.rpartition(" - at `")[2] if " - at `" in message else ""
    return f" at {at.rstrip('`')}" if at.startswith("$") and len(at) < 100 else ""


def _file(request: Request, asset: assets.Asset, cached: str) -> Response:
    headers = {"cache-control": cached, "vary": "accept-encoding"}
    if asset.gzipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(
            asset.gzipped, headers={**headers, "content-encoding": "gzip"}, media_type=asset.media_type
        )
    return Response(asset.data, headers=headers, media_type=asset.media_type)


def _not_found(_request: Request, _exc: Exception | None = None) -> Response:
    return Response(b"not found\n", 404, media_type="text/plain; charset=utf-8")
