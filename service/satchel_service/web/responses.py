"""Responses: the problem of an exception, and stored objects, whole or a byte range of them.

Objects are streamed in constant memory. A body over STREAMED_BYTES is sent in chunks without a Content-Length, because
Cloud Run refuses longer responses that announce one.
"""

import hashlib
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Final, NamedTuple

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from satchel_service.database import DatabaseError, DatabaseFullError
from satchel_service.environment import SENT_CHUNK_BYTES, in_thread
from satchel_service.problems import ProblemError, invalid
from satchel_service.storage import BlobKey, FullError, PartSizeError, Storage, StorageError
from satchel_wire.problems import ProblemCode

RETRY_AFTER_S: Final = 2


def as_problem(error: Exception) -> ProblemError:
    """Return the problem to send for an exception raised by an endpoint."""
    match error:
        case ProblemError():
            problem = error
        case ClientDisconnect():
            problem = ProblemError(ProblemCode.BAD_REQUEST, "the body ended early")
        case PartSizeError():
            problem = invalid("body", str(error))
        case FullError() | DatabaseFullError():
            problem = ProblemError(ProblemCode.QUOTA, "the storage is full")
        case StorageError() | DatabaseError():
            problem = ProblemError(ProblemCode.UNAVAILABLE, retry_after_s=RETRY_AFTER_S)
        case _:
            problem = ProblemError(ProblemCode.INTERNAL)
    return problem


_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.IGNORECASE)


class ByteRange(NamedTuple):
    """Part of an object; never empty."""

    start: int
    length: int

    def content_range(self, size: int) -> str:
        """Return the value of `Content-Range`."""
        return f"bytes {self.start}-{self.start + self.length - 1}/{size}"


def parse_range(header: str | None, size: int) -> ByteRange | None:
    """Return the range that a `Range` header requests (RFC 9110, section 14); None for the whole object.

    What the RFC lets a server ignore (several ranges, other units, anything malformed) requests the whole object. A
    range outside the object is a problem.
    """
    match = _RANGE.fullmatch((header or "").replace(" ", ""))
    if match is None or match[0].endswith("=-"):
        return None
    first, last = match[1], match[2]
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1 if last else size)
        if last and int(last) < start:
            return None
    if start >= end:
        raise ProblemError(
            ProblemCode.RANGE, f"the object has {size} bytes", headers=(("Content-Range", f"bytes */{size}"),)
        )
    return ByteRange(start, end - start)


STREAMED_BYTES: Final = 30 * 1024 * 1024
OBJECT_TYPE: Final = "application/octet-stream"
DOWNLOAD: Final = {"Content-Disposition": "attachment"}  # sealed, so no browser should try to show it


class Blob(NamedTuple):
    """A stored object to send."""

    key: BlobKey
    size_bytes: int

    @property
    def etag(self) -> str:
        """Its entity tag, made from the key: objects never change."""
        return f'"{hashlib.sha256(self.key.encode()).hexdigest()[:32]}"'


async def send_ranged(request: Request, storage: Storage, blob: Blob) -> Response:
    """Respond to a GET or HEAD of an object, with ranges and conditions."""
    headers = {"ETag": blob.etag, "Accept-Ranges": "bytes", **DOWNLOAD}
    if matches(request.headers.get("if-none-match"), blob.etag):
        return Response(status_code=304, headers=headers)
    if request.method == "HEAD":
        headers |= {"Content-Length": str(blob.size_bytes), "Content-Type": OBJECT_TYPE}
        return Response(status_code=200, headers=headers)
    condition = request.headers.get("if-range")
    requested = None
    if condition in (None, blob.etag):
        requested = parse_range(request.headers.get("range"), blob.size_bytes)
    part = requested or ByteRange(0, blob.size_bytes)
    if requested is not None:
        headers["Content-Range"] = requested.content_range(blob.size_bytes)
    chunks = await in_thread(storage.stream, blob.key, part.start, part.length, SENT_CHUNK_BYTES)
    return object_response(chunks, part.length, headers, 200 if requested is None else 206)


def object_response(
    content: bytes | Iterator[bytes], size_bytes: int, headers: Mapping[str, str], status: int = 200
) -> Response:
    """Send an open object; a missing one has been noticed before, so the status is always right."""
    if isinstance(content, bytes):
        return Response(content, status, headers, OBJECT_TYPE)
    if size_bytes <= STREAMED_BYTES:
        headers = {**headers, "Content-Length": str(size_bytes)}
    return StreamingResponse(read_in_threads(content), status, headers, OBJECT_TYPE)


async def read_in_threads(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Read one chunk at a time in a thread, at the pace of the client."""
    while (chunk := await in_thread(next, chunks, None)) is not None:
        yield chunk


def matches(header: str | None, etag: str) -> bool:
    """Whether `If-None-Match` names the object's current entity tag."""
    tags = {tag.strip().removeprefix("W/") for tag in (header or "").split(",")}
    return etag in tags or "*" in tags
