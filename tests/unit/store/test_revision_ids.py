"""Revisions and removals have ids that sort after what they were made upon; old edits get derived ones."""

import hashlib
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import apsw
import pytest
from tests.support.merging import immutable
from tests.unit.store.conftest import TickingClock

from satchel.errors import IntegrityError
from satchel.pieces import ulid
from satchel.store import Changes, Draft, Store, WholeFile

GOLDEN = Path(__file__).parents[2] / "golden" / "stores"


def test_the_first_revision_has_the_id_of_its_piece(store: Store) -> None:
    piece = store.add(Draft(b"x"))
    assert [revision.id for revision in store.revisions(piece.id)] == [piece.id]
    assert store._connection.execute("SELECT ulid FROM revisions").get is None


@pytest.mark.parametrize("step", [timedelta(0), timedelta(hours=-1), timedelta(hours=1)])
def test_ids_of_revisions_ascend_whatever_the_clock_says(
    store: Store, clock: TickingClock, step: timedelta
) -> None:
    piece = store.add(Draft(b"x"))
    clock.step = step
    for number in range(5):
        store.edit(piece.id, Changes(title=f"title {number}"))
    store.restore_revision(piece.id, 1)
    revisions = store.revisions(piece.id)
    ids = [revision.id for revision in revisions]
    assert ids == sorted(set(ids))
    assert [revision.number for revision in revisions] == list(range(1, 8))
    assert all(map(ulid.is_id, ids))
    assert (revisions[-1].at < revisions[0].at) == (step < timedelta(0))


def test_an_id_holds_the_time_of_the_clock_if_it_is_ahead(store: Store, clock: TickingClock) -> None:
    piece = store.add(Draft(b"x"))
    edited = store.edit(piece.id, Changes(title="new"))
    [_, second] = store.revisions(piece.id)
    assert ulid.time_of(second.id) == int(edited.updated.timestamp() * 1000)


def test_a_removal_keeps_the_whole_id_and_follows_the_newest_revision(
    store: Store, clock: TickingClock
) -> None:
    piece = store.add(Draft(b"x"))
    store.edit(piece.id, Changes(title="new"))
    newest = store.revisions(piece.id)[-1].id
    clock.step = timedelta(days=-1)
    store.remove(piece.id.lower())
    piece_id: Any
    removal: Any
    [(piece_id, removal)] = store._connection.execute("SELECT piece_ulid, ulid FROM removals").fetchall()
    assert piece_id == piece.id
    assert ulid.time_of(removal) == ulid.time_of(newest) + 1


@pytest.mark.parametrize("version", [1, 2])
def test_two_copies_of_an_old_store_give_their_edits_the_same_ids(version: int, tmp_path: Path) -> None:
    found = []
    for name in ("one", "two"):
        home = tmp_path / name
        home.mkdir()
        shutil.copy(GOLDEN / f"v{version}" / "store.db", home)
        with Store.open(home) as store:
            found.append(
                {
                    piece.id: [revision.id for revision in store.revisions(piece.id)]
                    for piece in store.pieces()
                }
            )
    assert found[0] == found[1]
    assert any(len(ids) > 1 for ids in found[0].values())


def _old_store(home: Path, change: str = "") -> dict[str, list[str]]:
    """Migrate a copy of the golden store of version 2 that was changed before; return the ids of its revisions."""
    home.mkdir()
    shutil.copy(GOLDEN / "v2" / "store.db", home)
    connection = apsw.Connection(str(home / "store.db"))
    connection.execute(change).fetchall()
    connection.close()
    with Store.open(home) as store:
        return {piece.id: [each.id for each in store.revisions(piece.id)] for piece in store.pieces()}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE revisions SET title = title || 'x' WHERE number = 2",
        "UPDATE revisions SET description = description || 'x' WHERE number = 2",
        "UPDATE revisions SET language = 'x' WHERE number = 2",
        "UPDATE revisions SET tags = '[\"x\"]' WHERE number = 2",
        "UPDATE revisions SET at = at + 1 WHERE number = 2",
        "UPDATE contents SET sha256 = zeroblob(32)",
        "UPDATE files SET name = name || 'x'",
        "UPDATE files SET language = coalesce(language, '') || 'x'",
    ],
)
def test_edits_that_differ_in_any_field_get_different_ids(tmp_path: Path, change: str) -> None:
    assert _old_store(tmp_path / "one") != _old_store(tmp_path / "two", change)


def test_the_derived_id_is_the_specified_one(tmp_path: Path) -> None:
    """Derived here again, from the words of the specification."""
    ids = _old_store(tmp_path / "home")
    connection = immutable(GOLDEN / "v2" / "store.db")
    piece_id: Any
    fields: list[Any]
    [(piece_id, seq, *fields)] = connection.execute(
        "SELECT p.ulid, r.seq, r.number, r.at, r.title, r.description, r.language, r.media_type, r.tags, r.links,"
        " r.size_bytes, c.sha256 FROM files AS f JOIN revisions AS r ON r.seq = f.revision AND r.number = 2"
        " JOIN pieces AS p ON p.id = r.piece JOIN contents AS c ON c.id = r.content WHERE f.position = 1"
    ).fetchall()
    for file in connection.execute(
        "SELECT f.name, f.language, f.media_type, f.size_bytes, c.sha256 FROM files AS f"
        " JOIN contents AS c ON c.id = f.content WHERE f.revision = ? ORDER BY f.position",
        (seq,),
    ):
        fields.extend(file)
    digest = hashlib.sha256(b"satchel/v1/revision-id")
    for field in (piece_id, *fields):
        data = field if isinstance(field, bytes) else str("" if field is None else field).encode()
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    at = fields[1]
    assert ids[piece_id][1] == ulid.encode(max(at, ulid.time_of(piece_id) + 1), digest.digest()[:10])


def test_an_old_store_with_an_impossible_time_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IntegrityError):
        _old_store(tmp_path / "home", f"UPDATE revisions SET at = {2**62}")


def test_an_old_name_with_invisible_characters_stays_readable(tmp_path: Path) -> None:
    _old_store(tmp_path / "home", "UPDATE files SET name = 'x' || char(0x200b) || '.py' WHERE position = 1")
    with Store.open(tmp_path / "home") as store:
        assert list(store.problems()) == []
        piece = next(piece for piece in store.pieces() if piece.files)
        assert piece.files[0].name == "x\u200b.py"
        changed = store.edit(piece.id, Changes(add_files=(WholeFile("x.py", b"new"),)))
        assert [file.name for file in changed.files if file.name.startswith("x")] == ["x.py"]
        assert len(changed.files) == len(piece.files)
        assert store.edit(piece.id, Changes(remove_files=("x.py",))).files == changed.files[1:]
