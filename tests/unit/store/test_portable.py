"""A store can be copied and read from read-only media, and keeps no removed data."""

import shutil
from pathlib import Path

import pytest
from tests.unit.store.conftest import run_bound_by_permissions

from satchel.errors import SatchelError
from satchel.store import Changes, Draft, Store


def _blocks(path: Path) -> list[bytes]:
    data = path.read_bytes()
    return [data[at : at + 4096] for at in range(0, len(data), 4096)]


def test_a_closed_store_is_one_file(home: Path) -> None:
    with Store.create(home) as store:
        list(store.add_many(Draft(b"x" * 5_000) for _ in range(2_000)))
        assert (home / "store.db-wal").exists()
    assert [path.name for path in home.iterdir()] == ["store.db"]


def test_a_copy_of_the_file_is_a_complete_store(home: Path, tmp_path: Path) -> None:
    with Store.create(home) as store:
        pieces = list(store.add_many(Draft(f"{number}".encode()) for number in range(50)))
    copy = tmp_path / "elsewhere" / "with space, # and %"
    copy.mkdir(parents=True)
    shutil.copy(home / "store.db", copy)
    with Store.open(copy) as store:
        assert list(store.pieces(newest_first=False)) == pieces
        store.add(Draft(b"more"))
    with Store.open(home) as store:
        assert store.count() == 50


def test_a_copy_of_an_open_idle_store_works(home: Path, tmp_path: Path) -> None:
    with Store.create(home) as store:
        piece = store.add(Draft(b"x"))
        shutil.copytree(home, tmp_path / "copy")
    with Store.open(tmp_path / "copy") as copy:
        assert list(copy.pieces()) == [piece]


READ = """
import sys
from pathlib import Path
from satchel.errors import SatchelError
from satchel.store import (Changes, Draft, Store)
with Store.open(Path(sys.argv[1])) as store:
    for piece in store.pieces():
        print(piece.title, store.content(piece.id).decode(), store.read_only)
    try:
        store.add(Draft(b"x"))
    except SatchelError as error:
        print(error.message)
"""


@pytest.mark.parametrize("name", ["plain", "odd ?#%41 name"])
def test_a_store_in_a_read_only_directory_can_be_read(tmp_path: Path, name: str) -> None:
    home = tmp_path / name
    with Store.create(home) as store:
        store.add(Draft(b"content", title="title"))
    (home / "store.db").chmod(0o400)
    home.chmod(0o500)
    try:
        printed = run_bound_by_permissions(READ, home).splitlines()
    finally:
        home.chmod(0o700)
    assert printed == ["title content True", f"'{home}/store.db' is read-only"]
    assert [path.name for path in home.iterdir()] == ["store.db"]


REFUSED = """
import sys
from pathlib import Path
from satchel.errors import SatchelError
from satchel.store import (Store)
try:
    getattr(Store, sys.argv[2])(Path(sys.argv[1]))
except SatchelError as error:
    print(error.exit_code, error.message)
"""


@pytest.mark.parametrize("closed", ["store.db", "."])
def test_an_unreadable_store_is_reported_in_one_line(tmp_path: Path, closed: str) -> None:
    home = tmp_path / "home"
    Store.create(home).close()
    (home / closed).chmod(0)
    printed = run_bound_by_permissions(REFUSED, home, "open")
    home.chmod(0o700)
    assert printed == f"1 '{home}/store.db' cannot be read or written\n"


def test_a_store_that_cannot_be_created_is_reported_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "outer").mkdir(mode=0o500)
    home = tmp_path / "outer" / "home"
    assert run_bound_by_permissions(REFUSED, home, "create") == f"1 cannot create a store in '{home}'\n"


def test_a_removed_piece_is_overwritten_on_disk(home: Path) -> None:
    with Store.create(home) as store:
        list(store.add_many(Draft(b"filler " * 300) for _ in range(20)))
        piece = store.add(Draft(b"geheim-eins " * 2_000, title="geheim-zwei", tags=("geheim-drei",)))
        store.edit(piece.id, Changes(content=b"geheim-vier", description="geheim-sechs"))
        list(store.add_many(Draft(b"filler " * 300) for _ in range(20)))
        store.remove(piece.id)
    assert b"geheim" not in (home / "store.db").read_bytes()


def test_editing_a_few_of_many_pieces_changes_few_blocks(home: Path) -> None:
    with Store.create(home) as store:
        pieces = list(store.add_many(Draft(b"line of code\n" * 200, title=f"{n}") for n in range(3_000)))
    before = _blocks(home / "store.db")
    with Store.open(home) as store:
        for piece in pieces[::100]:
            store.edit(piece.id, Changes(title="edited"))
    after = _blocks(home / "store.db")
    changed = sum(1 for old, new in zip(before, after, strict=False) if old != new) + len(after) - len(before)
    assert len(before) > 2_000
    assert changed <= 8  # 30 edits of 3,000 Pieces


def test_a_store_can_be_read_while_it_is_written(home: Path) -> None:
    with Store.create(home) as writer:
        writer.add(Draft(b"1"))
        with Store.open(home, read_only=True) as reader:
            writer.add(Draft(b"2"))
            assert reader.count() == 2


def test_a_lock_timeout_is_reported_in_one_line(home: Path) -> None:
    with Store.create(home) as store, Store.open(home) as other:
        other._connection.set_busy_timeout(1)
        with store._writing(), pytest.raises(SatchelError, match="locked by another program"):
            other.add(Draft(b"x"))
        assert other.add(Draft(b"x")).revision == 1
