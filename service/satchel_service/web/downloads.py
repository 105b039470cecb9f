"""Objects on their way out: whole or a range, streamed with flat memory.

A body over STREAMED_BYTES is sent chunked, without a length: Cloud Run refuses longer responses that announce one.
"""

import hashlib
from collections.abc import AsyncIterator, Iterator
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from satchel_service.storage import BlobKey, Storage
from satchel_service.threads import in_thread
from satchel_service.web.ranges import ByteRange, parse_range

CHUNK_BYTES: Final = 256 * 1024
STREAMED_BYTES: Final = 30 * 1024 * 1024
MEDIA_TYPE: Final = "application/octet-stream"


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
        headers |= {"Content-Length": str(blob.size_bytes), "Content-Type": MEDIA_TYPE}
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
    return StreamingResponse(iterate(chunks), 200 if wanted is None else 206, headers, MEDIA_TYPE)


async def iterate(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Take chunks in a thread, one at a time, as the client takes them."""
    while (chunk := await in_thread(next, chunks, None)) is not None:
        yield chunk


def matches(header: str | None, etag: str) -> bool:
    """Whether `If-None-Match` names the object as it is."""
    tags = {tag.strip().removeprefix("W/") for tag in (header or "").split(",")}
    return etag in tags or "*" in tags
