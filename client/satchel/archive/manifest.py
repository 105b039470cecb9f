"""The manifest: the identity of an archive, and the digests of everything else in it.

age keeps an archive secret, but anyone can seal one to its owner. A MAC over the manifest's exact bytes, under a key
that only the owner can derive, proves that the owner wrote it; the manifest is parsed only if the MAC is valid. It
is strict JSON: a manifest that re-encodes to different bytes is an error.
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal

import msgspec

from satchel.archive.frames import frame_count
from satchel.archive.limits import (
    BLOCK_BYTES,
    FORMAT,
    MAX_BLOCKS,
    MAX_BORROWED,
    MAX_FRAMES,
    MAX_LABEL_CHARS,
    MAX_RUNS,
    MAX_SEQUENCE,
    SECOND_FORMAT,
)
from satchel.errors import IntegrityError, SatchelError
from satchel.formats import MAX_QUOTED_CHARS, newer_format
from satchel.keys.secret import ManifestKey

ArchiveId = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")]
Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
Blocks = Annotated[int, msgspec.Meta(ge=1, le=MAX_BLOCKS)]
Label = Annotated[str, msgspec.Meta(max_length=MAX_LABEL_CHARS)]
Sequence = Annotated[int, msgspec.Meta(ge=1, le=MAX_SEQUENCE)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]

_HINT: Final = "restore from another backup: satchel backups"


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fields in the order in which they are written. All are required, and unknown ones are an error."""


class ArchiveRef(_Strict, frozen=True):
    """Another archive, by its id and the SHA-256 of its manifest's exact bytes."""

    archive: ArchiveId
    manifest: Digest


class DatabaseFacts(_Strict, frozen=True):
    """The database that a restore must produce."""

    size_bytes: Count
    block_bytes: Literal[4096]
    blocks: Blocks
    root: Digest


class FrameFacts(_Strict, frozen=True):
    """The number of own blocks, and the keyed digest of each frame before compression."""

    blocks: Annotated[int, msgspec.Meta(ge=0, le=MAX_BLOCKS)]
    digests: Annotated[tuple[Digest, ...], msgspec.Meta(max_length=MAX_FRAMES)]


class MapFacts(_Strict, frozen=True):
    """The number of runs in the block map, and the keyed digest of its records."""

    runs: Annotated[int, msgspec.Meta(ge=1, le=MAX_RUNS)]
    digest: Digest


class MemoryFacts(_Strict, frozen=True):
    """The memory that a restore must produce, if it is asked to: as the fields of the store, with its own version."""

    schema: Count
    events: Count
    database: DatabaseFacts
    frames: FrameFacts
    map: MapFacts


class Manifest(_Strict, frozen=True, kw_only=True):
    """The manifest of one archive (docs/spec/archive.md, section "The manifest").

    `memory` is left out in version 1, and null in an archive of version 2 that has none.
    """

    format: Literal["satchel-archive/1", "satchel-archive/2"]
    archive: ArchiveId
    store: ArchiveId
    sequence: Sequence
    created: datetime
    device: Label
    satchel: Annotated[str, msgspec.Meta(max_length=40)]
    schema: Count
    pieces: Count
    previous: ArchiveRef | None
    database: DatabaseFacts
    frames: FrameFacts
    map: MapFacts
    memory: MemoryFacts | msgspec.UnsetType | None = msgspec.UNSET
    borrowed: Annotated[tuple[ArchiveRef, ...], msgspec.Meta(max_length=MAX_BORROWED)]

    @property
    def memory_facts(self) -> MemoryFacts | None:
        """The memory in the archive, if it has one."""
        return None if self.memory is msgspec.UNSET else self.memory

    @property
    def is_second(self) -> bool:
        """Whether it is of version 2."""
        return self.format == SECOND_FORMAT

    def of_memory(self) -> "Manifest":
        """Return the manifest as if the memory were the only database; one without blocks if there is none."""
        found = self.memory_facts
        if found is None:
            return msgspec.structs.replace(self, frames=FrameFacts(blocks=0, digests=()))
        return msgspec.structs.replace(self, database=found.database, frames=found.frames, map=found.map)

    def to_bytes(self) -> bytes:
        """Encode it: compact JSON in UTF-8, fields in order."""
        return msgspec.json.encode(self)


class SignedManifest(msgspec.Struct, frozen=True):
    """An authenticated manifest, with the digest by which other archives refer to it."""

    manifest: Manifest
    digest: str


def manifest_mac(raw: bytes, manifest_key: ManifestKey) -> bytes:
    """Return the MAC of a manifest's exact bytes in hex, as the archive holds it."""
    return hmac.new(manifest_key, raw, hashlib.sha256).hexdigest().encode("ascii")


def manifest_digest(raw: bytes) -> str:
    """Return the digest by which other archives refer to a manifest."""
    return hashlib.sha256(raw).hexdigest()


def open_manifest(raw: bytes, mac: bytes, manifest_key: ManifestKey) -> SignedManifest:
    """Parse a manifest. Raise IntegrityError if its owner did not write it, or if it is inconsistent.

    SatchelError if a newer satchel wrote it.
    """
    if not hmac.compare_digest(manifest_mac(raw, manifest_key), mac):
        raise IntegrityError(
            "the archive was sealed to you, but not by you: its manifest does not authenticate", hint=_HINT
        )
    newer = newer_format(raw, (FORMAT, SECOND_FORMAT))
    if newer is not None:
        raise SatchelError(
            f"the archive has the format {newer[:MAX_QUOTED_CHARS]!r}, which is newer than this version of satchel",
            hint="update satchel",
        )
    try:
        manifest = msgspec.json.decode(raw, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
        raise _malformed("does not follow the format") from exc
    if manifest.to_bytes() != raw:
        raise _malformed("is not encoded as the format requires")
    _check(manifest)
    return SignedManifest(manifest, manifest_digest(raw))


def is_utc(moment: datetime) -> bool:
    """Return whether a time is aware and in UTC."""
    return moment.utcoffset() == timedelta()


def _check(manifest: Manifest) -> None:
    if manifest.is_second == (manifest.memory is msgspec.UNSET):
        raise _malformed("names a memory in a version that has none, or leaves it out")
    memory = manifest.memory_facts
    for part in (manifest, memory) if memory else (manifest,):
        if part.database.size_bytes != part.database.blocks * BLOCK_BYTES:
            raise _malformed("states two different lengths of the database")
        if len(part.frames.digests) != frame_count(part.frames.blocks):
            raise _malformed("lists the wrong number of frames for its blocks")
    if memory and manifest.database.blocks + memory.database.blocks > MAX_BLOCKS:
        raise _malformed("states more blocks than an archive can have")
    if not is_utc(manifest.created):
        raise _malformed("has a time that is not in UTC")
    names = [manifest.archive, *(borrowed.archive for borrowed in manifest.borrowed)]
    if len(set(names)) != len(names):
        raise _malformed("names an archive twice")


def _malformed(what: str) -> IntegrityError:
    return IntegrityError(f"the manifest of the archive {what}", hint=_HINT)
