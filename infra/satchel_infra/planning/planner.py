"""The plan of any platform."""

from collections.abc import Callable, Mapping
from typing import Final

from satchel_infra.planning.box_plan import plan_box
from satchel_infra.planning.cloudrun_plan import plan_cloudrun
from satchel_infra.planning.knative_plan import plan_knative
from satchel_infra.planning.plans import Plan, Request
from satchel_infra.planning.tables import Table

PLANNERS: Final[Mapping[str, Callable[[Request, Table], Plan]]] = {
    "cloudrun": plan_cloudrun,
    "knative": plan_knative,
    "box": plan_box,
}


def make_plan(request: Request, table: Table) -> Plan:
    """Return the plan that a request asks for. Raise ConfigurationError if the table contradicts itself."""
    return PLANNERS[request.platform](request, table)
