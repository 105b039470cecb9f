"""The log of the micro-database: commits beside the store's own puts, group commit, waking up, requests that cost.

On a directory, on moto's server (S3 without a network or a disk: what the log itself costs shows most), and on
Ceph's radosgw where a container engine has its image. `python -m bench durability` writes every figure of
docs/reference/durability.md, with its plots and docs/reference/durability.json; the prose between them stays.
"""

import asyncio
import json
import os
import platform
import tempfile
from pathlib import Path
from typing import Final

from bench import report
from bench.log import commits as log_commits
from bench.log import costs as log_costs
from bench.log import page as log_page
from bench.log import waking as log_waking
from bench.log.stores import all_places

REFERENCE: Final = Path(__file__).resolve().parents[2] / "docs" / "reference"
PAGE: Final = REFERENCE / "durability.md"
KEPT: Final = REFERENCE / "durability.json"


def run(rounds: int) -> list[report.Row]:
    """Measure, write the page, and return one row for each kind of store."""
    figures = measured(rounds)
    KEPT.write_text(json.dumps(figures, indent=1) + "\n")
    PAGE.write_text(log_page.filled(PAGE.read_text(), figures))
    (REFERENCE / "durability-commits.svg").write_text(log_page.commits_plot(figures))
    (REFERENCE / "durability-waking.svg").write_text(log_page.waking_plot(figures))
    return log_page.rows(figures)


def measured(rounds: int) -> log_page.Figures:
    """Everything, with the load of the machine before and after: other work shows there."""
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as text, all_places(Path(text)) as places:
        commits = asyncio.run(log_commits.measure(places, rounds, Path(text)))
        waking = log_waking.measure(places, rounds, Path(text))
    costs = log_costs.measure()
    load = f"load {before:.1f} before and {os.getloadavg()[0]:.1f} after"
    machine = f"{os.cpu_count()} cores with Python {platform.python_version()}, {load}; rounds: {rounds}"
    return {"machine": machine, "commits": commits, "waking": waking, "costs": costs}
