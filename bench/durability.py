"""The log of the micro-database: commits beside the store's own puts, group commit, waking up, requests that cost.

On a directory, on moto's server (S3 without a network or a disk: what the log itself costs shows most), and on
Ceph's radosgw where a container engine has its image. `SATCHEL_STORM_KILLS=200 python -m bench.durability` also runs
the storm of kills at its full length.
"""

import asyncio
import itertools
import os
import re
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import apsw
import urllib3
from tests.support.s3_servers import S3Server, docker_answers, moto, shared_radosgw
from tests.support.service import ServiceProcess
from tests.support.storm import sending
from tests.support.wire_device import WireDevice

from bench import report
from bench.coldstart import environment, first_answer
from bench.service import BIN, free_port
from satchel_service.database import Database
from satchel_service.log.journal import LogJournal
from satchel_service.log.running import open_journal
from satchel_service.log.threaded import ThreadedStore
from satchel_service.settings import Settings
from satchel_service.storage import NotFoundError, Storage
from satchel_service.storage.opening import open_storage
from satchel_service.waking import log_storage, store_id

WRITERS: Final = (1, 8, 32)
PUTS: Final = 100
COMMITS: Final = 320
ENTRIES: Final = (0, 1_000, 10_000)
SHARES: Final = 10_000
SHARES_AT_ONCE: Final = 500
REQUEST: Final = re.compile(r'"(GET|HEAD|PUT|POST|DELETE) /')
CLASS_A: Final = ("PUT", "POST")

_NUMBERS: Final = itertools.count()
_SHARE: Final = """
INSERT INTO shares VALUES (?, ?, ?, 1500, 1, 1, 1, NULL, 5, 0, NULL, NULL, ?, NULL, NULL, ?)
"""


class Place(NamedTuple):
    """A kind of store and what tells the service to use it."""

    name: str
    environ: Mapping[str, str]


def run(rounds: int) -> list[report.Row]:
    """One row for each kind of store."""
    with tempfile.TemporaryDirectory() as text:
        return [measured(place, rounds, Path(text)) for place in places(Path(text))]


def places(folder: Path) -> Iterator[Place]:
    """Start each store and stop it after its turn."""
    yield Place("directory", {"SATCHEL_STORAGE": f"file:{folder / 'cloud'}"})
    with moto(folder) as server:
        yield on_bucket("moto", server)
    if docker_answers():
        with shared_radosgw(folder) as server:
            yield on_bucket("radosgw", server)


def on_bucket(name: str, server: S3Server) -> Place:
    """A prefix of its own."""
    return Place(name, server.environ(f"bench/{secrets.token_hex(8)}"))


def measured(place: Place, rounds: int, folder: Path) -> report.Row:
    """Everything about one store."""
    found = asyncio.run(commits(place, rounds, folder))
    wakes = waking(place, rounds, folder)
    return {"store": place.name, **found, **{f"waking, {what}": compared(wakes, what) for what in wakes[0]}}


def compared(wakes: Sequence[Mapping[str, float]], what: str) -> str:
    """The median of one past, and of its ratios to the empty one of the same round."""
    empty = next(iter(wakes[0]))
    seconds = statistics.median(each[what] for each in wakes)
    ratio = statistics.median(each[what] / each[empty] for each in wakes)
    return f"{seconds * 1000:.0f} ms ({ratio:.2f})"


# -- commits -------------------------------------------------------------------------------------------------


@contextmanager
def opened(place: Place, folder: Path) -> Iterator[Callable[[], "asyncio.Future[Opened]"]]:
    """A way to open the log of a place in this process, and its end."""
    settings = Settings.read(place.environ)
    store = ThreadedStore(log_storage(settings, prepared(settings)))
    local = Path(tempfile.mkdtemp(dir=folder)) / "cloud.db"

    async def open_() -> Opened:
        journal = await open_journal(
            store,
            store_id(settings),
            local,
            clock=lambda: time.time_ns() // 1_000_000,
            entropy=os.urandom,
            on_ended=lambda: None,
        )
        database = Database()
        database.open(local, journal)
        await journal.adopt(local)
        return Opened(store, journal, database)

    yield lambda: asyncio.ensure_future(open_())
    store.close()


class Opened(NamedTuple):
    """An open log."""

    store: ThreadedStore
    journal: LogJournal
    database: Database

    async def close(self) -> None:
        """End it."""
        await self.journal.close()
        self.database.close()


def prepared(settings: Settings) -> Storage:
    """The place's storage, ready."""
    storage = open_storage(settings, os.urandom)
    storage.prepare()
    return storage


async def commits(place: Place, rounds: int, folder: Path) -> report.Row:
    """Latency of a commit beside a put of as many bytes, and commits a second."""
    with opened(place, folder) as open_:
        log = await open_()
        spans = [await side_by_side(log) for _ in range(PUTS * rounds)]
        rates = {f"{count} writers": await rate(log.database, count) for count in WRITERS}
        size = await bytes_each(log)
        await log.close()
    put_s, commit_s = (statistics.median(column) for column in zip(*spans, strict=True))
    return {
        "put, p50": f"{put_s * 1000:.2f} ms",
        "commit, p50": f"{commit_s * 1000:.2f} ms",
        "ratio": f"{commit_s / put_s:.2f} (budget 1.2)",
        **{f"commits/s, {name}": f"{found:.0f}" for name, found in rates.items()},
        "bytes a commit": str(size),
    }


async def side_by_side(log: Opened) -> tuple[float, float]:
    """Seconds to create an object as large as an entry, and to commit: in turn, so that both meet the same machine."""
    began = time.perf_counter()
    await log.store.create(f"probe/bench-{next(_NUMBERS)}-{secrets.token_hex(4)}", bytes(300))
    put = time.perf_counter()
    await log.database.write(view)
    return put - began, time.perf_counter() - put


def view(db: apsw.Connection) -> None:
    """A transaction as small as taking a view."""
    db.execute("INSERT OR REPLACE INTO meta VALUES ('bench', ?)", (next(_NUMBERS),))


async def rate(database: Database, writers: int) -> float:
    """Commits a second of so many writers at once."""

    async def writing() -> None:
        for _ in range(COMMITS // writers):
            await database.write(view)

    began = time.perf_counter()
    await asyncio.gather(*(writing() for _ in range(writers)))
    return COMMITS / (time.perf_counter() - began)


async def bytes_each(log: Opened) -> int:
    """The size of the entry of one new share."""
    await log.database.write(lambda db: db.execute(_SHARE, share()))
    last = (await log.store.list("log/"))[-1].key
    data = (await log.store.get([last]))[0]
    if data is None:
        raise NotFoundError(last)
    return len(data)


def share() -> tuple[str, str, str, bytes, bytes]:
    """A row of a share."""
    upload = secrets.token_hex(16)
    return (
        secrets.token_hex(16),
        upload,
        f"shares/{upload}",
        secrets.token_bytes(32),
        secrets.token_bytes(120),
    )


# -- waking up -----------------------------------------------------------------------------------------------


def waking(place: Place, rounds: int, folder: Path) -> list[dict[str, float]]:
    """For each round, seconds from spawn to the first answer on clouds of different pasts, one after another."""
    pasts = {f"{entries:,} entries": (another(place, folder), entries, 0) for entries in ENTRIES}
    pasts[f"{SHARES:,} shares"] = (another(place, folder), 0, SHARES)
    for past, entries, shares in pasts.values():
        asyncio.run(live(past, folder, entries, shares))
    with tempfile.TemporaryDirectory(dir=folder) as compiled:
        found = [
            {what: wake(past, compiled, folder) for what, (past, _, _) in pasts.items()}
            for _ in range(rounds + 1)
        ]
    return found[1:]  # the first compiles


def another(place: Place, folder: Path) -> Place:
    """The same kind of store, with nothing in it."""
    where = place.environ["SATCHEL_STORAGE"]
    fresh = (
        f"file:{folder / secrets.token_hex(8)}"
        if where.startswith("file:")
        else f"{where}/{secrets.token_hex(8)}"
    )
    return Place(place.name, {**place.environ, "SATCHEL_STORAGE": fresh})


async def live(place: Place, folder: Path, entries: int, shares: int) -> None:
    """Give a cloud a past."""
    with opened(place, folder) as open_:
        log = await open_()
        for _ in range(entries):
            await log.database.write(view)
        for _ in range(shares // SHARES_AT_ONCE):
            rows = [share() for _ in range(SHARES_AT_ONCE)]
            await log.database.write(lambda db, rows=rows: db.executemany(_SHARE, rows))  # type: ignore[misc]
        await log.close()


def wake(place: Place, compiled: str, folder: Path) -> float:
    """The time from spawn to the first answer."""
    port = free_port()
    env = environment(compiled, **place.environ, SATCHEL_BIND="127.0.0.1", PORT=str(port))
    return first_answer([BIN / "satchel-service"], port, env, folder).seconds


# -- requests that cost --------------------------------------------------------------------------------------


def requests() -> list[report.Row]:
    """How many requests of each price class one act costs, counted in the log of moto's server."""
    with tempfile.TemporaryDirectory() as text, moto(Path(text)) as server, urllib3.PoolManager() as pool:
        counted = Counted(Path(text) / "moto.log")
        place = {**on_bucket("moto", server).environ, "SATCHEL_S3_PUBLIC_ENDPOINT": "none"}
        service = ServiceProcess(Path(text) / "cloud", place)
        with service:
            device = WireDevice(sending(pool, service.url))
            device.pair(service.pairing_code)
            device.call("GET", "/v1/status")
            rows = [
                counted.row("a backup of one part", lambda: device.backup(bytes(100_000))),
                counted.row("a share", lambda: device.share(bytes(2000), views=50)),
            ]
            opened_share = device.share(bytes(2000), views=200)
            rows.append(counted.row("100 views", lambda: [device.open(opened_share) for _ in range(100)]))
            service.kill()
            rows.append(counted.row("waking up", service.start))
        return rows


class Counted:
    """Counts the requests in a growing log."""

    def __init__(self, log: Path) -> None:
        self._log = log

    def row(self, what: str, act: Callable[[], object]) -> report.Row:
        """What one act costs."""
        before = self._count()
        act()
        found = self._count() - before
        writes = sum(found[method] for method in CLASS_A)
        return {
            "act": what,
            "PUT, POST, LIST": str(writes + found["LIST"]),
            "GET": str(found["GET"] + found["HEAD"]),
            "DELETE": str(found["DELETE"]),
        }

    def _count(self) -> Counter[str]:
        lines = self._log.read_text().splitlines()
        kinds = ((REQUEST.search(line), "list-type=2" in line or "?uploads" in line) for line in lines)
        return Counter(
            "LIST" if is_list and found[1] == "GET" else found[1] for found, is_list in kinds if found
        )


if __name__ == "__main__":
    print(report.table(run(3)))
    print(report.table(requests()))
    storm = "tests/integration/durability/test_storm.py"
    sys.exit(subprocess.run([sys.executable, "-m", "pytest", "-q", storm], check=False).returncode)
