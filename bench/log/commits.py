"""Commits beside puts, and commits per second, of the real log in this process on every kind of store.

A put sends as many bytes as the entry of the commit, directly through the service's own client. Commits and puts
alternate, as do their order and the stores, so that other load on the machine affects all of them alike.
"""

import asyncio
import itertools
import secrets
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypedDict

from bench.log.stores import Opened, Place, change_a_row, open_log

WRITERS: Final = (1, 8, 32)
PAIRS: Final = 200
COMMITS: Final = 320
ENTRY_BYTES: Final = 156  # of `change_a_row`, within a digit
_NUMBERS: Final = itertools.count()


class Commits(TypedDict):
    """Medians on one store. `ratio` is over all pairs, `lowest` and `highest` are of single rounds."""

    store: str
    put_ms: float
    commit_ms: float
    more_ms: float
    ratio: float
    lowest: float
    highest: float
    rates: dict[str, float]


class Spans(TypedDict):
    """One round on one store: seconds of each put and of its paired commit, and commits per second."""

    puts: list[float]
    commits: list[float]
    rates: dict[str, float]


async def measure(places: Sequence[Place], rounds: int, folder: Path) -> list[Commits]:
    """Measure every store in every round."""
    logs = [await open_log(place.fresh(), folder) for place in places]
    for log in logs:
        await one_round(log)  # connections, modules, caches
    found: list[list[Spans]] = [[] for _ in logs]
    for _ in range(rounds):
        for log, spans in zip(logs, found, strict=True):
            spans.append(await one_round(log))
    for log in logs:
        await log.close()
    return [summary(place.name, spans) for place, spans in zip(places, found, strict=True)]


async def one_round(log: Opened) -> Spans:
    """Measure pairs of a put and a commit, then the rate of commits for each number of writers."""
    puts, commits = [], []
    for number in range(PAIRS):
        if number % 2:
            puts.append(await put(log))
            commits.append(await commit(log))
        else:
            commits.append(await commit(log))
            puts.append(await put(log))
    return {"puts": puts, "commits": commits, "rates": {str(n): await rate(log, n) for n in WRITERS}}


async def put(log: Opened) -> float:
    """Return the seconds that the store takes to create an object as large as an entry."""
    key, data = f"probe/bench-{next(_NUMBERS)}-{secrets.token_hex(4)}", secrets.token_bytes(ENTRY_BYTES)
    began = time.perf_counter()
    await log.store.create(key, data)
    return time.perf_counter() - began


async def commit(log: Opened) -> float:
    """Return the seconds until a transaction is durable."""
    began = time.perf_counter()
    await log.database.write(change_a_row)
    return time.perf_counter() - began


async def rate(log: Opened, writers: int) -> float:
    """Return the commits per second of concurrent writers."""

    async def writing() -> None:
        for _ in range(COMMITS // writers):
            await log.database.write(change_a_row)

    began = time.perf_counter()
    await asyncio.gather(*(writing() for _ in range(writers)))
    return COMMITS / (time.perf_counter() - began)


def summary(store: str, rounds: Sequence[Spans]) -> Commits:
    """Return medians over all rounds. A ratio is of a commit to its paired put, which see the same load."""
    pairs_of = [list(zip(each["puts"], each["commits"], strict=True)) for each in rounds]
    ratios = [statistics.median(second / first for first, second in pairs) for pairs in pairs_of]
    pairs = [pair for found in pairs_of for pair in found]
    return {
        "store": store,
        "put_ms": 1000 * statistics.median(first for first, _ in pairs),
        "commit_ms": 1000 * statistics.median(second for _, second in pairs),
        "more_ms": 1000 * statistics.median(second - first for first, second in pairs),
        "ratio": statistics.median(second / first for first, second in pairs),
        "lowest": min(ratios),
        "highest": max(ratios),
        "rates": {
            writers: statistics.median(each["rates"][writers] for each in rounds)
            for writers in rounds[0]["rates"]
        },
    }
