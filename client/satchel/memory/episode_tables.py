"""Episodes, their words and vectors, and summaries in the tables of memory.db.

The functions run inside a transaction of the caller, or read without one.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import apsw
import msgspec

from satchel.index import vectors
from satchel.index.words import Words
from satchel.memory.formation.summaries import weight_of
from satchel.memory.model import Episode, Summary
from satchel.store.database import first_row, rows

_SELECT: Final = "SELECT id, start_ms, end_ms, repository, title, outcome, content, events FROM episodes"
_INSERT: Final = (
    "INSERT INTO episodes(start_ms, end_ms, repository, host, weight, title, outcome, content, events)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_INSERT_WORDS: Final = "INSERT INTO episode_words(rowid, title, commands, body) VALUES (?, ?, ?, ?)"
_AMONG: Final = "(SELECT value FROM json_each(?))"
_ERASE: Final = (
    "DELETE FROM episode_words WHERE rowid IN (SELECT value FROM json_each(?))",
    "DELETE FROM unembedded WHERE id IN (SELECT value FROM json_each(?))",
    "DELETE FROM episodes WHERE id IN (SELECT value FROM json_each(?))",
)


class _Content(msgspec.Struct, omit_defaults=True):
    """The rest of an episode as JSON."""

    done: str = ""
    places: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


_content: Final = msgspec.json.Decoder(_Content)
_ids: Final = msgspec.json.Decoder(tuple[int, ...])
_encode: Final = msgspec.json.encode


def add_episodes(connection: apsw.Connection, episodes: Iterable[Episode]) -> list[int]:
    """Add episodes with their words, queue them for a vector, and return their ids."""
    words = Words()
    return [_add(connection, episode, words) for episode in episodes]


def _add(connection: apsw.Connection, episode: Episode, words: Words) -> int:
    content = _Content(
        episode.done,
        episode.places,
        episode.commands,
        episode.files,
        episode.links,
        episode.agents,
        episode.hosts,
    )
    connection.execute(
        _INSERT,
        (
            episode.start_ms,
            episode.end_ms,
            episode.repository,
            "".join(episode.hosts[:1]),
            weight_of(episode),
            episode.title,
            episode.outcome,
            _encode(content).decode(),
            _encode(episode.events).decode(),
        ),
    )
    key = connection.last_insert_rowid()
    fields = (episode.title, "\n".join(episode.commands), _body(episode))
    connection.execute(_INSERT_WORDS, (key, *(" ".join(words.of_text(text)) for text in fields)))
    connection.execute("INSERT INTO unembedded(id) VALUES (?)", (key,))
    return key


def _body(episode: Episode) -> str:
    return "\n".join(
        [
            episode.done,
            *episode.files,
            *episode.links,
            episode.repository,
            *episode.places[:3],
            *episode.agents,
        ]
    )


def read_episodes(
    connection: apsw.Connection, since_ms: int | None = None, until_ms: int | None = None
) -> Iterator[Episode]:
    """Yield the episodes that begin from `since_ms` on and before `until_ms`, oldest first."""
    query = f"{_SELECT} WHERE start_ms >= ? AND start_ms < ? ORDER BY start_ms, id"
    return map(_episode, connection.execute(query, _bounds(since_ms, until_ms)))


def find_episodes(
    connection: apsw.Connection, since_ms: int | None, until_ms: int | None, text: str
) -> list[Episode]:
    """Return the episodes that share time with a span and contain a text in any case, oldest first."""
    query = f"{_SELECT} WHERE end_ms >= ? AND start_ms < ? ORDER BY start_ms, id"
    found = map(_episode, rows(connection, query, *_bounds(since_ms, until_ms)))
    return [episode for episode in found if text.casefold() in episode.text.casefold()]


def _bounds(since_ms: int | None, until_ms: int | None) -> tuple[int, int]:
    return -(2**62) if since_ms is None else since_ms, 2**62 if until_ms is None else until_ms


def episodes_with(connection: apsw.Connection, keys: Sequence[int]) -> dict[int, Episode]:
    """Return the episodes with these ids that are still there."""
    query = f"{_SELECT} WHERE id IN {_AMONG}"
    return {row[0]: _episode(row) for row in rows(connection, query, _encode(list(keys)).decode())}


def _episode(row: tuple[Any, ...]) -> Episode:
    key, start_ms, end_ms, repository, title, outcome, content, events = row
    rest = _content.decode(content)
    return Episode(
        start_ms,
        end_ms,
        title,
        rest.done,
        repository,
        rest.places,
        rest.commands,
        rest.files,
        rest.links,
        outcome,
        _ids.decode(events),
        rest.agents,
        rest.hosts,
        key,
    )


def erase_episodes(connection: apsw.Connection, keys: Iterable[int]) -> None:
    """Delete episodes with their words and vectors."""
    chosen = list(keys)
    among = _encode(chosen).decode()
    vectors.erase(connection, chosen)
    for statement in _ERASE:
        connection.execute(statement, (among,))


def erase_episodes_of(connection: apsw.Connection, events: Sequence[tuple[int, int]]) -> int:
    """Delete the episodes of events, given by id and time, that are being erased, and the summaries of their days.

    What is left of these episodes is to be formed again. Return how many there were.
    """
    if not events:
        return 0
    ids = {key for key, _ in events}
    first, last = min(at for _, at in events), max(at for _, at in events)
    query = "SELECT id, start_ms, end_ms, events FROM episodes WHERE start_ms <= ? AND end_ms >= ?"
    found = [row for row in connection.execute(query, (last, first)) if ids.intersection(_ids.decode(row[3]))]
    _erase_with_summaries(connection, [row[:3] for row in found])
    return len(found)


def erase_episodes_in(
    connection: apsw.Connection, since_ms: int | None, until_ms: int | None, text: str
) -> int:
    """Delete the episodes of `find_episodes` and the summaries of their days; return how many episodes there were."""
    found = find_episodes(connection, since_ms, until_ms, text)
    _erase_with_summaries(connection, [(one.id, one.start_ms, one.end_ms) for one in found])
    return len(found)


def _erase_with_summaries(connection: apsw.Connection, episodes: Sequence[tuple[int, int, int]]) -> None:
    """Delete episodes and the summaries that tell of them, and queue their times, so that new ones are made."""
    erase_episodes(connection, [key for key, _, _ in episodes])
    for _, start_ms, end_ms in episodes:
        connection.execute("DELETE FROM summaries WHERE start_ms <= ? AND end_ms >= ?", (end_ms, start_ms))
        queue_span(connection, start_ms, end_ms)


def queue_span(connection: apsw.Connection, start_ms: int, end_ms: int) -> None:
    """Note that the events of a span are to be formed, together with what is noted already and overlaps."""
    overlap = "FROM unformed WHERE start_ms <= ? AND end_ms >= ?"
    found = first_row(connection, f"SELECT min(start_ms), max(end_ms) {overlap}", end_ms, start_ms)
    if found and found[0] is not None:
        start_ms, end_ms = min(start_ms, found[0]), max(end_ms, found[1])
    connection.execute(f"DELETE {overlap}", (end_ms, start_ms))
    connection.execute("INSERT INTO unformed VALUES (?, ?)", (start_ms, end_ms))


def put_summaries(connection: apsw.Connection, span: tuple[int, int], summaries: Iterable[Summary]) -> None:
    """Write the summaries of a span of whole weeks in place of those that it has."""
    connection.execute("DELETE FROM summaries WHERE start_ms >= ? AND start_ms < ?", span)
    connection.executemany(
        "INSERT OR REPLACE INTO summaries VALUES (?, ?, ?, ?, ?)",
        [(one.kind, one.start_ms, one.end_ms, one.title, one.text) for one in summaries],
    )


def read_summaries(connection: apsw.Connection, since_ms: int, until_ms: int) -> list[Summary]:
    """Return the summaries of days and weeks that share time with a span, by their start."""
    query = "SELECT kind, start_ms, end_ms, title, text FROM summaries WHERE start_ms < ? AND end_ms > ? ORDER BY start_ms, kind"
    return [Summary(*row) for row in rows(connection, query, until_ms, since_ms)]
