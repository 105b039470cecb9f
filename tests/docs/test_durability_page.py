"""docs/reference/durability.md: every figure is one that was measured, and `python -m bench durability` writes it."""

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


def test_the_page_says_what_was_measured() -> None:
    assert page.filled(PAGE, FIGURES) == PAGE


def test_the_page_has_every_part_once() -> None:
    assert re.findall(r"<!-- figures: ([a-z]+) -->", PAGE) == list(page.PARTS)


def test_the_plots_show_what_was_measured() -> None:
    assert (REFERENCE / "durability-commits.svg").read_text() == page.commits_plot(FIGURES)
    assert (REFERENCE / "durability-waking.svg").read_text() == page.waking_plot(FIGURES)


def test_no_measured_figure_stands_in_the_prose() -> None:
    prose = re.sub(r"<!-- figures: .*?<!-- end -->", "", PAGE, flags=re.DOTALL)
    assert MEASURED.findall(prose) == []


def test_every_store_was_measured_in_every_way() -> None:
    stores = ["directory", "moto", "radosgw"]
    assert [each["store"] for each in FIGURES["commits"]] == stores
    pasts = ["0 entries", "1,000 entries", "10,000 entries", "10,000 shares"]
    assert [(each["store"], each["past"]) for each in FIGURES["waking"]] == [
        (store, past) for store in stores for past in pasts
    ]


def test_a_bill_is_the_sum_of_its_acts() -> None:
    acts = FIGURES["costs"]["acts"]
    normal = USES[1]
    expected = (
        normal.backups * acts[0]["writes"]
        + normal.shares * acts[1]["writes"]
        + normal.views * acts[2]["writes"]
        + normal.wakes * acts[3]["writes"]
    )
    assert bill(normal, acts).writes == expected
