"""The last backup that this device made at each destination: `backups/last.json` in the home.

`status` reads it without asking anyone. It can be lost: then `status` knows only what the cloud says.
"""

import datetime as dt
from pathlib import Path
from typing import Final, Literal

import msgspec

from satchel.errors import NotFoundError, RefusedError
from satchel.local_files import read_private, write_private

FORMAT: Final = "satchel-last-backups/1"
MAX_DESTINATIONS: Final = 10  # the newest are kept; paths may be long, and a private file is small


class LastBackup(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A backup that this device made. `destination` is the address of a cloud or the path of a file."""

    kind: Literal["cloud", "file"]
    destination: str
    id: str
    created: dt.datetime
    expires: dt.datetime | None = None
    pieces: int


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: Literal["satchel-last-backups/1"]
    backups: tuple[LastBackup, ...]


def read_last_backups(home: Path) -> tuple[LastBackup, ...]:
    """Return the last backup at each destination, newest first; none if the record is unusable."""
    try:
        record = msgspec.json.decode(read_private(_path(home)).data, type=_Record)
    except (NotFoundError, RefusedError, msgspec.MsgspecError, UnicodeDecodeError):
        return ()
    aware = [backup for backup in record.backups if backup.created.tzinfo is not None]
    return tuple(sorted(aware, key=lambda backup: backup.created, reverse=True))


def record_last_backup(home: Path, backup: LastBackup) -> None:
    """Record a backup in place of the previous one at its destination."""
    others = [each for each in read_last_backups(home) if each.destination != backup.destination]
    kept = (backup, *others[: MAX_DESTINATIONS - 1])
    write_private(_path(home), msgspec.json.encode(_Record(FORMAT, kept)))


def _path(home: Path) -> Path:
    return home / "backups" / "last.json"
