"""Copies of removed Pieces on this device: previous stores that restores kept, texts of unsaved edits, index words."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from satchel.cli.edits import EDITS, erase_edits
from satchel.errors import NotFoundError, SatchelError
from satchel.index import Index
from satchel.store import STORE_FILE, Store

PREVIOUS_STORES: Final = f"{STORE_FILE}.before-restore-*"


@dataclass(frozen=True, slots=True)
class Copies:
    """What became of the copies: `erased` are the files that held some, `left` those that still do, with the reason."""

    erased: tuple[Path, ...]
    left: tuple[tuple[Path, str], ...]


def previous_stores(home: Path) -> list[Path]:
    """Return the stores that restores kept, the one kept last first."""
    if not any(home.glob(PREVIOUS_STORES)):
        return []
    # Backups cost over 20 ms, and most homes have no previous store.
    from satchel.backup.local import previous_stores as kept  # noqa: PLC0415

    return kept.previous_stores(home)


def erase_copies(home: Path, piece_ids: Sequence[str]) -> Copies:
    """Erase every copy of these removed Pieces in a home."""
    erased: list[Path] = []
    left: list[tuple[Path, str]] = []
    for piece_id in piece_ids:
        try:
            erased += erase_edits(home, piece_id)
        except SatchelError as exc:
            left.append((home / EDITS, exc.message))
    for path in previous_stores(home):
        try:
            if _erase_from(path, piece_ids):
                erased.append(path)
        except SatchelError as exc:
            left.append((path, exc.message))
    return Copies(tuple(erased), tuple(left))


def drop_words(home: Path, store: Store) -> None:
    """Update the index, which drops the words of removed Pieces. Without an index, none is made."""
    if (home / "index.db").exists():
        with suppress(SatchelError), Index.open(home, store) as index:  # the next search repeats it
            index.update()


def _erase_from(path: Path, piece_ids: Sequence[str]) -> bool:
    """Remove Pieces from a previous store; return whether it held any."""
    held = False
    with Store.open(path.parent, name=path.name) as store:
        if store.read_only:
            raise SatchelError(f"{str(path)!r} is read-only")
        for piece_id in piece_ids:
            with suppress(NotFoundError):
                store.remove(piece_id)
                held = True
    return held
