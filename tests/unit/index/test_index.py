"""The index is built when missing, rebuilt when unusable, and otherwise follows the store."""

import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from random import Random

import apsw
import pytest
from tests.unit.store.conftest import run_bound_by_permissions

from satchel.errors import SatchelError
from satchel.index import Index, search_index, updates
from satchel.index.database import INDEX_VERSION
from satchel.store import Changes, Draft, Store
from satchel.store.database import open_file


@pytest.fixture
def filled(home: Path) -> Path:
    """The index.db of a closed store of 50 Pieces, two of which contain "needle"."""
    with Store.create(home) as store:
        list(
            store.add_many(Draft(f"piece {n} {'needle' if n % 25 == 0 else ''}".encode()) for n in range(50))
        )
        with Index.open(home, store) as index:
            index.update()
    return home / "index.db"


def _found(home: Path, query: str = "needle") -> int:
    with Store.open(home) as store, Index.open(home, store) as opened:
        opened.update()
        assert opened.problems() == []
        assert opened.count() == store.count()
        return len(opened.search(query))


def _is_rebuilt(path: Path) -> bool:
    """Whether opening the index rebuilds it, which removes a row that no store has."""
    connection = apsw.Connection(str(path))
    connection.execute("REPLACE INTO words(rowid, body) VALUES(1, 'footprint')")
    connection.execute("REPLACE INTO pieces VALUES(1, 'footprint', x'')")
    connection.close()
    with Store.open(path.parent) as store, Index.open(path.parent, store) as opened:
        opened.update()
        return opened.count() == store.count()


def test_the_index_is_private_to_its_owner(filled: Path) -> None:
    assert stat.S_IMODE(filled.stat().st_mode) == 0o600


def test_a_closed_index_is_one_file(filled: Path) -> None:
    assert sorted(path.name for path in filled.parent.iterdir()) == ["index.db", "store.db"]


def test_a_current_index_is_not_rebuilt(filled: Path) -> None:
    assert not _is_rebuilt(filled)


def test_a_missing_index_is_built(filled: Path) -> None:
    filled.unlink()
    assert _found(filled.parent) == 2


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _garbage(path: Path) -> None:
    path.write_bytes(Random(1).randbytes(20_000))


def _plain_text(path: Path) -> None:
    path.write_bytes(b"plain text notes\n" * 1_000)


def _half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _header_only(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


def _holes(path: Path) -> None:
    data, chance = bytearray(path.read_bytes()), Random(2)
    for at in range(4096, len(data), 4096):
        data[at : at + 64] = chance.randbytes(64)
    path.write_bytes(data)


def _sql(statement: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        connection = apsw.Connection(str(path))
        connection.execute(statement).fetchall()
        connection.close()

    return change


DAMAGES = {
    "empty": _empty,
    "garbage": _garbage,
    "plain-text": _plain_text,
    "half": _half,
    "header": _header_only,
    "holes": _holes,
    "older-version": _sql(f"PRAGMA user_version = {INDEX_VERSION - 1}"),
    "newer-version": _sql(f"PRAGMA user_version = {INDEX_VERSION + 1}"),
    "other-program": _sql("PRAGMA application_id = 7"),
    "other-store": _sql("UPDATE progress SET store_id = 'other'"),
    "ahead-of-the-store": _sql("UPDATE progress SET counter = 99"),
    "other-history": _sql("UPDATE progress SET at = at + 1"),
    "no-progress": _sql("DELETE FROM progress"),
    "no-table": _sql("DROP TABLE pieces"),
    "no-words": _sql("DROP TABLE words"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_an_unusable_index_is_rebuilt(filled: Path, damage: str) -> None:
    DAMAGES[damage](filled)
    assert _found(filled.parent) == 2


def test_damage_found_while_searching_is_repaired(filled: Path) -> None:
    with Store.open(filled.parent) as store, Index.open(filled.parent, store) as opened:
        _sql("DELETE FROM words_data WHERE id > 10")(filled)
        assert len(opened.search("needle")) == 2
        assert opened.problems() == []


def test_an_index_of_another_store_is_rebuilt(filled: Path, tmp_path: Path) -> None:
    other_home = tmp_path / "other"
    with Store.create(other_home) as other:
        other.add(Draft(b"something else"))
    shutil.copy(filled, other_home / "index.db")
    assert _found(other_home) == 0
    assert _found(other_home, "something") == 1


def test_an_index_newer_than_the_store_is_rebuilt(filled: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    shutil.copy(filled.parent / "store.db", backup)
    with Store.open(filled.parent) as store:
        store.add(Draft(b"a later needle"))
    assert _found(filled.parent) == 3
    shutil.copy(backup, filled.parent / "store.db")
    with Store.open(filled.parent) as store:
        store.add(Draft(b"another history"))
    assert _found(filled.parent) == 2
    assert _found(filled.parent, "another") == 1


def test_changes_of_another_process_are_found(filled: Path) -> None:
    home = filled.parent
    with Store.open(home) as store, Index.open(home, store) as opened, Store.open(home) as other:
        piece = other.add(Draft(b"from elsewhere"))
        assert [hit.piece.id for hit in opened.search("elsewhere")] == [piece.id]
        other.edit(piece.id, Changes(content=b"changed"))
        assert opened.search("elsewhere") == []
        other.remove(piece.id)
        assert opened.search("changed") == []


def test_a_piece_removed_during_a_search_is_omitted(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = filled.parent
    with Store.open(home) as store, Index.open(home, store) as opened, Store.open(home) as other:
        monkeypatch.setattr(opened, "update", lambda _advance: None)
        other.remove(opened.search("needle")[0].piece.id)
        assert len(opened.search("needle")) == 1


def test_an_interrupted_update_resumes(home: Path) -> None:
    with Store.create(home) as store:
        list(store.add_many(Draft(b"word") for _ in range(5_000)))
        reported: list[int] = []

        def interrupted(amount: int) -> None:
            reported.append(amount)
            if len(reported) == 2:
                raise KeyboardInterrupt

        with Index.open(home, store) as opened, pytest.raises(KeyboardInterrupt):
            opened.update(interrupted)
        rest: list[int] = []
        with Index.open(home, store) as opened:
            opened.update(rest.append)
            assert opened.count() == 5_000
            assert opened.problems() == []
    assert sum(reported) + sum(rest) == 5_000
    assert sum(reported) > 0


def test_an_error_of_the_store_does_not_rebuild_the_index(filled: Path) -> None:
    home = filled.parent
    with Store.open(home) as store, Index.open(home, store) as opened:
        opened.search("needle")
        _sql("UPDATE revisions SET tags = 'x' WHERE seq = 1; DELETE FROM contents WHERE id = 26")(
            home / "store.db"
        )
        with pytest.raises(SatchelError) as caught:
            opened.search("needle")
    assert caught.value.exit_code == 5


def test_an_index_is_rebuilt_on_request(filled: Path) -> None:
    home = filled.parent
    reported: list[int] = []
    with Store.open(home) as store, Index.open(home, store) as opened:
        opened.rebuild(reported.append)
        assert len(opened.search("needle")) == 2
    assert sum(reported) == 50


def test_problems_of_an_index_are_reported(filled: Path) -> None:
    home = filled.parent
    with Store.open(home) as store, Index.open(home, store) as opened:
        opened.update()
        assert opened.problems() == []
        _sql("DELETE FROM pieces WHERE id = (SELECT min(id) FROM pieces)")(filled)
        assert opened.problems() == ["1 entries belong to no Piece"]
        _sql("DELETE FROM words_data WHERE id > 10")(filled)
        assert opened.problems()[0].startswith("the index is damaged")


def test_words_of_a_removed_piece_are_overwritten(home: Path) -> None:
    with Store.create(home) as store:
        list(store.add_many(Draft(f"word{n} filler".encode()) for n in range(100)))
        piece = store.add(Draft(b"geheimwort", title="geheimtitel", tags=("geheimtag",)))
        with Index.open(home, store) as opened:
            assert len(opened.search("geheimwort")) == 1
            store.remove(piece.id)
            opened.update()
    assert b"geheim" not in (home / "index.db").read_bytes()


def test_an_unusable_index_path_is_reported(filled: Path) -> None:
    filled.unlink()
    filled.mkdir()
    with Store.open(filled.parent) as store, pytest.raises(SatchelError, match=r"index\.db"):
        Index.open(filled.parent, store)


def test_prefetched_changes_yield_the_same_index(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.create(home) as store:
        list(
            store.add_many(Draft(f"word{n} common_name".encode(), tags=(f"t{n % 7}",)) for n in range(3_000))
        )
        with Index.open(home, store) as opened:
            threaded = [opened.search(query, 5_000) for query in ("common", "word7", "tag:t3")]
        (home / "index.db").unlink()
        monkeypatch.setattr(search_index, "PREFETCHED_CHANGES", 10**9)
        with Index.open(home, store) as opened:
            assert [opened.search(query, 5_000) for query in ("common", "word7", "tag:t3")] == threaded
    assert len(threaded[0]) == 3_000


def test_a_large_index_is_merged(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updates, "MERGED_FROM_CHANGES", 100)
    with Store.create(home) as store:
        list(store.add_many(Draft(b"word") for _ in range(100)))
        with Index.open(home, store) as opened:
            opened.update()
            segments = opened._connection.execute("SELECT count(DISTINCT segid) FROM words_idx").get
    assert segments == 1


def test_a_read_only_index_still_follows_the_store(filled: Path) -> None:
    home = filled.parent
    with Store.open(home) as store:
        connection = open_file(filled, apsw.SQLITE_OPEN_READONLY, is_immutable=True)
        with Index(filled, store, connection) as opened:
            assert len(opened.search("needle")) == 2
            store.add(Draft(b"one more needle"))
            assert len(opened.search("needle")) == 3


SEARCH = """
import sys
from pathlib import Path
from satchel.index import Index
from satchel.store import Store
home = Path(sys.argv[1])
with Store.open(home) as store, Index.open(home, store) as index:
    print(len(index.search("needle")), index.count())
"""


@pytest.mark.parametrize("state", ["current", "missing", "stale", "damaged", "damaged-inside", "with-a-log"])
def test_searching_works_in_a_read_only_directory(filled: Path, state: str) -> None:
    home = filled.parent
    if state == "missing":
        filled.unlink()
    elif state == "stale":
        with Store.open(home) as store:
            store.add(Draft(b"one more needle"))
    elif state == "damaged":
        _holes(filled)
    elif state == "damaged-inside":
        _sql("DELETE FROM words_data WHERE id > 10")(filled)
    elif state == "with-a-log":
        (home / "index.db-wal").write_bytes(b"left over")
    before = {path.name: path.read_bytes() for path in home.iterdir()}
    for path in home.iterdir():
        path.chmod(0o400)
    home.chmod(0o500)
    try:
        printed = run_bound_by_permissions(SEARCH, home)
    finally:
        home.chmod(0o700)
    assert printed == ("3 51\n" if state == "stale" else "2 50\n")
    assert {path.name: path.read_bytes() for path in home.iterdir()} == before
