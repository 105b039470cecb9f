"""The summary stored beside an archive. `satchel backups` shows it without opening the archive.

It is sealed to the owner, and carries a MAC under the manifest key over its exact bytes, because age does not
authenticate the sealer. It holds the archive's id, so a destination cannot present it with another backup.
"""

import hashlib
import hmac
from datetime import datetime
from typing import Final, Literal

import msgspec

from satchel.archive.limits import BLOCK_BYTES
from satchel.archive.manifest import ArchiveId, Count, Label, Sequence, is_utc
from satchel.errors import IntegrityError
from satchel.keys.secret import ManifestKey

MAC_BYTES: Final = 32
STEP_BYTES: Final = 512
_CONTEXT: Final = b"satchel/v1/summary\0"
_MEMORY_BYTES: Final = 1


class Summary(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The facts about a backup that the owner sees in a list. Sizes are in bytes."""

    format: Literal["satchel-summary/1"]
    archive: ArchiveId
    store: ArchiveId
    sequence: Sequence
    created: datetime
    kind: Literal["full", "incremental"]
    device: Label
    pieces: Count
    new_bytes: Count
    """`new_bytes_of` the archive: read it as `new_data_bytes` and `has_memory`."""

    @property
    def new_data_bytes(self) -> int:
        """The new blocks, before compression."""
        return self.new_bytes - self.new_bytes % BLOCK_BYTES

    @property
    def has_memory(self) -> bool:
        """Whether the archive has a memory."""
        return self.new_bytes % BLOCK_BYTES == _MEMORY_BYTES


def new_bytes_of(blocks: int, *, has_memory: bool) -> int:
    """Return the field `new_bytes` of an archive with this number of new blocks, those of a memory included.

    One more byte stands for a memory. A field of its own, or another format, would make earlier versions refuse the
    summary (docs/adr/0025-a-byte-stands-for-the-memory.md).
    """
    return blocks * BLOCK_BYTES + (_MEMORY_BYTES if has_memory else 0)


def signed_summary(summary: Summary, manifest_key: ManifestKey) -> bytes:
    """Return a summary after its MAC, ready to be sealed. Spaces fill it, so that its length reveals no count or name."""
    raw = msgspec.json.encode(summary)
    raw = raw.ljust(-(-len(raw) // STEP_BYTES) * STEP_BYTES)
    return _mac(raw, manifest_key) + raw


def open_summary(opened: bytes, archive_id: str, manifest_key: ManifestKey) -> Summary:
    """Parse an unsealed summary. Raise IntegrityError unless the owner wrote it for this archive."""
    mac, raw = opened[:MAC_BYTES], opened[MAC_BYTES:]
    try:
        if not hmac.compare_digest(mac, _mac(raw, manifest_key)):
            raise _damaged(archive_id)
        summary = msgspec.json.decode(raw, type=Summary)
    except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
        raise _damaged(archive_id) from exc
    if summary.archive != archive_id or not is_utc(summary.created):
        raise _damaged(archive_id)
    return summary


def _mac(raw: bytes, manifest_key: ManifestKey) -> bytes:
    return hmac.new(manifest_key, _CONTEXT + raw, hashlib.sha256).digest()


def _damaged(archive_id: str) -> IntegrityError:
    return IntegrityError(
        f"the summary of backup {archive_id!r} does not authenticate",
        hint=f"check the backup itself: satchel verify {archive_id[:8]}",
    )
