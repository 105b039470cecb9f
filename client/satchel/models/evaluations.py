"""The figures of the last `make eval`, which ship with the models.

`evaluation.json` has a line by the name of a model and by row: the measure, its value with a 95% interval, and the
peer's.
docs/reference/models.md has the same figures with their data.
"""

import json
from functools import cache
from pathlib import Path
from typing import Final

from satchel.models.registry import Entry

FILE: Final = Path(__file__).with_name("evaluation.json")


def evaluation_of(entry: Entry) -> str:
    """Return the figures of a model in one line; empty for rules that need none."""
    rows = _figures().get(entry.name, {})
    if len(rows) == 1:
        return next(iter(rows.values()))
    return "; ".join(f"{row}: {line}" for row, line in rows.items())


@cache
def _figures() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(FILE.read_text("utf-8"))
    return found
