"""The table of limits and prices: `limits.toml`, read and checked.

Each row has a value, a unit and a source. A source has a title, an address where there is one, and says how its
figures are known. An operator replaces a value with `--set ROW=VALUE`; the row then says so.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from math import isfinite
from typing import Any, Final

from satchel_infra.errors import ConfigurationError
from satchel_infra.planning.figures import Figure


class How(StrEnum):
    """How the figures of a source are known."""

    PAGE = "page"
    QUOTED = "quoted"
    UNVERIFIED = "unverified"
    MEASURED = "measured"
    SIMULATED = "simulated"
    CODE = "code"
    ASSUMED = "assumed"
    OPERATOR = "operator"


WORDS: Final = {
    How.PAGE: "read in a copy of the page",
    How.QUOTED: "second-hand, quoted from the page",
    How.UNVERIFIED: "second-hand, not read on the page: check it",
    How.MEASURED: "measured",
    How.SIMULATED: "simulated",
    How.CODE: "as this release does",
    How.ASSUMED: "assumed",
    How.OPERATOR: "given with --set",
}


@dataclass(frozen=True, slots=True)
class Source:
    """Where figures come from. `read` is the date of the reading or measurement."""

    title: str
    how: How
    url: str = ""
    read: date | None = None

    def __str__(self) -> str:
        """Return the source in one line."""
        known = WORDS[self.how] + (f" on {self.read}" if self.read else "")
        return f"{self.title}{f', {self.url}' if self.url else ''} ({known})"


@dataclass(frozen=True, slots=True)
class Row:
    """One limit or price. `raisable` marks a quota that its vendor raises on request."""

    id: str
    value: float
    unit: str
    source: Source
    note: str = ""
    raisable: bool = False


class Table:
    """The rows by id. `table["run.services"]` is a figure that rests on that row."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = {row.id: row for row in rows}

    def __getitem__(self, row_id: str) -> Figure:
        """Return the value of a row as a figure. Raise KeyError if there is none."""
        return Figure(self._rows[row_id].value, frozenset({row_id}))

    def row(self, row_id: str) -> Row:
        """Return a row. Raise KeyError if there is none."""
        return self._rows[row_id]

    def rows(self) -> tuple[Row, ...]:
        """Return every row in the order of the file."""
        return tuple(self._rows.values())

    def replaced(self, values: Mapping[str, float]) -> "Table":
        """Return a table with the operator's own values. Raise ConfigurationError for an unknown or bad one."""
        for row_id, value in values.items():
            check(self._rows, row_id, value)
        given = Source("your own figure", How.OPERATOR)
        return Table(
            replace(row, value=values[row.id], source=given) if row.id in values else row
            for row in self._rows.values()
        )


def check(rows: Mapping[str, Row], row_id: str, value: float) -> None:
    """Raise ConfigurationError unless there is such a row and the value is one that it can have."""
    if row_id not in rows:
        raise ConfigurationError(
            f"there is no row {row_id!r} in the table", hint="list the rows: satchel-infra plan --rows"
        )
    usual = rows[row_id].value or 1.0
    if value == 0 and row_id in MAY_BE_ZERO:
        return
    if not isfinite(value) or not usual / RANGE <= value <= usual * RANGE:
        raise ConfigurationError(
            f"{value:g} is out of range for {row_id!r}", hint=f"the table has {usual:g} {rows[row_id].unit}"
        )


RANGE: Final = 1_000_000  # an operator's value may differ from the table's by this factor

MAY_BE_ZERO: Final = frozenset(
    {"secrets.per_cloud", "box.usd_each", "knative.free_usd"}
    | {f"{section}.free" for section in ("secrets", "certificates")}
    | {f"run.free_{what}" for what in ("vcpu_s", "gib_s", "calls")}
    | {f"storage.free_{what}" for what in ("gib", "writes", "reads")}
    | {"secrets.free_reads", "logging.free_gib", "box.registered_mib", "knative.system_nodes"}
    | {f"{use}.{act}" for use in ("light", "normal", "heavy") for act in ("backups", "shares", "views")}
)


@cache
def shipped() -> Table:
    """Return the table that comes with this release."""
    return read(files("satchel_infra.planning").joinpath("limits.toml").read_text())


def read(text: str) -> Table:
    """Return the table of a TOML document. Raise KeyError or ValueError if it is not one."""
    document = tomllib.loads(text)
    sources = {name: _source(found) for name, found in document.pop("sources").items()}
    return Table(
        _row(f"{section}.{name}", found, sources)
        for section, rows in document.items()
        for name, found in rows.items()
    )


def _source(found: Mapping[str, Any]) -> Source:
    return Source(found["title"], How(found["how"]), found.get("url", ""), found.get("read"))


def _row(row_id: str, found: Mapping[str, Any], sources: Mapping[str, Source]) -> Row:
    return Row(
        row_id,
        float(found["value"]),
        found["unit"],
        sources[found["source"]],
        found.get("note", ""),
        found.get("raisable", False),
    )
