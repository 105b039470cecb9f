"""Concurrent processes on one index, even if it is missing or damaged: none fails, and it ends intact."""

import json
import shutil
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import apsw
import pytest
from tests.support.minilm import require_weights
from tests.unit.store.conftest import child, finish

from satchel.index import Index, Meaning, database, embedding_queue
from satchel.index.vectors import DIMENSIONS
from satchel.store import Draft, Store

THREADS = 4
TEXT = "def common(value):\n    return [each + 1 for each in value]\n"
WORK = """
import sys
from pathlib import Path
from satchel.index import Index, database
from satchel.store import Changes, Draft, Store
home, name = Path(sys.argv[1]), sys.argv[2]
for number in range(8):
    with Store.open(home) as store, Index.open(home, store) as index:
        mine = list(store.add_many(Draft(f"{name}run{number} word{n}".encode()) for n in range(20)))
        assert len(index.search(f"{name}run{number}", 100)) == 20
        store.remove(mine[0].id)
        store.edit(mine[1].id, Changes(content=b"changed"))
        assert len(index.search(f"{name}run{number}", 100)) == 18
"""

SEARCH = """
import sys
from pathlib import Path
from satchel.index import Index, database
from satchel.store import Store
home = Path(sys.argv[1])
with Store.open(home) as store, Index.open(home, store) as index:
    found = len(index.search("common", 10))
    print(index.count(), found)
"""


def _require_intact(home: Path, count: int) -> None:
    with Store.open(home) as store, Index.open(home, store) as index:
        index.update()
        assert index.problems() == []
        assert index.count() == store.count() == count


def test_concurrent_processes_find_what_they_write(home: Path) -> None:
    Store.create(home).close()
    for worker in [child(WORK, home, f"w{chr(97 + number)}") for number in range(3)]:
        finish(worker)
    _require_intact(home, 3 * 8 * 19)


@pytest.mark.parametrize("state", ["missing", "damaged", "cut-off"])
def test_concurrent_processes_rebuild_an_unusable_index(home: Path, state: str) -> None:
    with Store.create(home) as store:
        list(store.add_many(Draft(f"common word{n}".encode()) for n in range(4_000)))
        with Index.open(home, store) as index:
            index.update()
    path = home / "index.db"
    if state == "missing":
        path.unlink()
    elif state == "damaged":
        path.write_bytes(b"\xff" * path.stat().st_size)
    else:
        path.write_bytes(path.read_bytes()[:50_000])
    outputs = [finish(process) for process in [child(SEARCH, home) for _ in range(4)]]
    assert outputs == ["4000 10\n"] * 4
    _require_intact(home, 4_000)


@pytest.mark.parametrize("state", ["missing", "empty", "damaged", "of another store"])
def test_threads_that_find_an_unusable_index_at_once_replace_it_once(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    """A thread must not empty an index that another thread is already filling."""
    found, emptied = threading.Barrier(THREADS), list[int]()
    is_ready, empty = database.is_ready, database.empty
    looked = threading.local()

    def wait_once(connection: apsw.Connection, store: Store) -> bool:
        try:
            return is_ready(connection, store)
        finally:
            if not hasattr(looked, "once"):
                looked.once = True
                found.wait(60)

    def count(connection: apsw.Connection) -> None:
        emptied.append(1)
        empty(connection)

    with Store.create(home) as store:
        store.add(Draft(TEXT.encode()))
    if state == "empty":
        (home / "index.db").touch(0o600)
    elif state == "damaged":
        (home / "index.db").write_bytes(b"\xff" * 20_000)
    elif state == "of another store":
        with Store.create(tmp_path / "other") as other, Index.open(tmp_path / "other", other) as index:
            index.update()
        shutil.copy(tmp_path / "other" / "index.db", home / "index.db")

    def work(_number: int) -> tuple[int, int]:
        with Store.open(home) as store, Index.open(home, store) as index:
            return len(index.search("common")), len(index.similar(TEXT))

    with monkeypatch.context() as patch, ThreadPoolExecutor(THREADS) as threads:
        patch.setattr(database, "is_ready", wait_once)
        patch.setattr(database, "empty", count)
        assert list(threads.map(work, range(THREADS))) == [(1, 1)] * THREADS
    assert emptied == [1]
    _require_intact(home, 1)


INDEX = """
import sys
from pathlib import Path
from satchel.index import Index, database
from satchel.store import Store
home = Path(sys.argv[1])
with Store.open(home) as store, Index.open(home, store) as index:
    index.update(lambda amount: print(amount, flush=True))
"""


def test_an_index_of_a_killed_process_continues(home: Path) -> None:
    with Store.create(home) as store:
        list(store.add_many(Draft(f"common word{n}".encode()) for n in range(9_000)))
    process = child(INDEX, home)
    assert process.stdout
    assert int(process.stdout.readline()) > 0
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    _require_intact(home, 9_000)


def test_enabling_wal_is_retried_while_another_process_reads(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If two processes create the index at once, both read the new file; SQLite then refuses WAL without waiting."""
    with Store.create(home) as store:
        piece = store.add(Draft(b"needle"))
        reader = apsw.Connection(str(home / "index.db"))
        reader.execute("CREATE TABLE t(x); BEGIN; SELECT * FROM t").fetchall()
        monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 100)
        monkeypatch.setattr(time, "sleep", lambda _: reader.execute("ROLLBACK"))
        with Index.open(home, store) as index:
            assert [hit.piece.id for hit in index.search("needle")] == [piece.id]
        assert not reader.in_transaction


EMBED = """
import json, sys
from pathlib import Path
from satchel.index import Index, Meaning, embedding_queue
from satchel.models.embedding.encoder import Encoder
from satchel.store import Store
embedded = []
real = Encoder.rounded_sum
def counted(encoder, views):
    embedded.append(views[0][0])
    return real(encoder, views)
Encoder.rounded_sum = counted
embedding_queue.TAKEN_MS = 600_000  # however slow the machine is, nothing is taken twice
home = Path(sys.argv[1])
with Store.open(home) as store, Index.open(home, store) as index:
    found = index.find("some text of a note", meaning=Meaning(budget_s=None))
    print(json.dumps([found.waiting, embedded]))
"""


def test_concurrent_processes_share_the_work_of_embedding(home: Path) -> None:
    require_weights()
    texts = [f"note {number:03}" for number in range(6 * embedding_queue.AT_ONCE + 5)]
    with Store.create(home) as store:
        list(store.add_many(Draft(text.encode()) for text in texts))
    outputs = [json.loads(finish(process)) for process in [child(EMBED, home) for _ in range(2)]]
    assert [waiting for waiting, _ in outputs] == [0, 0]
    assert sorted(text for _, embedded in outputs for text in embedded) == texts
    with Store.open(home) as store, Index.open(home, store) as index:
        placed = [int(row[0]) for row in index._connection.execute("SELECT place FROM places")]
        data = b"".join(
            row[0] for row in index._connection.execute("SELECT data FROM vectors ORDER BY block")
        )
        assert embedding_queue.count(index._connection) == 0
        assert len(set(placed)) == len(texts)
        assert all(any(data[at * DIMENSIONS : (at + 1) * DIMENSIONS]) for at in placed)


def test_what_a_killed_process_had_taken_is_embedded_later(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_weights()
    with Store.create(home) as store, Index.open(home, store) as index:
        store.add(Draft(b"a note"))
        index.update()
        monkeypatch.setattr(embedding_queue, "TAKEN_MS", 600_000)  # the model may take long to load
        assert len(embedding_queue._take(index._connection)) == 1
        assert index.find("some text", meaning=Meaning(budget_s=0.05)).waiting == 1
        monkeypatch.setattr(embedding_queue, "TAKEN_MS", -1)
        assert index.find("some text", meaning=Meaning(budget_s=None)).waiting == 0
