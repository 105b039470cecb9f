"""The stores and memories that restores replaced, kept as `store.db.before-restore-<time>`, and undoing a restore.

A memory that the same restore replaced has the same time: `memory.db.before-restore-<time>`. They hold what was removed
since, in plaintext, so only the last few are kept, and none for long.
"""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from satchel.errors import NotFoundError
from satchel.local_files import remove, rename, sync_directory, translate_os_errors

KEPT_STORES: Final = 3
KEPT_FOR: Final = timedelta(days=30)

_STORE: Final = "store.db"
_MEMORY: Final = "memory.db"
_KEPT: Final = ".before-restore-"
_NAME: Final = re.compile(r"(?:store|memory)\.db\.before-restore-([0-9]{8}T[0-9]{6}Z)(?:-([0-9]{1,6}))?")
_SIDECARS: Final = ("-wal", "-journal", "-shm")


def previous_stores(home: Path) -> list[Path]:
    """Return the previous stores of a home, the one kept last first."""
    return _kept_of(home / _STORE)


def previous_memories(home: Path) -> list[Path]:
    """Return the previous memories of a home, the one kept last first."""
    return _kept_of(home / _MEMORY)


def _kept_of(database: Path) -> list[Path]:
    with translate_os_errors(database.parent):
        found = database.parent.glob(f"{database.name}{_KEPT}*")
        return sorted((path for path in found if _NAME.fullmatch(path.name)), key=_order, reverse=True)


def free_name(database: Path, now: datetime) -> Path:
    """Return a name for the database that is about to be replaced. It sorts after all others, whatever the clock says."""
    stamp, number = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ"), 1
    if kept := _kept_of(database):
        last, last_number = _order(kept[0])
        if last >= stamp:
            stamp, number = last, last_number + 1
    return database.with_name(f"{database.name}{_KEPT}{stamp}" + (f"-{number}" if number > 1 else ""))


def memory_beside(kept_store: Path) -> Path:
    """Return the name of the memory that is kept with a previous store."""
    return kept_store.with_name(_MEMORY + kept_store.name.removeprefix(_STORE))


def memory_kept_with(kept_store: Path) -> Path | None:
    """Return the memory that the restore of a previous store replaced too, if there is one."""
    path = memory_beside(kept_store)
    is_kept = path.is_file() and not _is_same_file(path, kept_store.with_name(_MEMORY))
    return path if is_kept else None


def prune_previous_stores(home: Path, now: datetime) -> list[Path]:
    """Remove previous stores and memories beyond the last few, and those kept for too long; return them."""
    removed = []
    for number, path in [*enumerate(previous_stores(home)), *enumerate(previous_memories(home))]:
        with translate_os_errors(path):
            kept_since = datetime.fromtimestamp(path.stat().st_ctime, UTC)
        if number >= KEPT_STORES or now - kept_since > KEPT_FOR:
            _remove(path)
            removed.append(path)
    if removed:
        sync_directory(home)
    return removed


def store_to_bring_back(home: Path) -> Path:
    """Return the store that the last restore replaced. NotFoundError if none is kept.

    A second name of the store itself, which a killed restore leaves, is removed.
    """
    for path in previous_stores(home):
        if not _is_same_file(path, home / _STORE):
            return path
        remove(path)
    days = KEPT_FOR.days
    raise NotFoundError(
        f"no restore can be undone in {str(home)!r}",
        hint=f"the last {KEPT_STORES} replaced stores are kept, for {days} days",
    )


def bring_logs(kept: Path, store: Path) -> None:
    """Give a store that was brought back the log that was kept with it, as a damaged one is."""
    for suffix in _SIDECARS[:2]:
        log = kept.with_name(kept.name + suffix)
        if log.exists():
            rename(log, store.with_name(store.name + suffix))
    sync_directory(store.parent)


def _remove(path: Path) -> None:
    for suffix in ("", *_SIDECARS):
        remove(path.with_name(path.name + suffix))


def _order(path: Path) -> tuple[str, int]:
    match = _NAME.fullmatch(path.name)
    if match is None:
        raise ValueError(f"{path.name!r} is not the name of a previous store")
    return match[1], int(match[2] or 1)


def _is_same_file(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False
