"""Writes the figures of docs/reference/scale.md between their markers."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from bench import report
from bench.planning.months import CLOUDS, Figures
from satchel_infra.planning.plans import Part, Plan, Request
from satchel_infra.planning.platforms.planner import make_plan
from satchel_infra.planning.report import NAMES, span
from satchel_infra.planning.simulation.simulation_report import COLUMNS
from satchel_infra.planning.tables import WORDS, How, Row, shipped

REFERENCE: Final = Path(__file__).resolve().parents[2] / "docs" / "reference"
SIZES: Final = (1, 200, 10_000, 1_000_000, 10_000_000)


def filled(page: str, figures: Figures) -> str:
    """Return the page with every part replaced. Raise KeyError if it names an unknown part."""
    return report.filled(page, lambda name: PARTS[name](figures))


# -- plans ------------------------------------------------------------------------------------------------------


def plans(platform: str, storage: str = "") -> list[tuple[int, Plan]]:
    """Return the plan of every size."""
    return [(users, make_plan(Request(platform, users, storage=storage), shipped())) for users in SIZES]


def count(plan: Plan, name: str) -> str:
    """Return a figure of a plan as a whole number."""
    return f"{plan.figure(name).value:,.0f}"


def took(plan: Plan, name: str) -> str:
    """Return a time of a plan."""
    return " ".join(span(plan.figure(name).value))


def usd(plan: Plan) -> report.Row:
    """Return the cost of a plan."""
    total = plan.monthly_usd.value
    return {"USD a month": f"{total:,.2f}", "USD per cloud": f"{total / plan.request.users:.3f}"}


def cloudrun(_: Figures) -> str:
    """Return the plans of Cloud Run."""
    names = ("shards", "projects", "load balancers", "certificates", "awake at the peak")
    return report.table(
        [
            {
                "clouds": f"{users:,}",
                **{name: count(plan, name) for name in names},
                "create all": took(plan, "create all clouds"),
                "roll out, each shard": took(plan, "roll out an image to all"),
                "roll out, one command": took(plan, "roll out by one command"),
                **usd(plan),
            }
            for users, plan in plans("cloudrun")
        ]
    )


def knative(_: Figures) -> str:
    """Return the plans of Knative."""
    return report.table(
        [
            {
                "clouds": f"{users:,}",
                "namespaces": count(plan, "shards"),
                **{
                    name: count(plan, name)
                    for name in ("clusters", "nodes", "certificates", "awake at the peak")
                },
                "create all": took(plan, "create all clouds"),
                "roll out, each shard": took(plan, "roll out an image to all"),
                "roll out, one command": took(plan, "roll out by one command"),
                **usd(plan),
            }
            for users, plan in plans("knative")
        ]
    )


def box(_: Figures) -> str:
    """Return the plans of Linux machines."""
    return report.table(
        [
            {
                "clouds": f"{users:,}",
                "machines": count(plan, "shards"),
                **{
                    f"a machine holds, by {bound}": count(plan, f"bound by {bound}")
                    for bound in ("memory", "disk")
                },
                "awake at the peak": count(plan, "awake at the peak"),
                "create all": took(plan, "create all clouds"),
                "roll out": took(plan, "roll out by one command"),
                "certificates on demand": took(plan, "get certificates on demand"),
                **usd(plan),
            }
            for users, plan in plans("box")
        ]
    )


def quotas(_: Figures) -> str:
    """Return the quotas to raise on every platform."""
    rows = []
    for platform in NAMES:
        for users, plan in plans(platform):
            rows += [
                {
                    "platform": NAMES[platform],
                    "clouds": f"{users:,}",
                    "quota": shipped().row(each.row_id).unit,
                    "from": f"{each.have.value:,.0f}",
                    "to": f"{each.need.value:,.0f}",
                    "where": each.scope,
                }
                for each in plan.raises
            ]
    return report.table(rows)


def storage(_: Figures) -> str:
    """Return a bucket and a prefix each side by side."""
    rows = []
    for users, plan in plans("cloudrun"):
        row = {"clouds": f"{users:,}"}
        for choice in ("a bucket each", "a prefix each"):
            row[f"{choice}: buckets"] = count(plan, f"{choice}: buckets")
            row[f"{choice}: time"] = took(plan, f"{choice}: time")
            row[f"{choice}: USD once"] = f"{plan.figure(f'{choice}: to create').value:,.2f}"
        rows.append(row)
    return report.table(rows)


def stops(_: Figures) -> str:
    """Return the limit of each choice."""
    plan = make_plan(Request("cloudrun", 1_000_000), shipped())
    return (
        f"With a bucket each, the limit is {count(plan, 'a bucket each: stops at')} new clouds per project and day; "
        f"with a prefix each, it is {count(plan, 'a prefix each: stops at')} clouds per bucket."
    )


def bill(_: Figures) -> str:
    """Return what a million clouds cost, line by line."""
    rows = []
    for platform in NAMES:
        plan = make_plan(Request(platform, 1_000_000), shipped())
        rows += [
            {
                "platform": NAMES[platform],
                "line": line.name,
                "USD a month": f"{line.figure.value:,.0f}",
                "of the total": f"{100 * line.figure.value / plan.monthly_usd.value:.1f} %",
                "how": line.how,
            }
            for line in plan.of(Part.COST)
        ]
    return report.table(rows)


# -- the simulation -----------------------------------------------------------------------------------------------


def machine(figures: Figures) -> str:
    """Return where and how fast the simulation ran."""
    return f"{CLOUDS:,} clouds over four weeks take {figures['processor_s']:.0f} s of one processor on {figures['machine']}."


def simulated(figures: Figures) -> str:
    """Return the simulated months."""
    rows = []
    for platform, month in figures["months"].items():
        for name, *columns in month["rows"]:
            rows.append(
                {"platform": NAMES[platform], "use": name, **dict(zip(COLUMNS, columns, strict=True))}
            )
    return report.table(rows)


def compared(figures: Figures) -> str:
    """Return what the plan says about the same clouds."""
    rows = []
    for platform, month in figures["months"].items():
        planned = sum(before for _, before, _ in month["costs"])
        played = sum(after for _, _, after in month["costs"])
        rows.append(
            {
                "platform": NAMES[platform],
                "wake-ups a month, planned": f"{month['wakes'][0]:,.0f}",
                "wake-ups, simulated": f"{month['wakes'][1]:,.0f}",
                "awake on average, planned": f"{month['awake'][0]:,.0f}",
                "awake, simulated": f"{month['awake'][1]:,.0f}",
                "USD a month, planned": f"{planned:,.2f}",
                "USD, simulated": f"{played:,.2f}",
            }
        )
    return report.table(rows)


def peaks(figures: Figures) -> str:
    """Return the peak over the mean."""
    rows = [
        {"clouds": clouds, "peak ÷ mean": f"{ratio:.2f}"}
        for clouds, ratio in figures["peak_over_mean"].items()
    ]
    planned = shipped().row("month.peak_over_mean").value
    return f"{report.table(rows)}\nThe plan assumes {planned:g}."


def viral(figures: Figures) -> str:
    """Return what the viral share did."""
    waited, acts, _ = figures["viral_waited"]
    peak = max(figures["viral_acts_by_hour"])
    return (
        f"{acts:,.0f} acts reached this cloud, {peak:,} of them in the busiest hour. {waited:,.0f} of them waited for a "
        "start or for an earlier request."
    )


# -- the table ----------------------------------------------------------------------------------------------------


def limits(_: Figures) -> str:
    """Return the table of limits and prices."""
    letters = {
        source: place for place, source in enumerate(dict.fromkeys(row.source for row in shipped().rows()), 1)
    }
    rows = [
        {
            "row": f"`{row.id}`",
            "value": f"{row.value:,.10g}",
            "unit": row.unit + (f"; {row.note}" if row.note else ""),
            "source": str(letters[row.source]),
        }
        for row in shipped().rows()
    ]
    return report.table(rows)


def sources(_: Figures) -> str:
    """Return the sources of the table."""
    found = dict.fromkeys(row.source for row in shipped().rows())
    return report.table(
        [
            {
                "source": str(place),
                "title": f"[{source.title}]({source.url})" if source.url else source.title,
                "known": WORDS[source.how],
                "date": str(source.read or ""),
            }
            for place, source in enumerate(found, 1)
        ]
    )


def doubtful(_: Figures) -> str:
    """Return the rows that need a second look: second-hand limits and prices, and guesses."""
    rows = shipped().rows()
    guessed = [row for row in rows if row.source.title == "a guess, not yet measured"]
    unread = [row for row in rows if row.source.how in {How.QUOTED, How.UNVERIFIED}]
    return (
        f"Second-hand, not read on the vendor's page: {listed(unread)}.\n\n"
        f"Guessed, not yet measured: {listed(guessed)}."
    )


def listed(rows: Sequence[Row]) -> str:
    """Return the ids of rows."""
    return ", ".join(f"`{row.id}`" for row in rows)


def memory(_: Figures) -> str:
    """Return the figures of a machine's memory that the plan uses."""
    rows = [
        shipped().row(f"box.{name}") for name in ("registered_mib", "awake_mib", "registered", "memory_mib")
    ]
    return report.table(
        [
            {
                "row": f"`{row.id}`",
                "value": f"{row.value:,g}",
                "unit": row.unit + (f"; {row.note}" if row.note else ""),
                "known": str(row.source),
            }
            for row in rows
        ]
    )


PARTS: Final[Mapping[str, Callable[[Figures], str]]] = {
    "cloudrun": cloudrun,
    "knative": knative,
    "box": box,
    "quotas": quotas,
    "storage": storage,
    "stops": stops,
    "bill": bill,
    "machine": machine,
    "simulated": simulated,
    "compared": compared,
    "peaks": peaks,
    "viral": viral,
    "memory": memory,
    "doubtful": doubtful,
    "limits": limits,
    "sources": sources,
}
