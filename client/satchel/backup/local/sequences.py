"""The backups that this home has made or restored: what reveals a replayed older backup and a fork of the store.

Each is remembered with its series, the place whose backups are numbered together: one cloud, or one file. A backup
to a file therefore never makes a cloud's latest backup look old. Unlike the known blocks this cannot be rebuilt: a
damaged record is an IntegrityError.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec

from satchel.archive.limits import MAX_SEQUENCE
from satchel.archive.manifest import ArchiveId, Digest, Manifest, Sequence
from satchel.errors import IntegrityError, NotFoundError
from satchel.local_files import translate_os_errors, write_private

FIRST_FORMAT: Final = "satchel-sequences/1"
FORMAT: Final = "satchel-sequences/2"

MAX_SEEN: Final = 256
"""Backups remembered. The newest of every cloud stay longest; an owner has few clouds and may name many files."""

MAX_RECORD_BYTES: Final = 4 * 2**20

_FILE: Final = "file:"
_CLOUD: Final = "cloud:"


class Series(msgspec.Struct, frozen=True):
    """A place whose backups are numbered together."""

    key: str
    """Identifies it in the record."""

    @property
    def place(self) -> str:
        """The address of the cloud, or the path of the file."""
        return self.key.partition(":")[2]

    @property
    def name(self) -> str:
        """Name it in a message."""
        return f"the file {self.place!r}" if self.is_file else f"the cloud {self.place}"

    @property
    def is_file(self) -> bool:
        """Whether it is a single file."""
        return self.key.startswith(_FILE)


def series_of_file(path: Path) -> Series:
    """Return the series of the backups written to one path. Bytes that are not UTF-8 are escaped."""
    return Series(_FILE + os.fsencode(path.resolve()).decode("utf-8", "backslashreplace"))


def series_of_cloud(name: str) -> Series:
    """Return the series of a destination with this name."""
    return Series(_CLOUD + name)


class Seen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A backup that this home has made or restored."""

    series: Annotated[str, msgspec.Meta(max_length=5000)]
    store: ArchiveId
    sequence: Sequence
    archive: ArchiveId
    manifest: Digest


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    highest: dict[ArchiveId, Sequence]
    """The highest sequence of each store, in any series."""
    seen: Annotated[tuple[Seen, ...], msgspec.Meta(max_length=MAX_SEEN)] = ()
    """Oldest first."""


class _FirstRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    stores: dict[ArchiveId, int]


_NOTHING: Final = _Record(FORMAT, {})


class SequenceRecord:
    """The record of one home."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def highest(self, store_id: str) -> int:
        """Return the highest sequence seen of a store, in any series; 0 if none was."""
        return self._read().highest.get(store_id, 0)

    def seen(self, store_id: str) -> tuple[Seen, ...]:
        """Return the backups seen of a store, oldest first."""
        return tuple(each for each in self._read().seen if each.store == store_id)

    def update(self, manifest: Manifest, digest: str, series: Series) -> None:
        """Record a backup that was made or restored."""
        record = self._read()
        new = Seen(series.key, manifest.store, manifest.sequence, manifest.archive, digest)
        highest = max(manifest.sequence, record.highest.get(manifest.store, 0))
        others = (each for each in record.seen if (each.series, each.archive) != (new.series, new.archive))
        changed = _Record(FORMAT, {**record.highest, manifest.store: highest}, _limited([*others, new]))
        write_private(self._path, msgspec.json.encode(changed))

    def rename(self, old: Series, new: Series) -> None:
        """Count the backups seen in one series as seen in another, for a cloud with a new address."""
        record = self._read()
        if any(each.series == old.key for each in record.seen):
            seen = [
                msgspec.structs.replace(each, series=new.key) if each.series == old.key else each
                for each in record.seen
            ]
            write_private(self._path, msgspec.json.encode(_Record(FORMAT, record.highest, _limited(seen))))

    def _read(self) -> _Record:
        try:
            with translate_os_errors(self._path):
                raw = self._path.read_bytes() if self._path.exists() else b""
            if len(raw) > MAX_RECORD_BYTES:
                raise self._damaged()
            return _decode(raw) if raw else _NOTHING
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, NotFoundError) as exc:
            raise self._damaged() from exc

    def _damaged(self) -> IntegrityError:
        return IntegrityError(
            f"the sequence record {str(self._path)!r} is damaged",
            hint="remove it; satchel cannot tell an older backup from the latest until the next backup",
        )


def _decode(raw: bytes) -> _Record:
    document: Any = msgspec.json.decode(raw)
    if isinstance(document, dict) and document.get("format") == FIRST_FORMAT:
        first = msgspec.convert(document, _FirstRecord)
        return _Record(FORMAT, {store: n for store, n in first.stores.items() if 0 < n <= MAX_SEQUENCE})
    record = msgspec.convert(document, _Record)
    if record.format != FORMAT:
        raise NotFoundError("the record has another format")
    return record


def _limited(seen: list[Seen]) -> tuple[Seen, ...]:
    """Return the backups to remember: when there are too many, the oldest that is not the newest of a cloud goes."""
    while len(seen) > MAX_SEEN:
        kept = _newest_of_clouds(seen)
        oldest = next((each for each in seen if each not in kept), seen[0])
        seen.remove(oldest)
    return tuple(seen)


def _newest_of_clouds(seen: Iterable[Seen]) -> list[Seen]:
    newest = {(each.series, each.store): each for each in seen if not each.series.startswith(_FILE)}
    return list(newest.values())
