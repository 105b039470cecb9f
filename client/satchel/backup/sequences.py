"""The highest sequence that this home has seen of each store: what a replayed archive is measured by.

Unlike the names of blocks this is not a shortcut: a damaged record is an error, not a fresh start.
"""

from pathlib import Path
from typing import Annotated, Final

import msgspec

from satchel.archive.manifest import ArchiveId, Sequence
from satchel.backup.durable import make_directory, translating, write_durably
from satchel.errors import IntegrityError

_FORMAT: Final = "satchel-sequences/1"


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    stores: dict[ArchiveId, Annotated[Sequence, "highest seen"]]


class Sequences:
    """Reads and writes the record of one home."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def highest(self, store_id: str) -> int:
        """Return the highest sequence seen of a store; 0 if none was. IntegrityError if the record is damaged."""
        return self._read().get(store_id, 0)

    def saw(self, store_id: str, sequence: int) -> None:
        """Remember a sequence, unless a higher one was seen."""
        stores = self._read()
        if sequence > stores.get(store_id, 0):
            record = _Record(_FORMAT, {**stores, store_id: sequence})
            make_directory(self._path.parent)
            write_durably(self._path, msgspec.json.encode(record))

    def _read(self) -> dict[str, int]:
        try:
            with translating(self._path):
                raw = self._path.read_bytes() if self._path.exists() else b""
            if not raw:
                return {}
            record = msgspec.json.decode(raw, type=_Record)
        except msgspec.MsgspecError as exc:
            raise self._damaged() from exc
        if record.format != _FORMAT:
            raise self._damaged()
        return record.stores

    def _damaged(self) -> IntegrityError:
        return IntegrityError(
            f"the record of the backups seen, {str(self._path)!r}, is damaged",
            hint="remove it; after that an older backup is not noticed until the next backup",
        )
