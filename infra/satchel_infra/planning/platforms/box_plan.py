"""The plan for Linux machines: a socket and a service of systemd for each cloud, one proxy in front of each machine."""

from satchel_infra.planning.figures import Figure, ceil, floor, given, largest, smallest
from satchel_infra.planning.plans import Line, Plan, Raise, Request, Warn, cost, duration, needed, resource
from satchel_infra.planning.platforms import rollout
from satchel_infra.planning.tables import Table
from satchel_infra.planning.usage import Month, month

WEEK_S = 7 * 86_400


class Layout:
    """How clouds are spread over machines, and the clouds of the fullest."""

    def __init__(self, table: Table, request: Request, use: Month) -> None:
        self.users = given(request.users)
        self.by_memory = clouds_by_memory(table, use)
        self.by_disk = floor(table["box.disk_gib"] / largest(use.stored_gib, 1e-6))
        self.by_units = table["box.registered"]
        self.per_box = largest(smallest(self.by_memory, self.by_disk, self.by_units), 1.0)
        self.boxes = ceil(self.users / self.per_box)
        self.in_box = smallest(self.users, self.per_box)


def clouds_by_memory(table: Table, use: Month) -> Figure:
    """Return how many clouds the memory of a machine holds, with the peak share of them awake."""
    each_mib = table["box.registered_mib"] + use.peak_share * table["box.awake_mib"]
    return floor((table["box.memory_mib"] - table["box.system_mib"]) / each_mib)


def plan_box(request: Request, table: Table) -> Plan:
    """Return the plan."""
    use = month(table, request.profile, "box")
    layout = Layout(table, request, use)
    lines = (*resources(layout, use), *times(table, layout), *costs(table, layout))
    return Plan(request, lines, needed(quotas(table, layout)), tuple(warnings(table, layout)))


def resources(layout: Layout, use: Month) -> list[Line]:
    """Return what must exist."""
    return [
        resource("shards", layout.boxes, "machines", "users ÷ clouds per machine, rounded up"),
        resource("clouds per machine", layout.per_box, "clouds", "the smallest of the bounds below"),
        resource(
            "bound by memory",
            layout.by_memory,
            "clouds",
            "memory without the system's ÷ (registered and, at the peak share, awake memory of a cloud)",
        ),
        resource(
            "bound by disk",
            layout.by_disk,
            "clouds",
            "disk ÷ stored GiB of a cloud",
        ),
        resource(
            "bound by units", layout.by_units, "clouds", "sockets and services that systemd is asked to hold"
        ),
        resource(
            "awake on average", layout.users * use.awake_share, "processes", "users × the mean share awake"
        ),
        resource(
            "awake at the peak",
            ceil(layout.users * use.peak_share),
            "processes",
            "users × the peak share awake",
        ),
        resource("load balancers", given(0), "load balancers", "each cloud's socket is its own"),
        resource(
            "certificates: wildcard",
            layout.boxes,
            "certificates",
            "*.SHARD.DOMAIN, one per machine, if you prove the domain by DNS",
        ),
        resource(
            "certificates: on demand",
            layout.users,
            "certificates",
            "one per cloud, if the proxy gets them on demand",
        ),
    ]


def quotas(table: Table, layout: Layout) -> list[Raise]:
    """Return what each quota allows and what is needed."""
    weekly = table["acme.certificates_per_week"]
    return [
        Raise(
            "acme.certificates_per_week",
            weekly,
            layout.users,
            "in the first week, with certificates on demand",
        ),
        Raise(
            "acme.certificates_per_week",
            weekly,
            layout.boxes,
            "in the first week, with wildcard certificates",
        ),
    ]


def times(table: Table, layout: Layout) -> list[Line]:
    """Return how long it takes to create all clouds, and to roll a release out. Machines work at the same time."""
    return [
        duration(
            "create all clouds",
            layout.in_box * table["box.create_s"],
            "clouds of the fullest machine × time to create one; certificates on demand take longer, see below",
        ),
        duration(
            "get certificates on demand",
            beyond_first_week(layout.users, table),
            "weeks that the certificate limit takes, less the first, which starts with a full allowance",
        ),
        *rollout.times(
            table,
            layout.in_box,  # each machine has a command of its own
            rollout.paced(table, layout.in_box),
            table["box.change_s"],
        ),
    ]


def beyond_first_week(certificates: Figure, table: Table) -> Figure:
    """Return the seconds until the last certificate is allowed."""
    weeks = ceil(certificates / table["acme.certificates_per_week"])
    return (weeks - 1.0) * WEEK_S


def costs(table: Table, layout: Layout) -> list[Line]:
    """Return the monthly costs."""
    return [
        cost(
            "machines",
            layout.boxes * table["box.usd_each"],
            "machines × price; traffic as your contract says",
        )
    ]


def warnings(table: Table, layout: Layout) -> list[Warn]:
    """Return where the plan stops working."""
    found = [
        Warn("a disk holds only one copy of the data: back up each machine", frozenset({"box.disk_gib"}))
    ]
    weekly = table["acme.certificates_per_week"]
    if layout.users.value > weekly.value:
        found.append(
            Warn(
                f"certificates on demand allow only {weekly.value:,.0f} new clouds a week; "
                "use a wildcard certificate for more",
                weekly.rests_on,
            )
        )
    return found
