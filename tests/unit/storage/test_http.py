"""The HTTP client: what it sends, which responses it accepts, and when it keeps a connection."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satchel_service.storage import TransientError
from satchel_service.storage.http import READ_TIMEOUT_S, Connections, Origin
from satchel_service.storage.http_messages import BLOCK_BYTES, HEAD_BYTES, INTERIM_RESPONSES, Request

GET = Request("GET", "/key", {"host": "store"})
HEAD = Request("HEAD", "/key", {"host": "store"})
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nETag: x\r\n\r\nbody"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\nfirst\r\n0A; name=value\r\n, the rest\r\n0\r\nX-Trailer: 1\r\n\r\n"
)


class Script:
    """A server that answers each request with the next bytes, then ends the connection if nothing is left."""

    def __init__(self, *answers: bytes) -> None:
        self._answers = list(answers)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.requests: list[bytes] = []
        self.connections = 0
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def origin(self) -> Origin:
        return Origin("http", "127.0.0.1", self._listener.getsockname()[1])

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.connections += 1
                with client:
                    self._talk(client)

    def _talk(self, client: socket.socket) -> None:
        while self._answers:
            request = b""
            while not is_complete(request):
                data = client.recv(65536)
                if not data:
                    return
                request += data
            self.requests.append(request)
            client.sendall(self._answers.pop(0))

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def is_complete(request: bytes) -> bool:
    """Whether a request's head and body have arrived."""
    head, end, body = request.partition(b"\r\n\r\n")
    lengths = [
        line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
    ]
    return bool(end) and len(body) >= int(lengths[0] if lengths else 0)


@contextlib.contextmanager
def serving(*answers: bytes) -> Iterator[tuple[Script, Connections]]:
    """A scripted server and connections to it."""
    script = Script(*answers)
    connections = Connections(script.origin)
    yield script, connections
    connections.close()
    script.close()


def fetch(answer: bytes, request: Request = GET) -> bytes:
    """The body of one answer."""
    with serving(answer) as (_, connections):
        return connections.send(request).read()


def test_a_request_is_sent_with_its_headers_and_length() -> None:
    with serving(OK) as (script, connections):
        connections.send(Request("PUT", "/a?b=c", {"host": "store", "x-one": "1"}, b"data")).read()
    assert script.requests == [
        b"PUT /a?b=c HTTP/1.1\r\naccept-encoding: identity\r\nhost: store\r\nx-one: 1\r\ncontent-length: 4\r\n\r\ndata"
    ]


def test_a_large_body_and_a_body_of_blocks_arrive_whole() -> None:
    data = bytes(range(256)) * 4096
    with serving(OK, OK) as (script, connections):
        connections.send(Request("PUT", "/", {"host": "store"}, data)).read()
        headers = {"host": "store", "content-length": str(len(data))}
        blocks = [data[:10], data[10 : BLOCK_BYTES + 1], data[BLOCK_BYTES + 1 :]]
        connections.send(Request("PUT", "/", headers, blocks)).read()
    assert [request.partition(b"\r\n\r\n")[2] for request in script.requests] == [data, data]


@pytest.mark.parametrize(
    "request_",
    [
        GET._replace(target="/a\r\nX-Evil: 1"),
        GET._replace(headers={"host": "a\nb"}),
        GET._replace(target="/é"),
    ],
)
def test_a_request_that_could_inject_a_header_is_not_sent(request_: Request) -> None:
    with serving(OK) as (script, connections), pytest.raises(TransientError):
        connections.send(request_)
    assert script.requests == []


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (OK, b"body"),
        (CHUNKED, b"first, the rest"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK, b"body"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", b""),
        (OK.replace(b"ETag: x", b"ETag:\t x \t"), b"body"),
    ],
    ids=["length", "chunks", "interim", "no-content", "no-reason", "white-space"],
)
def test_valid_responses_are_read(answer: bytes, body: bytes) -> None:
    assert fetch(answer) == body


def test_a_response_to_head_has_no_body() -> None:
    with serving(OK.removesuffix(b"body"), OK) as (script, connections):
        response = connections.send(HEAD)
        assert (response.header("content-length"), response.read()) == ("4", b"")
        assert connections.send(GET).read() == b"body"
    assert script.connections == 1


def response(*headers: bytes) -> bytes:
    return b"\r\n".join([b"HTTP/1.1 200 OK", *headers, b"", b"body"])


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\r\n" + OK,
        b"SSH-2.0-OpenSSH\r\n\r\n",
        OK.replace(b"HTTP/1.1", b"HTTP/2.0"),
        OK.replace(b"HTTP/1.1 200", b"HTTP/1.1  200"),
        OK.replace(b"200", b"20"),
        OK.replace(b"200", b"+20"),
        OK.replace(b"200", b"099"),
        OK.replace(b"\r\n", b"\n"),
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + OK,
        b"HTTP/1.1 100 Continue\r\n\r\n" * INTERIM_RESPONSES + OK,
        response(b"Content-Length: 4", b" folded"),
        response(b"Content-Length : 4"),
        response(b"Content-Length"),
        response(b": 4", b"Content-Length: 4"),
        response(b"X: a\x00b", b"Content-Length: 4"),
        response(b"X: a\rb", b"Content-Length: 4"),
        response(b"Content-Length: 4", b"Content-Length: 3"),
        response(b"Content-Length: 4", b"Content-Length: 4"),
        response(b"Content-Length: +4"),
        response(b"Content-Length: -4"),
        response(b"Content-Length: 4_0"),
        response("Content-Length: ²".encode("latin-1")),
        response(b"Content-Length: " + b"0" * 20 + b"4"),
        response(b"Content-Length: 4", b"Transfer-Encoding: chunked"),
        response(b"Transfer-Encoding: gzip, chunked"),
        response(b"Transfer-Encoding: identity"),
        response(b"X: " + b"x" * HEAD_BYTES, b"Content-Length: 4"),
        response(*[b"X-%d: x" % number for number in range(10_000)], b"Content-Length: 4"),
    ],
)
def test_invalid_heads_are_no_answer(answer: bytes) -> None:
    with pytest.raises(TransientError):
        fetch(answer)


@pytest.mark.parametrize(
    "size", [b"", b"-5", b"+5", b"0x5", b"5_0", b"g", b" ", b"f" * 17, b"5" + b" " * HEAD_BYTES]
)
def test_invalid_chunk_sizes_are_no_answer(size: bytes) -> None:
    with pytest.raises(TransientError):
        fetch(CHUNKED.replace(b"\r\n5\r\n", b"\r\n" + size + b"\r\n", 1))


def test_a_chunk_that_exceeds_its_size_is_no_answer() -> None:
    with pytest.raises(TransientError):
        fetch(CHUNKED.replace(b"first", b"first!"))


def test_trailers_are_limited() -> None:
    with pytest.raises(TransientError):
        fetch(CHUNKED.replace(b"X-Trailer: 1", b"X-Trailer: " + b"x" * HEAD_BYTES))


def test_a_response_that_ends_with_the_connection_is_no_answer() -> None:
    with pytest.raises(TransientError, match="no length"):
        fetch(response(b"ETag: x"))


@settings(deadline=None, max_examples=60)
@given(st.sampled_from([OK, CHUNKED]), st.data())
def test_a_truncated_response_never_passes_for_a_whole_one(answer: bytes, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(answer) - 1))
    with pytest.raises(TransientError):
        fetch(answer[:cut])


def test_a_body_over_the_limit_is_refused_and_its_connection_is_dropped() -> None:
    with serving(OK, OK) as (script, connections):
        with pytest.raises(TransientError, match="longer than expected"):
            connections.send(GET).read(3)
        assert connections.send(GET).read(4) == b"body"
    assert script.connections == 2


def test_chunks_have_the_size_that_the_reader_chose() -> None:
    with serving(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 1000) as (_, connections):
        assert [len(chunk) for chunk in connections.send(GET).chunks(300)] == [300, 300, 300, 100]


@pytest.mark.parametrize("answer", [OK, CHUNKED, OK.replace(b"ETag: x", b"Connection: keep-alive")])
def test_a_connection_is_reused_after_a_whole_response(answer: bytes) -> None:
    with serving(answer, OK) as (script, connections):
        connections.send(GET).read()
        assert connections.send(GET).read() == b"body"
    assert script.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        OK.replace(b"ETag: x", b"Connection: Keep-Alive, Close"),
        OK.replace(b"HTTP/1.1", b"HTTP/1.0"),
        OK + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
        CHUNKED + b"x",
    ],
    ids=["close", "http-1.0", "second-response", "surplus-byte"],
)
def test_a_connection_is_not_reused_if_the_store_ends_it_or_sends_more(answer: bytes) -> None:
    with serving(answer, OK) as (script, connections):
        connections.send(GET).read()
        assert connections.send(GET).read() == b"body"
    assert script.connections == 2


def test_an_unread_response_gives_up_its_connection() -> None:
    with serving(OK, OK) as (script, connections):
        connections.send(GET).close()
        next(connections.send(GET).chunks(1))
        assert script.connections == 2


def test_a_silent_store_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("satchel_service.storage.http.READ_TIMEOUT_S", 0.05)
    silent = socket.create_server(("127.0.0.1", 0))
    connections = Connections(Origin("http", "127.0.0.1", silent.getsockname()[1]))
    with silent, pytest.raises(TransientError, match="TimeoutError"):
        connections.send(GET)


def test_a_store_that_stops_within_a_body_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[socket.socket] = []
    connect = socket.create_connection

    def create_connection(*arguments: Any) -> socket.socket:  # noqa: ANN401  the arguments of the original
        opened.append(connect(*arguments))
        return opened[-1]

    monkeypatch.setattr(socket, "create_connection", create_connection)
    held = b"HTTP/1.1 100 Continue\r\n\r\n" + OK
    with serving(held[:-2], OK) as (_, connections):
        response = connections.send(GET)
        (connection,) = opened
        assert connection.gettimeout() == READ_TIMEOUT_S
        connection.settimeout(0.05)  # only now: on a busy machine the head alone may take longer
        with pytest.raises(TransientError, match="TimeoutError"):
            response.read()


def test_an_unknown_host_is_no_answer() -> None:
    for host in ("a..b", "ü..b"):
        with pytest.raises(TransientError):
            Connections(Origin("http", host, 80)).send(GET)
