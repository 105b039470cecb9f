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
    MAX_BLOCKS,
    MAX_BORROWED,
    MAX_FRAMES,
    MAX_LABEL_CHARS,
    MAX_RUNS,
    MAX_SEQUENCE,
)
from satchel.errors import IntegrityError
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


class Manifest(_Strict, frozen=True):
    """The manifest of one archive (docs/spec/archive.md, section "The manifest")."""

    format: Literal["satchel-archive/1"]
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
    borrowed: Annotated[tuple[ArchiveRef, ...], msgspec.Meta(max_length=MAX_BORROWED)]

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
    """Parse a manifest. Raise IntegrityError if its owner did not write it, or if it is inconsistent."""
    if not hmac.compare_digest(manifest_mac(raw, manifest_key), mac):
        raise IntegrityError(
            "the archive was sealed to you, but not by you: its manifest does not authenticate", hint=_HINT
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
    database, frames = manifest.database, manifest.frames
    if database.size_bytes != database.blocks * BLOCK_BYTES:
        raise _malformed("states two different lengths of the database")
    if len(frames.digests) != frame_count(frames.blocks):
        raise _malformed("lists the wrong number of frames for its blocks")
    if not is_utc(manifest.created):
        raise _malformed("has a time that is not in UTC")
    names = [manifest.archive, *(borrowed.archive for borrowed in manifest.borrowed)]
    if len(set(names)) != len(names):
        raise _malformed("names an archive twice")


def _malformed(what: str) -> IntegrityError:
    return IntegrityError(f"the manifest of the archive {what}", hint=_HINT)
