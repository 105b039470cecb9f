"""From spawn to the first response of the real process, on clouds with different histories.

A history is real: its commits go through the log under the standard policy, so snapshots have replaced most of the
entries. Every round wakes all clouds of a store in turn.
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


class History(NamedTuple):
    """The history of a cloud: transactions of one row each, then transactions of many shares."""

    name: str
    entries: int
    shares: int


HISTORIES: Final = (
    *(History(f"{count:,} entries", count, 0) for count in ENTRIES),
    History(f"{SHARES:,} shares", 0, SHARES),
)


class Waking(TypedDict):
    """Medians of one history on one store; `ratio` is to the empty cloud in the same turn."""

    store: str
    past: str
    ms: float
    ratio: float


def measure(places: Sequence[Place], rounds: int, folder: Path) -> list[Waking]:
    """Build the history of every cloud, then wake all of them repeatedly."""
    clouds = [(place.fresh(), past) for place in places for past in HISTORIES]
    for cloud, past in clouds:
        asyncio.run(build(cloud, past, folder))
    with tempfile.TemporaryDirectory(dir=folder) as compiled:
        turns = [[wake(cloud, compiled, folder) for cloud, _ in clouds] for _ in range(rounds * WAKES + 1)]
    return summaries([(cloud.name, past.name) for cloud, past in clouds], turns[1:])  # the first compiles


async def build(cloud: Place, past: History, folder: Path) -> None:
    """Build the history of a cloud."""
    log = await open_log(cloud, folder)
    for _ in range(past.entries):
        await log.database.write(change_a_row)
    for _ in range(past.shares // SHARES_AT_ONCE):
        await log.database.write(lambda db: insert_shares(db, SHARES_AT_ONCE))
    await log.close()


def wake(cloud: Place, compiled: str, folder: Path) -> float:
    """Return the seconds from spawn to the first response. The process is killed afterwards.

    A start that fails is repeated: a late request of the previous, killed process may have fenced it, or another
    program has taken its port.
    """
    for _ in range(TRIES - 1):
        with suppress(RuntimeError, ProcessLookupError):
            return wake_once(cloud, compiled, folder)
    return wake_once(cloud, compiled, folder)


def wake_once(cloud: Place, compiled: str, folder: Path) -> float:
    """Return the seconds of one start. Raise RuntimeError or ProcessLookupError if the process exits."""
    port = free_port()
    env = environment(
        compiled,
        **{**cloud.environ, "PYTHONDONTWRITEBYTECODE": ""},
        SATCHEL_BIND="127.0.0.1",
        PORT=str(port),
    )
    return first_answer([BIN / "satchel-service"], port, env, folder).seconds


def summaries(names: Sequence[tuple[str, str]], turns: Sequence[Sequence[float]]) -> list[Waking]:
    """Return medians over the turns. A ratio is taken within one turn and one store."""
    empty = {store: names.index((store, HISTORIES[0].name)) for store, _ in names}
    return [
        {
            "store": store,
            "past": past,
            "ms": 1000 * statistics.median(turn[column] for turn in turns),
            "ratio": statistics.median(turn[column] / turn[empty[store]] for turn in turns),
        }
        for column, (store, past) in enumerate(names)
    ]
