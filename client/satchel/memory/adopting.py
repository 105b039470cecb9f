"""What a restored memory records on this device: the same as the memory that it replaces, and nothing else.

Consent belongs to a device. A memory that comes from a backup switches no source on, and names no place to read.
"""

from satchel.memory.control import FOREVER_MS, Watched, WatchedSource
from satchel.memory.database import MemoryStore
from satchel.memory.git_source import Position

_EMPTY: tuple[str, ...] = ("sources", "watched", "seen")
_WATCHED: tuple[WatchedSource, ...] = ("git", "files")


def adopt(restored: MemoryStore, live: MemoryStore | None, now_ms: int) -> None:
    """Give a restored memory the sources, places and pause of the one that it replaces; none of them without one.

    What either excludes is excluded. Places are read on from where the restored memory stands.
    """
    before = {place.path: place.position for source in _WATCHED for place in restored.control.watched(source)}
    seen = {path: restored.control.seen(path) for path in before}
    with restored.writing():
        for table in _EMPTY:
            restored.connection.execute(f"DELETE FROM {table}")  # noqa: S608  a name of the list above
        restored.connection.execute("DELETE FROM state WHERE name = 'paused_until_ms'")
    if live is None:
        return
    control = restored.control
    for source, since_ms in live.control.sources().items():
        control.turn_on(source, since_ms)
    for pattern in live.control.exclusions():
        control.exclude(pattern)
    for source in _WATCHED:
        for place in live.control.watched(source):
            control.watch(source, place.path, _position(place, before.get(place.path, "")))
            with restored.writing():
                control.see(place.path, seen.get(place.path, {}), {})
    until_ms = live.control.paused_until(now_ms)
    if until_ms is not None:
        control.pause(min(until_ms, FOREVER_MS))


def _position(place: Watched, before: str) -> str:
    """Return how far a place was read: the authors of now, and the commits that the restored memory has seen."""
    if place.source == "files":
        return before
    return Position(Position.parse(place.position).authors, Position.parse(before).tips).dump()
