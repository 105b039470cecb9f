"""What clouds do in a month: requests, seconds, bytes, and how many are awake at once."""

from dataclasses import dataclass
from typing import Final

from satchel_infra.errors import ConfigurationError
from satchel_infra.planning.figures import Figure, exponential, largest, smallest, total
from satchel_infra.planning.tables import Table

ACTS: Final = ("backups", "shares", "views")
USES: Final = ("light", "normal", "heavy")
PROFILES: Final = ("mixed", *USES)
SECTIONS: Final = {"cloudrun": "run", "knative": "knative", "box": "box"}  # of the table, by platform
SECONDS_PER_HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class Month:
    """What one cloud does in a month, on average over the clouds of a profile. Sizes in GiB, times in seconds.

    `awake_share` is the mean share of clouds that are awake, `peak_share` the share at the busiest time.
    """

    wakes: Figure
    calls: Figure
    writes: Figure
    reads: Figure
    busy_s: Figure
    sent_gib: Figure
    stored_gib: Figure
    awake_share: Figure
    peak_share: Figure


def month(table: Table, profile: str, platform: str) -> Month:
    """Return the month of a profile on a platform: "run", "knative" or "box", as the sections of the table."""
    uses = shares_of(table, profile)

    def mean(name: str) -> Figure:
        return total([share * table[f"{use}.{name}"] for use, share in uses.items()])

    backups, shares, views = (mean(name) for name in ACTS)
    wakes = total([share * wakes_of(table, use, platform) for use, share in uses.items()])
    acts = ((backups, "backup"), (shares, "share"), (views, "view"))
    calls = total([often * table[f"{act}.calls"] for often, act in acts]) + views * table["view.page_calls"]
    start_s = table["month.start_s"] + table[f"{platform}.platform_start_s"]
    stored = mean("stored_gib")
    awake = total([share * awake_share(table, use, platform) for use, share in uses.items()])
    return Month(
        wakes=wakes,
        calls=calls,
        writes=total([often * table[f"{act}.writes"] for often, act in (*acts, (wakes, "wake"))]),
        reads=total([often * table[f"{act}.reads"] for often, act in (*acts, (wakes, "wake"))]),
        busy_s=calls * table["month.call_s"] + wakes * start_s,
        sent_gib=views * table["view.gib"] + stored * table["month.restored"],
        stored_gib=stored,
        awake_share=awake,
        peak_share=smallest(awake * table["month.peak_over_mean"], 1.0),
    )


def shares_of(table: Table, profile: str) -> dict[str, Figure]:
    """Return the share of each use in a profile."""
    return {profile: Figure(1.0)} if profile != "mixed" else mix(table)


def volume_gib(table: Table, profile: str, least: Figure) -> Figure:
    """Return the mean size of a volume: what a cloud stores, and at least the smallest volume."""
    uses = shares_of(table, profile)
    return total([share * largest(table[f"{use}.stored_gib"], least) for use, share in uses.items()])


def mix(table: Table) -> dict[str, Figure]:
    """Return the share of each use among all clouds. Raise ConfigurationError unless they add up to one."""
    shares = {use: table[f"mix.{use}"] for use in USES}
    if abs(sum(share.value for share in shares.values()) - 1) > 1e-6:
        raise ConfigurationError(
            "the shares of light, normal and heavy clouds do not add up to 1",
            hint="set all three: --set mix.light=… --set mix.normal=… --set mix.heavy=…",
        )
    return shares


def wakes_of(table: Table, use: str, platform: str) -> Figure:
    """Return how often a cloud wakes in a month: the acts that come after a quiet time as long as the idle time.

    Acts are taken to be independent, so this part of them is e to the power of minus the acts that are expected while
    one act keeps the cloud awake.
    """
    return acts_of(table, use) * exponential(acts_awake(table, use, platform) * -1.0)


def awake_share(table: Table, use: str, platform: str) -> Figure:
    """Return the share of the time that a cloud is awake: that an act came within the idle time before."""
    return Figure(1.0) - exponential(acts_awake(table, use, platform) * -1.0)


def acts_of(table: Table, use: str) -> Figure:
    """Return the acts of a month."""
    return total([table[f"{use}.{act}"] for act in ACTS])


def acts_awake(table: Table, use: str, platform: str) -> Figure:
    """Return the acts that are expected while one act keeps a cloud awake: a start and the idle time."""
    kept_s = table[f"{platform}.idle_s"] + table["month.start_s"] + table[f"{platform}.platform_start_s"]
    return acts_of(table, use) * kept_s / (table["month.hours"] * SECONDS_PER_HOUR)
