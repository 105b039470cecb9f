"""Events in the tables of memory.db: adding, reading, counting, and erasing them with all texts that only they have.

The functions run inside a transaction of the caller, or read without one.
"""

import json
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Any, Final

import apsw

from satchel.memory.model import Event, Source
from satchel.store.database import first_row, rows

_EVENT: Final = (
    "SELECT events.id, source, at_ms, texts.text, place, repository, session, host, duration_ms, exit_code, detail"
    " FROM events JOIN texts ON texts.id = events.text"
)
_TOUCHED: Final = (
    "SELECT text, place, repository, session, host FROM events WHERE id IN (SELECT value FROM json_each(?))"
)


def add_events(connection: apsw.Connection, events: Iterable[Event]) -> list[int]:
    """Add events and return their ids."""
    names: dict[str, int] = {}
    return [_add(connection, event, names) for event in events]


def _add(connection: apsw.Connection, event: Event, names: dict[str, int]) -> int:
    used_ms = event.at_ms if event.source == "shell" else None
    values = (
        event.source,
        event.at_ms,
        _text_id(connection, event.text, used_ms),
        *(
            _name_id(connection, name, names)
            for name in (event.place, event.repository, event.session, event.host)
        ),
        event.duration_ms,
        event.exit_code,
        json.dumps(dict(event.detail), ensure_ascii=False),
    )
    connection.execute(
        "INSERT INTO events(source, at_ms, text, place, repository, session, host, duration_ms, exit_code, detail)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        values,
    )
    return connection.last_insert_rowid()


def hash_of(text: str) -> int:
    """Return the number that finds a text: 63 bits of BLAKE2b."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) >> 1


def _text_id(connection: apsw.Connection, text: str, used_ms: int | None) -> int:
    found = first_row(
        connection, "SELECT id, used_ms FROM texts WHERE hash = ? AND text = ?", hash_of(text), text
    )
    if found is None:
        connection.execute(
            "INSERT INTO texts(hash, text, used_ms) VALUES (?, ?, ?)", (hash_of(text), text, used_ms)
        )
        return connection.last_insert_rowid()
    if used_ms is not None and (found[1] is None or found[1] < used_ms):
        connection.execute("UPDATE texts SET used_ms = ? WHERE id = ?", (used_ms, found[0]))
    return int(found[0])


def _name_id(connection: apsw.Connection, name: str, names: dict[str, int]) -> int:
    if name not in names:
        found = first_row(connection, "SELECT id FROM names WHERE name = ?", name)
        if found is None:
            connection.execute("INSERT INTO names(name) VALUES (?)", (name,))
        names[name] = int(found[0]) if found else connection.last_insert_rowid()
    return names[name]


def read_events(
    connection: apsw.Connection,
    since_ms: int | None = None,
    until_ms: int | None = None,
    source: Source | None = None,
    ids: Iterable[int] | None = None,
) -> Iterator[Event]:
    """Yield events, oldest first."""
    names: dict[int, str] = {}
    if ids is None:
        conditions, values = _conditions(since_ms, until_ms, source)
    else:
        conditions = "events.id IN (SELECT value FROM json_each(?))"
        values = [json.dumps(list(ids))]
    for row in connection.execute(f"{_EVENT} WHERE {conditions} ORDER BY at_ms, events.id", values):
        yield _event(connection, row, names)


def _conditions(
    since_ms: int | None, until_ms: int | None, source: Source | None
) -> tuple[str, list[int | str]]:
    conditions: dict[str, int | str | None] = {
        "at_ms >= ?": since_ms,
        "at_ms < ?": until_ms,
        "source = ?": source,
    }
    given = {condition: value for condition, value in conditions.items() if value is not None}
    return " AND ".join(given) or "TRUE", list(given.values())


def _event(connection: apsw.Connection, row: tuple[Any, ...], names: dict[int, str]) -> Event:
    id_, source, at_ms, text, *places, duration_ms, exit_code, detail = row
    for one in places:
        if one not in names:
            found = first_row(connection, "SELECT name FROM names WHERE id = ?", one)
            names[one] = str(found[0]) if found else ""
    place, repository, session, host = (names[one] for one in places)
    return Event(
        source,
        at_ms,
        text,
        place=place,
        repository=repository,
        session=session,
        host=host,
        duration_ms=duration_ms,
        exit_code=exit_code,
        detail=parse_detail(detail),
        id=id_,
    )


def parse_detail(text: str) -> dict[str, str]:
    """Return the details of an event. Raise apsw.CorruptError if they are none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise apsw.CorruptError("the details of an event are not JSON") from exc
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise apsw.CorruptError("the details of an event are not texts")
    return found


def count_events(connection: apsw.Connection) -> dict[str, int]:
    """Return how many events of each source there are."""
    return {
        str(source): int(count)
        for source, count in rows(connection, "SELECT source, count(*) FROM events GROUP BY source")
    }


def erase_events(connection: apsw.Connection, ids: Iterable[int]) -> int:
    """Delete events, and the texts and names that no event has any more; return how many events there were."""
    chosen = json.dumps(list(ids))
    touched = rows(connection, _TOUCHED, chosen)
    connection.execute("DELETE FROM events WHERE id IN (SELECT value FROM json_each(?))", (chosen,))
    for text in {row[0] for row in touched}:
        connection.execute(
            "DELETE FROM texts WHERE id = ? AND NOT EXISTS (SELECT 1 FROM events WHERE text = texts.id)",
            (text,),
        )
        connection.execute(
            "UPDATE texts SET used_ms = (SELECT max(at_ms) FROM events WHERE text = texts.id AND source = 'shell')"
            " WHERE id = ?",
            (text,),
        )
    for name in {one for row in touched for one in row[1:]}:
        connection.execute(
            "DELETE FROM names WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM events WHERE place = ?1)"
            " AND NOT EXISTS (SELECT 1 FROM events WHERE session = ?1)"
            " AND NOT EXISTS (SELECT 1 FROM events WHERE repository = ?1 OR host = ?1)",
            (name,),
        )
    return len(touched)
