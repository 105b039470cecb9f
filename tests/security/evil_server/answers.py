"""Whole answers that no satchel cloud gives: bodies, headers, statuses and connections.

Each kind works for every operation, so a new operation gets all of them.
"""

import gzip
import itertools
import json
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from tests.security.evil_server.mutations import ESCAPES, NESTING
from tests.security.evil_server.server import Change, Raw, Seen
from tests.support.asgi import Answer

JSON: Final = {"content-type": "application/json"}
HTML: Final = {"content-type": "text/html; charset=utf-8"}
DRIP_S: Final = 0.02
CHUNK: Final = b" " * 65_536
HOSTILE_PAGE: Final = f"<html><title>{ESCAPES}</title><h1>{ESCAPES}</h1>".encode()


@dataclass(frozen=True)
class Kind:
    """One kind of answer. `is_harmless`: a client may take it for the answer that it alters."""

    name: str
    change: Change
    is_harmless: bool = False
    group: str = "bodies"
    is_endless: bool = False


def _body(name: str, alter: Callable[[bytes], bytes], *, is_harmless: bool = False) -> Kind:
    def change(_: Seen, answer: Answer) -> Answer:
        return Answer(answer.status, answer.headers, alter(answer.body))

    return Kind(name, change, is_harmless)


def _status(status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> Kind:
    def change(_: Seen, answer: Answer) -> Answer:
        return Answer(status, {**JSON, **(headers or {})}, body or answer.body)

    return Kind(f"status {status}" + (" and a web page" if body else ""), change, status < 300, "statuses")


def _header(name: str, headers: dict[str, str], *, is_harmless: bool = True) -> Kind:
    def change(_: Seen, answer: Answer) -> Answer:
        return Answer(answer.status, {**answer.headers, **headers}, answer.body)

    return Kind(name, change, is_harmless, "headers")


def _encoded(name: str, encoding: str, alter: Callable[[bytes], bytes]) -> Kind:
    def change(_: Seen, answer: Answer) -> Answer:
        return Answer(answer.status, {**answer.headers, "content-encoding": encoding}, alter(answer.body))

    return Kind(name, change, group="headers")


def _raw(
    name: str, *chunks: bytes, endless: bytes = b"", is_reset: bool = False, is_harmless: bool = False
) -> Kind:
    def send() -> Iterator[bytes]:
        yield from chunks
        if endless:
            yield from itertools.repeat(endless)

    return Kind(name, lambda _seen, _answer: Raw(send, is_reset), is_harmless, "connections", bool(endless))


def _raw_answer(
    name: str, head: Callable[[Answer], bytes], *, is_harmless: bool = False, group: str = "connections"
) -> Kind:
    """An answer with the real body after a head that the case writes."""

    def change(_: Seen, answer: Answer) -> Raw:
        return Raw(lambda: iter([head(answer), answer.body]))

    return Kind(name, change, is_harmless, group)


def _drip(name: str, head: bytes, drop: bytes) -> Kind:
    """An answer that never ends and never stops for long."""

    def send() -> Iterator[bytes]:
        yield head
        while True:
            time.sleep(DRIP_S)
            yield drop

    return Kind(name, lambda _seen, _answer: Raw(send), group="connections", is_endless=True)


def _ok(length: int | None = None, more: bytes = b"") -> bytes:
    size = b"" if length is None else b"Content-Length: %d\r\n" % length
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + size + more + b"\r\n"


BODIES: Final = (
    _body("an empty body", lambda _: b""),
    _body("a body that is not JSON", lambda _: b"evil"),
    _body("a web page", lambda _: HOSTILE_PAGE),
    _body("terminal escapes", lambda _: ESCAPES.encode()),
    _body("bytes that are not UTF-8", lambda body: b"\xff\xfe" + body),
    _body("a byte order mark", lambda body: b"\xef\xbb\xbf" + body),
    _body("UTF-16", lambda body: body.decode("utf-8", "replace").encode("utf-16")),
    _body("half of the body", lambda body: body[: len(body) // 2]),
    _body("two documents", lambda body: body + body),
    _body("null", lambda _: b"null"),
    _body("a list", lambda body: b"[" + body + b"]"),
    _body("a number of 5,000 digits", lambda _: b"9" * 5_000),
    _body("deep nesting", lambda _: b"[" * NESTING),
    _body("an unknown field", lambda body: b'{"evil":1,' + body[1:]),
    _body("unknown fields without end", lambda body: b'{"evil":' + b"[" * NESTING + body[1:]),
)
STATUSES: Final = (
    *(_status(status) for status in (201, 202, 204, 206, 299)),
    *(
        _status(status, HOSTILE_PAGE, HTML)
        for status in (400, 401, 403, 404, 407, 418, 429, 451, 500, 503, 511, 599)
    ),
)
HEADERS: Final = (
    _header("another media type", {"content-type": "text/html"}),
    _header("a media type with escapes", {"content-type": ESCAPES.replace("\r\n", "").replace("\x00", "")}),
    _header("a cookie", {"set-cookie": "evil=1; Path=/; Max-Age=99999999"}),
    _header("a date that is none", {"date": "yesterday"}),
    _header("a date of year 9999", {"date": "Fri, 31 Dec 9999 23:59:59 GMT"}),
    _header("a date with a huge zone", {"date": "Fri, 31 Dec 2021 23:59:59 +999999999999"}),
    _header("several hundred headers", {f"x-{number}": "1" for number in range(500)}, is_harmless=False),
    _header("a header of 100,000 characters", {"x-evil": "x" * 100_000}, is_harmless=False),
    _encoded("a gzip bomb", "gzip", lambda _: gzip.compress(bytes(64 << 20), 9)),
    _encoded("a body packed with gzip", "gzip", gzip.compress),
    _encoded("a body packed with deflate", "deflate", zlib.compress),
    _encoded("an unknown encoding", "evil", lambda body: body[::-1]),
)
CONNECTIONS: Final = (
    _raw("a connection that closes at once"),
    _raw("a connection that is reset", b"HTTP/1.1 200 OK\r\n", is_reset=True),
    _raw("half a status line", b"HTTP/1.1 2"),
    _raw("a status line that is none", b"EVIL \x1b[2J\r\n\r\n"),
    _raw("a status that is no number", b"HTTP/1.1 abc OK\r\n\r\n"),
    _raw("a status of 999", b"HTTP/1.1 999 Evil\r\nContent-Length: 0\r\n\r\n"),
    _raw("a negative status", b"HTTP/1.1 -200 Evil\r\nContent-Length: 0\r\n\r\n"),
    _raw("another protocol", b"SSH-2.0-evil\r\n"),
    _raw("an endless status line", b"HTTP/1.1 200 ", endless=b"x" * 65_536),
    _raw("an endless header", b"HTTP/1.1 200 OK\r\nX: ", endless=b"x" * 65_536),
    _raw("headers without end", b"HTTP/1.1 200 OK\r\n", endless=b"X-Evil: 1\r\n" * 1_000),
    _raw("interim answers without end", endless=b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000),
    _raw("an endless body", _ok(), endless=CHUNK),
    _raw("an endless body of a stated length", _ok(2**62), endless=CHUNK),
    _raw(
        "chunks without end",
        _ok(more=b"Transfer-Encoding: chunked\r\n"),
        endless=b"10000\r\n" + CHUNK + b"\r\n",
    ),
    _raw("an endless size of a chunk", _ok(more=b"Transfer-Encoding: chunked\r\n"), endless=b"0" * 65_536),
    _drip("a status line that drips", b"HTTP/1.1 200 ", b"x"),
    _drip("headers that drip", b"HTTP/1.1 200 OK\r\n", b"X: 1\r\n"),
    _drip("a body that drips", _ok(1 << 20), b" "),
    _drip("chunks that drip", _ok(more=b"Transfer-Encoding: chunked\r\n"), b"1\r\n \r\n"),
    _raw("a chunk that is none", _ok(more=b"Transfer-Encoding: chunked\r\n") + b"evil\r\n"),
    _raw("a negative chunk", _ok(more=b"Transfer-Encoding: chunked\r\n") + b"-1\r\nevil\r\n0\r\n\r\n"),
    _raw(
        "endless trailers",
        _ok(more=b"Transfer-Encoding: chunked\r\n") + b"0\r\n",
        endless=b"X: 1\r\n" * 1_000,
    ),
    _raw_answer("a body cut short", lambda answer: _ok(len(answer.body) + 100)),
    _raw_answer("a length that is none", lambda _: _ok(more=b"Content-Length: evil\r\n"), is_harmless=True),
    _raw_answer("a negative length", lambda _: _ok(more=b"Content-Length: -5\r\n"), is_harmless=True),
    _raw_answer(
        "two lengths",
        lambda answer: _ok(len(answer.body), b"Content-Length: 3\r\n"),
        is_harmless=True,
    ),
    _raw_answer("a length of zero", lambda _: _ok(0), group="bodies"),
)

KINDS: Final = (*BODIES, *STATUSES, *HEADERS, *CONNECTIONS)


def redirect(status: int, target: str) -> Kind:
    """Return a redirect to another address."""

    def change(_: Seen, _answer: Answer) -> Answer:
        return Answer(status, {"location": target}, b"")

    return Kind(f"a redirect with status {status}", change, group="redirects")


def problem(code: str, status: int, detail: str) -> Change:
    """Return a problem document with a detail and fields of the server's choice."""
    body = {
        "type": f"urn:satchel:problem:{code}",
        "title": detail,
        "status": status,
        "detail": detail,
        "request_id": detail,
        "fields": [{"field": detail, "reason": detail}] * 50,
    }
    document = json.dumps(body).encode()

    def change(_: Seen, _answer: Answer) -> Answer:
        return Answer(status, {"content-type": "application/problem+json"}, document)

    return change
