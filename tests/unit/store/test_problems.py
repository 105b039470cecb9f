"""`Store.problems` finds every kind of damage and reports where it is, without showing the content of Pieces."""

import pytest

from satchel.errors import IntegrityError
from satchel.store import Changes, Draft, Store, WholeFile

PRIVATE = "private words"


@pytest.fixture
def used(store: Store) -> Store:
    """A store with every kind of change: edits, a restored revision, a removal, files."""
    pieces = [store.add(Draft(f"{PRIVATE} {n}".encode(), title=PRIVATE, tags=("t",))) for n in range(5)]
    store.edit(pieces[0].id, Changes(content=b"other"))
    store.edit(pieces[0].id, Changes(title="third"))
    store.restore_revision(pieces[0].id, 1)
    store.remove(pieces[1].id)
    files = (WholeFile("a.txt", f"{PRIVATE} in a file".encode()), WholeFile("b.txt", b"b"))
    several = store.add(Draft(b"several", title=PRIVATE, files=files))
    store.edit(several.id, Changes(title="renamed"))
    store.add(Draft(b"never edited", title=PRIVATE))
    return store


def test_an_intact_store_has_no_problems(used: Store) -> None:
    assert list(used.problems()) == []


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        ("DELETE FROM contents WHERE id = 1", "the content of revision 1 is missing"),
        (
            "UPDATE contents SET data = CAST(x'00' || substr(data, 2) AS BLOB) WHERE id = 3",
            "content 3 does not match its SHA-256 digest",
        ),
        (
            "UPDATE contents SET data = x'00' WHERE id = 3",
            "the content of revision 3 is missing or has the wrong size",
        ),
        ("INSERT INTO contents VALUES(99, x'', x'')", "content 99 belongs to no revision"),
        ("DELETE FROM revisions WHERE seq = 3", "has no first revision"),
        ("DELETE FROM revisions WHERE number = 2", "has gaps in its revisions"),
        ("UPDATE revisions SET piece = 7 WHERE seq = 3", "revision 3 belongs to no Piece"),
        ("UPDATE revisions SET tags = '[' WHERE seq = 3", "the tags or links of revision 3 are unreadable"),
        (
            "UPDATE revisions SET links = '[1]' WHERE seq = 3",
            "the tags or links of revision 3 are unreadable",
        ),
        ("UPDATE pieces SET ulid = 'x' WHERE id = (SELECT max(id) FROM pieces)", "the id of Piece"),
        ("UPDATE revisions SET ulid = 'x' WHERE seq = 6", "the id of revision 6 is not valid"),
        ("UPDATE removals SET piece_ulid = '' ", "the id of removal 9 is not valid"),
        ("UPDATE revisions SET ulid = NULL WHERE seq = 6", "are not in the order of their ids"),
        (
            "UPDATE revisions SET ulid = (SELECT max(ulid) FROM removals) WHERE seq = 6",
            "are not in the order of their ids",
        ),
        ("UPDATE revisions SET number = 3 WHERE number = 2 AND seq < 9", "has gaps in its revisions"),
        ("DELETE FROM contents WHERE id = 7", "the content of a file of revision 10 is missing"),
        (
            "UPDATE contents SET data = x'00' WHERE id = 7",
            "a file of revision 10 is missing or has the wrong size",
        ),
        ("UPDATE files SET revision = 99 WHERE revision = 10", "a file belongs to revision 99"),
        ("UPDATE files SET position = 9 WHERE position = 2", "the files of revision 10 are not numbered"),
        ("UPDATE files SET name = 'same'", "two files of revision 10 have the same name"),
        ("UPDATE files SET name = '../x' WHERE position = 1", "a file of revision 10 has an invalid name"),
        (
            "INSERT INTO removals SELECT 99, id, 0, ulid, '7ZZZZZZZZZ0000000000000000' FROM pieces LIMIT 1",
            "removal 99 names a Piece",
        ),
    ],
)
def test_each_kind_of_damage_is_reported(used: Store, damage: str, problem: str) -> None:
    used._connection.execute(damage)
    found = list(used.problems())
    assert any(problem in line for line in found), found
    assert not any(PRIVATE in line or "\n" in line for line in found)


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM contents",
        "DELETE FROM revisions WHERE number = 1",
        "UPDATE revisions SET tags = 'x'",
        "UPDATE revisions SET at = 9000000000000000",
        "UPDATE revisions SET title = CAST(x'ff' AS TEXT)",
        "UPDATE revisions SET tags = replace(hex(zeroblob(100000)), '0', '[')",
    ],
)
def test_an_unreadable_piece_raises_an_integrity_error(used: Store, damage: str) -> None:
    piece = next(used.pieces())
    used._connection.execute(damage)
    with pytest.raises(IntegrityError) as caught:
        (used.piece(piece.id), used.content(piece.id), used.readable(piece.id, 100))
    assert PRIVATE not in caught.value.message
    with pytest.raises(IntegrityError):
        (used.readable(piece.id, 100), used.revisions(piece.id), used.content(piece.id), used.piece(piece.id))


def test_a_damaged_page_is_reported(used: Store) -> None:
    used.close()
    path = used.path
    data = bytearray(path.read_bytes())
    start = data.index(PRIVATE.encode()) // 4096 * 4096
    data[start : start + 8] = b"\xff" * 8
    path.write_bytes(data)
    with Store.open(used.home) as store:
        found = list(store.problems())
    assert {line[:23] for line in found} == {"the database is damaged"}
