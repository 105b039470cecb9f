"""A snapshot does not change while others write."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import apsw
import pytest
from tests.support.archives import add_pieces

from satchel.backup.create.snapshot import Snapshot, StoreFacts, close_database_file, open_snapshot
from satchel.errors import IntegrityError, NotFoundError, SatchelError
from satchel.store import SCHEMA_VERSION, Store

ADD_AND_CHECKPOINT = """
import sys
from pathlib import Path
import apsw
from tests.support.archives import add_pieces
home = Path(sys.argv[1])
add_pieces(home, range(100, 160), 3000)
connection = apsw.Connection(str(home / "store.db"))
print(connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall())
"""


def whole(snapshot: Snapshot[StoreFacts]) -> bytes:
    return snapshot.read_at(0, snapshot.size_bytes)


def opened(data: bytes, path: Path) -> int:
    """Return the number of Pieces in a database file, after an integrity check."""
    path.write_bytes(data)
    connection = apsw.Connection(str(path))
    try:
        assert connection.execute("PRAGMA integrity_check").get == "ok"
        return int(str(connection.execute("SELECT count(*) FROM pieces").get))
    finally:
        connection.close()


def test_a_snapshot_reads_the_file_in_place(home: Path, tmp_path: Path) -> None:
    with open_snapshot(home, tmp_path / "scratch") as snapshot:
        assert whole(snapshot) == (home / "store.db").read_bytes()
        assert not (tmp_path / "scratch").exists()
        assert (snapshot.facts.pieces, snapshot.facts.schema) == (40, SCHEMA_VERSION)


def test_a_snapshot_includes_earlier_commits(home: Path, tmp_path: Path) -> None:
    with Store.open(home) as store:
        add_pieces(home, range(100, 110), 3000)
        with open_snapshot(home, tmp_path / "scratch") as snapshot:
            assert opened(whole(snapshot), tmp_path / "copy.db") == store.count() == 50


def test_a_snapshot_is_stable_while_another_process_writes_and_checkpoints(
    home: Path, tmp_path: Path
) -> None:
    with open_snapshot(home, tmp_path / "scratch") as snapshot:
        before = whole(snapshot)
        words = [sys.executable, "-c", ADD_AND_CHECKPOINT, str(home)]
        subprocess.run(words, check=True, capture_output=True)
        assert whole(snapshot) == before
    assert opened(before, tmp_path / "copy.db") == 40
    with Store.open(home) as store:
        assert store.count() == 100


def test_a_copy_is_made_while_another_connection_reads_an_old_state(home: Path, tmp_path: Path) -> None:
    reader = apsw.Connection(str(home / "store.db"))
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM pieces").fetchall()
    add_pieces(home, range(100, 110), 3000)
    try:
        with open_snapshot(home, tmp_path / "scratch") as snapshot:
            assert (tmp_path / "scratch").stat().st_mode & 0o777 == 0o600
            assert opened(whole(snapshot), tmp_path / "copy.db") == snapshot.facts.pieces == 50
    finally:
        reader.close()
    assert not (tmp_path / "scratch").exists()


def test_a_copy_keeps_every_page_in_its_place(home: Path, tmp_path: Path) -> None:
    reader = apsw.Connection(str(home / "store.db"))
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM pieces").fetchall()
    add_pieces(home, [100], 3000)
    with open_snapshot(home, tmp_path / "scratch") as snapshot:
        copied = whole(snapshot)
    reader.close()
    with open_snapshot(home, tmp_path / "scratch") as snapshot:
        in_place = whole(snapshot)
    pages = range(0, len(in_place), 4096)
    assert len(copied) == len(in_place)
    assert (
        sum(copied[at : at + 4096] != in_place[at : at + 4096] for at in pages) <= 1
    )  # the header counts changes


def test_a_change_without_sqlite_is_an_error(home: Path, tmp_path: Path) -> None:
    store = home / "store.db"
    with pytest.raises(SatchelError, match="changed"), open_snapshot(home, tmp_path / "scratch"):
        os.truncate(store, store.stat().st_size + 4096)


def test_a_home_without_a_store_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError), open_snapshot(tmp_path, tmp_path / "scratch"):
        pass


def test_a_damaged_store_is_not_backed_up(home: Path, tmp_path: Path) -> None:
    (home / "store.db").write_bytes(b"x" * 8192)
    with pytest.raises(IntegrityError), open_snapshot(home, tmp_path / "scratch"):
        pass


IS_LOCKED = """
import fcntl, sys
SHARED_FIRST, SHARED_BYTES = 0x40000002, 510  # where SQLite's shared lock is
with open(sys.argv[1], "r+b") as file:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, SHARED_BYTES, SHARED_FIRST)
    except OSError:
        print("locked")
"""


def test_other_connections_of_the_process_keep_their_locks(home: Path, tmp_path: Path) -> None:
    def is_locked() -> bool:
        words = [sys.executable, "-c", IS_LOCKED, str(home / "store.db")]
        return bool(subprocess.run(words, check=True, capture_output=True).stdout)

    with Store.open(home) as store:
        assert store.count() == 40
        assert is_locked()
        with open_snapshot(home, tmp_path / "scratch") as snapshot:
            whole(snapshot)
        assert is_locked()
    assert not is_locked()


def test_a_connection_that_another_thread_is_using_stops_no_snapshot(tmp_path: Path) -> None:
    """The window reads the store on some threads while it backs up on another."""
    begun, may_end = threading.Event(), threading.Event()
    connection = apsw.Connection(str(tmp_path / "busy.db"))

    def wait(*_: object) -> None:
        begun.set()
        may_end.wait(30)

    connection.create_scalar_function("wait", wait, 0)
    thread = threading.Thread(target=lambda: connection.execute("SELECT wait()").get)
    thread.start()
    try:
        assert begun.wait(30)
        (file := tmp_path / "store.db").touch()
        close_database_file(os.open(file, os.O_RDONLY))
    finally:
        may_end.set()
        thread.join()
        connection.close()
    close_database_file(os.open(file, os.O_RDONLY))
