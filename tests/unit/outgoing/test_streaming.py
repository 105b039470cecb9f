"""Streams through the door: recorded before the first byte, bounded, and ended after the last."""

from collections.abc import Iterator

import pytest
from tests.support.recorders import InMemory
from tests.unit.cloud.test_slow_servers import DrippingServer

from satchel.errors import SatchelError, UnreachableError
from satchel.outgoing.failures import NoResponseError, OfflineError
from satchel.outgoing.recording import STOPPED, Departure
from satchel.outgoing.transport import HttpTransport, Proxies, Request

HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
ENOUGH_S = 60.0
"""More time than any answer here takes, on a busy machine too."""


@pytest.fixture
def recorder() -> InMemory:
    return InMemory()


@pytest.fixture
def transport(recorder: InMemory) -> HttpTransport:
    return HttpTransport(user_agent="t", proxies=Proxies(), recorder=recorder, read_timeout_s=ENOUGH_S)


def serve(first: bytes, *rest: bytes) -> DrippingServer:
    return DrippingServer(first, lambda: iter(rest), reads=True)


def test_parts_arrive_before_the_end(transport: HttpTransport, recorder: InMemory) -> None:
    def parts() -> Iterator[bytes]:
        yield b"one"
        while True:
            yield b""

    server = DrippingServer(HEAD + b"\r\n", parts, reads=True)
    try:
        with transport.stream(Request("GET", server.url), longest_s=ENOUGH_S) as response:
            assert (response.status, next(response.chunks())) == (200, b"one")
            assert recorder.ended == []
    finally:
        server.close()
    assert [(one.status, one.received_bytes, one.failure) for one in recorder.ended] == [(200, 3, "")]


def test_a_request_is_recorded_before_anything_is_dialled(
    transport: HttpTransport, recorder: InMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_departure: Departure) -> int:
        raise SatchelError("the disk is full")

    monkeypatch.setattr(recorder, "begin", refuse)
    server = serve(HEAD + b"\r\n")
    try:
        with (
            pytest.raises(SatchelError, match="disk is full"),
            transport.stream(Request("POST", server.url, b"x"), longest_s=ENOUGH_S),
        ):
            pytest.fail("nothing may be sent")
    finally:
        server.close()


@pytest.mark.parametrize(
    ("first", "match"),
    [
        (HEAD + b"Content-Length: 9\r\n\r\nabc", "sent no complete response"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "sent no complete response"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nnonsense\r\n", "sent no complete response"),
        (HEAD + b"\r\n" + b"x" * 101, "exceeds the limit of 100 bytes"),
        (
            b"HTTP/1.1 302 Found\r\nLocation: https://other.example/\r\nContent-Length: 0\r\n\r\n",
            "redirects to",
        ),
    ],
    ids=["length", "chunks", "bad chunk", "too much", "redirect"],
)
def test_a_broken_body_is_an_error_and_recorded(
    transport: HttpTransport, recorder: InMemory, first: bytes, match: str
) -> None:
    server = serve(first)
    arrived: list[bytes] = []
    try:
        with (
            pytest.raises(UnreachableError, match=match),
            transport.stream(Request("GET", server.url, response_bytes=100), longest_s=ENOUGH_S) as response,
        ):
            arrived.extend(response.chunks())
    finally:
        server.close()
    assert b"".join(arrived) in {b"", b"abc"}
    [ended] = recorder.ended
    assert ended.failure
    assert ended.dialed[0].own_port


def test_a_stream_ends_in_time_however_slowly_it_drips(recorder: InMemory) -> None:
    now_s = 0.0
    transport = HttpTransport(
        user_agent="t", proxies=Proxies(), recorder=recorder, read_timeout_s=ENOUGH_S, clock=lambda: now_s
    )

    def forever() -> Iterator[bytes]:
        while True:
            yield b"x"

    def read_all() -> None:
        nonlocal now_s
        with transport.stream(Request("GET", server.url), longest_s=0.3) as response:
            for _ in response.chunks():
                now_s = 1.0  # the time is over as soon as a byte has come

    server = DrippingServer(HEAD + b"\r\n", forever, reads=True)
    try:
        with pytest.raises(NoResponseError, match="takes too long"):
            read_all()
    finally:
        server.close()
    assert recorder.ended[0].received_bytes > 0


def test_a_reader_that_stops_is_recorded(transport: HttpTransport, recorder: InMemory) -> None:
    server = serve(HEAD + b"\r\nabc")

    def read() -> Iterator[bytes]:
        with transport.stream(Request("GET", server.url), longest_s=ENOUGH_S) as response:
            yield from response.chunks()

    try:
        reading = read()
        next(reading)
        reading.close()  # type: ignore[attr-defined]
    finally:
        server.close()
    assert recorder.ended[0].failure == STOPPED


def test_offline_neither_a_name_is_looked_up_nor_anything_recorded(
    transport: HttpTransport, recorder: InMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_up(*_args: object, **_settings: object) -> None:
        pytest.fail("a name is looked up")

    monkeypatch.setattr("socket.getaddrinfo", look_up)
    recorder.is_offline = True
    request = Request("GET", "https://cloud.example.com/", named_by=None)
    with pytest.raises(OfflineError, match="satchel is offline") as caught:
        transport.send(request)
    with pytest.raises(OfflineError), transport.stream(request, longest_s=1):
        pytest.fail("nothing may be sent")
    assert (caught.value.exit_code, recorder.begun) == (6, [])
