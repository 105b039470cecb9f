"""docs/reference/durability.md: every figure is measured and written by `python -m bench durability`."""

import json
import re
from pathlib import Path
from typing import Final

from bench.log import page
from bench.log.prices import USES, bill

REFERENCE: Final = Path(__file__).resolve().parents[2] / "docs" / "reference"
PAGE: Final = (REFERENCE / "durability.md").read_text()
FIGURES: Final[page.Figures] = json.loads((REFERENCE / "durability.json").read_text())
MEASURED: Final = re.compile(r"\d (?:ms|µs|s|USD|bytes)\b|\d ?/s\b|\d %|\b\d\.\d+")


def test_the_page_shows_the_measured_figures() -> None:
    assert page.filled(PAGE, FIGURES) == PAGE


def test_the_page_has_every_part_once() -> None:
    assert re.findall(r"<!-- figures: ([a-z]+) -->", PAGE) == list(page.PARTS)


def test_the_plots_show_the_measured_figures() -> None:
    assert (REFERENCE / "durability-commits.svg").read_text() == page.commits_plot(FIGURES)
    assert (REFERENCE / "durability-waking.svg").read_text() == page.waking_plot(FIGURES)


def test_the_prose_contains_no_measured_figure() -> None:
    prose = re.sub(r"<!-- figures: .*?<!-- end -->", "", PAGE, flags=re.DOTALL)
    assert MEASURED.findall(prose) == []


def test_every_store_has_every_measurement() -> None:
    stores = ["directory", "moto", "radosgw"]
    assert [each["store"] for each in FIGURES["commits"]] == stores
    pasts = ["0 entries", "1,000 entries", "10,000 entries", "10,000 shares"]
    assert [(each["store"], each["past"]) for each in FIGURES["waking"]] == [
        (store, past) for store in stores for past in pasts
    ]


def test_a_bill_is_the_sum_of_its_operations() -> None:
    acts = FIGURES["costs"]["acts"]
    normal = USES[1]
    expected = (
        normal.backups * acts[0]["writes"]
        + normal.shares * acts[1]["writes"]
        + normal.views * acts[2]["writes"]
        + normal.wakes * acts[3]["writes"]
    )
    assert bill(normal, acts).writes == expected
