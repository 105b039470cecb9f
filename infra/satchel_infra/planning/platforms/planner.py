"""The plan of any platform, and its costs alone for a month that was simulated."""

from collections.abc import Callable, Mapping
from typing import Final

from satchel_infra.planning.plans import Line, Plan, Request
from satchel_infra.planning.platforms import box_plan, cloudrun_plan, knative_plan
from satchel_infra.planning.tables import Table
from satchel_infra.planning.usage import Month

PLANNERS: Final[Mapping[str, Callable[[Request, Table], Plan]]] = {
    "cloudrun": cloudrun_plan.plan_cloudrun,
    "knative": knative_plan.plan_knative,
    "box": box_plan.plan_box,
}

COSTS: Final[Mapping[str, Callable[[Request, Table, Month], list[Line]]]] = {
    "cloudrun": lambda request, table, use: cloudrun_plan.costs(
        table, cloudrun_plan.Layout(table, request), use
    ),
    "knative": lambda request, table, use: knative_plan.costs(
        table, knative_plan.Layout(table, request, use), use, request
    ),
    "box": lambda request, table, use: box_plan.costs(table, box_plan.Layout(table, request, use)),
}
"""The monthly costs of a platform, for a month of any origin."""


def make_plan(request: Request, table: Table) -> Plan:
    """Return the plan that a request asks for. Raise ConfigurationError if the table contradicts itself."""
    return PLANNERS[request.platform](request, table)
