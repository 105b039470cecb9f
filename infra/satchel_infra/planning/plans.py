"""What a plan holds: lines of resources, times and costs, quotas to raise, and warnings."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from satchel_infra.errors import ConfigurationError
from satchel_infra.planning.figures import Figure, total
from satchel_infra.planning.usage import PROFILES

MOST_USERS: Final = 10_000_000
MOST_REGIONS: Final = 40
PLATFORMS: Final = ("cloudrun", "knative", "box")
STORAGES: Final = {
    "cloudrun": ("bucket", "prefix"),
    "knative": ("volume", "bucket"),
    "box": ("disk",),
}
"""The storages of each platform. The first is the default."""


class Part(StrEnum):
    """The part of a plan that a line belongs to."""

    RESOURCES = "resources"
    STORAGE = "storage"
    TIME = "time"
    COST = "cost"


@dataclass(frozen=True, slots=True)
class Request:
    """The request for a plan. `storage` is one of the platform's STORAGES, or empty for its default."""

    platform: str
    users: int
    profile: str = "mixed"
    storage: str = ""
    regions: int = 10

    def __post_init__(self) -> None:
        """Raise ConfigurationError for a value out of range."""
        if not 1 <= self.users <= MOST_USERS:
            raise ConfigurationError(
                f"{self.users} users are out of range", hint=f"give 1 to {MOST_USERS:,} with --users"
            )
        if not 1 <= self.regions <= MOST_REGIONS:
            raise ConfigurationError(
                f"{self.regions} regions are out of range", hint=f"give 1 to {MOST_REGIONS} with --regions"
            )
        if self.platform not in PLATFORMS:
            raise ConfigurationError(
                f"{self.platform!r} is not a platform", hint=f"use one of {', '.join(PLATFORMS)}"
            )
        if self.profile not in PROFILES:
            raise ConfigurationError(
                f"{self.profile!r} is not a profile", hint=f"use one of {', '.join(PROFILES)}"
            )
        if self.storage and self.storage not in STORAGES[self.platform]:
            raise ConfigurationError(
                f"{self.platform} has no storage {self.storage!r}",
                hint=f"use one of {', '.join(STORAGES[self.platform])}",
            )

    @property
    def stored_in(self) -> str:
        """The storage, or the platform's default."""
        return self.storage or STORAGES[self.platform][0]


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `how` says in words how the figure was computed."""

    part: Part
    name: str
    figure: Figure
    unit: str
    how: str


@dataclass(frozen=True, slots=True)
class Raise:
    """A quota that is too low: the row of the table, what is needed, and for what."""

    row_id: str
    have: Figure
    need: Figure
    scope: str


@dataclass(frozen=True, slots=True)
class Warn:
    """A point at which the plan stops working or is unreliable, with the rows that this follows from."""

    text: str
    rests_on: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Plan:
    """The answer to a request."""

    request: Request
    lines: tuple[Line, ...]
    raises: tuple[Raise, ...] = ()
    warnings: tuple[Warn, ...] = field(default=())

    def of(self, part: Part) -> tuple[Line, ...]:
        """Return the lines of a part."""
        return tuple(line for line in self.lines if line.part is part)

    def figure(self, name: str) -> Figure:
        """Return the figure of a line. Raise KeyError if there is none."""
        for line in self.lines:
            if line.name == name:
                return line.figure
        raise KeyError(name)

    @property
    def monthly_usd(self) -> Figure:
        """The sum of the costs, in USD a month."""
        return total([line.figure for line in self.of(Part.COST)])

    def rests_on(self) -> frozenset[str]:
        """Return the ids of all rows that anything in the plan rests on."""
        return frozenset().union(
            *(line.figure.rests_on for line in self.lines),
            *(each.have.rests_on | each.need.rests_on for each in self.raises),
            *(warning.rests_on for warning in self.warnings),
        )


def needed(checks: Iterable[Raise]) -> tuple[Raise, ...]:
    """Return the quotas that are lower than needed."""
    return tuple(each for each in checks if each.need.value > each.have.value)


def resource(name: str, figure: Figure, unit: str, how: str) -> Line:
    """Return a line of what must exist."""
    return Line(Part.RESOURCES, name, figure, unit, how)


def duration(name: str, seconds: Figure, how: str) -> Line:
    """Return a line of time, in seconds."""
    return Line(Part.TIME, name, seconds, "s", how)


def cost(name: str, usd: Figure, how: str) -> Line:
    """Return a line of cost, in USD a month."""
    return Line(Part.COST, name, usd, "USD", how)
