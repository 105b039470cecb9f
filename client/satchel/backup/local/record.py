"""What this home knows about its own backups: the last one at each place, and the date of the last proof.

    record = read_record(home)
    record.last_backup()        # the newest confirmed backup, or None
    record.last_proof()         # the newest proof, or None

The record is informative and can be lost: a damaged or missing one reads as empty.
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, TypeVar

import msgspec

from satchel.archive.manifest import ArchiveId, Count, Label, Sequence
from satchel.backup.local.places import Places
from satchel.backup.local.sequences import Series
from satchel.errors import SatchelError
from satchel.local_files import MAX_PRIVATE_BYTES, read_private, write_private

FORMAT: Final = "satchel-backup-record/1"

MAX_PLACES: Final = 32
"""Places whose last backup is recorded."""

MAX_PLACE_CHARS: Final = 5000

Place = Annotated[str, msgspec.Meta(max_length=MAX_PLACE_CHARS)]


class MadeBackup(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The last backup that this home made at one place."""

    place: Place
    """The key of its series: `cloud:` and an address, or `file:` and a path."""
    archive: ArchiveId
    store: ArchiveId
    sequence: Sequence
    device: Label
    pieces: Count
    size_bytes: Count
    created: datetime
    confirmed: datetime
    """When the place had stored it."""
    expires: datetime | None
    has_memory: bool = False

    @property
    def is_in_cloud(self) -> bool:
        """Whether it is in a cloud, not in a file."""
        return not Series(self.place).is_file


class Proof(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A backup that was read and proved restorable."""

    place: Place
    archive: ArchiveId
    store: ArchiveId
    created: datetime
    """When the backup was made."""
    proven: datetime
    checked: Count
    """How many Pieces were read and checked."""
    pieces: Count
    """How many Pieces the backup holds."""
    is_whole: bool
    """Whether every byte was checked, not a sample."""


Entry = TypeVar("Entry", MadeBackup, Proof)


class BackupRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The record of one home."""

    format: str = FORMAT
    backups: Annotated[tuple[MadeBackup, ...], msgspec.Meta(max_length=MAX_PLACES)] = ()
    """One of each place, oldest first."""
    whole: Proof | None = None
    """The last proof of a whole backup."""
    sample: Proof | None = None
    """The last proof by a sample."""

    def last_backup(self) -> MadeBackup | None:
        """Return the newest confirmed backup at any place."""
        return max(reversed(self.backups), key=lambda each: each.confirmed, default=None)

    def last_proof(self) -> Proof | None:
        """Return the newest proof of either kind."""
        proofs = [proof for proof in (self.whole, self.sample) if proof is not None]
        return max(proofs, key=lambda each: each.proven, default=None)


def read_record(home: Path) -> BackupRecord:
    """Return the record of a home; an empty one if it is missing or cannot be read."""
    try:
        record = msgspec.json.decode(read_private(Places(home).record).data, type=BackupRecord)
    except (SatchelError, msgspec.MsgspecError, UnicodeDecodeError):
        return BackupRecord()
    return record if record.format == FORMAT else BackupRecord()


def record_backup(home: Path, made: MadeBackup) -> None:
    """Record a confirmed backup, in place of the earlier one at the same place."""
    record = read_record(home)
    others = [each for each in record.backups if each.place != made.place]
    _write(home, msgspec.structs.replace(record, backups=(*others, made)[-MAX_PLACES:]))


def record_proof(home: Path, proof: Proof) -> None:
    """Record a proof, in place of the earlier one of its kind."""
    record = read_record(home)
    if proof.is_whole:
        _write(home, msgspec.structs.replace(record, whole=proof))
    else:
        _write(home, msgspec.structs.replace(record, sample=proof))


def rename_place(home: Path, old: Series, new: Series) -> None:
    """Record what was made and proved at one place as made and proved at another: a cloud has a new address."""
    record = read_record(home)
    renamed = msgspec.structs.replace(
        record,
        backups=_latest_of_each_place([_at(each, old, new) for each in record.backups]),
        whole=record.whole and _at(record.whole, old, new),
        sample=record.sample and _at(record.sample, old, new),
    )
    if renamed != record:
        _write(home, renamed)


def _at(entry: Entry, old: Series, new: Series) -> Entry:
    return msgspec.structs.replace(entry, place=new.key) if entry.place == old.key else entry


def _latest_of_each_place(backups: list[MadeBackup]) -> tuple[MadeBackup, ...]:
    latest = {each.place: each for each in sorted(backups, key=lambda each: each.confirmed)}
    return tuple(each for each in backups if latest[each.place] is each)


def _write(home: Path, record: BackupRecord) -> None:
    """Write the record, without its oldest places if it would be longer than what is read."""
    while len(data := msgspec.json.encode(record)) > MAX_PRIVATE_BYTES and record.backups:
        record = msgspec.structs.replace(record, backups=record.backups[1:])
    write_private(Places(home).record, data)
