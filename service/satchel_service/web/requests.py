"""Reading requests: ids in the path, the device, `Content-Digest`, and bodies, bounded in size and time.

A body that stops or is too slow is refused with `too-slow`, so nobody can tie up the cloud. If the client goes away,
reading raises ClientDisconnect.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import re
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Final, Self, TypeVar
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import ClientDisconnect, Request

from satchel_service.problems import ProblemError, not_found
from satchel_wire.binding import canonical_origin
from satchel_wire.messages import Message
from satchel_wire.problems import ProblemCode

ID_LETTERS: Final = frozenset("0123456789abcdef")
PAGES: Final = {"s": "share", "r": "request"}  # what the first segment of a page's path names


def check_host(request: Request) -> None:
    """Refuse a request of HTTP/1.1 without a Host header, and any with several (RFC 9112, section 3.2)."""
    hosts = request.headers.getlist("host")
    if len(hosts) > 1:
        raise ProblemError(ProblemCode.BAD_REQUEST, "the request has several Host headers")
    if not hosts and request.scope["http_version"] == "1.1":
        raise ProblemError(ProblemCode.BAD_REQUEST, "the request has no Host header")


def public_origin(request: Request, public_url: str) -> str:
    """Return the server's address in canonical form: the setting, or else the request's Host header if it is a valid host.

    Without the setting, the address is only what the client says.
    """
    return canonical_origin(public_url or f"{request.url.scheme}://{request.headers.get('host', '')}")


def object_id(request: Request) -> str:
    """Return the `{id}` of the path; anything but 32 hex digits is not found."""
    text: str = request.path_params["id"]
    if len(text) != 32 or not ID_LETTERS.issuperset(text):
        raise not_found(resource_name(request.scope["path"]))
    return text


def answer_id(request: Request) -> str:
    """Return the `{answer}` of the path; anything but 32 hex digits is not found."""
    text: str = request.path_params["answer"]
    if len(text) != 32 or not ID_LETTERS.issuperset(text):
        raise not_found("answer")
    return text


def resource_name(path: str) -> str:
    """Return what the id of a path names, so that a malformed id and an unknown one get the same problem."""
    collection = path.removeprefix("/v1").split("/")[1]
    return PAGES.get(collection) or collection.removesuffix("s")


def device_id(request: Request) -> str:
    """Return the id of the device that sent the request."""
    found: str = request.scope["satchel.device"]
    return found


ALGORITHMS: Final = {"sha-256": "sha256", "sha-512": "sha512"}
_DICTIONARY_MEMBER: Final = re.compile(r"([a-z][a-z0-9_.*-]*)=:([A-Za-z0-9+/]*={0,2}):")


class ContentDigest:
    """The digests of a body that a `Content-Digest` field (RFC 9530) announces, checked as the body is read."""

    def __init__(self, expected: Mapping[str, bytes]) -> None:
        self._expected = expected
        self._hashes = {name: hashlib.new(ALGORITHMS[name]) for name in expected}

    @classmethod
    def parse(cls, header: str | None) -> Self:
        """Parse the header. Unknown algorithms are ignored, as the RFC says; a malformed field is refused."""
        expected: dict[str, bytes] = {}
        for member in (header or "").split(",") if header else ():
            match = _DICTIONARY_MEMBER.fullmatch(member.strip())
            if match is None:
                raise malformed()
            if match[1] in ALGORITHMS:
                expected[match[1]] = _decode_base64(match[2])
        return cls(expected)

    def update(self, data: bytes) -> None:
        """Add the next bytes of the body."""
        for state in self._hashes.values():
            state.update(data)

    def check(self) -> None:
        """Refuse a body with another digest."""
        for name, state in self._hashes.items():
            if not hmac.compare_digest(state.digest(), self._expected[name]):
                raise ProblemError(
                    ProblemCode.WRONG_DIGEST, f"the body does not match its {name.upper()} digest"
                )


def _decode_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as exc:
        raise malformed() from exc


def malformed() -> ProblemError:
    """Return the problem for a field that is not a dictionary of byte sequences."""
    return ProblemError(ProblemCode.BAD_REQUEST, "Content-Digest is malformed; write sha-256=:BASE64:")


M = TypeVar("M", bound=Message)

MESSAGE_BYTES: Final = 128 * 1024  # a backup that needs 1,000 archives takes 37 KB
PUBLIC_MESSAGE_BYTES: Final = 24 * 1024  # without a token; an ID token takes up to 16 KiB, a label 5.5 KB
FORM_BYTES: Final = 16 * 1024  # 1,000 characters take up to 12,000 bytes escaped
PAUSE_S: Final = 15.0  # how long a body may pause
MAX_LENGTH_DIGITS: Final = 18  # of a Content-Length; no body is longer
MIN_BYTES_PER_S: Final = 4 * 1024  # its lowest average rate


def content_length(request: Request) -> int | None:
    """Return the Content-Length; None if there is none."""
    text = request.headers.get("content-length")
    if text is None or not (text.isascii() and text.isdigit()):
        return None
    return int(text) if len(text) <= MAX_LENGTH_DIGITS else sys.maxsize


async def read_chunks(request: Request, max_bytes: int) -> AsyncIterator[bytes]:
    """Yield the body as it arrives, at most `max_bytes` of it. Only the time spent waiting for it counts."""
    if (content_length(request) or 0) > max_bytes:
        raise too_large(max_bytes)
    loop = asyncio.get_running_loop()
    received, waited_s = 0, 0.0
    more = True
    while more:
        credit_s = received / MIN_BYTES_PER_S - waited_s
        began = loop.time()
        try:
            async with asyncio.timeout(PAUSE_S + min(0.0, credit_s)):
                event = await request.receive()
        except TimeoutError as exc:
            raise ProblemError(ProblemCode.TOO_SLOW, f"received {received} bytes") from exc
        waited_s += loop.time() - began
        if event["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk: bytes = event.get("body", b"")
        received += len(chunk)
        if received > max_bytes:
            raise too_large(max_bytes)
        more = event.get("more_body", False)
        if chunk:
            yield chunk


async def read_message(request: Request, kind: type[M]) -> M:
    """Read and decode a JSON message."""
    require_type(request, "application/json")
    has_device = "satchel.device" in request.scope
    body = bytearray()
    async for chunk in read_chunks(request, MESSAGE_BYTES if has_device else PUBLIC_MESSAGE_BYTES):
        body += chunk
    try:
        return _decode(lambda: msgspec.json.decode(body, type=kind))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise ProblemError(ProblemCode.BAD_REQUEST, "the body is not JSON") from exc


async def read_form(request: Request, kind: type[M]) -> M:
    """Read and decode an HTML form; every field is text and may appear once."""
    require_type(request, "application/x-www-form-urlencoded")
    body = bytearray()
    async for chunk in read_chunks(request, FORM_BYTES):
        body += chunk
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError as exc:  # UnicodeDecodeError is one
        raise ProblemError(ProblemCode.BAD_REQUEST, "the body is not a form") from exc
    if len(dict(pairs)) < len(pairs):
        raise ProblemError(ProblemCode.INVALID, "a field appears twice")
    return _decode(lambda: msgspec.convert(dict(pairs), kind))


def _decode(decode: Callable[[], M]) -> M:
    """Decode a message; the problem names an invalid field, never its value."""
    try:
        return decode()
    except msgspec.ValidationError as exc:
        reason, _, field = str(exc).partition(" - at `$.")
        field = field.rstrip("`")
        raise ProblemError(ProblemCode.INVALID, fields=((field, reason),)) from exc


def require_type(request: Request, media_type: str) -> None:
    """Refuse a body of any other media type, and any coded one: the service never decompresses."""
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise ProblemError(ProblemCode.WRONG_TYPE, "send the body without Content-Encoding")
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != media_type:
        raise ProblemError(ProblemCode.WRONG_TYPE, f"send {media_type}")


def too_large(max_bytes: int) -> ProblemError:
    """Return the problem that names the limit."""
    return ProblemError(ProblemCode.TOO_LARGE, f"the body may have at most {max_bytes} bytes")
