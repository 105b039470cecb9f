"""Writes the figures of docs/reference/durability.md: tables and sentences between markers, and two plots.

<!-- figures: NAME -->
this text is replaced
<!-- end -->
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypedDict

from bench import report
from bench.log import prices as list_prices
from bench.log.commits import Commits
from bench.log.costs import Costs
from bench.log.prices import USES, bill
from bench.log.waking import Waking

COMMIT_BUDGET: Final = 1.2
WAKE_BUDGET: Final = 1.5


class Figures(TypedDict):
    """The figures of one run, as in docs/reference/durability.json."""

    machine: str
    commits: list[Commits]
    waking: list[Waking]
    costs: Costs


def filled(page: str, figures: Figures) -> str:
    """Return the page with every part replaced. Raise KeyError if it names an unknown part."""
    return report.filled(page, lambda name: PARTS[name](figures))


# -- parts -----------------------------------------------------------------------------------------------------


def machine(figures: Figures) -> str:
    """Return the machine and its load."""
    return f"Measured on {figures['machine']}."


def commits(figures: Figures) -> str:
    """Return the table of commits beside puts."""
    return report.table([commit_row(each) for each in figures["commits"]])


def commit_row(each: Commits) -> report.Row:
    """Return the row of one store."""
    return {
        "store": each["store"],
        "put, p50": f"{each['put_ms']:.2f} ms",
        "commit, p50": f"{each['commit_ms']:.2f} ms",
        "overhead, p50": f"{each['more_ms']:.2f} ms",
        f"ratio (budget {COMMIT_BUDGET})": f"{each['ratio']:.2f} ({each['lowest']:.2f} to {each['highest']:.2f})",
        **{f"commits/s: {_writers(count)}": f"{found:,.0f}" for count, found in each["rates"].items()},
    }


def verdict(figures: Figures) -> str:
    """Return where the budget of commits is met."""
    met = [each["store"] for each in figures["commits"] if round(each["ratio"], 2) <= COMMIT_BUDGET]
    missed = [each["store"] for each in figures["commits"] if each["store"] not in met]
    if not missed:
        return "The budget is met on every store."
    return f"The budget is met on {_listed(met)} and missed on {_listed(missed)}."


def sizes(figures: Figures) -> str:
    """Return the table of entry sizes."""
    costs = figures["costs"]
    rows = [
        {
            "transaction": act,
            "changeset": f"{costs['changeset_bytes'][act]} bytes",
            "entry": f"{size} bytes",
        }
        for act, size in costs["entry_bytes"].items()
    ]
    return report.table(rows)


def waking(figures: Figures) -> str:
    """Return the table of wake-ups: a row per store, a column per history."""
    rows: dict[str, report.Row] = {}
    for each in figures["waking"]:
        row = rows.setdefault(each["store"], {"store": each["store"]})
        row[each["past"]] = f"{each['ms']:.0f} ms ({each['ratio']:.2f})"
    return report.table(list(rows.values()))


def slowest(figures: Figures) -> str:
    """Return whether the budget of wake-ups is met."""
    worst = max(figures["waking"], key=lambda each: each["ratio"])
    verb = "is met" if worst["ratio"] <= WAKE_BUDGET else "is missed"
    return (
        f"The budget ({WAKE_BUDGET:g} × the empty cloud) {verb}. "
        f"The largest ratio is {worst['ratio']:.2f}, for {worst['past']} on {worst['store']}."
    )


def requests(figures: Figures) -> str:
    """Return the table of requests per action."""
    rows = [
        {
            "action": act["act"],
            "PUT, POST, LIST": _number(act["writes"]),
            "GET": _number(act["reads"]),
            "requests to the service": _number(act["calls"]),
        }
        for act in figures["costs"]["acts"]
    ]
    return report.table(rows)


def prices(_: Figures) -> str:
    """Return the list prices."""
    return (
        f"List prices without a free tier: S3 Standard (us-east-1) {1000 * list_prices.WRITE_USD:g} USD per "
        f"1,000 PUT, POST or LIST, {1000 * list_prices.READ_USD:g} USD per 1,000 GET, {list_prices.STORED_USD} USD per "
        f"GB and month; Cloud Run with request billing {1_000_000 * list_prices.CALL_USD:.2f} USD per million "
        f"requests and {list_prices.SECOND_USD:.8f} USD per second of one vCPU with 512 MiB. A request is billed "
        f"as {list_prices.CALL_S} s, a start as {list_prices.START_S:.0f} s more. A view includes "
        f"{list_prices.PAGE_CALLS} requests for the page. Outgoing traffic is not included."
    )


def months(figures: Figures) -> str:
    """Return the table of monthly costs."""
    rows = []
    for use in USES:
        found = bill(use, figures["costs"]["acts"])
        rows.append(
            {
                "a month of": f"{use.name} use",
                "backups": f"{use.backups:,}",
                "shares": f"{use.shares:,}",
                "views": f"{use.views:,}",
                "wake-ups": f"{use.wakes:,}",
                "stored": f"{use.stored_gb:g} GB",
                "PUT, POST, LIST": f"{found.writes:,.0f}",
                "GET": f"{found.reads:,.0f}",
                "storage requests": f"{found.requests_usd:.4f}",
                "storage": f"{found.storage_usd:.4f}",
                "compute": f"{found.compute_usd:.4f}",
                "USD": f"{found.total_usd:.3f}",
            }
        )
    return report.table(rows)


PARTS: Final[Mapping[str, Callable[[Figures], str]]] = {
    "machine": machine,
    "commits": commits,
    "verdict": verdict,
    "sizes": sizes,
    "waking": waking,
    "slowest": slowest,
    "requests": requests,
    "prices": prices,
    "months": months,
}


# -- plots and the rows for the page of all benchmarks ---------------------------------------------------------


def commits_plot(figures: Figures) -> str:
    """Return a plot of commits per second."""
    groups = [
        (each["store"], [(_writers(count), found) for count, found in each["rates"].items()])
        for each in figures["commits"]
    ]
    return report.bars("Commits per second, more is better", groups, "/s")


def waking_plot(figures: Figures) -> str:
    """Return a plot of wake-ups."""
    groups: dict[str, list[tuple[str, float]]] = {}
    for each in figures["waking"]:
        groups.setdefault(each["store"], []).append((each["past"], each["ms"]))
    return report.bars("From spawn to the first answer, less is better", list(groups.items()), "ms")


def rows(figures: Figures) -> list[report.Row]:
    """Return one row per store for the page of all benchmarks."""
    slow = {
        each["store"]: max(one["ratio"] for one in figures["waking"] if one["store"] == each["store"])
        for each in figures["commits"]
    }
    return [
        {**commit_row(each), f"slowest wake-up (budget {WAKE_BUDGET:g})": f"{slow[each['store']]:.2f}"}
        for each in figures["commits"]
    ]


def _writers(count: str) -> str:
    return "1 writer" if count == "1" else f"{count} writers"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else "none"


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
