"""What endpoints read from the path and from who asks.

The `Content-Digest` field of RFC 9530: checked when given, for the algorithms it calls secure.

Reading request bodies: bounded in size before and while reading, and in time, so that nobody can hold the cloud.

A body that stops or crawls is refused with `too-slow`; one whose sender goes away raises ClientDisconnect.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Final, Self, TypeVar
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import ClientDisconnect, Request

from satchel_service.problems import ProblemError, not_found
from satchel_wire.messages import Message
from satchel_wire.problems import ProblemCode

ID_LETTERS: Final = frozenset("0123456789abcdef")


def object_id(request: Request) -> str:
    """Return the `{id}` of the path; anything but 32 hex digits names nothing."""
    text: str = request.path_params["id"]
    if len(text) != 32 or not ID_LETTERS.issuperset(text):
        raise not_found("id")
    return text


def device_id(request: Request) -> str:
    """Return the device that makes the request."""
    found: str = request.scope["satchel.device"]
    return found


ALGORITHMS: Final = {"sha-256": "sha256", "sha-512": "sha512"}
_MEMBER: Final = re.compile(r"([a-z][a-z0-9_.*-]*)=:([A-Za-z0-9+/]*={0,2}):")


class ContentDigest:
    """What a body should hash to, and what it does so far."""

    def __init__(self, expected: Mapping[str, bytes]) -> None:
        self._expected = expected
        self._hashes = {name: hashlib.new(ALGORITHMS[name]) for name in expected}

    @classmethod
    def parse(cls, header: str | None) -> Self:
        """Read the header; unknown algorithms are passed over, as the RFC wants, a malformed field is refused."""
        expected: dict[str, bytes] = {}
        for member in (header or "").split(",") if header else ():
            match = _MEMBER.fullmatch(member.strip())
            if match is None:
                raise malformed()
            if match[1] in ALGORITHMS:
                expected[match[1]] = _decoded(match[2])
        return cls(expected)

    def update(self, data: bytes) -> None:
        """Take more of the body in."""
        for state in self._hashes.values():
            state.update(data)

    def check(self) -> None:
        """Refuse a body that differs."""
        for name, state in self._hashes.items():
            if not hmac.compare_digest(state.digest(), self._expected[name]):
                raise ProblemError(ProblemCode.WRONG_DIGEST, f"the {name} digest of what came is another")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as exc:
        raise malformed() from exc


def malformed() -> ProblemError:
    """Refuse a field that is no dictionary of byte sequences."""
    return ProblemError(ProblemCode.BAD_REQUEST, "Content-Digest is malformed; write sha-256=:BASE64:")


M = TypeVar("M", bound=Message)

MESSAGE_BYTES: Final = 128 * 1024  # a backup that needs 1000 archives has 37 KB
FORM_BYTES: Final = 16 * 1024  # 1000 characters escaped have 12,000
PATIENCE_S: Final = 15.0  # how long a body may pause
LEAST_BYTES_PER_S: Final = 4 * 1024  # and its slowest average pace


def content_length(request: Request) -> int | None:
    """Return the announced length of the body; None when it is not announced."""
    text = request.headers.get("content-length")
    return int(text) if text is not None and text.isascii() and text.isdigit() else None


async def read_chunks(request: Request, most_bytes: int) -> AsyncIterator[bytes]:
    """Yield the body as it comes, at most `most_bytes` of it."""
    if (content_length(request) or 0) > most_bytes:
        raise too_large(most_bytes)
    loop = asyncio.get_running_loop()
    latest = loop.time() + PATIENCE_S + most_bytes / LEAST_BYTES_PER_S
    received = 0
    more = True
    while more:
        try:
            async with asyncio.timeout_at(min(loop.time() + PATIENCE_S, latest)):
                event = await request.receive()
        except TimeoutError as exc:
            raise ProblemError(ProblemCode.TOO_SLOW, f"{received} bytes had come") from exc
        if event["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk: bytes = event.get("body", b"")
        received += len(chunk)
        if received > most_bytes:
            raise too_large(most_bytes)
        more = event.get("more_body", False)
        if chunk:
            yield chunk


async def read_message(request: Request, kind: type[M]) -> M:
    """Read and decode a JSON message."""
    require_type(request, "application/json")
    body = bytearray()
    async for chunk in read_chunks(request, MESSAGE_BYTES):
        body += chunk
    try:
        return _fitting(lambda: msgspec.json.decode(body, type=kind))
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise ProblemError(ProblemCode.BAD_REQUEST, "the body is not JSON") from exc


async def read_form(request: Request, kind: type[M]) -> M:
    """Read and decode what an HTML form sends; each field is text and comes once at most."""
    require_type(request, "application/x-www-form-urlencoded")
    body = bytearray()
    async for chunk in read_chunks(request, FORM_BYTES):
        body += chunk
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError as exc:  # UnicodeDecodeError is one
        raise ProblemError(ProblemCode.BAD_REQUEST, "the body is not a form") from exc
    if len(dict(pairs)) < len(pairs):
        raise ProblemError(ProblemCode.INVALID, "a field came twice")
    return _fitting(lambda: msgspec.convert(dict(pairs), kind))


def _fitting(decode: Callable[[], M]) -> M:
    """Decode; a problem says which field does not fit, never what it held."""
    try:
        return decode()
    except msgspec.ValidationError as exc:
        reason, _, field = str(exc).partition(" - at `$.")
        field = field.rstrip("`")
        raise ProblemError(ProblemCode.INVALID, fields=((field, reason),)) from exc


def require_type(request: Request, wanted: str) -> None:
    """Refuse a body of another media type than `wanted`."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != wanted:
        raise ProblemError(ProblemCode.WRONG_TYPE, f"send {wanted}")


def too_large(most_bytes: int) -> ProblemError:
    """Say how much would be taken."""
    return ProblemError(ProblemCode.TOO_LARGE, f"the body may have {most_bytes} bytes")
