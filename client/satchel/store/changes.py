"""What one write transaction does to the tables: a Piece added, a revision appended, a Piece removed.

Every function here runs inside `database.writing`. Rows are appended; nothing is ever updated in place, so
an edit dirties the ends of two tables and of a small index, and a backup after it is small.
"""

import hashlib
from dataclasses import dataclass, replace
from typing import Final

import apsw

from satchel.store import ulid
from satchel.store.database import rows, scalar
from satchel.store.media import UTF8, is_text, sniff
from satchel.store.model import Changes, Draft, Entropy, Piece, Revision
from satchel.store.rows import from_ms, source_row, to_ms, write_list

_LAST_SEQ: Final = (
    "SELECT max(coalesce((SELECT max(seq) FROM revisions), 0), coalesce((SELECT max(seq) FROM removals), 0))"
)
_ADD_PIECE: Final = (
    "INSERT INTO pieces(id, ulid, created, first, source_kind, source_location, file_name)"
    " VALUES(?, ?, ?, ?, ?, ?, ?)"
)
_ADD_REVISION: Final = (
    "INSERT INTO revisions(seq, piece, number, at, title, description, language, media_type, tags, links,"
    " size_bytes, content) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_ITS_CONTENTS: Final = (
    "SELECT r.content FROM pieces AS p JOIN revisions AS r ON r.seq = p.first WHERE p.id = ?1"
    " UNION SELECT content FROM revisions WHERE piece = ?1 AND number > 1"
)


@dataclass(frozen=True, slots=True)
class Head:
    """The revision that is a Piece's current one, with what the model does not show of it."""

    revision: Revision
    content: int
    sha256: bytes


def last_seq(connection: apsw.Connection) -> int:
    """The store's change counter: every revision and every removal takes the next number."""
    return int(scalar(connection, _LAST_SEQ))


def newest_piece(connection: apsw.Connection) -> int:
    """The time part of the newest id, 0 in an empty store."""
    return int(scalar(connection, "SELECT coalesce(max(id), 0) FROM pieces"))


def add_piece(connection: apsw.Connection, draft: Draft, now_ms: int, entropy: Entropy) -> Piece:
    """Add what a normal draft describes; its id is the next one."""
    key = ulid.next_time(newest_piece(connection), now_ms)
    piece_id = ulid.encode(key, entropy(ulid.RANDOM_BYTES))
    created = now_ms if draft.created is None else to_ms(draft.created)
    updated = max(created, created if draft.updated is None else to_ms(draft.updated))
    first = Revision(
        number=1,
        at=from_ms(updated),
        title=draft.title,
        description=draft.description,
        language=draft.language,
        media_type=draft.media_type or sniff(draft.content),
        tags=draft.tags,
        links=draft.links,
        size_bytes=len(draft.content),
    )
    seq = append_revision(connection, key, first, _add_content(connection, draft.content))
    connection.execute(_ADD_PIECE, (key, piece_id, created, seq, *source_row(draft)))
    return Piece(
        id=piece_id,
        title=first.title,
        description=first.description,
        language=first.language,
        media_type=first.media_type,
        tags=first.tags,
        links=first.links,
        source=draft.source,
        created=from_ms(created),
        updated=first.at,
        size_bytes=first.size_bytes,
        revision=1,
    )


def append_revision(connection: apsw.Connection, key: int, revision: Revision, content: int) -> int:
    """Make this revision the current one of a Piece; gives its place in the order of all changes."""
    seq = last_seq(connection) + 1
    connection.execute(
        _ADD_REVISION,
        (
            seq,
            key,
            revision.number,
            to_ms(revision.at),
            revision.title,
            revision.description,
            revision.language,
            revision.media_type,
            write_list(revision.tags),
            write_list(revision.links),
            revision.size_bytes,
            content,
        ),
    )
    return seq


def apply_changes(connection: apsw.Connection, key: int, head: Head, changes: Changes, now_ms: int) -> bool:
    """Append the revision that normal changes make of the head; False if they change nothing."""
    old, content = head.revision, head.content
    new = _edited(old, changes)
    if changes.content is not None and hashlib.sha256(changes.content).digest() != head.sha256:
        content = _add_content(connection, changes.content)
    if new == old and content == head.content:
        return False
    append_revision(connection, key, at_end(new, old.number + 1, now_ms), content)
    return True


def at_end(revision: Revision, number: int, now_ms: int) -> Revision:
    """An earlier revision as it is appended again."""
    return replace(revision, number=number, at=from_ms(now_ms))


def remove_piece(connection: apsw.Connection, key: int, now_ms: int) -> None:
    """Remove a Piece with all its revisions; only the fact and the time part of its id stay."""
    seq = last_seq(connection) + 1
    contents = rows(connection, _ITS_CONTENTS, key)
    connection.executemany("DELETE FROM contents WHERE id = ?", contents)
    connection.execute("DELETE FROM revisions WHERE piece = ? AND number > 1", (key,))
    connection.execute("DELETE FROM revisions WHERE seq = (SELECT first FROM pieces WHERE id = ?)", (key,))
    connection.execute("DELETE FROM pieces WHERE id = ?", (key,))
    connection.execute("INSERT INTO removals(seq, piece, at) VALUES(?, ?, ?)", (seq, key, now_ms))


def _add_content(connection: apsw.Connection, content: bytes) -> int:
    digest = hashlib.sha256(content).digest()
    connection.execute("INSERT INTO contents(sha256, data) VALUES(?, ?)", (digest, content))
    return connection.last_insert_rowid()


def _edited(old: Revision, changes: Changes) -> Revision:
    tags = set(old.tags if changes.tags is None else changes.tags)
    return replace(
        old,
        title=old.title if changes.title is None else changes.title,
        description=old.description if changes.description is None else changes.description,
        language=old.language if changes.language is None else changes.language or None,
        media_type=_media_type(old.media_type, changes),
        tags=tuple(sorted((tags | set(changes.add_tags)) - set(changes.remove_tags))),
        links=old.links if changes.links is None else changes.links,
        size_bytes=old.size_bytes if changes.content is None else len(changes.content),
    )


def _media_type(old: str, changes: Changes) -> str:
    """The one that is asked for; else what new content is, unless that is still the same kind of text."""
    if changes.media_type:
        return changes.media_type
    if changes.content is None:
        return old
    found = sniff(changes.content)
    keeps = found == UTF8 and is_text(old) and "charset=" not in old
    return old if keeps else found
