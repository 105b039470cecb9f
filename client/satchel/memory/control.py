"""What the memory may record: sources that are on, a pause, excluded commands and directories, watched places."""

import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import apsw

from satchel.errors import NotFoundError
from satchel.memory.model import SOURCES, Source
from satchel.store.database import rows, scalar, translated, writing

WatchedSource = Literal["git", "files"]
FOREVER_MS: Final = 2**62
"""When a pause without an end ends."""
_PAUSED: Final = "paused_until_ms"


@dataclass(frozen=True, slots=True)
class Watched:
    """A repository or folder that the owner named, and what was read of it, in the words of its source."""

    source: WatchedSource
    path: str
    position: str = ""


class Control:
    """The control tables of an open memory."""

    def __init__(self, path: Path, connection: apsw.Connection) -> None:
        self._path = path
        self._connection = connection

    # -- sources ------------------------------------------------------------------------------

    def sources(self) -> dict[Source, int]:
        """Return the sources that are on, and since when, in milliseconds since 1970."""
        with translated(self._path):
            found: dict[str, int] = dict(rows(self._connection, "SELECT name, since_ms FROM sources"))
        return {name: int(found[name]) for name in SOURCES if name in found}

    def is_on(self, source: Source) -> bool:
        """Whether a source is on."""
        return source in self.sources()

    def turn_on(self, source: Source, now_ms: int) -> bool:
        """Switch a source on; return whether it was off."""
        return self._change("INSERT OR IGNORE INTO sources VALUES (?, ?)", source, now_ms) > 0

    def turn_off(self, source: Source) -> bool:
        """Switch a source off; return whether it was on. What it recorded stays."""
        return self._change("DELETE FROM sources WHERE name = ?", source) > 0

    # -- pauses -------------------------------------------------------------------------------

    def pause(self, until_ms: int = FOREVER_MS) -> None:
        """Take in nothing until a time."""
        self._change("INSERT OR REPLACE INTO state VALUES (?, ?)", _PAUSED, str(until_ms))

    def resume(self) -> None:
        """End a pause."""
        self._change("DELETE FROM state WHERE name = ?", _PAUSED)

    def paused_until(self, now_ms: int) -> int | None:
        """Return when the present pause ends, FOREVER_MS if by `resume` alone; None if there is none."""
        with translated(self._path):
            value = scalar(self._connection, "SELECT value FROM state WHERE name = ?", _PAUSED)
        return int(value) if value is not None and int(value) > now_ms else None

    # -- exclusions ---------------------------------------------------------------------------

    def exclusions(self) -> list[str]:
        """Return the excluded patterns, in alphabetical order."""
        with translated(self._path):
            return [
                row[0] for row in rows(self._connection, "SELECT pattern FROM exclusions ORDER BY pattern")
            ]

    def exclude(self, pattern: str) -> bool:
        """Exclude a pattern; return whether it was not excluded before."""
        return self._change("INSERT OR IGNORE INTO exclusions VALUES (?)", pattern) > 0

    def include(self, pattern: str) -> None:
        """Remove an excluded pattern. Raise NotFoundError if it is not excluded."""
        if not self._change("DELETE FROM exclusions WHERE pattern = ?", pattern):
            raise NotFoundError(f"{pattern!r} is not excluded", hint="list them: satchel memory exclude")

    # -- watched places -----------------------------------------------------------------------

    def watched(self, source: WatchedSource) -> list[Watched]:
        """Return the places of a source, in alphabetical order."""
        query = "SELECT path, position FROM watched WHERE source = ? ORDER BY path"
        with translated(self._path):
            return [
                Watched(source, path, position) for path, position in rows(self._connection, query, source)
            ]

    def watch(self, source: WatchedSource, path: str, position: str = "") -> bool:
        """Add a place; return whether it was not watched before."""
        return self._change("INSERT OR IGNORE INTO watched VALUES (?, ?, ?)", source, path, position) > 0

    def unwatch(self, source: WatchedSource, path: str) -> bool:
        """Remove a place; return whether it was watched."""
        self._change("DELETE FROM seen WHERE folder = ?", path)
        return self._change("DELETE FROM watched WHERE source = ? AND path = ?", source, path) > 0

    def move_position(self, place: Watched, position: str) -> bool:
        """Record what was read of a place, inside a transaction of the caller.

        Return False, changing nothing, if another process has read on since `place` was read, or it is unwatched.
        """
        self._connection.execute(
            "UPDATE watched SET position = ? WHERE source = ? AND path = ? AND position = ?",
            (position, place.source, place.path, place.position),
        )
        return self._connection.changes() > 0

    def seen(self, folder: str) -> dict[str, str]:
        """Return the files of a watched folder that were read, with their stamps."""
        with translated(self._path):
            return dict(rows(self._connection, "SELECT path, stamp FROM seen WHERE folder = ?", folder))

    def see(self, folder: str, found: Mapping[str, str], before: Mapping[str, str]) -> None:
        """Record the files of a watched folder in place of those before, inside a transaction of the caller."""
        gone = [(folder, path) for path in before if path not in found]
        new = [(folder, path, stamp) for path, stamp in found.items() if before.get(path) != stamp]
        self._connection.executemany("DELETE FROM seen WHERE folder = ? AND path = ?", gone)
        self._connection.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?, ?)", new)

    def _change(self, sql: str, *values: str | int) -> int:
        with translated(self._path), writing(self._connection):
            self._connection.execute(sql, values)
            return self._connection.changes()


def is_excluded(patterns: list[str], command: str, directory: str) -> bool:
    """Whether a pattern matches a command, or a directory or one above it.

    A pattern that begins with `/` is of directories, any other of commands. `*`, `?` and `[…]` are wildcards. A
    command also matches by its beginning: `ssh` excludes `ssh host`, and not `sshfs`.
    """
    return any(
        _matches_directory(pattern, directory)
        if pattern.startswith("/")
        else _matches_command(pattern, command)
        for pattern in patterns
    )


def _matches_directory(pattern: str, directory: str) -> bool:
    pattern = pattern.rstrip("/") or "/"
    above = [directory, *(str(parent) for parent in Path(directory).parents)] if directory else []
    return any(fnmatch.fnmatchcase(each, pattern) for each in above)


def _matches_command(pattern: str, command: str) -> bool:
    command = command.strip()
    return fnmatch.fnmatchcase(command, pattern) or fnmatch.fnmatchcase(command, f"{pattern}[ \t\n]*")
