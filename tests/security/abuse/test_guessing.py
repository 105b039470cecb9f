"""Guessed ids of shares and wrong keys: nothing is found, and a guess costs no memory, no write and no storage request.

`SATCHEL_ABUSE_GUESSES` sets the number of guesses in process.
"""

import os
import resource
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Final

import pytest
import urllib3
from tests.security.abuse.conftest import AttackedCloud
from tests.support.asgi import Call
from tests.support.wire_device import b64
from tests.unit.service.conftest import InProcess, MakeCloud

from satchel_service.cloud import Cloud
from satchel_service.problems import ProblemError
from satchel_service.storage.directory import DirectoryStorage

GUESSES: Final = int(os.environ.get("SATCHEL_ABUSE_GUESSES", "1000000"))
BATCH: Final = 10_000
REQUESTS: Final = 500
OVER_THE_WIRE: Final = 2000
GROWTH_MIB: Final = 32
STORAGE_CALLS: Final = [name for name in vars(DirectoryStorage) if not name.startswith("_")]


def guesses(count: int) -> Iterator[str]:
    """Yield ids as a stranger would guess them; none is of a share."""
    return (sha256(f"guess {number}".encode()).hexdigest()[:32] for number in range(count))


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.fixture
def guessed_cloud(make_cloud: MakeCloud, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    """A cloud with shares whose storage refuses every request."""
    cloud = make_cloud(SATCHEL_LOG_LEVEL="error")
    cloud.device.share(b"open to anyone")
    cloud.device.share(b"limited", views=1)

    def refuse(*_arguments: object, **_options: object) -> None:
        raise AssertionError("a guess sends a request to the storage")

    for name in STORAGE_CALLS:
        monkeypatch.setattr(DirectoryStorage, name, refuse)
    return cloud


def written_bytes(cloud: InProcess) -> int:
    """Return how many bytes transactions have written so far, to SQLite's write-ahead log and to the storage's."""
    local = Path(cloud.environment.settings.database_dir)
    stored = [path for path in (cloud.folder / "blobs" / "log").rglob("*") if path.is_file()]
    return sum(path.stat().st_size for path in [*local.rglob("*-wal"), *stored])


def test_a_million_guessed_ids_find_nothing_and_cost_no_memory(guessed_cloud: InProcess) -> None:
    openings = Cloud(guessed_cloud.environment).openings
    before, written = peak_mib(), written_bytes(guessed_cloud)

    async def guess(batch: list[str]) -> int:
        found = 0
        for share_id in batch:
            with suppress(ProblemError):
                await openings.find_live(share_id)
                found += 1
        return found

    ids = guesses(GUESSES)
    found = 0
    for _ in range(0, GUESSES, BATCH):
        found += guessed_cloud.loopback.run(guess(list(islice(ids, BATCH))))
    assert found == 0
    assert peak_mib() - before < GROWTH_MIB
    assert written_bytes(guessed_cloud) == written


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/s/{id}", b""),
        ("GET", "/s/{id}/raw", b""),
        ("GET", "/s/{id}/report", b""),
        ("POST", "/s/{id}/report", b"reason=other"),
        ("GET", "/v1/shares/{id}/info", b""),
        ("POST", "/v1/shares/{id}/open", b'{"proof":"%s"}' % b64(bytes(32)).encode()),
    ],
)
def test_guesses_at_every_public_operation_cost_neither_writes_nor_requests(
    guessed_cloud: InProcess, method: str, path: str, body: bytes
) -> None:
    kind = "application/x-www-form-urlencoded" if path.endswith("report") else "application/json"
    written, before = written_bytes(guessed_cloud), peak_mib()
    for batch in range(0, REQUESTS, 100):
        calls = [
            Call(method, path.format(id=share_id), {"Content-Type": kind}, [body])
            for share_id in list(guesses(REQUESTS))[batch : batch + 100]
        ]
        assert {answer.status for answer in guessed_cloud.loopback.race(calls)} == {404}
    assert written_bytes(guessed_cloud) == written
    assert peak_mib() - before < GROWTH_MIB


def test_guesses_over_the_wire_are_logged_in_short_lines(cloud: AttackedCloud) -> None:
    log_before, memory_before = cloud.log_bytes(), cloud.status_kib("VmRSS")
    with urllib3.PoolManager(maxsize=8) as pool, ThreadPoolExecutor(8) as threads:
        statuses = threads.map(
            lambda share_id: (
                pool.request("GET", f"{cloud.url}/v1/shares/{share_id}/info", timeout=30.0).status
            ),
            guesses(OVER_THE_WIRE),
        )
        assert set(statuses) == {404}
    assert cloud.log_bytes() - log_before < 300 * OVER_THE_WIRE
    assert cloud.status_kib("VmRSS") - memory_before < GROWTH_MIB * 1024


def test_wrong_proofs_of_one_share_are_counted_in_one_bucket(make_cloud: MakeCloud) -> None:
    cloud = make_cloud()
    share, other = cloud.device.share(b"sealed"), cloud.device.share(b"other")
    answers = [cloud.stranger.open(share, sha256(bytes([number])).digest()).problem for number in range(200)]
    assert answers == ["wrong-proof"] * 10 + ["too-many"] * 190
    assert cloud.stranger.open(share).body == b"sealed"
    assert cloud.stranger.open(other, bytes(32)).problem == "wrong-proof"


def test_concurrent_wrong_proofs_pass_no_more_than_the_limit(make_cloud: MakeCloud) -> None:
    cloud = make_cloud()
    share = cloud.device.share(b"sealed", password={"salt": b64(bytes(16)), "log_n": 16})
    body = b'{"proof":"%s"}' % b64(bytes(32)).encode()
    path = f"/v1/shares/{share}/open"
    answers = cloud.loopback.race(
        Call("POST", path, {"Content-Type": "application/json"}, [body]) for _ in range(300)
    )
    assert sum(answer.problem == "wrong-proof" for answer in answers) == 10
    assert sum(answer.problem == "too-many" for answer in answers) == 290


def test_wrong_codes_are_limited_for_all_clients_together(make_cloud: MakeCloud) -> None:
    cloud = make_cloud()
    written = written_bytes(cloud)
    problems = [
        cloud.loopback.call(
            Call("POST", "/v1/pair", {"Content-Type": "application/json"}, [b'{"code":"%012d"}' % number])
        ).problem
        for number in range(300)
    ]
    assert problems == ["wrong-code"] * 20 + ["too-many"] * 280
    assert written_bytes(cloud) == written
