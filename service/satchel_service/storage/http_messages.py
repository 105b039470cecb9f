"""HTTP/1.1 messages: requests to bytes, and bytes to responses (RFC 9112), strictly.

Ambiguous framing, folded headers, control characters, bare line feeds and heads over 64 KiB are refused.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple, Protocol

from satchel_service.storage.protocol import TransientError

BLOCK_BYTES: Final = 256 * 1024  # of a request's body, sent under one timeout
HEAD_BYTES: Final = 64 * 1024  # status line and headers together, or the trailers
INTERIM_RESPONSES: Final = 8  # responses with a 1xx status before the final one
RECEIVE_BYTES: Final = 16 * 1024
LENGTH_DIGITS: Final = 16

_TOKEN: Final = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")  # RFC 9110, section 5.6.2
_HEX: Final = frozenset(b"0123456789abcdefABCDEF")
_BODILESS: Final = (204, 304)


class Request(NamedTuple):
    """A request; `target` is path and query, `headers` include Host.

    An iterable body needs a Content-Length and at least one block.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes | Iterable[bytes] = b""


class ResponseHead(NamedTuple):
    """Status and headers, with lower-case names; a repeated header's values are joined with commas."""

    status: int
    headers: Mapping[str, str]
    is_persistent: bool


class InvalidResponseError(ValueError):
    """The bytes received are no valid HTTP/1.1 response."""


class Receiving(Protocol):
    """The receiving side of a socket."""

    def recv(self, size: int, /) -> bytes:
        """Receive at most `size` bytes."""

    def recv_into(self, buffer: memoryview, /) -> int:
        """Receive into a buffer and return the number of bytes."""


class Reader:
    """Reads lines and bytes from a socket, and knows what it has received but not handed out."""

    def __init__(self, connection: Receiving) -> None:
        self._connection = connection
        self._received = bytearray()

    @property
    def is_empty(self) -> bool:
        """Whether every received byte was handed out."""
        return not self._received

    def line(self, most: int) -> bytes:
        """Return the next line without its CRLF. Raise if it exceeds `most` bytes, CRLF included."""
        while (end := self._received.find(b"\n", 0, most)) < 0:
            if len(self._received) >= most:
                raise InvalidResponseError
            data = self._connection.recv(RECEIVE_BYTES)
            if not data:
                raise TransientError("the object storage closed the connection without a response")
            self._received += data
        line = bytes(self._received[: end + 1])
        del self._received[: end + 1]
        if not line.endswith(b"\r\n"):
            raise InvalidResponseError
        return line[:-2]

    def exactly(self, length: int, chunk_bytes: int) -> Iterator[bytes]:
        """Yield `length` bytes in chunks that are full but for the last. Raise TransientError if they end early."""
        while length:
            chunk = self._chunk(min(length, chunk_bytes))
            length -= len(chunk)
            yield chunk

    def _chunk(self, size: int) -> bytes:
        held = bytes(self._received[:size])
        del self._received[:size]
        if len(held) == size:
            return held
        chunk = bytearray(size)
        chunk[: len(held)] = held
        filled, view = len(held), memoryview(chunk)
        while filled < size:
            count = self._connection.recv_into(view[filled:])
            if not count:
                raise TransientError("the object storage's response is truncated")
            filled += count
        return bytes(chunk)


def request_head(request: Request) -> bytes:
    """Return a request's head, with the length of a body of bytes. ValueError for control or non-ASCII characters."""
    headers = {"accept-encoding": "identity", **request.headers}
    if isinstance(request.body, bytes) and request.method in ("POST", "PUT"):
        headers["content-length"] = str(len(request.body))
    lines = [f"{request.method} {request.target} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
    if not all(line.isprintable() for line in lines):
        raise ValueError("a request contains a control character")
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def body_blocks(body: bytes | Iterable[bytes]) -> Iterator[bytes]:
    """Yield a body in blocks, since each is sent under its own timeout; an empty body is one empty block."""
    if not isinstance(body, bytes):
        yield from body
        return
    for start in range(0, max(len(body), 1), BLOCK_BYTES):
        yield body[start : start + BLOCK_BYTES]


def read_head(reader: Reader) -> ResponseHead:
    """Read the head of the final response, skipping interim ones."""
    for _ in range(INTERIM_RESPONSES):
        first, *lines = read_lines(reader)
        status = parse_status(first)
        if status >= 200:
            headers = parse_headers(lines)
            options = {option.strip().lower() for option in headers.get("connection", "").split(",")}
            return ResponseHead(status, headers, first.startswith(b"HTTP/1.1 ") and "close" not in options)
        if status == 101:
            raise InvalidResponseError
    raise InvalidResponseError


def read_lines(reader: Reader) -> list[bytes]:
    """Read up to the empty line."""
    lines, left = list[bytes](), HEAD_BYTES
    while line := reader.line(left):
        lines.append(line)
        left -= len(line) + 2
    return lines


def parse_status(line: bytes) -> int:
    """Read a status line of HTTP/1.0 or 1.1."""
    version, _, rest = line.partition(b" ")
    code, _, _ = rest.partition(b" ")
    if version not in (b"HTTP/1.1", b"HTTP/1.0") or len(code) != 3 or not code.isdigit() or code < b"100":
        raise InvalidResponseError
    return int(code)


def parse_headers(lines: Iterable[bytes]) -> dict[str, str]:
    """Read header lines; folded lines, empty names and control characters are invalid."""
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.decode("latin-1").partition(":")
        name, value = name.lower(), value.strip(" \t")
        if not (colon and name and _TOKEN.issuperset(name)) or any(
            char < " " and char != "\t" for char in value
        ):
            raise InvalidResponseError
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def body_length(method: str, head: ResponseHead) -> int | None:
    """Return the body's length (RFC 9112, section 6.3); None if it is chunked, or ends with the connection."""
    if method == "HEAD" or head.status in _BODILESS:
        return 0
    encoding, length = head.headers.get("transfer-encoding"), head.headers.get("content-length")
    if encoding is not None:
        if encoding.lower() != "chunked" or length is not None:
            raise InvalidResponseError
        return None
    if length is None:
        return None
    if not (length.isascii() and length.isdecimal() and len(length) <= LENGTH_DIGITS):
        raise InvalidResponseError
    return int(length)


def read_chunk_size(reader: Reader) -> int:
    """Read the line before a chunk; extensions are ignored."""
    digits = reader.line(HEAD_BYTES).partition(b";")[0].strip(b" \t")
    if not digits or len(digits) > LENGTH_DIGITS or not _HEX.issuperset(digits):
        raise InvalidResponseError
    return int(digits, 16)
