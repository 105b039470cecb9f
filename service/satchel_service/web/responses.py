"""Responses: messages as JSON, refusals as problem documents.

Byte ranges of RFC 9110, section 14: one range, or the whole.

Objects on their way out: whole or a range, streamed with flat memory.

A body over STREAMED_BYTES is sent chunked, without a length: Cloud Run refuses longer responses that announce one.
"""

import hashlib
import re
from collections.abc import AsyncIterator, Iterator
from typing import Final, NamedTuple

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from satchel_service.database import DatabaseError
from satchel_service.environment import in_thread
from satchel_service.problems import ProblemError, invalid
from satchel_service.storage import BlobKey, FullError, PartSizeError, Storage, StorageError
from satchel_wire.messages import FieldProblem, Message, Problem
from satchel_wire.problems import MEDIA_TYPE as PROBLEM_TYPE
from satchel_wire.problems import ProblemCode

FRAMEWORK: Final = {
    400: ProblemCode.BAD_REQUEST,
    404: ProblemCode.NOT_FOUND,
    405: ProblemCode.METHOD_NOT_ALLOWED,
    413: ProblemCode.TOO_LARGE,
}
RETRY_AFTER_S: Final = 2


def answer(message: Message, status: int = 200) -> Response:
    """Encode a message."""
    return Response(msgspec.json.encode(message), status, media_type="application/json")


def nothing() -> Response:
    """Say that it is done."""
    return Response(status_code=204)


def problem_response(request: Request, problem: ProblemError) -> Response:
    """Encode a refusal."""
    code = problem.code
    document = Problem(
        type=code.type,
        title=code.title,
        status=code.status,
        detail=problem.detail,
        request_id=request.scope.get("satchel.request_id", ""),
        fields=tuple(FieldProblem(field=field, reason=reason) for field, reason in problem.fields),
    )
    response = Response(msgspec.json.encode(document), code.status, media_type=PROBLEM_TYPE)
    response.headers.update(dict(problem.headers))
    if problem.retry_after_s is not None:
        response.headers["Retry-After"] = str(problem.retry_after_s)
    request.scope["satchel.problem"] = code.code
    return response


def as_problem(error: Exception) -> ProblemError:
    """Turn whatever an endpoint raised into what the client is told."""
    match error:
        case ProblemError():
            problem = error
        case HTTPException():
            code = FRAMEWORK.get(error.status_code, ProblemCode.BAD_REQUEST)
            problem = ProblemError(code, headers=tuple((error.headers or {}).items()))
        case ClientDisconnect():
            problem = ProblemError(ProblemCode.BAD_REQUEST, "the body ended early")
        case PartSizeError():
            problem = invalid("body", str(error))
        case FullError():
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
    """Return what a `Range` header asks of an object; None for the whole.

    What the RFC lets a server pass over (several ranges, other units, anything malformed) asks for the whole. A
    range that lies outside the object is a problem.
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


CHUNK_BYTES: Final = 256 * 1024
STREAMED_BYTES: Final = 30 * 1024 * 1024
OBJECT_TYPE: Final = "application/octet-stream"


class Blob(NamedTuple):
    """An object to send."""

    key: BlobKey
    size_bytes: int

    @property
    def etag(self) -> str:
        """Its entity tag. An object never changes, so that its key is as good as its content."""
        return f'"{hashlib.sha256(self.key.encode()).hexdigest()[:32]}"'


async def send_ranged(request: Request, storage: Storage, blob: Blob) -> Response:
    """Answer a GET or HEAD of an object, with ranges and conditions."""
    headers = {"ETag": blob.etag, "Accept-Ranges": "bytes"}
    if matches(request.headers.get("if-none-match"), blob.etag):
        return Response(status_code=304, headers=headers)
    if request.method == "HEAD":
        headers |= {"Content-Length": str(blob.size_bytes), "Content-Type": OBJECT_TYPE}
        return Response(status_code=200, headers=headers)
    condition = request.headers.get("if-range")
    wanted = None
    if condition in (None, blob.etag):
        wanted = parse_range(request.headers.get("range"), blob.size_bytes)
    if wanted is not None:
        headers["Content-Range"] = wanted.content_range(blob.size_bytes)
    return await send_blob(storage, blob, wanted, headers)


async def send_blob(
    storage: Storage, blob: Blob, wanted: ByteRange | None, headers: dict[str, str]
) -> Response:
    """Stream an object or a range of it. The object is open before the first byte of the answer is sent."""
    part = wanted or ByteRange(0, blob.size_bytes)
    chunks = await in_thread(storage.stream, blob.key, part.start, part.length, CHUNK_BYTES)
    if part.length <= STREAMED_BYTES:
        headers = {**headers, "Content-Length": str(part.length)}
    return StreamingResponse(iterate(chunks), 200 if wanted is None else 206, headers, OBJECT_TYPE)


async def iterate(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Take chunks in a thread, one at a time, as the client takes them."""
    while (chunk := await in_thread(next, chunks, None)) is not None:
        yield chunk


def matches(header: str | None, etag: str) -> bool:
    """Whether `If-None-Match` names the object as it is."""
    tags = {tag.strip().removeprefix("W/") for tag in (header or "").split(",")}
    return etag in tags or "*" in tags
