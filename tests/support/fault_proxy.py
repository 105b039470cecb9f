"""An HTTP proxy that injects faults between a service and a store."""

import contextlib
import http.client
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import BinaryIO, Final, Self
from urllib.parse import urlsplit

HEAD_BYTES: Final = 64 * 1024
ERROR: Final = '<?xml version="1.0"?><Error><Code>{code}</Code><Message>of this test</Message></Error>'
HUNG_S: Final = 60.0


@dataclass(frozen=True)
class Seen:
    """A request as the proxy received it."""

    method: str
    target: str
    head: bytes
    body_bytes: int


@dataclass(frozen=True)
class Fault:
    """A fault of one request. Unless `is_forwarded`, the store never receives the whole request.

    First `delay_s` passes. The answer is the proxy's own (`status`, `code` and `header`, or `raw` verbatim) or the
    store's. With `keep_bytes`, the connection ends after that many bytes of the answer's body. With `request_bytes`,
    the connection to the store ends after that many bytes of the request's body. `is_reset` ends connections with a
    reset. `is_silent` never answers.
    """

    name: str
    delay_s: float = 0.0
    is_forwarded: bool = False
    status: int = 0
    code: str = ""
    header: str = ""
    raw: bytes = b""
    keep_bytes: int | None = None
    request_bytes: int | None = None
    is_reset: bool = False
    is_silent: bool = False


Behaviour = Callable[[Seen], Fault | None]


def no_fault(_: Seen) -> None:
    """Inject no fault."""


class FaultProxy:
    """Listens on a free port during the block; `behave` chooses each request's fault and may change at any time."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname or "", parts.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.behave: Behaviour = no_fault
        self.seen: list[Seen] = []

    def fail(self, *faults: Fault, method: str = "", times: int = 1) -> None:
        """Inject the faults into the next requests of a method (any if empty), each `times` in a row."""
        left = [fault for fault in faults for _ in range(times)]

        def behave(seen: Seen) -> Fault | None:
            return left.pop(0) if left and seen.method.startswith(method) else None

        self.behave = behave
        self.seen.clear()

    def requests(self, method: str) -> int:
        """The number of requests of a method since the last `fail`."""
        return sum(seen.method == method for seen in self.seen)

    def cut_idle(self) -> None:
        """Close every open connection, as a store closes idle ones."""
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    # -- connections --------------------------------------------------------------------------------------

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                with self._lock:
                    self._open.add(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.suppress(OSError, http.client.HTTPException), client, client.makefile("rb") as reader:
            while self._exchange(client, reader):
                pass
        with self._lock:
            self._open.discard(client)

    def _exchange(self, client: socket.socket, reader: BinaryIO) -> bool:
        """Receive one request and answer it; False ends the connection."""
        head = read_head(reader)
        if not head:
            return False
        method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
        length = length_of(head)
        if b"expect: 100-continue" in head.lower():
            client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = reader.read(length)
        seen = Seen(method, target, head, len(body))
        with self._lock:
            fault = self.behave(seen) or Fault("none", is_forwarded=True)
            self.seen.append(seen)
        time.sleep(fault.delay_s)  # the injected delay
        if fault.request_bytes is not None:
            self._send_some(head, body[: fault.request_bytes])
            return self._end(client, is_reset=True)
        answer = self._forward(method, head, body) if fault.is_forwarded else b""
        if fault.is_silent:
            self._ended.wait(HUNG_S)
            return False
        return self._answer(client, fault, answer)

    def _answer(self, client: socket.socket, fault: Fault, answer: bytes) -> bool:
        if fault.raw:
            client.sendall(fault.raw)
            return self._end(client, is_reset=fault.is_reset)
        if fault.status:
            client.sendall(own_answer(fault))
            return True
        if fault.keep_bytes is not None:
            head, _, body = answer.partition(b"\r\n\r\n")
            client.sendall(head + b"\r\n\r\n" + body[: fault.keep_bytes])
            return self._end(client, is_reset=fault.is_reset)
        if fault.is_reset:
            return self._end(client, is_reset=True)
        client.sendall(answer)
        return True

    def _end(self, client: socket.socket, *, is_reset: bool) -> bool:
        if is_reset:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False

    def _forward(self, method: str, head: bytes, body: bytes) -> bytes:
        """Forward the request and return the whole answer, with a length instead of chunks."""
        with socket.create_connection(self._target) as server:
            server.sendall(head + body)
            response = http.client.HTTPResponse(server, method=method)
            response.begin()
            content = response.read()
            skipped = ("transfer-encoding", "connection", *(() if method == "HEAD" else ("content-length",)))
            lines = [
                f"{name}: {value}" for name, value in response.getheaders() if name.lower() not in skipped
            ]
            if method != "HEAD" and response.status not in (204, 304):
                lines.append(f"Content-Length: {len(content)}")
            first = f"HTTP/1.1 {response.status} {response.reason}"
            return "\r\n".join([first, *lines, "", ""]).encode("latin-1") + content

    def _send_some(self, head: bytes, body: bytes) -> None:
        with socket.create_connection(self._target) as server:
            server.sendall(head + body)
            server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def __enter__(self) -> Self:
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut_idle()


def own_answer(fault: Fault) -> bytes:
    """The proxy's own answer."""
    body = ERROR.format(code=fault.code).encode()
    extra = f"{fault.header}\r\n" if fault.header else ""
    head = f"HTTP/1.1 {fault.status} Fault\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}\r\n{extra}\r\n"
    return head.encode() + body


def read_head(reader: BinaryIO) -> bytes:
    """Read up to the empty line; empty if the connection ends first."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = reader.readline(HEAD_BYTES)
        if not line:
            return b""
        head += line
    return head


def length_of(head: bytes) -> int:
    """The Content-Length of a request, 0 if absent."""
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
