"""Requests and their answers: for the owner, and for the holders of a link."""

import base64
import binascii
import hashlib
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from satchel_service.cloud import Cloud
from satchel_service.environment import in_thread
from satchel_service.problems import ProblemError, invalid
from satchel_service.storage import PartSink
from satchel_service.web.documents import json_response, no_content
from satchel_service.web.endpoints.uploads import receive_part
from satchel_service.web.requests import (
    ContentDigest,
    answer_id,
    content_length,
    device_id,
    object_id,
    read_message,
    require_type,
)
from satchel_service.web.responses import Blob, send_ranged
from satchel_wire.messages import RequestProof, RequestTerms
from satchel_wire.problems import ProblemCode

PROOF_HEADER: Final = "Satchel-Proof"
PROOF_BYTES: Final = 32
MAX_PROOF_CHARS: Final = 44


class HashingSink:
    """Passes the bytes of an answer on to the storage, and computes their digest."""

    def __init__(self, sink: PartSink) -> None:
        self._sink = sink
        self._state = hashlib.sha256()

    @property
    def digest(self) -> bytes:
        """The SHA-256 of what was written."""
        return self._state.digest()

    def write(self, data: bytes) -> None:
        """Write the next bytes."""
        self._state.update(data)
        self._sink.write(data)

    def finish(self) -> str:
        """Make the object's only part durable."""
        return self._sink.finish()

    def discard(self) -> None:
        """Drop what was written; harmless after `finish`."""
        self._sink.discard()


async def list_requests(request: Request, cloud: Cloud) -> Response:
    """List requests, a page at a time."""
    return json_response(await cloud.requests.show_page(request.query_params.get("after")))


async def make_request(request: Request, cloud: Cloud) -> Response:
    """Make a request."""
    request_id = object_id(request)
    terms = await read_message(request, RequestTerms)
    return json_response(await cloud.requests.make(request_id, terms, by=device_id(request)))


async def show_request(request: Request, cloud: Cloud) -> Response:
    """Show one request."""
    return json_response(await cloud.requests.show(object_id(request)))


async def revoke_request(request: Request, cloud: Cloud) -> Response:
    """End a request."""
    await cloud.requests.revoke(object_id(request), by=device_id(request))
    return no_content()


async def download_answer(request: Request, cloud: Cloud) -> Response:
    """Send a sealed answer to a device."""
    row = await cloud.requests.find_answer(object_id(request), answer_id(request))
    return await send_ranged(request, cloud.environment.storage, Blob(row.key, row.size_bytes))


async def delete_answer(request: Request, cloud: Cloud) -> Response:
    """Delete an answer that a device has taken."""
    await cloud.requests.delete_answer(object_id(request), answer_id(request), by=device_id(request))
    return no_content()


async def open_request(request: Request, cloud: Cloud) -> Response:
    """Return what is asked for to a holder of the link."""
    request_id = object_id(request)
    message = await read_message(request, RequestProof)
    return json_response(await cloud.answering.open(request_id, message.proof))


async def send_answer(request: Request, cloud: Cloud) -> Response:
    """Receive a sealed answer from a holder of the link."""
    request_id, sent_id = object_id(request), answer_id(request)
    require_type(request, "application/octet-stream")
    proof, size_bytes = parse_proof(request.headers.get(PROOF_HEADER, "")), read_length(request)
    expected = ContentDigest.parse(request.headers.get("content-digest"))
    with cloud.answering.slot(request_id):
        incoming = await cloud.answering.begin(request_id, sent_id, proof, size_bytes)
        try:
            sink = HashingSink(await cloud.answering.open_sink(incoming))
            try:
                await receive_part(request, incoming.part, sink, expected)
                await in_thread(sink.finish)
            finally:
                await in_thread(sink.discard)
        except BaseException:
            await cloud.answering.discard(incoming)
            raise
        return json_response(await cloud.answering.finish(incoming, sink.digest))


async def request_page(request: Request, cloud: Cloud) -> Response:
    """Show the page that answers a request in the browser."""
    from satchel_service.web import pages  # noqa: PLC0415  only browsers request it

    return await pages.request_page(request, cloud)


def read_length(request: Request) -> int:
    """Return the announced length of the answer, at least 1."""
    length = content_length(request)
    if length is None:
        raise ProblemError(ProblemCode.LENGTH_REQUIRED, "send Content-Length")
    if length < 1:
        raise invalid("body", "an answer is not empty")
    return length


def parse_proof(text: str) -> bytes:
    """Return the proof in a header: 32 bytes in base64. It is in no address, so no log of a proxy holds it."""
    try:
        proof = base64.b64decode(text if len(text) <= MAX_PROOF_CHARS else "", validate=True)
    except (binascii.Error, ValueError):
        proof = b""
    if len(proof) != PROOF_BYTES:
        raise invalid(PROOF_HEADER, f"send {PROOF_BYTES} bytes in base64")
    return proof
