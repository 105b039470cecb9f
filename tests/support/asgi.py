"""Call an ASGI application in process, within its lifespan: single or concurrent requests, without a socket."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from starlette.types import ASGIApp, Message

T = TypeVar("T")
HOST: Final = "cloud.test"


@dataclass(frozen=True)
class Answer:
    """A complete response."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:  # noqa: ANN401  any JSON value
        """Return the body decoded from JSON."""
        return json.loads(self.body)

    @property
    def problem(self) -> str:
        """The code of a problem document, or an empty string for any other body."""
        if self.headers.get("content-type") != "application/problem+json":
            return ""
        return str(self.json()["type"]).rpartition(":")[2]


@dataclass
class Call:
    """A request whose body arrives in `pieces`.

    `headers` replace the default Host; with `has_host` unset, there is none. `more_headers` are sent after them, and
    can repeat a name. `meanwhile` runs before the last piece arrives. With `gone`, the client disconnects before the end
    of the body; with `stalls`, it sends nothing more.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    pieces: Sequence[bytes] = ()
    more_headers: Sequence[tuple[str, str]] = ()
    meanwhile: Callable[[], Awaitable[None]] | None = None
    has_host: bool = True
    gone: bool = False
    stalls: bool = False


def http_scope(method: str, path: str, headers: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return the scope of a request. `path` may have a query; names of headers are lowercase."""
    path, _, query = path.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers],
        "client": ("127.0.0.1", 1),
        "server": (HOST, 80),
    }


def answer_of(sent: Sequence[Message]) -> Answer:
    """Return the response that an application has sent."""
    headers = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:]))


class Loopback:
    """Runs the application's lifespan as a context manager and calls it on one event loop."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._runner = asyncio.Runner()
        self._events: asyncio.Queue[Message] = asyncio.Queue()
        self._lifespan: asyncio.Task[None] | None = None

    def run(self, work: Awaitable[T]) -> T:
        """Run an awaitable on the application's event loop and return its result."""

        async def wait() -> T:
            return await work

        return self._runner.run(wait())

    def call(self, call: Call) -> Answer:
        """Send one request."""
        return self.run(self._call(call))

    def race(self, calls: Iterable[Call]) -> list[Answer]:
        """Send many requests concurrently."""

        async def gather() -> list[Answer]:
            return list(await asyncio.gather(*(self._call(call) for call in calls)))

        return self.run(gather())

    async def _call(self, call: Call) -> Answer:
        host = [("host", HOST)] if call.has_host else []
        headers = dict(host) | {name.lower(): value for name, value in call.headers.items()}
        scope = http_scope(call.method, call.path, [*headers.items(), *call.more_headers])
        sent: list[Message] = []
        await self.app(scope, receiver(call), collector(sent))
        return answer_of(sent)

    def __enter__(self) -> Self:
        """Start the application. Raises its start-up error."""

        async def start() -> None:
            started = asyncio.Event()

            async def send(message: Message) -> None:
                started.set()
                if message["type"] == "lifespan.startup.failed":
                    raise RuntimeError(message.get("message", ""))

            self._lifespan = asyncio.create_task(self._run_lifespan(send))
            await self._events.put({"type": "lifespan.startup"})
            waiting = asyncio.create_task(started.wait())
            await asyncio.wait({self._lifespan, waiting}, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            if self._lifespan.done():
                self._lifespan.result()

        self._runner.run(start())
        return self

    async def _run_lifespan(self, send: Callable[[Message], Awaitable[None]]) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.4"}, "state": {}}
        await self.app(scope, self._events.get, send)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the application; harmless if it has been stopped."""
        if self._lifespan is None or self._lifespan.done():
            return

        async def stop() -> None:
            await self._events.put({"type": "lifespan.shutdown"})
            assert self._lifespan is not None
            await self._lifespan

        self._runner.run(stop())
        self._runner.close()


def receiver(call: Call) -> Callable[[], Awaitable[Message]]:
    """Return the `receive` callable of a request."""
    pieces = list(call.pieces) or [b""]

    async def receive() -> Message:
        if not pieces:
            if not call.gone:
                await asyncio.Event().wait()  # the client waits for the response
            return {"type": "http.disconnect"}
        if len(pieces) == 1 and call.meanwhile is not None:
            await call.meanwhile()
        body = pieces.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(pieces) or call.gone or call.stalls}

    return receive


def collector(sent: list[Message]) -> Callable[[Message], Awaitable[None]]:
    """Return the `send` callable of a request, which appends to `sent`."""

    async def send(message: Message) -> None:
        sent.append(message)

    return send
