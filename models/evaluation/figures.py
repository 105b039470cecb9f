"""What a row says, and the tables that are made of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from models.evaluation.metrics import Value

NO_MODEL: Final = "no model"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure of one model on one set.

    `least` is what it must reach (`most`, for rates of errors); None for a figure beside the headline. `peers` are
    measured in the same run on the same items. `model` is the name in the registry, `note` one sentence at most.
    `problem` says why a row has no figures.
    """

    row: str
    measure: str
    value: Value | None
    model: str = ""
    least: float | None = None
    most: float | None = None
    peers: Mapping[str, Value] = field(default_factory=dict)
    note: str = ""
    problem: str = ""

    @property
    def is_reached(self) -> bool:
        """Return whether the figure is where it must be; True for one without a demand."""
        if self.value is None:
            return False
        return (self.least is None or self.value.value >= self.least) and (
            self.most is None or self.value.value <= self.most
        )

    @property
    def demand(self) -> str:
        """What the figure must reach, as the table shows it."""
        if self.least is not None:
            return f"≥ {self.least:g}"
        return f"≤ {self.most:g}" if self.most is not None else ""

    @property
    def line(self) -> str:
        """The figure in one line, as `satchel models` shows it."""
        peers = "".join(f"; {name} {value.value:.3f}" for name, value in self.peers.items())
        return f"{self.measure} {self.value} on {self.value.n:,} items{peers}" if self.value else NO_MODEL


def timed_out(row: str, problem: str) -> Figure:
    """Return the line of a row that was ended before it had figures."""
    return Figure(row, "", None, problem=problem)


def table(figures: Sequence[Figure]) -> str:
    """Return a Markdown table of the figures."""
    lines = ["| row | measure | n | value [95%] | must reach | peers |", "|---|---|---|---|---|---|"]
    for one in figures:
        n = f"{one.value.n:,}" if one.value else ""
        value = f"{one.value}{'' if one.is_reached else ' (below)'}" if one.value else one.problem or NO_MODEL
        peers = ", ".join(f"{name} {peer.value:.3f}" for name, peer in one.peers.items())
        lines.append(f"| {one.row} | {one.measure} | {n} | {value} | {one.demand} | {peers} |")
    return "\n".join(lines) + "\n"


def lines_of_models(figures: Sequence[Figure]) -> dict[str, dict[str, str]]:
    """Return a line by model and by row, of the model's figures that have a demand, or else of its first one."""
    lines: dict[str, dict[str, str]] = {}
    for model in dict.fromkeys(one.model for one in figures if one.model and one.value):
        own = [one for one in figures if one.model == model and one.value]
        headline = [one for one in own if one.demand] or own[:1]
        lines[model] = {
            row: "; ".join(one.line for one in headline if one.row == row)
            for row in dict.fromkeys(one.row for one in headline)
        }
    return lines
