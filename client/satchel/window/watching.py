"""Noticing what other programs change in the home: the command line, another window, an agent, a scheduled run.

    watch = Watch(home)
    changes = watch.look()     # on a thread; reads the times of a few files, and the store only if it has changed

Nothing stays open between two looks, so that a restore can replace the store.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from satchel.errors import SatchelError
from satchel.store import Store
from satchel.window.messages.session import ServerEvent

if TYPE_CHECKING:
    from satchel.pieces.model import Mark

What = Literal["cloud", "settings", "ledger", "memory", "schedules", "backups"]

FILES: Final[dict[str, tuple[What, ...]]] = {
    "cloud.json": ("cloud",),
    "account.json": ("cloud",),
    "settings.json": ("settings",),
    "processing.json": ("settings",),
    "telemetry": ("settings",),
    "ledger.db": ("ledger",),
    "ledger.db-wal": ("ledger",),
    "memory.db": ("memory",),
    "memory.db-wal": ("memory",),
    "schedules": ("schedules",),
    "schedules.json": ("schedules",),
    "backups": ("backups",),
}
STORE_FILES: Final = ("store.db", "store.db-wal")
MAX_NAMED: Final = 200
"""Pieces that one event names. If more have changed, the pages read their lists again."""
LOOKS_BEFORE_READING: Final = 20
"""After so many looks the store is read even if its files seem unchanged: some file systems keep coarse times."""

Stamp = tuple[int, int, int] | None


@dataclass(frozen=True, slots=True)
class _Seen:
    store_id: str
    mark: "Mark"


class Watch:
    """Remembers what the home was like at the last look. Used on one thread at a time."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._stamps = self._read_stamps()
        self._seen = self._read_store()
        self._looks = 0

    def look(self) -> list[ServerEvent]:
        """Return what has changed since the last look."""
        stamps = self._read_stamps()
        changed = {name for name, stamp in stamps.items() if stamp != self._stamps[name]}
        self._stamps, self._looks = stamps, self._looks + 1
        events = [ServerEvent(kind="state", what=what) for what in sorted(_states(changed))]
        if not changed.isdisjoint(STORE_FILES) or self._looks >= LOOKS_BEFORE_READING:
            self._looks = 0
            events += self._changes()
        return events

    def _changes(self) -> list[ServerEvent]:
        before, self._seen = self._seen, self._read_store()
        after = self._seen
        if after is None or after == before:
            return []
        if before is None or before.store_id != after.store_id:
            return [ServerEvent(kind="change", change=after.mark.counter)]
        return [
            ServerEvent(
                kind="change", change=after.mark.counter, pieces=changed_pieces(self._home, before.mark)
            )
        ]

    def _read_store(self) -> _Seen | None:
        try:
            with Store.open(self._home, read_only=True) as store:
                return _Seen(store.store_id, store.mark)
        except SatchelError:  # it is being replaced, or damaged; the page hears of it when it asks
            return None

    def _read_stamps(self) -> dict[str, Stamp]:
        return {name: _stamp(self._home / name) for name in (*STORE_FILES, *FILES)}


def changed_pieces(home: Path, mark: "Mark") -> tuple[str, ...]:
    """Return the ids of the Pieces that were added or edited since a mark; none if they are many or unknown."""
    found: list[str] = []
    try:
        with Store.open(home, read_only=True) as store:
            if not store.recognizes(mark):
                return ()
            for batch in store.changed_since(mark.counter, text_bytes=0):
                found += [one.piece.id for one in batch.changed]
                if len(found) > MAX_NAMED or batch.removed:
                    return ()
    except SatchelError:
        return ()
    return tuple(dict.fromkeys(found))


def _states(changed: set[str]) -> set[What]:
    return {what for name in changed for what in FILES.get(name, ())}


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
