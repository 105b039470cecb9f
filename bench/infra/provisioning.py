"""The provisioner's own work: provisions a second, and a rollout of 10,000 clouds, over a platform in memory.

The platform answers at once, so the figures are what `satchel-infra` adds: on a real platform, its API sets the pace.
Tombstones go to a directory on disk, as on one machine.
"""

import statistics
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from tests.infra.provisioning.deployment import Place, owner_of

from bench.measure import seconds_of
from bench.report import Row
from satchel_infra.names import Owner
from satchel_infra.provisioning.rollout import Goal, Limits, Rollout
from satchel_infra.provisioning.waves import parse_waves

CLOUDS: Final = 10_000
REMOVED: Final = 500
GENERATIONS: Final = ("abcd", "abcdefgh", "efghijkl")
THREADS: Final = 8
NO_LIMIT: Final = 1e9


def run(rounds: int) -> list[Row]:
    """Measure each act over fresh clouds in every round."""
    owners = [owner_of(f"person {number}") for number in range(CLOUDS)]
    measured: dict[str, list[float]] = {}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            for name, seconds in measure(Path(folder), owners).items():
                measured.setdefault(name, []).append(seconds)
    counts = {"remove, with a tombstone": REMOVED}
    return [
        {
            "act": name,
            "clouds": f"{counts.get(name, CLOUDS):,}",
            "seconds": f"{statistics.median(seconds):.2f}",
            "per second": f"{counts.get(name, CLOUDS) / statistics.median(seconds):,.0f}",
        }
        for name, seconds in measured.items()
    ]


def measure(folder: Path, owners: Sequence[Owner]) -> dict[str, float]:
    """Return the seconds of each act."""
    provisioner = Place(folder).provisioner(*GENERATIONS)
    shards = provisioner.configuration.shards.all

    def roll_out() -> None:
        goal = Goal(dict.fromkeys((shard.id for shard in shards), "release-2"))
        limits = Limits(parse_waves("1,1%,10%,100%"), parallel=THREADS, per_minute=NO_LIMIT)
        outcome = Rollout(provisioner, goal, limits, lambda _: None).run(provisioner.list(shards))
        if outcome.updated != CLOUDS:
            raise RuntimeError(f"{outcome.updated} of {CLOUDS} clouds were updated")

    def each(act: Callable[[Owner], object], some: Sequence[Owner]) -> Callable[[], None]:
        def all_of_them() -> None:
            with ThreadPoolExecutor(THREADS) as threads:
                for _ in threads.map(act, some):
                    pass

        return all_of_them

    acts: dict[str, Callable[[], object]] = {
        "create": each(lambda owner: provisioner.provision(owner, "subject"), owners),
        "connect again": each(lambda owner: provisioner.provision(owner, "subject"), owners),
        "list": lambda: sum(1 for _ in provisioner.list()),
        "rollout in four waves": roll_out,
        "remove, with a tombstone": each(provisioner.remove, owners[:REMOVED]),
    }
    return {name: seconds_of(act) for name, act in acts.items()}
