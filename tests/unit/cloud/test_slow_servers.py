"""A server that sends too little holds no command: each answer and each upload has a deadline or a least rate."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Final

import pytest
from tests.support.recorders import InMemory

from satchel.outgoing.connections import LINES_BYTES
from satchel.outgoing.failures import NoResponseError
from satchel.outgoing.transport import HttpTransport, Proxies, Request

BYTE_PERIOD_S = 0.01
PATIENCE_S: Final = 60.0
HASTE: Final = 200.0
"""How much faster deadlines pass here. The wait for the next byte keeps its length: a machine that stands still for
a moment must not end it first."""
SILENCE_S: Final = 2.0
CANCELLED_S = 5
SOCKET_BUFFERS_BYTES = 16 << 20


class DrippingServer:
    """Answers with `first` at once, then with one byte of `rest` at a time, forever."""

    def __init__(self, first: bytes, rest: Callable[[], Iterator[bytes]], *, reads: bool) -> None:
        self._first, self._rest, self._reads = first, rest, reads
        self._stop = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection, suppress(OSError):
                    self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        if self._reads:
            connection.recv(65536)
        connection.sendall(self._first)
        for byte in self._rest():
            if self._stop.wait(BYTE_PERIOD_S):
                return
            connection.sendall(byte)

    def close(self) -> None:
        self._stop.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()


def forever(data: bytes) -> Callable[[], Iterator[bytes]]:
    def drip() -> Iterator[bytes]:
        while True:
            yield data

    return drip


CASES = {
    "status line": (b"HTTP/1.1 200 ", b"O"),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"a"),
    "body with a length": (b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", b"a"),
    "body without a length": (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b"a"),
    "size of a chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"a"),
    "small chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
    "trailers": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"a"),
}


class HastyTimer(threading.Timer):
    """A timer of a deadline."""

    def __init__(self, interval: float, function: Callable[[], None]) -> None:
        super().__init__(interval / HASTE, function)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpTransport]:
    """A transport whose deadlines pass soon."""
    monkeypatch.setattr(threading, "Timer", HastyTimer)
    made = HttpTransport(
        user_agent="t",
        proxies=Proxies(),
        recorder=InMemory(),
        read_timeout_s=PATIENCE_S,
        clock=lambda: time.monotonic() * HASTE,
    )
    yield made
    made.close()


def transport_of(patience_s: float) -> HttpTransport:
    return HttpTransport(user_agent="t", proxies=Proxies(), recorder=InMemory(), read_timeout_s=patience_s)


@pytest.fixture
def transport() -> Iterator[HttpTransport]:
    made = transport_of(PATIENCE_S)
    yield made
    made.close()


@pytest.mark.parametrize(("first", "byte"), CASES.values(), ids=CASES.keys())
def test_an_answer_that_drips_is_given_up(hasty: HttpTransport, first: bytes, byte: bytes) -> None:
    server = DrippingServer(first, forever(byte), reads=True)
    try:
        with pytest.raises(NoResponseError, match="takes too long") as caught:
            hasty.send(Request("GET", server.url))
    finally:
        server.close()
    assert caught.value.was_sent
    assert caught.value.exit_code == 6


def test_a_connection_that_is_made_after_the_deadline_is_cut_at_once(
    hasty: HttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking up a name has no time limit of its own."""
    look_up, sent = socket.getaddrinfo, 0

    def slowly(*args: Any, **options: Any) -> Any:  # noqa: ANN401  as the function that it stands for
        for each in threading.enumerate():
            if isinstance(each, HastyTimer):
                each.join()
        return look_up(*args, **options)

    def drip() -> Iterator[bytes]:
        nonlocal sent
        while sent < 100:
            sent += 1
            yield b"a"

    server = DrippingServer(CASES["headers"][0], drip, reads=True)
    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    try:
        with pytest.raises(NoResponseError, match="takes too long"):
            hasty.send(Request("GET", server.url))
        assert sent < 50
    finally:
        server.close()


def test_an_upload_that_nobody_reads_is_given_up(
    hasty: HttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("satchel.outgoing.transport.LEAST_BYTES_PER_S", 1 << 30)
    server = DrippingServer(b"", forever(b""), reads=False)
    try:
        with pytest.raises(NoResponseError):
            hasty.send(Request("PUT", server.url, bytes(32 << 20)))
    finally:
        server.close()


def test_a_slow_answer_above_the_least_rate_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("satchel.outgoing.transport.LEAST_BYTES_PER_S", 1)
    sent = 0

    def drip() -> Iterator[bytes]:
        nonlocal sent
        begun_s = time.monotonic()
        while time.monotonic() < begun_s + 1.2 * SILENCE_S:  # longer than the wait for the next byte
            sent += 1
            yield b"a"

    server = DrippingServer(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", drip, reads=True)
    slow = transport_of(SILENCE_S)
    try:
        assert slow.send(Request("GET", server.url)).body == b"a" * sent
    finally:
        slow.close()
        server.close()


def test_no_thread_is_left(transport: HttpTransport) -> None:
    before = set(threading.enumerate())
    server = DrippingServer(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", lambda: iter(()), reads=True)
    try:
        transport.send(Request("GET", server.url))
    finally:
        server.close()
    timers = [each for each in set(threading.enumerate()) - before if isinstance(each, threading.Timer)]
    for each in timers:  # a cancelled timer ends at once; any other waits for a whole deadline
        each.join(CANCELLED_S)
    assert not [each for each in timers if each.is_alive()]


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
LINES = {
    "interim responses": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a size of a chunk": (CHUNKED, b"0"),
    "extensions of chunks": (CHUNKED, b"1;" + b"x" * 1000 + b"\r\na\r\n"),
    "trailers": (CHUNKED + b"0\r\n", b"X: 1\r\n"),
}


@pytest.mark.parametrize(("first", "lines"), LINES.values(), ids=LINES.keys())
def test_lines_without_end_are_given_up_by_their_size(
    transport: HttpTransport, first: bytes, lines: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.unit.cloud.test_slow_servers.BYTE_PERIOD_S", 0)
    sent = 0

    def flood() -> Iterator[bytes]:
        nonlocal sent
        while True:
            sent += 65536
            yield lines * (65536 // len(lines))

    server = DrippingServer(first, flood, reads=True)
    try:
        with pytest.raises(NoResponseError, match="sent no complete response"):
            transport.send(Request("GET", server.url))
    finally:
        server.close()
    assert sent < LINES_BYTES + SOCKET_BUFFERS_BYTES


def test_a_large_body_in_small_chunks_is_read(transport: HttpTransport) -> None:
    chunks = b"400\r\n" + b"a" * 1024 + b"\r\n"
    whole = [chunks * 1024, b"0\r\n\r\n"]
    server = DrippingServer(CHUNKED, lambda: iter(whole), reads=True)
    try:
        assert transport.send(Request("GET", server.url)).body == b"a" * (1 << 20)
    finally:
        server.close()
