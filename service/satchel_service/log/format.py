"""The names of the log: writers and the keys of what they write.

Entries of the log as bytes: docs/spec/log.md, section 2. Strict: what decodes encodes to the same bytes.

Snapshots as bytes: docs/spec/log.md, section 3. Strict: what decodes encodes to the same bytes.
"""

import hashlib
import struct
from collections.abc import Callable
from enum import IntEnum
from typing import Final, NewType

import msgspec

from satchel_service.log.errors import DamagedLogError

WriterId = NewType("WriterId", bytes)
"""A ULID as 16 bytes: 48 bits of milliseconds since 1970, 80 random bits. Never used for a second opening."""

NOBODY: Final = WriterId(bytes(16))
"""The writer of the entry before the first."""

ENTRIES: Final = "log/"
SNAPSHOTS: Final = "snapshots/"
_DIGITS: Final = 16
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_writer(now_ms: int, entropy: Callable[[int], bytes]) -> WriterId:
    """Return a writer id that nobody has had; `entropy(n)` gives n random bytes."""
    return WriterId((now_ms & (1 << 48) - 1).to_bytes(6, "big") + entropy(10))


def writer_text(writer: WriterId) -> str:
    """Return the usual 26 characters of a ULID, for people."""
    number = int.from_bytes(writer, "big")
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def entry_key(sequence: int) -> str:
    """Return the key of the entry with that sequence number; the first is 1."""
    return f"{ENTRIES}{sequence:0{_DIGITS}d}"


def snapshot_key(sequence: int) -> str:
    """Return the key of the snapshot of the database as it is after that entry."""
    return f"{SNAPSHOTS}{sequence:0{_DIGITS}d}"


def sequence_of(key: str) -> int | None:
    """Return the sequence number in a key of the log; None for what the log did not write."""
    digits = key.rpartition("/")[2]
    return int(digits) if len(digits) == _DIGITS and digits.isascii() and digits.isdecimal() else None


ENTRY_MAGIC: Final = b"satlog\x00\x01"
DIGEST_BYTES: Final = 32
GENESIS: Final = bytes(DIGEST_BYTES)
"""The digest of the entry before the first."""

_ENTRY_HEAD: Final = struct.Struct(">8sBQ16s32sQII")
_LENGTH: Final = struct.Struct(">I")
_SMALLEST: Final = _ENTRY_HEAD.size + DIGEST_BYTES


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
            _ENTRY_HEAD.pack(
                ENTRY_MAGIC,
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


def decode_entry(data: bytes) -> Entry:
    """Return the entry; anything but exact bytes is a DamagedLogError."""
    if len(data) < _SMALLEST or hashlib.sha256(memoryview(data)[:-DIGEST_BYTES]).digest() != digest_of(data):
        raise DamagedLogError("an entry is cut short or damaged")
    magic, kind, sequence, writer, previous, time_ms, schema, count = _ENTRY_HEAD.unpack_from(data)
    if magic != ENTRY_MAGIC or kind not in _KINDS:
        raise DamagedLogError("an entry has a format that this version does not know")
    payloads = _payloads(data, count)
    return Entry(_KINDS[kind], sequence, WriterId(writer), previous, time_ms, schema, payloads)


_KINDS: Final = {int(kind): kind for kind in Kind}


def _payloads(data: bytes, count: int) -> tuple[bytes, ...]:
    payloads = []
    at, end = _ENTRY_HEAD.size, len(data) - DIGEST_BYTES
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


SNAPSHOT_MAGIC: Final = b"satsnap\x01"
_SNAPSHOT_HEAD: Final = struct.Struct(">8sQ32s16sIQQIIQ")
_SEQUENCE: Final = struct.Struct(">Q")
_FIRST: Final = struct.Struct(">Q16s")


class Snapshot(msgspec.Struct, frozen=True):
    """The database after entry `sequence`, and what its writer knew of the log behind it.

    `digest` and `writer` are those of that entry. Entries up to `truncated` are gone. `chain` names the earlier
    snapshots that were found whole and are still kept, ascending; `firsts` the first entry of each writer since
    `truncated`. `image` is opaque here.
    """

    sequence: int
    digest: bytes
    writer: WriterId
    schema: int
    time_ms: int
    truncated: int
    chain: tuple[int, ...]
    firsts: tuple[tuple[int, WriterId], ...]
    image: bytes

    def encode(self) -> bytes:
        """Return the object's bytes; the last 32 are the digest of those before."""
        head = _SNAPSHOT_HEAD.pack(
            SNAPSHOT_MAGIC,
            self.sequence,
            self.digest,
            self.writer,
            self.schema,
            self.time_ms,
            self.truncated,
            len(self.chain),
            len(self.firsts),
            len(self.image),
        )
        chain = b"".join(_SEQUENCE.pack(sequence) for sequence in self.chain)
        firsts = b"".join(_FIRST.pack(*first) for first in self.firsts)
        parts = (head, chain, firsts, self.image)
        digest = hashlib.sha256()
        for part in parts:  # joined once, with the digest: the image may be large
            digest.update(part)
        return b"".join((*parts, digest.digest()))


def decode_snapshot(data: bytes) -> Snapshot:
    """Return the snapshot; anything but exact bytes is a DamagedLogError."""
    end = len(data) - DIGEST_BYTES
    if end < _SNAPSHOT_HEAD.size or hashlib.sha256(memoryview(data)[:end]).digest() != data[end:]:
        raise DamagedLogError("a snapshot is cut short or damaged")
    magic, sequence, digest, writer, schema, time_ms, truncated, chained, firsts, length = (
        _SNAPSHOT_HEAD.unpack_from(data)
    )
    if magic != SNAPSHOT_MAGIC:
        raise DamagedLogError("a snapshot has a format that this version does not know")
    at_firsts = _SNAPSHOT_HEAD.size + chained * _SEQUENCE.size
    at_image = at_firsts + firsts * _FIRST.size
    if at_image + length != end:
        raise DamagedLogError("a snapshot does not hold what it says")
    return Snapshot(
        sequence,
        digest,
        WriterId(writer),
        schema,
        time_ms,
        truncated,
        tuple(number for (number,) in _SEQUENCE.iter_unpack(data[_SNAPSHOT_HEAD.size : at_firsts])),
        tuple((number, WriterId(who)) for number, who in _FIRST.iter_unpack(data[at_firsts:at_image])),
        data[at_image:end],
    )
