"""Numbers that know which rows of the table they rest on.

    clouds = given(1_000_000)
    shards = ceil(clouds / table["run.services"])
    shards.value, shards.rests_on      # 1000.0, {"run.services"}

Arithmetic unites what both sides rest on, so a line of a plan cannot forget a row that it was computed from.
"""

import math
from dataclasses import dataclass
from typing import Final

NOTHING: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and the ids of the rows that it was computed from."""

    value: float
    rests_on: frozenset[str] = NOTHING

    def __add__(self, other: "Figure | float") -> "Figure":
        more = figure(other)
        return Figure(self.value + more.value, self.rests_on | more.rests_on)

    def __sub__(self, other: "Figure | float") -> "Figure":
        more = figure(other)
        return Figure(self.value - more.value, self.rests_on | more.rests_on)

    def __mul__(self, other: "Figure | float") -> "Figure":
        more = figure(other)
        return Figure(self.value * more.value, self.rests_on | more.rests_on)

    def __truediv__(self, other: "Figure | float") -> "Figure":
        more = figure(other)
        return Figure(self.value / more.value, self.rests_on | more.rests_on)


def figure(value: Figure | float) -> Figure:
    """Return a figure: itself, or a number that rests on nothing."""
    return value if isinstance(value, Figure) else Figure(value)


def given(value: float) -> Figure:
    """Return a number that the operator gave."""
    return Figure(value)


def ceil(found: Figure) -> Figure:
    """Return the next whole number. A rounding error of a division does not count as a fraction."""
    return Figure(float(math.ceil(round(found.value, 9))), found.rests_on)


def floor(found: Figure) -> Figure:
    """Return the whole number below."""
    return Figure(float(math.floor(round(found.value, 9))), found.rests_on)


def largest(*figures: Figure | float) -> Figure:
    """Return the largest value. It rests on everything that was compared."""
    found = [figure(each) for each in figures]
    return Figure(max(each.value for each in found), frozenset().union(*(each.rests_on for each in found)))


def smallest(*figures: Figure | float) -> Figure:
    """Return the smallest value. It rests on everything that was compared."""
    found = [figure(each) for each in figures]
    return Figure(min(each.value for each in found), frozenset().union(*(each.rests_on for each in found)))


def exponential(found: Figure) -> Figure:
    """Return e to that power."""
    return Figure(math.exp(found.value), found.rests_on)


def beyond(used: Figure, free: Figure) -> Figure:
    """Return what is used beyond the free part, never less than zero."""
    return largest(used - free, 0.0)


def total(figures: "list[Figure]") -> Figure:
    """Return the sum."""
    found = Figure(0.0)
    for each in figures:
        found = found + each
    return found
