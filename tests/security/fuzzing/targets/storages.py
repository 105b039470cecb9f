"""Answers of object storages: HTTP framing, S3's listings and refusals, Google's documents, tokens of a machine."""

import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, cast

from tests.security.fuzzing.table import JSON_SYNTAX, Target, require

from satchel_service.storage.gcs_requests import GcsBucket, MetadataToken, ObjectInfo
from satchel_service.storage.http import Origin, Response, http_errors
from satchel_service.storage.http_messages import HEAD_BYTES, Reader, body_length, read_head
from satchel_service.storage.protocol import StorageError, TransientError
from satchel_service.storage.s3_requests import bare_etag, dialect_of, parse_page, parse_time, refusal_of

if TYPE_CHECKING:
    import socket

ORIGIN: Final = Origin.parse("https://storage.example.com")
MOST_BYTES: Final = 100_000


class Received:
    """A socket that has received some bytes, after which the other side closes it."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def recv(self, size: int) -> bytes:
        """Return the next bytes, in pieces of odd lengths."""
        piece, self._data = self._data[: min(size, 977)], self._data[min(size, 977) :]
        return piece

    def recv_into(self, buffer: memoryview) -> int:
        """Fill a buffer, perhaps in part."""
        piece = self.recv(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


def answer(data: bytes, method: str = "GET") -> Response:
    """Return the response in the bytes that a connection has received."""
    reader = Reader(cast("socket.socket", Received(data)))
    with http_errors():
        head = read_head(reader)
        length = body_length(method, head)
    return Response(head, length, reader, lambda _is_reusable: None)


def http_answer(data: bytes) -> None:
    response = answer(data)
    require(100 <= response.status <= 999, "a status that is none")
    body = response.read(MOST_BYTES)
    require(response.length in (None, len(body)) and len(body) <= len(data), "a body of another length")
    require(sum(map(len, response._head.headers.values())) <= HEAD_BYTES, "headers beyond their limit")


def framed(body: bytes, status: int = 200, headers: bytes = b"") -> Response:
    """Return a response with a body, after a status and headers of its own."""
    return answer(b"HTTP/1.1 %d x\r\nContent-Length: %d\r\n%s\r\n" % (status, len(body), headers) + body)


def page(data: bytes) -> None:
    found = parse_page(data)
    require(all(each.size_bytes >= 0 for each in found.objects), "an object without a size")


LISTING: Final = (
    b'<?xml version="1.0"?><ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>'
    b"<Contents><Key>a/b</Key><Size>5</Size><LastModified>2026-11-22T12:00:00.000Z</LastModified></Contents></ListBucketResult>"
)
BOMB: Final = (
    b'<!DOCTYPE a [<!ENTITY b "' + b"x" * 50 + b'"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;&c;&c;</a>'
)


def time_of_s3(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    require(isinstance(parse_time(text), int), "no time")


def refusal(data: bytes) -> None:
    """A status, the header that asks for a pause, and the body of a refusal."""
    status = 400 + (data[0] if data else 0)
    pause, _, body = data[1:].partition(b"\n")
    safe = bytes(char for char in pause if char >= 32 and char != 127)
    error = refusal_of(framed(body, status, b"Retry-After: " + safe + b"\r\n"))
    require(isinstance(error, StorageError), "no refusal")
    wait = getattr(error, "retry_after_s", None)
    require(wait is None or 0 <= wait < float("inf"), "a pause without an end")


def google(data: bytes) -> GcsBucket:
    """Return a bucket that gets one response to everything: its status in three digits, then its body."""
    status = int(data[:3]) if data[:3].isdigit() and len(data) >= 3 and data[:1] in b"12345" else 200
    bucket = object.__new__(GcsBucket)
    bucket._objects = "/o"
    bucket._is_known_to_exist = bool(len(data) % 2)
    bucket._tokens = cast("Any", SimpleNamespace(get=lambda: "t", forget=lambda: None))
    bucket._connections = cast("Any", SimpleNamespace(origin=ORIGIN, send=lambda _: framed(data[3:], status)))
    return bucket


def google_answer(data: bytes) -> None:
    failed = 0
    calls: tuple[Callable[[GcsBucket], object], ...] = (
        lambda bucket: bucket.page("a/"),
        lambda bucket: bucket.info("a"),
        lambda bucket: bucket.delete("a"),
        lambda bucket: bucket.open("a", "bytes=0-3"),
        lambda bucket: bucket.compose("a", [], is_new=True, metadata={}),
    )
    for call in calls:
        try:
            found = call(google(data))
        except StorageError:
            failed += 1
            continue
        if isinstance(found, ObjectInfo):
            name: Any = found.name
            require(isinstance(name, str) and found.size_bytes >= 0, "an object that is none")
    require(failed >= 3, "one response suits everything")


def google_seeds() -> Iterator[bytes]:
    thing = {
        "name": "a",
        "size": "5",
        "timeCreated": "2026-11-22T12:00:00Z",
        "generation": "1",
        "md5Hash": "x",
        "metadata": {},
    }
    yield b"200" + json.dumps(thing).encode()
    yield b"200" + json.dumps({"kind": "storage#objects", "items": [thing], "nextPageToken": "t"}).encode()
    yield b"404" + json.dumps({"error": {"errors": [{"reason": "notFound"}]}}).encode()
    yield b"429{}"


def machine_token(data: bytes) -> None:
    source = object.__new__(MetadataToken)
    send = lambda _: framed(data, 200, b"Metadata-Flavor: Google\r\n")  # noqa: E731
    source._connections = cast("Any", SimpleNamespace(origin=ORIGIN, send=send))
    _token, lifetime_s = source._fetch()
    require(0 <= lifetime_s < 10**9, "a token that never expires")


def address(data: bytes) -> None:
    origin = Origin.parse(data.decode("utf-8", "surrogateescape"))
    require(Origin.parse(str(origin)) == origin, "an address with two forms")
    dialect_of(origin.host)


def etag(data: bytes) -> None:
    bare_etag(data.decode("latin-1"))


HTTP: Final = (
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.0 ",
    b"Content-Length: ",
    b"Transfer-Encoding: chunked\r\n",
    b"\r\n\r\n",
    b"0\r\n\r\n",
    b"Connection: close\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"\n",
    b"\t",
    b";",
)
JSON: Final = (
    *JSON_SYNTAX,
    b"1e999",
    b"NaN",
    b"Infinity",
    b"-1",
    b"[" * 1500,
    b"0001-01-01T00:00:00",
    b"9" * 30,
)
XML: Final = (
    b"<Contents>",
    b"</Contents>",
    b"<Key>",
    b"&amp;",
    b"&#0;",
    b"<![CDATA[",
    b"]]>",
    b"<!DOCTYPE a [",
    b"<!ENTITY b ",
    b"&b;",
    b'<?xml version="1.0" encoding="utf-16"?>',
    b"0001-01-01T00:00:00",
)
TARGETS: Final = (
    Target(
        "http-answer",
        http_answer,
        lambda: [
            b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
            b"HTTP/1.1 100 x\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\na: b\r\n\r\n",
        ],
        (StorageError,),
        HTTP,
    ),
    Target("s3-page", page, lambda: [LISTING, BOMB], (StorageError,), XML),
    Target(
        "s3-time",
        time_of_s3,
        lambda: [b"2026-11-22T12:00:00.000Z", b"2026-11-22T12:00:00+02:00"],
        (ValueError, OverflowError),
        (b"0001-01-01T00:00:00", b"9999-99-99T99:99:99.999Z"),
    ),
    Target(
        "s3-refusal",
        refusal,
        lambda: [b"\x675\n<Error><Code>SlowDown</Code></Error>"],
        (TransientError,),
        (b"<Code>", b"</Code>", b"\xb2", b"9" * 400),
    ),
    Target("google-answer", google_answer, google_seeds, (), JSON),
    Target(
        "machine-token",
        machine_token,
        lambda: [b'{"access_token": "t", "expires_in": 3599}'],
        (StorageError,),
        JSON,
    ),
    Target(
        "storage-address",
        address,
        lambda: [b"https://s3.example.com:9000/", b"http://[::1]:9000"],
        (ValueError,),
        (b"://", b"[", b"]", b":", "\u0663".encode()),
    ),
    Target("etag", etag, lambda: [b'W/"a"']),
)
