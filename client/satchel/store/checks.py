"""Integrity checks of a store, for `satchel doctor`: every page, reference and content.

They read the whole store and change nothing. Problems name ids and rows, never the content of Pieces.
"""

import hashlib
from collections.abc import Callable, Iterator
from typing import Final

import apsw

from satchel.errors import IntegrityError
from satchel.pieces import ulid
from satchel.pieces.fields import is_author, is_suggested, was_file_name
from satchel.store.database import Row, reading, rows
from satchel.store.rows import read_list, read_suggested, write_suggested

MAX_PROBLEMS_OF_A_KIND: Final = 20

# Each query returns one row per violation, with a number or an id.
_VIOLATIONS: Final = (
    (
        "Piece {} has no first revision",
        (
            "SELECT p.ulid FROM pieces AS p LEFT JOIN revisions AS r"
            " ON r.seq = p.first AND r.piece = p.id AND r.number = 1 WHERE r.seq IS NULL"
        ),
    ),
    (
        "Piece {} has gaps in its revisions",
        (
            "SELECT p.ulid FROM revisions AS r JOIN pieces AS p ON p.id = r.piece"
            " WHERE r.seq <> p.first GROUP BY r.piece HAVING count(*) + 1 <> max(r.number)"
            " OR min(r.number) <> 2 OR count(DISTINCT r.number) <> count(*)"
        ),
    ),
    (
        "the edits of Piece {} are not in the order of their ids",
        (
            "SELECT p.ulid FROM revisions AS r JOIN pieces AS p ON p.id = r.piece"
            " WHERE r.number > 1 AND (r.ulid IS NULL OR r.ulid <= coalesce((SELECT e.ulid FROM revisions AS e"
            " WHERE e.piece = r.piece AND e.number > 1 AND e.number = r.number - 1), p.ulid))"
        ),
    ),
    (
        "revision {} belongs to no Piece",
        "SELECT r.seq FROM revisions AS r LEFT JOIN pieces AS p ON p.id = r.piece WHERE p.id IS NULL",
    ),
    (
        "the content of revision {} is missing or has the wrong size",
        (
            "SELECT r.seq FROM revisions AS r LEFT JOIN contents AS c ON c.id = r.content"
            " WHERE c.id IS NULL OR length(c.data) <> r.size_bytes"
        ),
    ),
    (
        "the content of a file of revision {} is missing or has the wrong size",
        (
            "SELECT f.revision FROM files AS f LEFT JOIN contents AS c ON c.id = f.content"
            " WHERE c.id IS NULL OR length(c.data) <> f.size_bytes"
        ),
    ),
    (
        "a file belongs to revision {}, which does not exist",
        "SELECT f.revision FROM files AS f LEFT JOIN revisions AS r ON r.seq = f.revision WHERE r.seq IS NULL",
    ),
    (
        "the files of revision {} are not numbered from 1",
        "SELECT revision FROM files GROUP BY revision HAVING min(position) <> 1 OR max(position) <> count(*)",
    ),
    (
        "two files of revision {} have the same name",
        "SELECT revision FROM files GROUP BY revision HAVING count(DISTINCT name) <> count(*)",
    ),
    (
        "content {} belongs to no revision",
        (
            "SELECT id FROM contents"
            " WHERE id NOT IN (SELECT content FROM revisions) AND id NOT IN (SELECT content FROM files)"
        ),
    ),
    (
        "removal {} names a Piece that still exists",
        (
            "SELECT d.seq FROM removals AS d JOIN pieces AS p ON p.ulid = d.piece_ulid"
            " WHERE d.ulid >= coalesce((SELECT max(e.ulid) FROM revisions AS e"
            " WHERE e.piece = p.id AND e.number > 1), p.ulid)"
        ),
    ),
)


_AUTHORS: Final = (
    "SELECT seq, agent, client, withdrawn FROM revisions"
    " WHERE agent IS NOT NULL OR client IS NOT NULL OR withdrawn IS NOT NULL"
)
_IDS: Final = (
    "SELECT 'Piece', id, ulid FROM pieces",
    "SELECT 'revision', seq, ulid FROM revisions WHERE ulid IS NOT NULL",
    "SELECT 'removal', seq, ulid FROM removals WHERE ulid IS NOT NULL",
    "SELECT 'removal', seq, piece_ulid FROM removals WHERE piece_ulid IS NOT NULL",
)


def problems(connection: apsw.Connection) -> Iterator[str]:
    """Yield every problem, one line each."""
    with reading(connection):
        damage = _damage(connection)
        yield from (f"the database is damaged: {line}" for line in damage)
        if damage:
            return  # other queries of a damaged database may give wrong results
        for text, query in _VIOLATIONS:
            found = rows(connection, f"{query} LIMIT {MAX_PROBLEMS_OF_A_KIND}")
            yield from (text.format(row[0]) for row in found)
        for query in _IDS:
            yield from _each(connection, query, _id_problem)
        yield from _each(connection, "SELECT seq, tags, links FROM revisions", _list_problem)
        yield from _each(connection, "SELECT seq, suggested FROM revisions", _suggested_problem)
        yield from _each(connection, _AUTHORS, _author_problem)
        yield from _each(connection, "SELECT revision, name FROM files", _name_problem)
        yield from _each(connection, "SELECT id, sha256, data FROM contents", _content_problem)


def _damage(connection: apsw.Connection) -> list[str]:
    """Return the problems that SQLite's integrity check finds."""
    try:
        found = [row[0] for row in rows(connection, f"PRAGMA integrity_check({MAX_PROBLEMS_OF_A_KIND})")]
    except (apsw.CorruptError, apsw.NotADBError) as error:
        found = [str(error)]
    return [] if found == ["ok"] else [str(line).splitlines()[0] for line in found]


def _each(connection: apsw.Connection, query: str, check: Callable[[Row], str]) -> Iterator[str]:
    for row in connection.execute(query):
        problem = check(row)
        if problem:
            yield problem


def _id_problem(row: Row) -> str:
    what, number, found = row
    return "" if ulid.is_id(found) else f"the id of {what} {number} is not valid"


def _list_problem(row: Row) -> str:
    seq, *lists = row
    try:
        for text in lists:
            read_list(text)
    except IntegrityError:
        return f"the tags or links of revision {seq} are unreadable"
    return ""


def _suggested_problem(row: Row) -> str:
    seq, text = row
    try:
        values = read_suggested(text)
        is_intact = is_suggested(values) and write_suggested(values) == text
    except IntegrityError:
        is_intact = False
    return "" if is_intact else f"the suggestions of revision {seq} are unreadable or break a rule"


def _author_problem(row: Row) -> str:
    seq, agent, client, withdrawn = row
    is_intact = is_author(agent, client) and withdrawn in (None, 1)
    return "" if is_intact else f"the author of revision {seq} breaks a rule"


def _name_problem(row: Row) -> str:
    revision, name = row
    return "" if was_file_name(name) else f"a file of revision {revision} has an invalid name"


def _content_problem(row: Row) -> str:
    content, digest, data = row
    return (
        ""
        if hashlib.sha256(data).digest() == digest
        else f"content {content} does not match its SHA-256 digest"
    )
