"""The figures of the last `make eval`, which ship with the models.

`evaluation.json` maps the name of a model to one line: the measure, its value with a 95% interval, and the peer's.
docs/reference/models.md has the same figures with their data.
"""

import json
from functools import cache
from pathlib import Path
from typing import Final

from satchel.models.registry import Entry

FILE: Final = Path(__file__).with_name("evaluation.json")


def evaluation_of(entry: Entry) -> str:
    """Return the figures of a model; empty for rules that need none."""
    return _figures().get(entry.name, "")


@cache
def _figures() -> dict[str, str]:
    found: dict[str, str] = json.loads(FILE.read_text("utf-8"))
    return found
