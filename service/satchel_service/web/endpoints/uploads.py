"""Uploads."""

from collections.abc import Iterable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from satchel_service.cloud import Cloud
from satchel_service.environment import in_thread
from satchel_service.problems import ProblemError, invalid, not_found
from satchel_service.storage import NotFoundError, Part, PartSink
from satchel_service.web.documents import json_response, no_content
from satchel_service.web.requests import (
    ContentDigest,
    content_length,
    device_id,
    object_id,
    read_chunks,
    read_message,
    require_type,
    too_large,
)
from satchel_wire.messages import UploadRequest
from satchel_wire.problems import ProblemCode

WRITE_BYTES: Final = 256 * 1024  # each connection that sends a part holds so much


async def announce_upload(request: Request, cloud: Cloud) -> Response:
    """Announce an upload."""
    upload_id = object_id(request)
    message = await read_message(request, UploadRequest)
    return json_response(await cloud.uploads.announce(upload_id, message, by=device_id(request)))


async def show_upload(request: Request, cloud: Cloud) -> Response:
    """Return the missing parts."""
    return json_response(await cloud.uploads.show(object_id(request)))


async def abort_upload(request: Request, cloud: Cloud) -> Response:
    """Abort an upload."""
    await cloud.uploads.abort(object_id(request), by=device_id(request))
    return no_content()


async def put_part(request: Request, cloud: Cloud) -> Response:
    """Receive one part."""
    upload_id, number = object_id(request), part_number(request)
    require_type(request, "application/octet-stream")
    row, part = await cloud.uploads.find_part(upload_id, number)
    check_length(content_length(request), part)
    digest = ContentDigest.parse(request.headers.get("content-digest"))
    sink = await cloud.uploads.open_part(row, part)
    try:
        await receive_part(request, part, sink, digest)
        await cloud.devices.require_connected(device_id(request))
        await in_thread(sink.finish)
    except NotFoundError as exc:  # aborted, completed or expired in the meantime
        raise not_found("upload") from exc
    finally:
        await in_thread(sink.discard)
    return no_content()


async def complete_upload(request: Request, cloud: Cloud) -> Response:
    """Join the parts."""
    return json_response(await cloud.uploads.complete(object_id(request), by=device_id(request)))


async def receive_part(request: Request, part: Part, sink: PartSink, digest: ContentDigest) -> None:
    """Write the body in pieces of about WRITE_BYTES: memory stays flat, and few threads are used."""
    pending: list[bytes] = []
    pending_bytes = 0
    async for chunk in read_chunks(request, part.size_bytes):
        pending.append(chunk)
        pending_bytes += len(chunk)
        if pending_bytes >= WRITE_BYTES:
            await in_thread(write_all, sink, digest, pending)
            pending, pending_bytes = [], 0
    await in_thread(write_all, sink, digest, pending)
    digest.check()


def write_all(sink: PartSink, digest: ContentDigest, chunks: Iterable[bytes]) -> None:
    """Write chunks and add them to the digest."""
    for chunk in chunks:
        digest.update(chunk)
        sink.write(chunk)


def check_length(length: int | None, part: Part) -> None:
    """Refuse a body of the wrong length before reading any of it."""
    if length is None:
        raise ProblemError(ProblemCode.LENGTH_REQUIRED, "send Content-Length")
    if length > part.size_bytes:
        raise too_large(part.size_bytes)
    if length < part.size_bytes:
        raise invalid("body", f"part {part.number} has {part.size_bytes} bytes")


def part_number(request: Request) -> int:
    """Return the `{number}` of the path."""
    text: str = request.path_params["number"]
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise not_found("part")
    return int(text)
