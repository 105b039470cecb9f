"""What the HTTP server answers itself: the same headers, a problem document, and no word of the request."""

import json
from collections.abc import Mapping

import pytest
from tests.security.headers.expected import violations
from tests.security.matrix.processes import ProcessCloud
from tests.support.raw_http import RawConnection

CANARY = "canary-4711"
HOST = "Host: cloud.test\r\n"
REFUSED: Mapping[str, tuple[int, str]] = {
    "not HTTP": (400, f"{CANARY}\r\n\r\n"),
    "TLS": (400, f"\x16\x03\x01\x02\x00\x01{CANARY}\r\n\r\n"),
    "HTTP/2": (400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "no version": (400, f"GET /{CANARY}\r\n\r\n"),
    "other version": (400, f"GET /{CANARY} HTTP/9.9\r\n{HOST}\r\n"),
    "long line": (414, f"GET /{CANARY}{'a' * 9000} HTTP/1.1\r\n{HOST}\r\n"),
    "long header": (431, f"GET / HTTP/1.1\r\n{HOST}X: {CANARY}{'a' * 9000}\r\n\r\n"),
    "many headers": (431, f"GET / HTTP/1.1\r\n{HOST}" + f"X: {CANARY}\r\n" * 200 + "\r\n"),
    "two hosts": (400, f"GET / HTTP/1.1\r\n{HOST}Host: {CANARY}\r\n\r\n"),
    "two lengths": (400, f"POST /v1/pair HTTP/1.1\r\n{HOST}Content-Length: 1\r\nContent-Length: 2\r\n\r\n"),
    "bad length": (400, f"POST /v1/pair HTTP/1.1\r\n{HOST}Content-Length: {CANARY}\r\n\r\n"),
    "bad header name": (400, f"GET / HTTP/1.1\r\n{HOST}{CANARY} x: 1\r\n\r\n"),
    "folded header": (400, f"GET / HTTP/1.1\r\n{HOST}X: 1\r\n {CANARY}\r\n\r\n"),
    "unknown coding": (501, f"POST / HTTP/1.1\r\n{HOST}Transfer-Encoding: {CANARY}\r\n\r\n"),
    "control character": (400, f"GET /\x01{CANARY} HTTP/1.1\r\n{HOST}\r\n"),
}  # fmt: skip


def parse(received: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return the status, headers and body of the only response."""
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    return int(first.split()[1]), headers, body


@pytest.mark.parametrize("name", REFUSED)
def test_invalid_http_is_refused_with_a_problem(served: ProcessCloud, name: str) -> None:
    status, request = REFUSED[name]
    with RawConnection(served.url) as connection:
        connection.send(request.encode("latin-1"))
        answer, headers, body = parse(connection.receive())
    assert answer == status
    assert violations(headers) == []
    assert dict(headers)["content-type"] == "application/problem+json"
    assert int(dict(headers)["content-length"]) == len(body)
    problem = json.loads(body)
    assert (problem["type"], problem["status"]) == ("urn:satchel:problem:bad-request", status)
    assert CANARY not in str(headers) + body.decode()
    assert CANARY not in served.service.log()


@pytest.mark.parametrize("upgrade", ["websocket", "h2c", "TLS/1.3, HTTP/1.1", "websocket, h2c"])
@pytest.mark.parametrize("path", ["/v1/status", "/live", "/nope"])
def test_a_request_to_upgrade_is_served_as_the_request_that_it_is(
    served: ProcessCloud, path: str, upgrade: str
) -> None:
    def ask(headers: Mapping[str, str]) -> tuple[int, list[tuple[str, str]], bytes]:
        with RawConnection(served.url) as connection:
            connection.send_head("GET", path, {**headers})
            return parse(connection.receive())

    switching = {
        "Connection": "Upgrade, HTTP2-Settings, close",
        "Upgrade": upgrade,
        "HTTP2-Settings": "AAMAAABkAARAAAAAAAIAAAAA",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    status, headers, body = ask(switching)
    plain = ask({"Connection": "close"})
    assert (status, len(body)) == (plain[0], len(plain[2]))
    assert violations(headers) == []


def test_a_response_to_http_1_0_has_them(served: ProcessCloud) -> None:
    with RawConnection(served.url) as connection:
        connection.send(b"GET /v1/status HTTP/1.0\r\n\r\n")
        status, headers, _ = parse(connection.receive())
    assert status == 401
    assert violations(headers) == []
