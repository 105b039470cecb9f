"""Searching the commands of the shell: fuzzy, newest first, by directory, session, exit code and host.

    for found in search(memory, Query("gt st", directory="/home/ann/parser")): print(found.command)

Each command is one row of `texts`, however often it ran, and the table is read from the newest on. With a directory, a
session or an exit code other than 0, only the commands that ran there, or ended so, are read.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from satchel.memory.database import MemoryStore
from satchel.store.database import Value, first_row, rows, translated

MAX_QUERY_CHARS: Final = 200
MIN_RUNS: Final = 3
MIN_CHARS: Final = 20


@dataclass(frozen=True, slots=True)
class Query:
    """What to search for: the characters of each word of `text` occur in the command in their order.

    A word that begins with `'` occurs as it is. Case counts only in words with capitals.
    """

    text: str = ""
    directory: str | None = None
    session: str | None = None
    host: str | None = None
    exit_code: int | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A command, and where, when and how it last ended among those that the query accepts."""

    command: str = field(repr=False)
    at_ms: int
    directory: str
    exit_code: int | None
    duration_ms: int


def search(memory: MemoryStore, query: Query, limit: int = 50) -> list[Found]:
    """Return the commands that match, newest first, each once."""
    on_text, text_values = _on_texts(query.text)
    on_event, event_values = _on_events(query)
    if query.host is not None and not _is_name(memory, query.host):
        return []
    if query.directory is not None or query.session is not None or query.exit_code:
        sql = (
            "SELECT texts.id, max(events.at_ms) AS last FROM events JOIN texts ON texts.id = events.text"  # noqa: S608  no value
            f" WHERE {on_event} AND {on_text} GROUP BY texts.id ORDER BY last DESC LIMIT ?"
        )
        values = [*event_values, *text_values, limit]
    else:
        sql = (
            f"SELECT id FROM texts WHERE used_ms IS NOT NULL AND {on_text}"  # noqa: S608  no value
            f" AND EXISTS (SELECT 1 FROM events WHERE events.text = texts.id AND {on_event})"
            " ORDER BY used_ms DESC LIMIT ?"
        )
        values = [*text_values, *event_values, limit]
    with translated(memory.path), memory.reading():
        return [
            found
            for text, *_ in rows(memory.connection, sql, *values)
            for found in _last(memory, text, on_event, event_values)
        ]


def often_run(memory: MemoryStore, query: Query, limit: int) -> list[Found]:
    """Return the commands that match and ended well `MIN_RUNS` times or more, the most frequent first.

    Short ones are left out: they are typed faster than found.
    """
    on_text, text_values = _on_texts(query.text)
    on_event, event_values = _on_events(query)
    sql = (
        "SELECT texts.id FROM events JOIN texts ON texts.id = events.text"  # noqa: S608  no value
        f" WHERE {on_event} AND {on_text} AND events.exit_code = 0 AND length(texts.text) >= ?"
        " GROUP BY texts.id HAVING count(*) >= ? ORDER BY count(*) DESC, max(events.at_ms) DESC LIMIT ?"
    )
    values = [*event_values, *text_values, MIN_CHARS, MIN_RUNS, limit]
    with translated(memory.path), memory.reading():
        return [
            found
            for text, *_ in rows(memory.connection, sql, *values)
            for found in _last(memory, text, on_event, event_values)
        ]


def _is_name(memory: MemoryStore, name: str) -> bool:
    with translated(memory.path):
        return first_row(memory.connection, "SELECT 1 FROM names WHERE name = ?", name) is not None


def _last(memory: MemoryStore, text: int, on_event: str, values: list[Value]) -> Iterator[Found]:
    sql = (
        "SELECT texts.text, at_ms, names.name, exit_code, duration_ms FROM events"  # noqa: S608  no value
        " JOIN texts ON texts.id = events.text JOIN names ON names.id = events.place"
        f" WHERE events.text = ? AND {on_event} ORDER BY at_ms DESC LIMIT 1"
    )
    yield from (Found(*row) for row in rows(memory.connection, sql, text, *values))


def _on_texts(text: str) -> tuple[str, list[Value]]:
    """Return the condition on a command, and its values."""
    conditions: list[str] = []
    values: list[Value] = []
    for word in text[:MAX_QUERY_CHARS].split():
        exact = word.startswith("'") and len(word) > 1
        characters = [word[1:]] if exact else list(word)
        if word == word.lower():
            conditions.append("texts.text LIKE ? ESCAPE '\\'")
            values.append("%" + "%".join(_escaped(one, "%_\\", "\\{}") for one in characters) + "%")
        else:
            conditions.append("texts.text GLOB ?")
            values.append("*" + "*".join(_escaped(one, "*?[", "[{}]") for one in characters) + "*")
    return " AND ".join(conditions) or "TRUE", values


def _escaped(text: str, special: str, form: str) -> str:
    return "".join(form.format(char) if char in special else char for char in text)


def _on_events(query: Query) -> tuple[str, list[Value]]:
    """Return the condition on the events of a command, and its values."""
    conditions = ["events.source = 'shell'"]
    values: list[Value] = []
    for column, name in (("place", query.directory), ("session", query.session), ("host", query.host)):
        if name is not None:
            conditions.append(f"events.{column} = (SELECT id FROM names WHERE name = ?)")  # noqa: S608  no value
            values.append(name)
    if query.exit_code is not None:
        conditions.append("events.exit_code = ?")
        values.append(query.exit_code)
    if query.failed or query.exit_code:  # in these words, SQLite uses the index events_failed
        conditions.append("events.exit_code <> 0")
    return " AND ".join(conditions), values
