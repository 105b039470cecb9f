"""Clouds created, found and removed per second on Cloud Run, against the fakes of Google's APIs in the same process.

The fakes answer at once, so the figures are the cost of `satchel-infra` itself, of Google's libraries and of the fakes.
On the live service, the APIs set the pace: see the limits in docs/reference/cloud-run.md.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Final

from tests.contract.platforms.cloudrun import CloudRunSubject
from tests.contract.platforms.subject import owner_of
from tests.support.google.server import GoogleFake

from bench.report import Row
from satchel_infra.platform import CloudSpec, Platform

CLOUDS: Final = 24
MANY: Final = 1000
THREADS: Final = (1, 4)
Act = Callable[[Platform, CloudSpec], object]
ACTS: Final[dict[str, Act]] = {
    "create": lambda platform, spec: platform.ensure(spec),
    "connect again": lambda platform, spec: platform.ensure(spec),
    "remove": lambda platform, spec: platform.remove(spec.name),
}


def run(rounds: int) -> list[Row]:
    """Measure each act with both kinds of storage, and a list of many clouds."""
    return [row for bucket in ("", "clouds-1-s1") for row in measure(bucket, rounds)]


def measure(bucket: str, rounds: int) -> list[Row]:
    """Return the rows of one kind of storage."""
    speeds: dict[tuple[str, int], list[float]] = {}
    requests: dict[str, float] = {}
    lists: list[float] = []
    for round_ in range(rounds):
        with GoogleFake() as fake:
            subject = CloudRunSubject(fake, bucket=bucket)
            for threads in THREADS:
                specs = [subject.spec(owner_of(f"{round_} {threads} {number}")) for number in range(CLOUDS)]
                for name, act in ACTS.items():
                    before = len(fake.world.log)
                    speeds.setdefault((name, threads), []).append(
                        CLOUDS / timed(subject, act, specs, threads)
                    )
                    requests[name] = (len(fake.world.log) - before) / CLOUDS
            lists.append(list_many(subject))
    storage = "a prefix each" if bucket else "a bucket each"
    rows = [
        {
            "act": name,
            "storage": storage,
            "requests": f"{requests[name]:.0f}",
            **{
                f"per second, {threads} at once": f"{statistics.median(speeds[name, threads]):,.0f}"
                for threads in THREADS
            },
        }
        for name in ACTS
    ]
    shown = f"{statistics.median(lists) * 1000:,.0f} ms"
    return [
        *rows,
        {"act": f"list of {MANY:,} clouds", "storage": storage, f"per second, {THREADS[0]} at once": shown},
    ]


def timed(subject: CloudRunSubject, act: Act, specs: Sequence[CloudSpec], threads: int) -> float:
    """Return the seconds of an act on every spec. Each thread has a platform of its own, as a worker has."""
    shares = [specs[start::threads] for start in range(threads)]
    platforms = [subject.platform() for _ in shares]

    def work(platform: Platform, share: Sequence[CloudSpec]) -> None:
        for spec in share:
            act(platform, spec)

    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(threads))
        started = time.perf_counter()
        list(pool.map(work, platforms, shares))
        return time.perf_counter() - started


def list_many(subject: CloudRunSubject) -> float:
    """Return the seconds of a list of many clouds."""
    subject.world.most_accounts = 2 * MANY
    subject.fill([subject.spec(owner_of(f"many {number}")) for number in range(MANY)])
    started = time.perf_counter()
    assert len(list(subject.platform().list())) == MANY
    return time.perf_counter() - started
