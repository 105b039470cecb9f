"""The backups of other devices that were merged into this home's store, so that `satchel sync` reads each one once.

The record can be lost: merging a backup again changes nothing. It is void after a restore, which takes the store back.
"""

from pathlib import Path
from typing import Annotated, Final

import msgspec

from satchel.archive.manifest import ArchiveId, Count
from satchel.backup.local.places import Places
from satchel.errors import SatchelError
from satchel.local_files import read_private, remove, write_private

FORMAT: Final = "satchel-merged/1"

MAX_MERGED: Final = 256
"""Backups remembered: far more than the devices of an owner, of which only the newest each is merged."""


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    store: ArchiveId
    counter: Count
    """The store's change counter when a backup was merged last. A store that was taken back has a lower one."""
    archives: Annotated[tuple[ArchiveId, ...], msgspec.Meta(max_length=MAX_MERGED)]


def merged_archives(home: Path, store_id: str, counter: int) -> tuple[str, ...]:
    """Return the backups that a store with this change counter has merged; none if that is not certain."""
    try:
        record = msgspec.json.decode(read_private(Places(home).merged).data, type=_Record)
    except (SatchelError, msgspec.MsgspecError, UnicodeDecodeError):
        return ()
    is_valid = record.format == FORMAT and record.store == store_id and counter >= record.counter
    return record.archives if is_valid else ()


def record_merged(home: Path, store_id: str, counter: int, archive: str) -> None:
    """Record that a store has merged a backup."""
    archives = (*merged_archives(home, store_id, counter), archive)[-MAX_MERGED:]
    record = _Record(FORMAT, store_id, counter, archives)
    write_private(Places(home).merged, msgspec.json.encode(record))


def forget_merged(home: Path) -> None:
    """Forget what was merged, before the store is replaced."""
    remove(Places(home).merged)
