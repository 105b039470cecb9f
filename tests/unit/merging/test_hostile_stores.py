"""A store that satchel did not write is refused as a whole, with one line, and nothing of it is taken."""

import json
import shutil
from pathlib import Path

import apsw
import pytest
from tests.support.merging import Devices, holdings

from satchel.errors import IntegrityError, NotFoundError, SatchelError
from satchel.merging import merge, plan_merge
from satchel.pieces import fields
from satchel.store import Changes, Draft, Source, Store, WholeFile

LATE = "7ZZZZZZZZZ0000000000000000"  # in the year 10889
LONG = 100_000


@pytest.fixture
def theirs(devices: Devices) -> Store:
    """A store with an edited Piece of two files, and a removal."""
    store = devices.new("theirs")
    source = Source("file", "/x", "x")
    edited = store.add(
        Draft(b"main", title="t", source=source, files=(WholeFile("a", b"1"), WholeFile("b", b"2")))
    )
    store.edit(edited.id, Changes(title="u"))
    store.remove(store.add(Draft(b"gone")).id)
    return store


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE pieces SET ulid = 'x'",
        "UPDATE pieces SET ulid = lower(ulid)",
        f"UPDATE pieces SET ulid = '{LATE}'",
        "UPDATE pieces SET first = 99",
        "UPDATE pieces SET first = 2",
        "UPDATE pieces SET created = 9000000000000000",
        "UPDATE pieces SET created = -9000000000000000",
        "UPDATE pieces SET source_kind = NULL",
        "UPDATE pieces SET source_location = 'a' || char(27) || '[2J'",
        f"UPDATE pieces SET file_name = hex(zeroblob({LONG}))",
        "UPDATE revisions SET number = 3 WHERE number = 2",
        "UPDATE revisions SET number = -1 WHERE number = 1",
        "UPDATE revisions SET ulid = NULL",
        "UPDATE revisions SET ulid = 'x' WHERE number = 2",
        f"UPDATE revisions SET ulid = '{LATE}' WHERE number = 2",
        "UPDATE revisions SET ulid = '00000000000000000000000000' WHERE number = 2",
        "UPDATE revisions SET at = 9223372036854775807",
        "UPDATE revisions SET title = 'a' || char(10) || 'b'",
        "UPDATE revisions SET title = 'a' || char(0) || 'b'",
        f"UPDATE revisions SET title = hex(zeroblob({LONG}))",
        "UPDATE revisions SET title = CAST(x'ff' AS TEXT)",
        f"UPDATE revisions SET description = hex(zeroblob({LONG}))",
        "UPDATE revisions SET description = char(7)",
        f"UPDATE revisions SET language = hex(zeroblob({LONG}))",
        f"UPDATE revisions SET media_type = hex(zeroblob({LONG}))",
        "UPDATE revisions SET tags = '{}'",
        "UPDATE revisions SET tags = '[1]'",
        "UPDATE revisions SET tags = '[\"\\ud800\"]'",
        "UPDATE revisions SET tags = replace(hex(zeroblob(10000)), '0', '[')",
        f"UPDATE revisions SET links = '[\"' || hex(zeroblob({10 * LONG})) || '\"]'",
        "UPDATE revisions SET suggested = ''",
        "UPDATE revisions SET suggested = '{}'",
        'UPDATE revisions SET suggested = \'{"other":{"a":"m/1"}}\'',
        'UPDATE revisions SET suggested = \'{"title": {"a":"m/1"}}\'',
        'UPDATE revisions SET suggested = \'{"title":{"a\\nb":"m/1"}}\'',
        'UPDATE revisions SET suggested = \'{"title":{"\\ud800":"m/1"}}\'',
        "UPDATE revisions SET suggested = replace(hex(zeroblob(10000)), '0', '[')",
        f'UPDATE revisions SET suggested = \'{{"title":{{"\' || hex(zeroblob({LONG})) || \'":"m/1"}}}}\'',
        f"UPDATE revisions SET suggested = hex(zeroblob({100 * LONG}))",
        "UPDATE revisions SET agent = ''",
        "UPDATE revisions SET agent = 'a' || char(10)",
        "UPDATE revisions SET agent = ' a'",
        "UPDATE revisions SET client = 'without an agent'",
        "UPDATE revisions SET agent = 'a', client = ''",
        f"UPDATE revisions SET agent = hex(zeroblob({LONG}))",
        f"UPDATE revisions SET agent = 'a', client = hex(zeroblob({LONG}))",
        "UPDATE revisions SET withdrawn = 0",
        "UPDATE revisions SET withdrawn = 2",
        "UPDATE revisions SET size_bytes = -1",
        "UPDATE revisions SET size_bytes = 5",
        "UPDATE revisions SET size_bytes = 9223372036854775807",
        "UPDATE revisions SET content = 99",
        "UPDATE contents SET data = x'00000000' WHERE length(data) = 4",
        "UPDATE contents SET sha256 = x''",
        "UPDATE files SET name = '../x' WHERE position = 1",
        "UPDATE files SET name = 'b'",
        "UPDATE files SET name = char(8238)",
        f"UPDATE files SET name = hex(zeroblob({LONG}))",
        "UPDATE files SET position = position + 10",
        "UPDATE files SET size_bytes = 99",
        "UPDATE files SET size_bytes = 9223372036854775807",
        "UPDATE files SET content = 99",
        "UPDATE removals SET ulid = 'x'",
        f"UPDATE removals SET ulid = '{LATE}'",
        "UPDATE removals SET piece_ulid = 'x'",
        "UPDATE removals SET at = 9223372036854775807",
        "CREATE TRIGGER t AFTER INSERT ON meta BEGIN SELECT 1; END",
        "CREATE VIEW v AS SELECT 1",
        "DROP INDEX times",
        "PRAGMA application_id = 7",
        "PRAGMA user_version = 2",
    ],
)
def test_a_store_that_breaks_a_rule_is_refused(ours: Store, theirs: Store, damage: str) -> None:
    theirs._connection.execute(damage).fetchall()
    before = holdings(ours)
    with pytest.raises(IntegrityError) as refused:
        merge(ours, theirs.path)
    assert refused.value.message.startswith("the other store ")
    assert len(refused.value.message.splitlines()) == 1
    assert len(refused.value.message) < 200
    assert holdings(ours) == before
    assert ours.change_counter == 1


def test_too_many_files_are_refused(ours: Store, theirs: Store) -> None:
    theirs._connection.execute(
        "WITH RECURSIVE n(i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
        " INSERT INTO files SELECT 1, i, 'f' || i, NULL, 'text/plain', 1, 2 FROM n",
        (fields.MAX_FILES + 1,),
    )
    with pytest.raises(IntegrityError):
        merge(ours, theirs.path)


def test_too_many_tags_are_refused(ours: Store, theirs: Store) -> None:
    tags = json.dumps([str(number) for number in range(fields.MAX_TAGS + 1)])
    theirs._connection.execute("UPDATE revisions SET tags = ?", (tags,))
    with pytest.raises(IntegrityError):
        merge(ours, theirs.path)


def test_too_many_suggestions_are_refused(ours: Store, theirs: Store) -> None:
    tags = {f"{number:03}": "tags/1" for number in range(fields.MAX_SUGGESTED + 1)}
    text = json.dumps({"tags": tags}, separators=(",", ":"))
    theirs._connection.execute("UPDATE revisions SET suggested = ?", (text,))
    with pytest.raises(IntegrityError, match="suggestions that break a rule"):
        merge(ours, theirs.path)


def test_too_many_revisions_of_a_piece_are_refused(
    ours: Store, theirs: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    piece = next(theirs.pieces())
    monkeypatch.setattr("satchel.merging.histories.MAX_REVISIONS", 5)
    for number in range(2):
        theirs.edit(piece.id, Changes(title=f"title {number}"))
    assert plan_merge(ours, theirs.path).added == 1
    theirs.edit(piece.id, Changes(title="one too many"))
    theirs.edit(piece.id, Changes(title="two too many"))
    with pytest.raises(IntegrityError, match="more than 5 revisions"):
        plan_merge(ours, theirs.path)


def test_two_pieces_with_one_id_are_refused(ours: Store, tmp_path: Path) -> None:
    """Only stores of versions 1 and 2 can have them: later ones have a unique index."""
    older = tmp_path / "older.db"
    shutil.copy(Path(__file__).parents[2] / "golden/stores/v2/store.db", older)
    connection = apsw.Connection(str(older))
    connection.execute("UPDATE pieces SET ulid = (SELECT min(ulid) FROM pieces)")
    connection.close()
    with pytest.raises(IntegrityError):
        merge(ours, older)


@pytest.mark.parametrize("data", [b"", b"plain text\n" * 1_000, b"SQLite format 3\0" + bytes(8_000)])
def test_a_file_that_is_not_a_store_is_refused(ours: Store, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "other.db"
    path.write_bytes(data)
    with pytest.raises(IntegrityError):
        merge(ours, path)


def test_a_missing_file_is_not_found(ours: Store, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        merge(ours, tmp_path / "missing.db")


def test_a_damaged_page_is_refused(ours: Store, theirs: Store) -> None:
    list(theirs.add_many(Draft(b"content %d " % number * 50) for number in range(200)))
    theirs.close()
    data = bytearray(theirs.path.read_bytes())
    for page in range(4, len(data) // 4096):
        data[page * 4096 : page * 4096 + 8] = b"\xff" * 8
    theirs.path.write_bytes(data)
    with pytest.raises(IntegrityError, match="the other store is damaged"):
        merge(ours, theirs.path)
    assert ours.count() == 1


def test_a_newer_store_is_refused_with_a_hint(ours: Store, theirs: Store) -> None:
    theirs._connection.pragma("user_version", 99)
    with pytest.raises(SatchelError, match="newer satchel") as refused:
        merge(ours, theirs.path)
    assert (refused.value.exit_code, refused.value.hint) == (1, "update satchel")


def test_names_that_earlier_versions_accepted_are_taken_as_they_are(ours: Store, theirs: Store) -> None:
    theirs._connection.execute("UPDATE files SET name = ? WHERE position = 1", ("x\u200b.py",))
    piece = next(theirs.pieces())
    merge(ours, theirs.path)
    assert [file.name for file in ours.piece(piece.id).files] == ["x\u200b.py", "b"]
    assert list(ours.problems()) == []
