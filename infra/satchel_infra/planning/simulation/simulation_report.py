"""A simulated month as text for people and as a document for programs."""

from collections.abc import Sequence
from typing import Any, Final

from satchel_infra.planning.plans import Line, Request
from satchel_infra.planning.platforms.planner import COSTS
from satchel_infra.planning.report import NAMES
from satchel_infra.planning.simulation.arrivals import SECOND_US
from satchel_infra.planning.simulation.month import Simulated, as_month
from satchel_infra.planning.simulation.tally import Tally
from satchel_infra.planning.tables import Table
from satchel_infra.planning.usage import SECTIONS, month

COLUMNS: Final = (
    "clouds",
    "acts",
    "requests",
    "cold starts",
    "cold, %",
    "wait p50, s",
    "p95, s",
    "p99, s",
    "awake, mean",
    "awake, peak",
)
SHARES: Final = (0.5, 0.95, 0.99)


def rows(simulated: Simulated) -> list[tuple[str, list[str]]]:
    """Return the name and the columns of each use, and of all."""
    books = [(use, simulated.clouds[use], tally) for use, tally in simulated.by_use.items()]
    books.append(("all", sum(simulated.clouds.values()), simulated.total))
    return [(name, columns(count, tally)) for name, count, tally in books]


def columns(clouds: int, tally: Tally) -> list[str]:
    """Return the columns of some clouds."""
    return [
        f"{clouds:,}",
        f"{tally.acts:,}",
        f"{tally.requests:,}",
        f"{tally.cold_starts:,}",
        f"{100 * tally.cold_starts / max(1, tally.acts):.1f}",
        *(f"{tally.wait_ms(share) / 1000:.1f}" for share in SHARES),
        f"{tally.awake_mean:,.1f}",
        f"{tally.awake_peak:,}",
    ]


def costs(simulated: Simulated, table: Table) -> list[tuple[Line, Line]]:
    """Return the monthly costs: each line as planned, and as simulated."""
    settings = simulated.settings
    request = Request(settings.platform, sum(simulated.clouds.values()), settings.profile, settings.storage)
    planned = COSTS[settings.platform](
        request, table, month(table, settings.profile, SECTIONS[settings.platform])
    )
    played = COSTS[settings.platform](request, table, as_month(simulated, table))
    return list(zip(planned, played, strict=True))


def as_text(simulated: Simulated, table: Table) -> str:
    """Return the result for people."""
    settings = simulated.settings
    title = (
        f"Simulated: {settings.users:,} clouds on {NAMES[settings.platform]}, {settings.profile} use, "
        f"{settings.weeks} weeks, seed {settings.seed}"
    )
    table_rows = [aligned("", COLUMNS), *(aligned(name, found) for name, found in rows(simulated))]
    lines = [aligned("Cost a month, USD", ("planned", "simulated"), 28)]
    both = costs(simulated, table)
    for planned, played in both:
        lines.append(aligned(planned.name, (usd(planned), usd(played)), 28))
    sums = [sum(pair[side].figure.value for pair in both) for side in (0, 1)]
    lines.append(aligned("total", [f"{each:,.2f}" for each in sums], 28))
    notes = (
        "An act is a backup, a share or a view; its requests arrive together. `cold` is the share of acts that start an "
        "instance.\nThe plan computes wake-ups as if acts came at any hour alike; the simulation counts those that happen."
    )
    return "\n\n".join([title, "\n".join(table_rows), "\n".join(lines), notes]) + "\n"


def aligned(name: str, values: Sequence[str], width: int = 8) -> str:
    """Return a row of a table."""
    return f"  {name:<{width}}" + "".join(f"{value:>14}" for value in values)


def usd(line: Line) -> str:
    """Return a cost."""
    return f"{line.figure.value:,.2f}"


def as_document(simulated: Simulated, table: Table) -> dict[str, Any]:
    """Return the result for programs. Times are seconds."""
    settings = simulated.settings
    return {
        "platform": settings.platform,
        "users": settings.users,
        "profile": settings.profile,
        "weeks": settings.weeks,
        "seed": settings.seed,
        "viral_views": settings.viral_views,
        "clouds": simulated.clouds,
        "by_use": {use: tally_document(tally) for use, tally in simulated.by_use.items()},
        "total": tally_document(simulated.total),
        "awake_by_hour": simulated.total.awake_by_hour(),
        "cold_starts_by_hour": simulated.total.starts_by_hour,
        "acts_by_hour": simulated.total.acts_by_hour,
        "costs": [
            {"name": planned.name, "planned_usd": planned.figure.value, "simulated_usd": played.figure.value}
            for planned, played in costs(simulated, table)
        ],
    }


def tally_document(tally: Tally) -> dict[str, Any]:
    """Return a tally for programs."""
    return {
        "acts": tally.acts,
        "requests": tally.requests,
        "cold_starts": tally.cold_starts,
        "acts_that_waited": tally.waits_ms.total(),
        "waited_s": tally.waited_us / SECOND_US,
        "wait_s": {f"p{share * 100:g}": tally.wait_ms(share) / 1000 for share in SHARES},
        "awake_s": tally.awake_us / SECOND_US,
        "busy_s": tally.busy_us / SECOND_US,
        "billed_s": tally.billed_us / SECOND_US,
        "awake_mean": tally.awake_mean,
        "awake_peak": tally.awake_peak,
    }
