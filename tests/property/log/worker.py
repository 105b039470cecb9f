"""An instance as a process: `python -m tests.property.log.worker STORE LOCAL NAME`.

It opens the log, prints the values it found, and serves a few clients of its own that write and read. It prints each
answer when it may leave: `opened VALUES…`, `ack VALUE`, `saw COUNT`, `ended`. It runs until it is killed or fenced.
"""

import asyncio
import itertools
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import apsw

from satchel_service.database import Database, DatabaseError
from satchel_service.log.directory_store import LogDirectory
from satchel_service.log.policy import Policy
from satchel_service.log.startup import open_journal
from satchel_service.log.threaded_store import ThreadedStore

CLIENTS: Final = 4
# truncates at once: safety must not depend on the retention
POLICY: Final = Policy(snapshot_entries=5, retention_ms=0)
FENCED: Final = 3


def report(*words: object) -> None:
    """Print a line in a single write, so a kill cannot split it."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


async def main(store: Path, local: Path, name: str) -> int:
    """Serve until fenced."""
    fatal = asyncio.Event()
    directory = LogDirectory(store, os.urandom)
    directory.prepare(time.time())
    journal = await open_journal(
        ThreadedStore(directory),
        "directory",
        local / "cloud.db",
        clock=lambda: time.time_ns() // 1_000_000,
        entropy=os.urandom,
        on_fatal=fatal.set,
        policy=POLICY,
    )
    database = Database()
    database.open(local / "cloud.db", journal)
    await journal.log_migration(local / "cloud.db")
    report("opened", *await database.read(values))
    numbers = itertools.count()
    clients = [asyncio.create_task(client(database, name, numbers)) for _ in range(CLIENTS)]
    await fatal.wait()
    await asyncio.gather(*clients)
    report("ended")
    return FENCED


async def client(database: Database, name: str, numbers: "itertools.count[int]") -> None:
    """Write and read alternately until the instance refuses."""
    while True:
        value = f"{name}.{next(numbers)}"
        try:
            await database.write(insert(value))
            report("ack", value)
            report("saw", await database.read(lambda db: len(values(db))))
        except DatabaseError:
            return


def insert(value: str) -> Callable[[apsw.Connection], object]:
    """Return the transaction that writes one value."""
    return lambda db: db.execute("INSERT INTO meta VALUES (?, NULL)", (value,)).fetchall()


def values(db: apsw.Connection) -> list[str]:
    """Return every value."""
    return [str(key) for (key,) in db.execute("SELECT key FROM meta")]


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])))
