"""Simulate the arrivals at many clouds over some weeks."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from satchel_infra.errors import ConfigurationError
from satchel_infra.planning.figures import Figure, figure
from satchel_infra.planning.plans import Request
from satchel_infra.planning.simulation import rhythm
from satchel_infra.planning.simulation.arrivals import SECOND_US, Streams, acts, arrivals
from satchel_infra.planning.simulation.instances import serve, starts
from satchel_infra.planning.simulation.tally import Tally
from satchel_infra.planning.tables import Table
from satchel_infra.planning.usage import SECTIONS, USES, Month, mix, month

MOST_USERS: Final = 100_000
MOST_WEEKS: Final = 12
MOST_VIRAL_VIEWS: Final = 10_000_000
VIRAL_HOUR: Final = 7 * 24 + 24 + 15  # Tuesday of the second week, 15:00 UTC
VIRAL_HALF_LIFE_HOURS: Final = 6.0
VIRAL: Final = "viral"


@dataclass(frozen=True, slots=True)
class Settings:
    """What to simulate. With `viral_views`, one more normal cloud has a share that so many people open."""

    users: int
    platform: str = "cloudrun"
    profile: str = "mixed"
    weeks: int = 4
    seed: int = 1
    viral_views: int = 0
    storage: str = ""

    def __post_init__(self) -> None:
        """Raise ConfigurationError for a value out of range."""
        for name, value, least, most in (
            ("users", self.users, 1, MOST_USERS),
            ("weeks", self.weeks, 1, MOST_WEEKS),
            ("viral-views", self.viral_views, 0, MOST_VIRAL_VIEWS),
        ):
            if not least <= value <= most:
                raise ConfigurationError(
                    f"{value} {name} are too few or too many to simulate",
                    hint=f"give {least:,} to {most:,} with --{name}",
                )
        Request(self.platform, self.users, self.profile, self.storage)
        if self.viral_views and self.weeks * rhythm.HOURS_PER_WEEK <= VIRAL_HOUR:
            raise ConfigurationError(
                "the viral share spreads in the second week", hint="simulate 2 weeks or more with --weeks"
            )

    @property
    def hours(self) -> int:
        """The hours to simulate."""
        return self.weeks * rhythm.HOURS_PER_WEEK


@dataclass(frozen=True, slots=True)
class Simulated:
    """The tallies of all clouds and of each use. `clouds` says how many there are of each."""

    settings: Settings
    clouds: dict[str, int]
    by_use: dict[str, Tally]
    total: Tally


def simulate(settings: Settings, table: Table) -> Simulated:
    """Play the arrivals of every cloud. The same settings and table give the same result."""
    random = Random(settings.seed)  # noqa: S311  a simulation, not a secret
    section = SECTIONS[settings.platform]
    idle_us = round(table[f"{section}.idle_s"].value * SECOND_US)
    starting, kinds, streams = starts(table, section), acts(table), Streams(table, settings.weeks)
    counts = clouds(table, settings.users, settings.profile)
    books = {use: Tally(settings.hours) for use in counts}
    for use, zone in owners(random, counts):
        arrived = arrivals(random, streams.of(use, zone))
        serve(arrived, kinds, idle_us=idle_us, start=lambda: starting.draw(random), tally=books[use])
    if settings.viral_views:
        counts, books = {**counts, VIRAL: 1}, {**books, VIRAL: Tally(settings.hours)}
        spread = streams.viral(settings.viral_views, VIRAL_HOUR, VIRAL_HALF_LIFE_HOURS)
        arrived = arrivals(random, [*streams.of("normal", 0), spread])
        serve(arrived, kinds, idle_us=idle_us, start=lambda: starting.draw(random), tally=books[VIRAL])
    total = Tally(settings.hours)
    for tally in books.values():
        total.add(tally)
    return Simulated(settings, counts, books, total)


def clouds(table: Table, users: int, profile: str) -> dict[str, int]:
    """Return how many clouds there are of each use: the shares of the table, rounded so that they add up."""
    if profile != "mixed":
        return {profile: users}
    exact = {use: share.value * users for use, share in mix(table).items()}
    counts = {use: int(value) for use, value in exact.items()}
    by_rest = sorted(USES, key=lambda use: counts[use] - exact[use])
    for use in by_rest[: users - sum(counts.values())]:
        counts[use] += 1
    return counts


def owners(random: Random, counts: dict[str, int]) -> Iterator[tuple[str, int]]:
    """Yield the use and the time zone of every cloud."""
    zones, shares = list(rhythm.ZONES), list(rhythm.ZONES.values())
    for use, count in counts.items():
        for zone in random.choices(zones, shares, k=count):
            yield use, zone


def as_month(simulated: Simulated, table: Table) -> Month:
    """Return the simulated month of a mean cloud, of 730 hours, to be priced like a planned one.

    Everything that the simulation does not play keeps the value of the plan: stored bytes, and bytes sent.
    """
    planned = month(table, simulated.settings.profile, SECTIONS[simulated.settings.platform])
    count = sum(simulated.clouds.values())
    each = table["month.hours"] / simulated.settings.hours / count
    total = simulated.total
    wakes = figure(total.cold_starts) * each
    return Month(
        wakes=wakes,
        calls=figure(total.requests) * each,
        writes=planned.writes + (wakes - planned.wakes) * table["wake.writes"],
        reads=planned.reads + (wakes - planned.wakes) * table["wake.reads"],
        busy_s=figure(total.billed_us / SECOND_US) * each,
        sent_gib=planned.sent_gib,
        stored_gib=planned.stored_gib,
        awake_share=Figure(total.awake_mean / count),
        peak_share=Figure(min(1.0, total.awake_peak / count)),
    )
