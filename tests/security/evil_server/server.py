"""The evil server: it passes requests to the real service and alters one kind of answer on the way back."""

import contextlib
import http.server
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from tests.support.asgi import Answer

from satchel_wire.operations import OPERATIONS, Operation

if TYPE_CHECKING:
    from tests.security.evil_server.cloud import RealCloud

ENOUGH_BYTES: Final = 128 << 20
"""Where an endless answer gives up. A client that reads this much has no limit."""

HOP_BY_HOP: Final = frozenset({"connection", "transfer-encoding", "content-length"})
_ROUTES: Final = [(each, re.compile(re.sub(r"\{\w+\}", "[^/]+", each.route))) for each in OPERATIONS]


def operation_of(method: str, path: str) -> Operation | None:
    """Return the operation that a request asks for."""
    bare = path.partition("?")[0]
    found = [each for each, route in _ROUTES if each.method == method and route.fullmatch(bare)]
    exact = [each for each in found if each.route == bare]
    return next(iter(exact or found), None)


@dataclass(frozen=True)
class Seen:
    """A request that arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def operation(self) -> str:
        found = operation_of(self.method, self.path)
        return found.id if found else ""

    @property
    def token(self) -> str:
        return self.headers.get("authorization", "")


@dataclass(frozen=True)
class Raw:
    """An answer byte by byte, without an HTTP library's sense of order. The connection ends after it."""

    chunks: Callable[[], Iterator[bytes]]
    is_reset: bool = False


Change = Callable[[Seen, Answer], "Answer | Raw"]


@dataclass(frozen=True)
class Attack:
    """What the server does to the answers of one operation: `every` answer, or the first only.

    With `instead`, the service is not asked: this is its answer.
    """

    operation: str
    change: Change
    every: bool = True
    instead: Answer | None = None


class Listener:
    """A server on a loopback port. Each request is recorded, then answered by `respond`."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        self.seen: list[Seen] = []
        self.sent_bytes = 0
        listener = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def handle_any(self) -> None:
                listener.handle(self)

            do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = do_HEAD = handle_any  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self._server = _Server((address, 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.url = f"http://{address}:{self._server.server_address[1]}"

    def respond(self, seen: Seen) -> Answer | Raw:
        """Answer a request."""
        raise NotImplementedError(seen.path)

    def handle(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        """Serve one request."""
        size = int(handler.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        seen = Seen(handler.command, handler.path, headers, handler.rfile.read(size))
        self.seen.append(seen)
        answer = self.respond(seen)
        with contextlib.suppress(OSError):  # the client hung up
            if isinstance(answer, Raw):
                self._send_raw(handler, answer)
            else:
                self._send(handler, answer)

    def _send_raw(self, handler: http.server.BaseHTTPRequestHandler, answer: Raw) -> None:
        handler.close_connection = True
        sent = 0
        for chunk in answer.chunks():
            handler.connection.sendall(chunk)
            sent += len(chunk)
            self.sent_bytes = max(self.sent_bytes, sent)
            if sent > ENOUGH_BYTES:
                break
        if answer.is_reset:
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.close()

    @staticmethod
    def _send(handler: http.server.BaseHTTPRequestHandler, answer: Answer) -> None:
        head = [f"HTTP/1.1 {answer.status} Answer"]
        head += [f"{name}: {value}" for name, value in answer.headers.items() if name not in HOP_BY_HOP]
        if answer.status not in (204, 304):
            head.append(f"Content-Length: {len(answer.body)}")
        body = b"" if answer.status in (204, 304) or handler.command == "HEAD" else answer.body
        handler.connection.sendall("\r\n".join([*head, "", ""]).encode("utf-8", "surrogateescape") + body)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing about connections that clients reset."""

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        with contextlib.suppress(OSError):
            super().shutdown_request(request)


NOTHING: Final = Answer(200, {"content-type": "application/json"}, b"{}")


class OtherOrigin(Listener):
    """A server to which no request may go, or none with a token. It answers everything with an empty success."""

    def __init__(self) -> None:
        super().__init__()
        self.answer: Answer | Raw = NOTHING

    def respond(self, seen: Seen) -> Answer | Raw:  # noqa: ARG002  every request gets the same
        return self.answer


class EvilServer(Listener):
    """The cloud's origin. `cloud` answers, and `attack` alters."""

    def __init__(self) -> None:
        super().__init__()
        self.cloud: RealCloud | None = None
        self.attack: Attack | None = None
        self.altered = 0
        self._lock = threading.Lock()

    def respond(self, seen: Seen) -> Answer | Raw:
        assert self.cloud is not None
        attack = self.attack
        if attack is None or seen.operation != attack.operation:
            return self.cloud.answer(seen.method, seen.path, seen.headers, seen.body)
        if attack.instead:
            return attack.change(seen, attack.instead)
        # counted before the cloud is asked: a client that waits briefly may be gone after it
        with self._lock:
            is_altered = attack.every or not self.altered
            self.altered += is_altered
        answer = self.cloud.answer(seen.method, seen.path, seen.headers, seen.body)
        return attack.change(seen, answer) if is_altered else answer
