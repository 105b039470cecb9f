"""From spawn to the first answer of the real process, on clouds with different pasts.

The pasts are real: commits one after another through the log itself, under the standard policy, so that snapshots
have replaced most of their entries as they do for everybody. All pasts of a store wake in every round, in turn.
"""

import asyncio
import statistics
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple, TypedDict

from bench.log.stores import Place, change_a_row, insert_shares, open_log
from bench.service.coldstart import environment, first_answer
from bench.service.process import BIN, free_port

ENTRIES: Final = (0, 1_000, 10_000)
SHARES: Final = 10_000
SHARES_AT_ONCE: Final = 500
WAKES: Final = 5
"""Wake-ups of every cloud in one round."""
TRIES: Final = 3


class Past(NamedTuple):
    """What a cloud has gone through: transactions of one row each, then transactions of many shares."""

    name: str
    entries: int
    shares: int


PASTS: Final = (
    *(Past(f"{count:,} entries", count, 0) for count in ENTRIES),
    Past(f"{SHARES:,} shares", 0, SHARES),
)


class Waking(TypedDict):
    """Medians of one past on one store; `ratio` is that to the cloud without a past in the same turn."""

    store: str
    past: str
    ms: float
    ratio: float


def measure(places: Sequence[Place], rounds: int, folder: Path) -> list[Waking]:
    """Give every cloud its past, then wake all of them again and again."""
    clouds = [(place.fresh(), past) for place in places for past in PASTS]
    for cloud, past in clouds:
        asyncio.run(live(cloud, past, folder))
    with tempfile.TemporaryDirectory(dir=folder) as compiled:
        turns = [[wake(cloud, compiled, folder) for cloud, _ in clouds] for _ in range(rounds * WAKES + 1)]
    return summaries([(cloud.name, past.name) for cloud, past in clouds], turns[1:])  # the first compiles


async def live(cloud: Place, past: Past, folder: Path) -> None:
    """Give a cloud its past."""
    log = await open_log(cloud, folder)
    for _ in range(past.entries):
        await log.database.write(change_a_row)
    for _ in range(past.shares // SHARES_AT_ONCE):
        await log.database.write(lambda db: insert_shares(db, SHARES_AT_ONCE))
    await log.close()


def wake(cloud: Place, compiled: str, folder: Path) -> float:
    """Seconds from spawn to the first answer; killed afterwards.

    A start that ends by itself is tried again: a late request of the one killed before it may have overtaken it,
    or another program has taken its port.
    """
    for _ in range(TRIES - 1):
        with suppress(RuntimeError, ProcessLookupError):
            return woken(cloud, compiled, folder)
    return woken(cloud, compiled, folder)


def woken(cloud: Place, compiled: str, folder: Path) -> float:
    """Seconds of one start. RuntimeError, ProcessLookupError: it ended by itself."""
    port = free_port()
    env = environment(
        compiled,
        **{**cloud.environ, "PYTHONDONTWRITEBYTECODE": ""},
        SATCHEL_BIND="127.0.0.1",
        PORT=str(port),
    )
    return first_answer([BIN / "satchel-service"], port, env, folder).seconds


def summaries(names: Sequence[tuple[str, str]], turns: Sequence[Sequence[float]]) -> list[Waking]:
    """Medians over the turns; a ratio is taken within one turn and one store."""
    empty = {store: names.index((store, PASTS[0].name)) for store, _ in names}
    return [
        {
            "store": store,
            "past": past,
            "ms": 1000 * statistics.median(turn[column] for turn in turns),
            "ratio": statistics.median(turn[column] / turn[empty[store]] for turn in turns),
        }
        for column, (store, past) in enumerate(names)
    ]
