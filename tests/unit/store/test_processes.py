"""Concurrent processes, killed processes and full disks lose no saved Piece."""

import signal
import time
from pathlib import Path

import apsw
import pytest
from tests.unit.store.conftest import child, finish

from satchel.store import Store, database

WORK = """
import sys
from pathlib import Path
from random import Random
from satchel.store import Changes, Draft, Store
home, name = Path(sys.argv[1]), sys.argv[2]
random = Random(name)
for number in range(12):
    with Store.open(home) as store:
        mine = list(store.add_many(Draft(f"{name} {number} {n}".encode() * 50, title=name) for n in range(10)))
        store.edit(random.choice(mine).id, Changes(content=name.encode() * 2_000))
        store.remove(mine[0].id)
        for piece in mine[1:]:
            print(piece.id)
"""

ADD_ENDLESSLY = """
import itertools, sys
from pathlib import Path
from satchel.store import Draft, Store
store = Store.open(Path(sys.argv[1]))
for piece in store.add_many(Draft(b"x" * 3_000) for _ in itertools.count()):
    print(piece.id, flush=True)
"""

FILL_DISK = """
import itertools, resource, sys
from pathlib import Path
from satchel.errors import SatchelError
from satchel.store import Draft, Store
store = Store.open(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, 3_000_000))
try:
    for piece in store.add_many(Draft(b"x" * 3_000) for _ in itertools.count()):
        print(piece.id)
except SatchelError as error:
    print(error.exit_code, error.message)
"""


def test_concurrent_writers_lose_nothing(home: Path) -> None:
    Store.create(home).close()
    workers = [child(WORK, home, f"worker{number}") for number in range(4)]
    saved = [line for worker in workers for line in finish(worker).splitlines()]
    with Store.open(home) as store:
        assert list(store.problems()) == []
        assert sorted(saved) == [piece.id for piece in store.pieces(order="saved", newest_first=False)]
        assert store.change_counter == 4 * 12 * (10 + 1 + 1)
    assert [path.name for path in home.iterdir()] == ["store.db"]


CREATE = """
import sys
from pathlib import Path
from satchel.errors import UsageError
from satchel.store import Store
try:
    with Store.create(Path(sys.argv[1])) as store:
        print(store.store_id)
except UsageError:
    print("")
"""


def test_exactly_one_of_concurrent_creations_succeeds(home: Path) -> None:
    makers = [child(CREATE, home) for _ in range(4)]
    made = [line for maker in makers for line in finish(maker).split()]
    with Store.open(home) as store:
        assert made == [store.store_id]


def test_a_creation_waits_while_another_process_looks_at_the_new_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If two processes create the store at once, both read the new file; SQLite then refuses WAL without waiting."""
    home.mkdir()
    reader = apsw.Connection(str(home / "store.db"))
    reader.execute("BEGIN; SELECT * FROM sqlite_schema").fetchall()
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 100)
    monkeypatch.setattr(time, "sleep", lambda _: reader.execute("ROLLBACK"))
    with Store.create(home) as store:
        assert store.count() == 0
    assert not reader.in_transaction


@pytest.mark.parametrize("shown", [1, 700, 2_000])
def test_a_killed_process_loses_no_yielded_piece(home: Path, shown: int) -> None:
    Store.create(home).close()
    writer = child(ADD_ENDLESSLY, home)
    assert writer.stdout
    yielded = [writer.stdout.readline().strip() for _ in range(shown)]
    writer.send_signal(signal.SIGKILL)
    rest, _ = writer.communicate(timeout=60)
    yielded += [line for line in rest.split("\n")[:-1] if len(line) == 26]
    with Store.open(home) as store:
        assert list(store.problems()) == []
        assert {piece.id for piece in store.pieces()} >= set(yielded)
    assert [path.name for path in home.iterdir()] == ["store.db"]


def test_a_full_disk_is_reported_in_one_line_and_loses_nothing(home: Path) -> None:
    Store.create(home).close()
    *yielded, last = finish(child(FILL_DISK, home)).splitlines()
    assert last.startswith("1 ")
    assert "store.db" in last
    assert yielded
    with Store.open(home) as store:
        assert list(store.problems()) == []
        assert {piece.id for piece in store.pieces()} >= set(yielded)
