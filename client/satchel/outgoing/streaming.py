"""A response that is read while it arrives.

    with transport.stream(request, longest_s=600) as response:
        for chunk in response.chunks():
            ...

A language model takes minutes for an answer, and its words are wanted as they come.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import urllib3

from satchel.errors import UnreachableError
from satchel.outgoing.connections import Deadline
from satchel.outgoing.failures import NoResponseError
from satchel.outgoing.recording import Exchange

CHUNK_BYTES: Final = 64 << 10


class StreamedResponse:
    """The status and headers of a response, and its body in chunks. Header names are lowercase."""

    def __init__(
        self,
        response: urllib3.BaseHTTPResponse,
        exchange: Exchange,
        origin: str,
        most_bytes: int,
        deadline: Deadline,
    ) -> None:
        self.status = response.status
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}
        self._response = response
        self._exchange = exchange
        self._origin = origin
        self._most_bytes = most_bytes
        self._deadline = deadline

    def chunks(self) -> Iterator[bytes]:
        """Yield the body as it arrives, at least one byte at a time. Read it inside the block of the stream.

        Raise NoResponseError if the time is over or the connection breaks off, UnreachableError if the body exceeds
        the request's limit.
        """
        while chunk := self._response.read1(CHUNK_BYTES):
            self._exchange.received_bytes += len(chunk)
            if self._exchange.received_bytes > self._most_bytes:
                raise UnreachableError(
                    f"the response from {self._origin!r} exceeds the limit of {self._most_bytes} bytes",
                    hint="check the address",
                )
            yield chunk
        if self._deadline.is_over:  # a body without a length ends where it was cut
            raise too_late(self._origin)

    def body(self, most_bytes: int) -> bytes:
        """Return up to `most_bytes` of the body, such as the document of an error. Errors are those of `chunks`."""
        body = bytearray()
        for chunk in self.chunks():
            body += chunk
            if len(body) >= most_bytes:
                break
        return bytes(body[:most_bytes])


def too_late(origin: str) -> NoResponseError:
    """Return the error of an answer that is not complete when its time is over."""
    return NoResponseError(
        f"the answer of the server at {origin!r} takes too long",
        hint="ask for less, or try again later",
        was_sent=True,
    )
