"""Copies of removed Pieces on this device: files of backups and restores, texts of unsaved edits, index words."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from satchel.cli.edits import EDITS, erase_edits
from satchel.errors import SatchelError
from satchel.index import Index
from satchel.store import STORE_FILE, Store

_OF_BACKUPS: Final = (f"{STORE_FILE}.before-restore-*", "outbox/*", "backups/work/*")
"""What backups and restores may leave in a home."""


@dataclass(frozen=True, slots=True)
class Copies:
    """What became of the copies: `erased` are the files that held some, `left` those that still do, with the reason."""

    erased: tuple[Path, ...]
    left: tuple[tuple[Path, str], ...]


def erase_copies(home: Path, piece_ids: Sequence[str]) -> Copies:
    """Erase every copy of these removed Pieces in a home."""
    erased: list[Path] = []
    left: list[tuple[Path, str]] = []
    for piece_id in piece_ids:
        try:
            erased += erase_edits(home, piece_id)
        except SatchelError as exc:
            left.append((home / EDITS, exc.message))
    if any(path for pattern in _OF_BACKUPS for path in home.glob(pattern)):
        _erase_of_backups(home, piece_ids, erased, left)
    return Copies(tuple(erased), tuple(left))


def drop_words(home: Path, store: Store) -> None:
    """Update the index, which drops the words of removed Pieces. Without an index, none is made."""
    if (home / "index.db").exists():
        with suppress(SatchelError), Index.open(home, store) as index:  # the next search repeats it
            index.update()


def _erase_of_backups(
    home: Path, piece_ids: Sequence[str], erased: list[Path], left: list[tuple[Path, str]]
) -> None:
    # Backups cost over 20 ms, and most homes have no such file.
    from satchel.backup.copies import copies_of, erase  # noqa: PLC0415

    found = [copy.path for copy in copies_of(home, piece_ids)]
    try:
        remaining = {copy.path for copy in erase(home, piece_ids)}
    except SatchelError as exc:
        left += [(path, exc.message) for path in found]
        return
    erased += [path for path in found if path not in remaining]
    left += [(path, "it cannot be read or changed") for path in remaining]
