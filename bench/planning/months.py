"""Simulates the months that docs/reference/scale.md shows."""

import os
import platform
import time
from typing import Any, Final, TypedDict

from satchel_infra.planning.plans import PLATFORMS
from satchel_infra.planning.report import NAMES
from satchel_infra.planning.simulation import simulation_report
from satchel_infra.planning.simulation.month import VIRAL, Settings, Simulated, as_month, simulate
from satchel_infra.planning.simulation.tally import Tally
from satchel_infra.planning.tables import Table, shipped
from satchel_infra.planning.usage import SECTIONS, month

SEED: Final = 11
CLOUDS: Final = 10_000
SHARD: Final = 1_000
SMALL: Final = 60
VIRAL_VIEWS: Final = 100_000


class Simulation(TypedDict):
    """A simulated month: the columns of each use, and pairs of planned and simulated figures."""

    rows: list[list[str]]
    wakes: list[int]
    awake: list[int]
    costs: list[tuple[str, float, float]]


class Figures(TypedDict):
    """The figures of one run, as in docs/reference/scale.json. Hours begin on Monday, 0:00 UTC."""

    machine: str
    processor_s: float
    months: dict[str, Simulation]
    awake_by_hour: list[int]
    cold_starts_by_hour: list[int]
    viral_acts_by_hour: list[int]
    viral_waited: list[float]
    peak_over_mean: dict[str, float]
    small: dict[str, Any]


def measure() -> Figures:
    """Simulate everything. The same table gives the same figures, but for the processor time."""
    table, months = shipped(), {}
    simulated: dict[str, Simulated] = {}
    spent_s = 0.0
    for name in PLATFORMS:
        began = time.process_time()
        simulated[name] = simulate(Settings(CLOUDS, name, seed=SEED, viral_views=VIRAL_VIEWS), table)
        spent_s = spent_s or time.process_time() - began
        months[name] = shown(simulated[name], table)
    all_of_run, viral = simulated["cloudrun"].total, simulated["cloudrun"].by_use[VIRAL]
    shard = simulate(Settings(SHARD, "cloudrun", seed=SEED), table).total
    return {
        "machine": f"{os.cpu_count()} cores with Python {platform.python_version()}",
        "processor_s": round(spent_s, 1),
        "months": months,
        "awake_by_hour": [round(each) for each in all_of_run.awake_by_hour()],
        "cold_starts_by_hour": all_of_run.starts_by_hour,
        "viral_acts_by_hour": viral.acts_by_hour,
        "viral_waited": [viral.waits_ms.total(), viral.acts, viral.wait_ms(0.99) / 1000],
        "peak_over_mean": {
            **{
                f"{CLOUDS:,} clouds on {NAMES[name]}": peak_over_mean(simulated[name].total)
                for name in PLATFORMS
            },
            f"{SHARD:,} clouds on {NAMES['cloudrun']}": peak_over_mean(shard),
        },
        "small": small(table),
    }


def peak_over_mean(tally: Tally) -> float:
    """Return the peak of awake instances over their mean."""
    return round(tally.awake_peak / tally.awake_mean, 2)


def shown(simulated: Simulated, table: Table) -> Simulation:
    """Return what the page shows of a month."""
    settings, clouds = simulated.settings, sum(simulated.clouds.values())
    planned, played = month(table, "mixed", SECTIONS[settings.platform]), as_month(simulated, table)
    return {
        "wakes": [round(each.wakes.value * clouds) for each in (planned, played)],
        "awake": [round(each.awake_share.value * clouds) for each in (planned, played)],
        "rows": [[name, *columns] for name, columns in simulation_report.rows(simulated)],
        "costs": [
            (before.name, round(before.figure.value, 2), round(after.figure.value, 2))
            for before, after in simulation_report.costs(simulated, table)
        ],
    }


def small(table: Table) -> dict[str, Any]:
    """Return a month that a test can simulate again, to show that the figures are those of the present code."""
    return {
        name: simulation_report.tally_document(
            simulate(Settings(SMALL, name, weeks=2, seed=SEED, viral_views=500), table).total
        )
        for name in PLATFORMS
    }
