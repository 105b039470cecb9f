"""docs/reference/scale.md: every figure is computed or simulated, and written by `make scale`."""

import json
import re
from pathlib import Path
from typing import Final

from bench.planning import page, plots
from bench.planning.months import Figures, small
from satchel_infra.planning.tables import shipped

REFERENCE: Final = Path(__file__).resolve().parents[2] / "docs" / "reference"
PAGE: Final = (REFERENCE / "scale.md").read_text()
FIGURES: Final[Figures] = json.loads((REFERENCE / "scale.json").read_text())
COMPUTED: Final = re.compile(r"\bUSD\b.*\d|\d (?:ms|s|minutes|hours|days)\b|\d %")


def test_the_page_shows_what_the_table_and_the_simulation_give() -> None:
    assert page.filled(PAGE, FIGURES) == PAGE


def test_the_page_has_every_part_once() -> None:
    assert sorted(re.findall(r"<!-- figures: ([a-z]+) -->", PAGE)) == sorted(page.PARTS)


def test_the_plots_show_the_figures() -> None:
    for name, plot in plots.PLOTS.items():
        assert (REFERENCE / name).read_text() == plot(FIGURES), name
        assert f"]({name})" in PAGE


def test_the_simulation_of_today_gives_the_recorded_figures() -> None:
    assert small(shipped()) == FIGURES["small"]


def test_the_prose_contains_no_computed_figure() -> None:
    prose = re.sub(r"<!-- figures: .*?<!-- end -->", "", PAGE, flags=re.DOTALL)
    assert COMPUTED.findall(prose) == []


def test_the_page_says_that_cloud_run_was_never_run_live() -> None:
    assert "This project has never run live on Cloud Run" in PAGE


def test_the_plan_counts_on_a_peak_that_no_simulated_month_exceeds() -> None:
    assert max(FIGURES["peak_over_mean"].values()) <= shipped().row("month.peak_over_mean").value


def test_the_plan_expects_about_what_the_simulation_finds() -> None:
    for platform, month in FIGURES["months"].items():
        planned = sum(before for _, before, _ in month["costs"])
        played = sum(after for _, _, after in month["costs"])
        assert 0.8 <= played / planned <= 1.2, platform
