"""The answers of `satchel-infra plan`, as text or as one JSON document."""

import argparse
import json
from collections.abc import Sequence

from satchel_infra.errors import ConfigurationError
from satchel_infra.planning import report
from satchel_infra.planning.plans import PLATFORMS, Request
from satchel_infra.planning.platforms.planner import make_plan
from satchel_infra.planning.simulation import simulation_report
from satchel_infra.planning.simulation.month import Settings, simulate
from satchel_infra.planning.tables import Table, shipped


def answer(options: argparse.Namespace) -> str:
    """Return what is asked for. Raise ConfigurationError for a bad value."""
    table = shipped().replaced(parse_values(options.values))
    if options.rows:
        return list_rows(table, options)
    if options.users is None:
        raise ConfigurationError("the number of clouds is missing", hint="give it with --users")
    return simulation(table, options) if options.simulate else plans(table, options)


def simulation(table: Table, options: argparse.Namespace) -> str:
    """Return a simulated month on the chosen platform, Cloud Run by default."""
    settings = Settings(
        options.users,
        options.platform or "cloudrun",
        options.profile,
        options.weeks,
        options.seed,
        options.viral_views,
        options.storage,
    )
    simulated = simulate(settings, table)
    if options.json:
        return json.dumps(simulation_report.as_document(simulated, table), indent=1) + "\n"
    return simulation_report.as_text(simulated, table)


def plans(table: Table, options: argparse.Namespace) -> str:
    """Return the plans of the chosen platforms."""
    chosen = [options.platform] if options.platform else list(PLATFORMS)
    if options.storage and not options.platform:
        raise ConfigurationError("--storage needs a platform", hint="give it with --platform")
    made = [
        make_plan(Request(each, options.users, options.profile, options.storage, options.regions), table)
        for each in chosen
    ]
    if options.json:
        return json.dumps({"plans": [report.as_document(plan, table) for plan in made]}, indent=1) + "\n"
    return "\n".join(report.as_text(plan, table, explain=options.explain) for plan in made)


def list_rows(table: Table, options: argparse.Namespace) -> str:
    """Return the table of limits and prices."""
    if options.json:
        rows = {row.id: report.row_document(row) for row in table.rows()}
        return json.dumps({"rows": rows}, indent=1) + "\n"
    return "".join(f"{report.row_text(row)}. {row.source}\n" for row in table.rows())


def parse_values(assignments: Sequence[str]) -> dict[str, float]:
    """Return the operator's own figures. Raise ConfigurationError for one that is not ROW=NUMBER."""
    values = {}
    for text in assignments:
        row_id, _, number = text.partition("=")
        try:
            values[row_id] = float(number)
        except ValueError as exc:
            raise ConfigurationError(f"{text!r} is not a figure", hint="use --set ROW=NUMBER") from exc
    return values
