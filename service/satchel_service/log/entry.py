"""Entries of the log as bytes: docs/spec/log.md, section 2. Strict: what decodes encodes to the same bytes."""

import hashlib
import struct
from enum import IntEnum
from typing import Final

import msgspec

from satchel_service.log.errors import DamagedLogError
from satchel_service.log.names import WriterId

MAGIC: Final = b"satlog\x00\x01"
DIGEST_BYTES: Final = 32
GENESIS: Final = bytes(DIGEST_BYTES)
"""The digest of the entry before the first."""

_HEAD: Final = struct.Struct(">8sBQ16s32sQII")
_LENGTH: Final = struct.Struct(">I")
_SMALLEST: Final = _HEAD.size + DIGEST_BYTES


class Kind(IntEnum):
    """What an entry is for."""

    CHANGES = 1
    """The changesets of one or more transactions, in the order they committed."""
    IMAGE = 2
    """The whole database, from here on with another schema: how a migration is logged."""
    EMPTIED = 3
    """A writer's first entry after its contents were truncated; keeps the key taken for ever."""


class Entry(msgspec.Struct, frozen=True):
    """One object under `log/`. `time_ms` is the writer's clock; `previous` the digest of the entry before."""

    kind: Kind
    sequence: int
    writer: WriterId
    previous: bytes
    time_ms: int
    schema: int
    payloads: tuple[bytes, ...]

    def encode(self) -> bytes:
        """Return the object's bytes; the last 32 are the digest of those before."""
        parts = [
            _HEAD.pack(
                MAGIC,
                self.kind,
                self.sequence,
                self.writer,
                self.previous,
                self.time_ms,
                self.schema,
                len(self.payloads),
            )
        ]
        for payload in self.payloads:
            parts += (_LENGTH.pack(len(payload)), payload)
        body = b"".join(parts)
        return body + hashlib.sha256(body).digest()


def emptied(sequence: int, writer: WriterId) -> Entry:
    """Return what stays of a writer's first entry."""
    return Entry(Kind.EMPTIED, sequence, writer, GENESIS, 0, 0, ())


def digest_of(data: bytes) -> bytes:
    """Return the digest that an encoded entry ends with."""
    return data[-DIGEST_BYTES:]


def decode(data: bytes) -> Entry:
    """Return the entry; anything but exact bytes is a DamagedLogError."""
    if len(data) < _SMALLEST or hashlib.sha256(memoryview(data)[:-DIGEST_BYTES]).digest() != digest_of(data):
        raise DamagedLogError("an entry is cut short or damaged")
    magic, kind, sequence, writer, previous, time_ms, schema, count = _HEAD.unpack_from(data)
    if magic != MAGIC or kind not in _KINDS:
        raise DamagedLogError("an entry has a format that this version does not know")
    payloads = _payloads(data, count)
    return Entry(_KINDS[kind], sequence, WriterId(writer), previous, time_ms, schema, payloads)


_KINDS: Final = {int(kind): kind for kind in Kind}


def _payloads(data: bytes, count: int) -> tuple[bytes, ...]:
    payloads = []
    at, end = _HEAD.size, len(data) - DIGEST_BYTES
    for _ in range(count):
        if at + _LENGTH.size > end:
            break
        (length,) = _LENGTH.unpack_from(data, at)
        at += _LENGTH.size
        payloads.append(data[at : min(at + length, end)])
        at += length
    if at != end or len(payloads) != count:
        raise DamagedLogError("an entry does not hold what it says")
    return tuple(payloads)
