"""docs/reference/benchmarks.md shows the figures of benchmarks.json."""

import json
from pathlib import Path

import pytest

from bench import __main__ as bench

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"


def test_the_page_is_made_from_the_kept_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    page = (REFERENCE / "benchmarks.md").read_text()
    machine = page.partition("Measured by `make bench` on ")[2].partition(". [")[0]
    monkeypatch.setattr(bench, "machine", lambda: machine)
    figures = json.loads((REFERENCE / "benchmarks.json").read_text())
    assert figures.keys() == {each.name for each in bench.BENCHMARKS}
    assert bench.page(figures) == page
