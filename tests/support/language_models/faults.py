"""What can go wrong with an answer: errors of the vendor, and streams that break off, stall or lie."""

import json
import socket
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tests.support.language_models.flavours import Flavour

# The handler of the server, which must not be imported here.
Handler = Any
PATIENT_S: Final = 20.0


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong: instead of the answer (`before`), or to its events (`within`)."""

    name: str
    before: "Callable[[Handler, Flavour], None] | None" = None
    within: Callable[[Handler, Iterator[bytes]], Iterator[bytes]] | None = None


def refuses(kind: str, headers: Mapping[str, str] | None = None, what: str = "") -> Fault:
    """Return the fault of an error that the vendor documents."""

    def answer(_handler: Handler, flavour: "Flavour") -> None:
        raise flavour.refusal(kind, what, headers)

    return Fault(kind, before=answer)


def answers(status: int, body: bytes, content_type: str = "application/json", **headers: str) -> Fault:
    """Return the fault of any answer at all."""

    def answer(handler: Handler, _flavour: "Flavour") -> None:
        handler.send_document(status, body, {"Content-Type": content_type, **headers})

    return Fault(f"HTTP {status}", before=answer)


def redirects(target: str) -> Fault:
    """Return the fault of a redirect."""
    return answers(307, b"", Location=target)


def _numbered(handler: Handler, events: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield events, and whether one has the third part of the answer in it."""
    left = [json.dumps(part).encode() for part in handler.models.parts[:3]]
    for event in events:
        if left and left[0] in event:
            left.pop(0)
            yield event, not left
        else:
            yield event, False


def _cut(handler: Handler, events: Iterator[bytes]) -> Iterator[bytes]:
    for event, is_third in _numbered(handler, events):
        if is_third:
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
        yield event


def _reset(handler: Handler, events: Iterator[bytes]) -> Iterator[bytes]:
    for event, is_third in _numbered(handler, events):
        if is_third:
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            for each in (handler.wfile, handler.rfile, handler.connection):
                each.close()
            raise ConnectionResetError
        yield event


def _cut_in_an_event(handler: Handler, events: Iterator[bytes]) -> Iterator[bytes]:
    for event, is_third in _numbered(handler, events):
        if is_third:
            yield event[: len(event) // 2]
            return
        yield event


def _ends_early(handler: Handler, events: Iterator[bytes]) -> Iterator[bytes]:
    for event, is_third in _numbered(handler, events):
        if is_third:
            return
        yield event


def _stalls(handler: Handler, events: Iterator[bytes]) -> Iterator[bytes]:
    for event, is_third in _numbered(handler, events):
        if is_third:
            handler.wait(PATIENT_S)
            return
        yield event


def _drips(handler: Handler, events: Iterator[bytes]) -> Iterator[bytes]:
    yield from list(events)[:2]
    while not handler.wait(0.01):
        yield b": keep-alive\n\n"


def _never_ends(handler: Handler, events: Iterator[bytes]) -> Iterator[bytes]:
    first = list(events)[:-2]
    while not handler.wait(0):
        yield b"".join(first)


def _has_a_long_line(handler: Handler, events: Iterator[bytes]) -> Iterator[bytes]:
    yield from list(events)[:3]
    for _ in range(32):
        if handler.wait(0):
            return
        yield b"x" * (64 << 10)


def _one_byte_at_a_time(handler: Handler, events: Iterator[bytes]) -> Iterator[bytes]:
    del handler
    for event in events:
        for at in range(len(event)):
            yield event[at : at + 1]


def _reports_an_error(handler: Handler, events: Iterator[bytes]) -> Iterator[bytes]:
    _status, document = handler.models.flavour.errors["overloaded"]("")
    for event, is_third in _numbered(handler, events):
        if is_third:
            name = "event: error\n" if handler.models.protocol == "anthropic" else ""
            yield f"{name}data: {json.dumps(document)}\n\n".encode()
            return
        yield event


def _raw(name: str, *data: bytes) -> Fault:
    def within(_handler: Handler, events: Iterator[bytes]) -> Iterator[bytes]:
        del events
        yield from data

    return Fault(name, within=within)


def _not_a_stream(handler: Handler, _flavour: "Flavour") -> None:
    handler.send_document(200, {"object": "chat.completion", "choices": []})


def _hangs_up(handler: Handler, _flavour: "Flavour") -> None:
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def _silent(handler: Handler, _flavour: "Flavour") -> None:
    handler.wait(PATIENT_S)


FAULTS: Final[Mapping[str, Fault]] = {
    fault.name: fault
    for fault in (
        Fault("cut", within=_cut),
        Fault("reset", within=_reset),
        Fault("cut in an event", within=_cut_in_an_event),
        Fault("ends early", within=_ends_early),
        Fault("stalls", within=_stalls),
        Fault("drips", within=_drips),
        Fault("never ends", within=_never_ends),
        Fault("has a long line", within=_has_a_long_line),
        Fault("one byte at a time", within=_one_byte_at_a_time),
        Fault("reports an error", within=_reports_an_error),
        Fault("is no stream", before=_not_a_stream),
        Fault("hangs up", before=_hangs_up),
        Fault("is silent", before=_silent),
        _raw("is empty", b"\n"),
        _raw("is not UTF-8", b"data: \xff\xfe\n\n"),
        _raw("is not JSON", b"data: {nonsense\n\n"),
        _raw("is deeply nested", b"data: " + b"[" * 100_000 + b"\n\n"),
        _raw("is another document", b'data: {"choices": "none"}\n\n', b'data: {"type": 7}\n\n'),
        _raw("has a long event", *[b"data: x\n"] * 100, b"\n"),
    )
}
