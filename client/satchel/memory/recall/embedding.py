"""Vectors of episodes, for finding them by meaning. They are made while a command runs, the newest first."""

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import apsw

from satchel.index import vectors
from satchel.memory.episode_tables import episodes_with
from satchel.memory.model import Episode
from satchel.store.database import rows, scalar, writing

if TYPE_CHECKING:
    from satchel.memory.database import MemoryStore
    from satchel.models.embedding.encoder import Encoder
    from satchel.models.embedding.texts import View

AT_ONCE: Final = 8  # episodes of one transaction: about 0.3 s of work
TAKEN_MS: Final = 5_000
READ_CHARS: Final = 1_000
_TITLE_WEIGHT: Final = 0.5

_FREE: Final = "SELECT id FROM unembedded WHERE taken_ms NOT BETWEEN ? AND ? ORDER BY id DESC LIMIT ?"


def waiting(connection: apsw.Connection) -> int:
    """Count the episodes that meaning cannot find yet."""
    return int(scalar(connection, "SELECT count(*) FROM unembedded") or 0)


def embed_new(memory: "MemoryStore", encoder: "Encoder", budget_s: float | None) -> None:
    """Make vectors until none is missing or the time is up; stop early if another process writes for long."""
    until = None if budget_s is None else time.monotonic() + budget_s
    connection = memory.connection
    with suppress(apsw.BusyError):
        while until is None or time.monotonic() < until:
            taken = _take(connection)
            if not taken:
                return
            found = episodes_with(connection, taken)
            made = [(key, encoder.rounded_sum(views_of(episode))) for key, episode in found.items()]
            with writing(connection):
                for key, vector in made:
                    connection.execute("DELETE FROM unembedded WHERE id = ?", (key,))
                    if connection.changes():  # it may be erased by now
                        vectors.put(connection, key, vector)


def views_of(episode: Episode) -> "list[View]":
    """Return the texts that stand for an episode: its title, and all that it tells."""
    lines = [*episode.done.splitlines(), *episode.commands, " ".join(episode.files)]
    rest = "\n".join(line for line in lines if line)[:READ_CHARS]
    if not rest:
        return [(episode.title, 1.0)]
    return [(episode.title, _TITLE_WEIGHT), (rest, 1 - _TITLE_WEIGHT)]


def _take(connection: apsw.Connection) -> list[int]:
    """Take the newest episodes without a vector that no other process has taken in the last seconds."""
    if not waiting(connection):
        return []
    with writing(connection):
        now_ms = int(time.time() * 1000)
        found = [int(row[0]) for row in rows(connection, _FREE, now_ms - TAKEN_MS, now_ms, AT_ONCE)]
        connection.executemany(
            "UPDATE unembedded SET taken_ms = ? WHERE id = ?", [(now_ms, key) for key in found]
        )
    return found
