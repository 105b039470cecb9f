"""Snapshots as bytes: docs/spec/log.md, section 3. Strict: what decodes encodes to the same bytes."""

import hashlib
import struct
from typing import Final

import msgspec

from satchel_service.log.entry import DIGEST_BYTES
from satchel_service.log.errors import DamagedLogError
from satchel_service.log.names import WriterId

MAGIC: Final = b"satsnap\x01"
_HEAD: Final = struct.Struct(">8sQ32s16sIQQIIQ")
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
        head = _HEAD.pack(
            MAGIC,
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


def decode(data: bytes) -> Snapshot:
    """Return the snapshot; anything but exact bytes is a DamagedLogError."""
    end = len(data) - DIGEST_BYTES
    if end < _HEAD.size or hashlib.sha256(memoryview(data)[:end]).digest() != data[end:]:
        raise DamagedLogError("a snapshot is cut short or damaged")
    magic, sequence, digest, writer, schema, time_ms, truncated, chained, firsts, length = _HEAD.unpack_from(
        data
    )
    if magic != MAGIC:
        raise DamagedLogError("a snapshot has a format that this version does not know")
    at_firsts = _HEAD.size + chained * _SEQUENCE.size
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
        tuple(number for (number,) in _SEQUENCE.iter_unpack(data[_HEAD.size : at_firsts])),
        tuple((number, WriterId(who)) for number, who in _FIRST.iter_unpack(data[at_firsts:at_image])),
        data[at_image:end],
    )
