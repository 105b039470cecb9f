"""Requests that two HTTP programs may read differently, as bytes: the shapes that smuggle a second request.

Each shape carries `MARKER`, a whole request for an operation that no other test of the suite uses. A program that reads
the marker as a request of its own has been smuggled.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

MARKER: Final = b"GET /v1/openapi.json HTTP/1.1\r\nHost: cloud.test\r\n\r\n"
MARKED_OPERATION: Final = "openapi"
JSON: Final = b"POST /v1/pair HTTP/1.1\r\nHost: cloud.test\r\nContent-Type: application/json\r\n"
PLAIN: Final = b"GET /live HTTP/1.1\r\nHost: cloud.test\r\n"
CHUNKED: Final = JSON + b"Transfer-Encoding: chunked\r\n\r\n"
LAST_CHUNK: Final = b"0\r\n\r\n"


class Reply(NamedTuple):
    """One response as read from a connection."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def read_replies(received: bytes) -> list[Reply]:
    """Divide everything that a connection sent into responses. Raise ValueError for bytes that are not one."""
    return list(_replies(received))


def _replies(received: bytes) -> Iterator[Reply]:
    while received:
        head, separator, received = received.partition(b"\r\n\r\n")
        status_line, *lines = head.decode("latin-1").split("\r\n")
        if not separator or not status_line.startswith(("HTTP/1.0 ", "HTTP/1.1 ")):
            raise ValueError(f"not a response: {head[:80]!r}")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        status = int(status_line.split()[1])
        if status == 100:
            continue
        if "chunked" in headers.get("transfer-encoding", ""):
            body, _, received = received.partition(b"0\r\n\r\n")
        else:
            length = int(headers.get("content-length", 0))
            body, received = received[:length], received[length:]
        yield Reply(status, headers, body)


def _content_lengths() -> Iterator[tuple[str, bytes]]:
    for name, value in {
        "a sign": b"+4", "a minus": b"-4", "hex": b"0x4", "an underscore": b"1_0", "a list": b"4, 4",
        "a list of two": b"4, 5", "a fraction": b"4.0", "an exponent": b"1e1", "nothing": b"", "a space": b"1 0",
        "quotes": b'"4"', "other digits": "\u0664".encode(), "5000 digits": b"9" * 5000, "a letter": b"4a",
    }.items():  # fmt: skip
        yield f"Content-Length with {name}", JSON + b"Content-Length: " + value + b"\r\n\r\n{}{}" + MARKER
    yield (
        "the same Content-Length twice",
        JSON + b"Content-Length: 4\r\nContent-Length: 4\r\n\r\n{}{}" + MARKER,
    )
    yield (
        "two different Content-Lengths",
        JSON + b"Content-Length: 4\r\nContent-Length: 0\r\n\r\n{}{}" + MARKER,
    )


def _both_lengths() -> Iterator[tuple[str, bytes]]:
    length, coding = b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n"
    yield "Content-Length before Transfer-Encoding", JSON + length + coding + b"\r\n" + LAST_CHUNK + MARKER
    yield "Transfer-Encoding before Content-Length", JSON + coding + length + b"\r\n" + LAST_CHUNK + MARKER
    yield (
        "both on a GET",
        PLAIN + b"Content-Length: %d\r\n" % len(LAST_CHUNK + MARKER) + coding + b"\r\n" + LAST_CHUNK + MARKER,
    )


def _transfer_encodings() -> Iterator[tuple[str, bytes]]:
    for value in (
        b"xchunked", b"chunked, chunked", b"chunked, identity", b"identity", b"identity, chunked", b"gzip",
        b"gzip, chunked", b"chunked;q=1", b'"chunked"', b"chun ked", b", chunked", b"chunked,", b"chunked\x0b",
        b"\x0bchunked", b"chunked\x00", b"\xa0chunked", b"cow", b"",
    ):  # fmt: skip
        yield (
            f"Transfer-Encoding: {value!r}"[:60],
            (JSON + b"Transfer-Encoding: " + value + b"\r\n\r\n" + LAST_CHUNK + MARKER),
        )
    for name, line in {
        "a space before the colon": b"Transfer-Encoding : chunked",
        "a tab before the colon": b"Transfer-Encoding\t: chunked",
        "a space before the name": b" Transfer-Encoding: chunked",
        "a folded value": b"Transfer-Encoding:\r\n chunked",
        "a folded line before it": b"X: y\r\n Transfer-Encoding: chunked",
        "a folded line of a tab": b"X: y\r\n\tTransfer-Encoding: chunked",
        "a NUL in the name": b"Transfer-Encoding\x00: chunked",
        "a high byte in the name": b"Transfer\xadEncoding: chunked",
        "a bare LF before it": b"X: y\nTransfer-Encoding: chunked",
        "a bare CR before it": b"X: y\rTransfer-Encoding: chunked",
        "a second one": b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
    }.items():
        yield f"Transfer-Encoding with {name}", JSON + line + b"\r\n\r\n" + LAST_CHUNK + MARKER
    old = JSON.replace(b"HTTP/1.1", b"HTTP/1.0")
    yield "Transfer-Encoding in HTTP/1.0", old + b"Transfer-Encoding: chunked\r\n\r\n" + LAST_CHUNK + MARKER


def _chunks() -> Iterator[tuple[str, bytes]]:
    for name, data in {
        "a negative size": b"-1\r\n", "a sign": b"+4\r\n{}{}\r\n", "a hex prefix": b"0x4\r\n{}{}\r\n",
        "a space after the size": b"4 \r\n{}{}\r\n", "a space before the size": b" 4\r\n{}{}\r\n",
        "no size": b"\r\n{}{}\r\n", "a letter": b"g\r\n", "an underscore": b"1_0\r\n",
        "a bare LF after the size": b"4\n{}{}\r\n", "a bare CR after the size": b"4\r{}{}\r\n",
        "a bare LF in an extension": b"4;a\n=b\r\n{}{}\r\n", "a bare CR in an extension": b"4;a\r=b\r\n{}{}\r\n",
        "a NUL in an extension": b"4;a=\x00\r\n{}{}\r\n", "a broken extension": b"4;=b\r\n{}{}\r\n",
        "no end of the data": b"2\r\n{}{}\r\n",
        "other bytes at the end": b"2\r\n{}XX", "a bare LF at the end": b"2\r\n{}\n",
        "a trailer that frames": b"0\r\nContent-Length: 5\r\n\r\n", "a bare LF in trailers": b"0\r\nX: y\n\r\n",
        "200 trailers": b"0\r\n" + b"X: y\r\n" * 200 + b"\r\n",
    }.items():  # fmt: skip
        yield f"a chunk with {name}", CHUNKED + data + LAST_CHUNK + MARKER


def _request_lines() -> Iterator[tuple[str, bytes]]:
    for line in (
        b"GET  /live HTTP/1.1", b"GET /live  HTTP/1.1", b"GET /live HTTP/1.1 ", b" GET /live HTTP/1.1",
        b"GET\t/live\tHTTP/1.1", b"GET /live HTTP/1.2", b"GET /live HTTP/2.0", b"GET /live HTTP/0.9",
        b"GET /live HTTP/11", b"GET /live http/1.1", b"GET /live HTTP/1.1x", b"GET /live", b"GET", b"get /live HTTP/1.1",
        b"Get /live HTTP/1.1", b"G /live HTTP/1.1", b"G(T /live HTTP/1.1", b"GET live HTTP/1.1", b"GET * HTTP/1.1",
        b"GET cloud.test:80 HTTP/1.1", b"GET /li\x00ve HTTP/1.1", b"GET /li\xffve HTTP/1.1", b"GET /li\x7fve HTTP/1.1",
        b"GET /li\tve HTTP/1.1", b"GET /l i HTTP/1.1", b"GE\x00T /live HTTP/1.1", b"GET /live HTTP/1.1\r",
        b"PRI * HTTP/2.0", b"\x16\x03\x01\x02\x00\x01", b"SSH-2.0-client", b"\r\n\r\nGET /live HTTP/1.1",
        b"X" * 5000 + b" /live HTTP/1.1", b"GET /" + b"x" * 9000 + b" HTTP/1.1", b"GET /?" + b"x" * 9000 + b" HTTP/1.1",
    ):  # fmt: skip
        yield f"the request line {line[:40]!r}", line + b"\r\nHost: cloud.test\r\n\r\n" + MARKER
    yield "bare LFs only", PLAIN.replace(b"\r\n", b"\n") + b"\n" + MARKER
    yield "bare CRs only", PLAIN.replace(b"\r\n", b"\r") + b"\r" + MARKER.replace(b"\r\n", b"\r")


def _header_lines() -> Iterator[tuple[str, bytes]]:
    for name, line in {
        "no colon": b"X", "no name": b": x", "a space in the name": b"X Y: z", "a NUL in the value": b"X: a\x00b",
        "a bare CR in the value": b"X: a\rb", "a bare LF in the value": b"X: a\nb", "an ESC in the value": b"X: \x1b[2J",
        "a DEL in the value": b"X: \x7f", "a bracket in the name": b"X[: y", "a high byte in the name": b"X\xff: y",
        "9000 bytes": b"X: " + b"y" * 9000, "101 fields": b"X: y\r\n" * 100 + b"X: y",
        "40 KiB in all": b"\r\n".join(b"X%d: " % number + b"y" * 8000 for number in range(5)),
        "a second Host": b"Host: other.test", "an empty second Host": b"Host:",
        "a second Content-Type": b"Content-Type: a/b\r\nContent-Type: c/d",
    }.items():  # fmt: skip
        yield f"a header with {name}", PLAIN + line + b"\r\n\r\n" + MARKER


REFUSED: Final = dict(
    [
        *_content_lengths(),
        *_both_lengths(),
        *_transfer_encodings(),
        *_chunks(),
        *_request_lines(),
        *_header_lines(),
    ]
)
"""Shapes that get one refusal and a closed connection."""


def _answered_once() -> Iterator[tuple[str, bytes]]:
    yield "a request in the same packet", PLAIN + b"\r\n" + MARKER
    yield "bytes after the body", JSON + b"Content-Length: 2\r\n\r\n{}" + MARKER
    yield "a request after the last chunk", CHUNKED + b"2\r\n{}\r\n" + LAST_CHUNK + MARKER
    yield "a chunk with an extension", CHUNKED + b'2;a="b;c";d=e\r\n{}\r\n' + LAST_CHUNK + MARKER
    yield "a chunk with many zeros", CHUNKED + b"0000000002\r\n{}\r\n" + LAST_CHUNK + MARKER
    yield "a chunk with 9000 zeros", CHUNKED + b"0" * 9000 + b"2\r\n{}\r\n" + LAST_CHUNK + MARKER
    yield "a chunk of 2^64 bytes", CHUNKED + b"10000000000000000\r\n{}" + MARKER
    yield "a chunk of 2^4000 bytes", CHUNKED + b"1" + b"0" * 1000 + b"\r\n{}" + MARKER
    yield "a body on a GET", PLAIN + b"Content-Length: %d\r\n\r\n" % len(MARKER) + MARKER
    yield "a body on a HEAD", PLAIN.replace(b"GET", b"HEAD") + b"Content-Length: 2\r\n\r\n{}" + MARKER
    yield (
        "a chunked body on a GET",
        PLAIN + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n" + LAST_CHUNK + MARKER,
    )
    yield (
        "an underscore in Transfer_Encoding",
        PLAIN + b"Transfer_Encoding: chunked\r\n\r\n" + LAST_CHUNK + MARKER,
    )
    yield "an absolute target", PLAIN.replace(b"/live", b"http://other.test/live") + b"\r\n" + MARKER
    yield "a tunnel", b"CONNECT cloud.test:80 HTTP/1.1\r\nHost: cloud.test:80\r\n\r\n" + MARKER
    yield "an asterisk", b"OPTIONS * HTTP/1.1\r\nHost: cloud.test\r\n\r\n" + MARKER
    yield "HTTP/1.0 without a Host", b"GET /live HTTP/1.0\r\n\r\n" + MARKER
    yield "HTTP/1.1 without a Host", b"GET /live HTTP/1.1\r\n\r\n" + MARKER
    yield (
        "an upgrade to h2c",
        PLAIN
        + (
            b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"
            + MARKER
        ),
    )
    yield (
        "an upgrade to WebSocket",
        PLAIN
        + (
            b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n" + MARKER
        ),
    )
    yield "an expectation", JSON + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}" + MARKER
    yield "an unknown expectation", JSON + b"Expect: tea\r\nContent-Length: 2\r\n\r\n{}" + MARKER


ANSWERED_ONCE: Final = dict(_answered_once())
"""Shapes with a valid first request: it gets its response, then the connection is closed and the rest is not read."""
