"""Reads a stream of server-sent events, as the HTML standard defines it, within bounds.

    for event in read_events(response.chunks()):
        event.name, event.data

A line ends with LF, CR or both; an event with an empty line. An event that the end cuts off is dropped. Fields that the
standard does not know are skipped; bytes that are not UTF-8 are an error.
https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from satchel.errors import UnreachableError

LINE_BYTES: Final = 256 << 10
"""Of one line: far more than a word of an answer with all that vendors add to it."""
EVENT_LINES: Final = 64
EVENTS: Final = 200_000
"""Of one answer: about one a word."""

_BOM: Final = b"\xef\xbb\xbf"


class BadStreamError(UnreachableError):
    """What arrives is no stream of events, or exceeds a limit."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"the endpoint's answer is not valid: {why}",
            hint="check the address and the protocol: satchel endpoint test",
        )


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its name, "message" unless it has one, and its data."""

    name: str
    data: str


def read_events(chunks: Iterable[bytes]) -> Iterator[Event]:
    """Yield the events of a stream. Raise BadStreamError for what is none, or exceeds a limit."""
    name, data, count = "", list[str](), 0
    for line in _lines(chunks):
        if line:
            field, _, value = line.partition(":")
            if field == "event":
                name = value.removeprefix(" ")
            elif field == "data":
                data.append(value.removeprefix(" "))
                if len(data) > EVENT_LINES:
                    raise BadStreamError(f"an event has more than {EVENT_LINES} lines")
            continue
        if data:
            count += 1
            if count > EVENTS:
                raise BadStreamError(f"it has more than {EVENTS:,} parts")
            yield Event(name or "message", "\n".join(data))
        name, data = "", []


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Yield the lines of a stream without their ends; a last one without an end is dropped."""
    begun, is_first, after_cr = bytearray(), True, False
    for chunk in chunks:
        part = chunk[1:] if after_cr and chunk.startswith(b"\n") else chunk
        after_cr = chunk.endswith(b"\r")
        *whole, rest = part.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        for line in whole:
            begun += line
            _check(begun)
            yield _text(bytes(begun).removeprefix(_BOM) if is_first else bytes(begun))
            begun.clear()
            is_first = False
        begun += rest
        _check(begun)


def _check(line: bytearray) -> None:
    if len(line) > LINE_BYTES:
        raise BadStreamError(f"a line exceeds {LINE_BYTES} bytes")


def _text(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise BadStreamError("it is not UTF-8 text") from None
