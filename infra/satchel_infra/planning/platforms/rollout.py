"""How long `satchel-infra rollout` takes: the limits of the platform, and those of one command."""

from satchel_infra.planning.figures import Figure, largest
from satchel_infra.planning.plans import Line, duration
from satchel_infra.planning.tables import Table

MINUTE_S = 60


def paced(table: Table, in_shard: Figure) -> Figure:
    """Return the seconds that the command's own rate takes for the fullest shard."""
    return in_shard / table["rollout.per_minute"] * MINUTE_S


def times(table: Table, clouds: Figure, at_best: Figure, change_s: Figure) -> list[Line]:
    """Return both times for the clouds that one command changes. `at_best` has every shard changed at the same time."""
    at_best = largest(at_best, change_s)
    return [
        duration(
            "roll out an image to all",
            at_best,
            "one command for each shard: the slowest of the platform's writes and reads, and the command's own rate",
        ),
        duration(
            "roll out by one command",
            largest(at_best, clouds * change_s / table["rollout.parallel"]),
            "clouds × time of a change ÷ changes at a time, without pauses between waves",
        ),
    ]
