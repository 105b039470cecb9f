"""Keeping figures: in the table of docs/reference/models.md, and in the file that ships with the models."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from models.evaluation.figures import Figure, lines_of_models, table, timed_out

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = ROOT / "docs" / "reference" / "models.md"
SHIPPED: Final = ROOT / "client" / "satchel" / "models" / "evaluation.json"
_ROWS: Final = re.compile(r"(?m)^\|(?! row |---).*$\n")
_TABLE: Final = re.compile(r"(<!-- figures -->\n).*?(<!-- end -->)", re.DOTALL)


def keep(found: Mapping[str, Sequence[Figure] | None]) -> None:
    """Write the figures by row beside those of rows that were not run this time, or not measured (None)."""
    figures = [one for row in found.values() for one in row or ()]
    _replace(PAGE, page_with(PAGE.read_text("utf-8"), figures, list(found)))
    shipped = merged(json.loads(SHIPPED.read_text("utf-8")), lines_of_models(figures))
    _replace(SHIPPED, json.dumps(shipped, indent=2, sort_keys=True, ensure_ascii=False) + "\n")


def _replace(path: Path, text: str) -> None:
    """Write a file at once, so that a run that is ended leaves the earlier one."""
    new = path.with_suffix(".new")
    new.write_text(text, "utf-8")
    new.replace(path)


def merged(
    kept: Mapping[str, Mapping[str, str]], new: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    """Return the lines by model and row; new ones replace those of the same row."""
    return {model: {**kept.get(model, {}), **new.get(model, {})} for model in {*kept, *new}}


def page_with(page: str, figures: Sequence[Figure], ran: Sequence[str] = ()) -> str:
    """Return the page with the rows of these figures replaced, and new ones at the end of the table.

    A line that says why one of the rows `ran` had no figures is removed; if it still has none, the figures say so.
    """
    found = _TABLE.search(page)
    if found is None:
        raise ValueError("the page has no table of figures")
    rows = {_key(line): line for line in _ROWS.findall(found[0])}
    for name in ran:
        rows.pop(_key(table([timed_out(name, "")]).splitlines()[-1]), None)
    rows |= {_key(line): line for line in _ROWS.findall(table(figures))}
    head = "".join(table(()).splitlines(keepends=True))
    return _TABLE.sub(lambda match: f"{match[1]}{head}{''.join(rows.values())}{match[2]}", page)


def _key(line: str) -> str:
    """Return the row and the measure, which name a figure."""
    return "|".join(line.split("|")[1:3])
