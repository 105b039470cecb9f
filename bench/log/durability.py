"""The log of the micro-database: commits beside puts to the same store, group commit, waking up, billed requests.

Runs on a directory, on moto's server (S3 without a network or a disk, where the cost of the log is most visible) and
on Ceph's radosgw if a container engine has its image. `python -m bench durability` writes the figures and plots of
docs/reference/durability.md, and docs/reference/durability.json; the prose between the figures stays.
"""

import asyncio
import json
import os
import platform
import tempfile
from pathlib import Path
from typing import Final

from bench import report
from bench.log import commits, costs, page, waking
from bench.log.stores import all_places

REFERENCE: Final = Path(__file__).resolve().parents[2] / "docs" / "reference"
PAGE: Final = REFERENCE / "durability.md"
KEPT: Final = REFERENCE / "durability.json"


def run(rounds: int) -> list[report.Row]:
    """Measure, write the page, and return one row for each kind of store."""
    figures = measured(rounds)
    KEPT.write_text(json.dumps(figures, indent=1) + "\n")
    PAGE.write_text(page.filled(PAGE.read_text(), figures))
    (REFERENCE / "durability-commits.svg").write_text(page.commits_plot(figures))
    (REFERENCE / "durability-waking.svg").write_text(page.waking_plot(figures))
    return page.rows(figures)


def measured(rounds: int) -> page.Figures:
    """Measure everything, with the load of the machine before and after."""
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as text, all_places(Path(text)) as places:
        commit_figures = asyncio.run(commits.measure(places, rounds, Path(text)))
        wake_figures = waking.measure(places, rounds, Path(text))
    cost_figures = costs.measure()
    load = f"load {before:.1f} before and {os.getloadavg()[0]:.1f} after"
    machine = f"{os.cpu_count()} cores with Python {platform.python_version()}, {load}; rounds: {rounds}"
    return {"machine": machine, "commits": commit_figures, "waking": wake_figures, "costs": cost_figures}
