"""Writes: add a Piece, append a revision, remove a Piece.

Every function here runs inside `database.writing`. Rows are appended and never updated in place, so an edit
changes only the ends of two tables and of two small indexes, and the next backup is small.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import apsw

from satchel.pieces import ulid
from satchel.pieces.fields import require_fitting
from satchel.pieces.media import media_type_after, sniff
from satchel.pieces.model import Changes, Draft, Entropy, Piece, Revision, WholeFile
from satchel.pieces.suggested import after_edit, after_return
from satchel.store import files
from satchel.store.database import rows, scalar
from satchel.store.files import StoredFile, write_files
from satchel.store.rows import author_row, from_ms, source_row, to_ms, write_list, write_suggested

_LAST_SEQ: Final = (
    "SELECT max(coalesce((SELECT max(seq) FROM revisions), 0), coalesce((SELECT max(seq) FROM removals), 0))"
)
_ADD_PIECE: Final = (
    "INSERT INTO pieces(id, ulid, created, first, source_kind, source_location, file_name)"
    " VALUES(?, ?, ?, ?, ?, ?, ?)"
)
_ADD_REVISION: Final = (
    "INSERT INTO revisions(seq, piece, number, at, title, description, language, media_type, tags, links,"
    " size_bytes, content, ulid, suggested, agent, client, withdrawn)"
    " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_ADD_REMOVAL: Final = "INSERT INTO removals(seq, piece, at, piece_ulid, ulid) VALUES(?, ?, ?, ?, ?)"
_REVISIONS_OF_PIECE: Final = (
    "SELECT first AS seq FROM pieces WHERE id = ?1"
    " UNION ALL SELECT seq FROM revisions WHERE piece = ?1 AND number > 1"
)
_CONTENTS_OF_PIECE: Final = " ".join(
    (
        f"WITH its AS ({_REVISIONS_OF_PIECE})",
        "SELECT content FROM revisions WHERE seq IN its UNION SELECT content FROM files WHERE revision IN its",
    )
)
_REMOVE_FILES: Final = " ".join(("DELETE FROM files WHERE revision IN", f"({_REVISIONS_OF_PIECE})"))


@dataclass(frozen=True, slots=True)
class Head:
    """The current revision of a Piece, with its row and the row and digest of its content."""

    revision: Revision
    seq: int
    content: int
    sha256: bytes


def last_seq(connection: apsw.Connection) -> int:
    """Return the store's change counter: the number of its newest revision or removal."""
    return int(scalar(connection, _LAST_SEQ))


def contents_of(connection: apsw.Connection, key: int) -> dict[bytes, int]:
    """Return the row of each content of a Piece, by digest."""
    query = " ".join(("SELECT sha256, id FROM contents WHERE id IN", f"({_CONTENTS_OF_PIECE})"))
    return {sha256: content for sha256, content in rows(connection, query, key)}  # noqa: C416 -- typed


def add_content(connection: apsw.Connection, content: bytes, digest: bytes) -> int:
    """Add a content and return its row."""
    connection.execute("INSERT INTO contents(sha256, data) VALUES(?, ?)", (digest, content))
    return connection.last_insert_rowid()


def add_origin(
    connection: apsw.Connection,
    key: int,
    piece_id: str,
    first: int,
    *,
    created_ms: int,
    source: tuple[str | None, str | None, str | None],
) -> None:
    """Add the row of a Piece whose revision 1 has the change number `first`."""
    connection.execute(_ADD_PIECE, (key, piece_id, created_ms, first, *source))


def highest_key(connection: apsw.Connection) -> int:
    """Return the highest row number of a Piece; 0 in an empty store."""
    return int(scalar(connection, "SELECT coalesce(max(id), 0) FROM pieces"))


def add_piece(connection: apsw.Connection, draft: Draft, now_ms: int, entropy: Entropy) -> Piece:
    """Add a Piece from a normalized draft. Its row number is also the time part of its id."""
    key = ulid.next_time(highest_key(connection), now_ms)
    piece_id = ulid.encode(key, entropy(ulid.RANDOM_BYTES))
    created = now_ms if draft.created is None else to_ms(draft.created)
    updated = max(created, created if draft.updated is None else to_ms(draft.updated))
    stored_files = _store_all(connection, draft.files) if draft.files else ()
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
        files=tuple(stored.file for stored in stored_files) if stored_files else (),
        id=piece_id,
        suggested=draft.suggested,
        author=draft.author,
    )
    seq = append_revision(connection, key, first, _add_content(connection, draft.content), stored_files)
    add_origin(connection, key, piece_id, seq, created_ms=created, source=source_row(draft))
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
        files=first.files,
        suggested=first.suggested,
        author=first.author,
    )


def append_revision(
    connection: apsw.Connection,
    key: int,
    revision: Revision,
    content: int,
    stored_files: Sequence[StoredFile],
) -> int:
    """Append a revision of a Piece, with its number and id. Return its change number.

    The first revision has the id of its Piece, so its row holds none.
    """
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
            None if revision.number == 1 else revision.id,
            write_suggested(revision.suggested),
            *author_row(revision.author),
            1 if revision.is_withdrawn else None,
        ),
    )
    if stored_files:
        write_files(connection, seq, stored_files)
    return seq


def apply_changes(
    connection: apsw.Connection, key: int, head: Head, changes: Changes, *, now_ms: int, entropy: Entropy
) -> bool:
    """Append the revision that results from normalized changes, which brings a withdrawn Piece back into view.

    Return False if they change nothing.
    """
    old, old_files = head.revision, files.files_of(connection, head.seq) if head.revision.files else ()
    known = {head.sha256: head.content, **{stored.sha256: stored.content for stored in old_files}}
    store_content = partial(_find_or_add_content, connection, known)
    content = head.content if changes.content is None else store_content(changes.content)
    new_files = files.edited(old_files, changes, store_content)
    new = replace(_edited(old, changes), files=tuple(stored.file for stored in new_files))
    # Equal contents may have several rows, so compare by digest; a new row has a digest of its own.
    digests = {head.content: head.sha256, **{stored.content: stored.sha256 for stored in old_files}}
    before = [digests[row] for row in (head.content, *_contents(old_files))]
    after = [digests.get(row) for row in (content, *_contents(new_files))]
    if new == old and after == before:
        return False
    require_fitting(new.size_bytes, [file.size_bytes for file in new.files])
    new = replace(new, author=changes.author, is_withdrawn=False)
    append_revision(connection, key, following(old, new, now_ms, entropy), content, new_files)
    return True


def withdraw(connection: apsw.Connection, key: int, head: Head, *, now_ms: int, entropy: Entropy) -> None:
    """Append a revision by the owner that takes the Piece out of view, with the current contents."""
    state = replace(head.revision, author=None, is_withdrawn=True)
    withdrawn = following(head.revision, state, now_ms, entropy)
    append_revision(connection, key, withdrawn, head.content, files.files_of(connection, head.seq))


def following(current: Revision, state: Revision, now_ms: int, entropy: Entropy) -> Revision:
    """Return a state as the revision that follows the current one. Its id is later, whatever the clock says."""
    new_id = ulid.later_id(current.id, now_ms, entropy(ulid.RANDOM_BYTES))
    return replace(state, number=current.number + 1, at=from_ms(now_ms), id=new_id)


def again(current: Revision, earlier: Revision, now_ms: int, entropy: Entropy) -> Revision:
    """Return an earlier state as the revision that follows the current one, as an edit by the owner."""
    state = replace(earlier, suggested=after_return(current, earlier), author=None)
    return following(current, state, now_ms, entropy)


def remove_piece(connection: apsw.Connection, key: int, piece_id: str, removal_id: str, now_ms: int) -> None:
    """Remove a Piece with all its revisions, and record the removal.

    It is recorded first, so that its change number follows those of the revisions.
    """
    add_removal(connection, key, piece_id, removal_id, now_ms)
    erase_piece(connection, key)


def add_removal(connection: apsw.Connection, key: int, piece_id: str, removal_id: str, at_ms: int) -> None:
    """Record the removal of a Piece that had the row number `key`; 0 if the store never held it."""
    values = (last_seq(connection) + 1, key, at_ms, piece_id, removal_id)
    connection.execute(_ADD_REMOVAL, values)


def erase_piece(connection: apsw.Connection, key: int) -> None:
    """Delete every row of a Piece. SQLite overwrites them (`secure_delete`)."""
    contents = rows(connection, _CONTENTS_OF_PIECE, key)
    connection.executemany("DELETE FROM contents WHERE id = ?", contents)
    connection.execute(_REMOVE_FILES, (key,))
    connection.execute("DELETE FROM revisions WHERE piece = ? AND number > 1", (key,))
    connection.execute("DELETE FROM revisions WHERE seq = (SELECT first FROM pieces WHERE id = ?)", (key,))
    connection.execute("DELETE FROM pieces WHERE id = ?", (key,))


def _add_content(connection: apsw.Connection, content: bytes) -> int:
    return add_content(connection, content, hashlib.sha256(content).digest())


def _store_all(connection: apsw.Connection, given: Iterable[WholeFile]) -> tuple[StoredFile, ...]:
    return tuple(files.store_file(file, partial(_add_content, connection)) for file in given)


def _find_or_add_content(connection: apsw.Connection, known: dict[bytes, int], content: bytes) -> int:
    """Return the row of a content, adding one unless `known` has it."""
    digest = hashlib.sha256(content).digest()
    if digest not in known:
        known[digest] = _add_content(connection, content)
    return known[digest]


def _contents(stored_files: Iterable[StoredFile]) -> list[int]:
    return [stored.content for stored in stored_files]


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
        suggested=after_edit(old.suggested, changes),
    )


def _media_type(old: str, changes: Changes) -> str:
    """Return the media type after an edit: the requested one, else that of the new content."""
    if changes.media_type:
        return changes.media_type
    if changes.content is None:
        return old
    return media_type_after(old, sniff(changes.content))
