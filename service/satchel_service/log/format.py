"""The objects of the log as bytes: keys, entries and snapshots (docs/spec/log.md, sections 1 to 3).

Decoding is strict: a decoded object encodes to the same bytes again.
"""

import hashlib
import struct
from collections.abc import Callable
from enum import IntEnum
from typing import Final, NewType

import msgspec

from satchel_service.log.errors import DamagedLogError

WriterId = NewType("WriterId", bytes)
"""A ULID as 16 bytes: 48 bits of milliseconds since 1970, 80 random bits. Each opening of the log draws its own."""

NO_WRITER: Final = WriterId(bytes(16))
"""The writer before the first entry."""

DIGEST_BYTES: Final = 32
GENESIS: Final = bytes(DIGEST_BYTES)
"""The digest before the first entry."""

ENTRY_PREFIX: Final = "log/"
SNAPSHOT_PREFIX: Final = "snapshots/"
ENTRY_MAGIC: Final = b"satlog\x00"  # then the version that introduced the entry's kind, one byte
SNAPSHOT_MAGIC: Final = b"satsnap\x01"

_DIGITS: Final = 16
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ENTRY_HEAD: Final = struct.Struct(">8sBQ16s32sQII")
_LENGTH: Final = struct.Struct(">I")
_MIN_ENTRY_BYTES: Final = _ENTRY_HEAD.size + DIGEST_BYTES
_SNAPSHOT_HEAD: Final = struct.Struct(">8sQ32s16sIQQIIQ")
_SEQUENCE: Final = struct.Struct(">Q")
_FIRST: Final = struct.Struct(">Q16s")


def new_writer_id(now_ms: int, entropy: Callable[[int], bytes]) -> WriterId:
    """Return a unique writer id. `now_ms` is milliseconds since 1970; `entropy(n)` returns n random bytes."""
    return WriterId((now_ms & (1 << 48) - 1).to_bytes(6, "big") + entropy(10))


def writer_text(writer: WriterId) -> str:
    """Return a writer id in the usual 26 characters of a ULID."""
    number = int.from_bytes(writer, "big")
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def entry_key(sequence: int) -> str:
    """Return the key of an entry; the first sequence number is 1."""
    return f"{ENTRY_PREFIX}{sequence:0{_DIGITS}d}"


def snapshot_key(sequence: int) -> str:
    """Return the key of the snapshot of the database after an entry."""
    return f"{SNAPSHOT_PREFIX}{sequence:0{_DIGITS}d}"


def sequence_of(key: str) -> int | None:
    """Return the sequence number in a key, or None if the log did not write the key."""
    digits = key.rpartition("/")[2]
    return int(digits) if len(digits) == _DIGITS and digits.isascii() and digits.isdecimal() else None


class Kind(IntEnum):
    """The kinds of entries."""

    CHANGES = 1
    """The changesets of one or more transactions, in commit order."""
    IMAGE = 2
    """The whole database, with a new schema from here on. Logs a migration."""
    EMPTIED = 3
    """The first entry of a writer after truncation; it keeps the key taken forever."""
    CLOSING = 4
    """The cloud has left this store: the log takes no further change. `log.handover` describes its payloads."""
    AWAITING = 5
    """This store is reserved for a cloud that is being moved here."""
    OPENING = 6
    """The cloud continues here. It names the closing entry of the log where the cloud was before."""

    @property
    def version(self) -> int:
        """The version of this format that introduced the kind."""
        return 2 if self >= Kind.CLOSING else 1


_KINDS: Final = {(ENTRY_MAGIC + bytes([kind.version]), int(kind)): kind for kind in Kind}


class Entry(msgspec.Struct, frozen=True):
    """An object under `log/`. `previous` is the digest of the previous entry; `time_ms` is by the writer's clock."""

    kind: Kind
    sequence: int
    writer: WriterId
    previous: bytes
    time_ms: int
    schema: int
    payloads: tuple[bytes, ...]

    def encode(self) -> bytes:
        """Return the bytes of the object; the last 32 are the digest of all preceding ones."""
        parts = [
            _ENTRY_HEAD.pack(
                ENTRY_MAGIC + bytes([self.kind.version]),
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


def emptied_entry(sequence: int, writer: WriterId) -> Entry:
    """Return the entry that replaces a writer's first entry when it is truncated."""
    return Entry(Kind.EMPTIED, sequence, writer, GENESIS, 0, 0, ())


def digest_of(data: bytes) -> bytes:
    """Return the digest at the end of an encoded entry."""
    return data[-DIGEST_BYTES:]


def decode_entry(data: bytes) -> Entry:
    """Decode an entry. Raise DamagedLogError unless every byte is as specified."""
    if len(data) < _MIN_ENTRY_BYTES or hashlib.sha256(memoryview(data)[:-DIGEST_BYTES]).digest() != digest_of(
        data
    ):
        raise DamagedLogError("an entry is truncated or damaged")
    magic, kind, sequence, writer, previous, time_ms, schema, count = _ENTRY_HEAD.unpack_from(data)
    known = _KINDS.get((magic, kind))
    if known is None:
        raise DamagedLogError(
            "an entry has an unknown format or kind", hint="a newer satchel-service wrote it: update this one"
        )
    payloads = _payloads(data, count)
    return Entry(known, sequence, WriterId(writer), previous, time_ms, schema, payloads)


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
        raise DamagedLogError("the length of an entry differs from the sum of its fields")
    return tuple(payloads)


class Snapshot(msgspec.Struct, frozen=True):
    """The database after entry `sequence`, with its writer's knowledge of the log up to there.

    `digest`, `writer`, `schema` and `time_ms` are those of that entry. Entries up to `truncated` are deleted or
    emptied. `chain` lists earlier snapshots that were verified and not deleted, ascending; `firsts` lists the
    first entry of each writer after `truncated`. `image` is the database file.
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
        """Return the bytes of the object; the last 32 are the digest of all preceding ones."""
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
        for part in parts:  # the parts are joined only once because the image can be large
            digest.update(part)
        return b"".join((*parts, digest.digest()))


def decode_snapshot(data: bytes) -> Snapshot:
    """Decode a snapshot. Raise DamagedLogError unless every byte is as specified."""
    end = len(data) - DIGEST_BYTES
    if end < _SNAPSHOT_HEAD.size or hashlib.sha256(memoryview(data)[:end]).digest() != data[end:]:
        raise DamagedLogError("a snapshot is truncated or damaged")
    magic, sequence, digest, writer, schema, time_ms, truncated, chain_count, firsts_count, image_bytes = (
        _SNAPSHOT_HEAD.unpack_from(data)
    )
    if magic != SNAPSHOT_MAGIC:
        raise DamagedLogError("a snapshot has an unknown format")
    at_firsts = _SNAPSHOT_HEAD.size + chain_count * _SEQUENCE.size
    at_image = at_firsts + firsts_count * _FIRST.size
    if at_image + image_bytes != end:
        raise DamagedLogError("the length of a snapshot differs from the sum of its fields")
    return Snapshot(
        sequence,
        digest,
        WriterId(writer),
        schema,
        time_ms,
        truncated,
        tuple(number for (number,) in _SEQUENCE.iter_unpack(data[_SNAPSHOT_HEAD.size : at_firsts])),
        tuple((number, WriterId(first)) for number, first in _FIRST.iter_unpack(data[at_firsts:at_image])),
        data[at_image:end],
    )
