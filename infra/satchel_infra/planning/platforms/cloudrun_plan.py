"""The plan for Cloud Run: a service, a service account, storage and, if it needs any, secrets for each cloud.

A shard is a project and a region. Each project has one load balancer; each shard has one serverless NEG with a URL
mask, one backend service and one wildcard name.
"""

from satchel_infra.planning.figures import Figure, beyond, ceil, given, largest, smallest
from satchel_infra.planning.plans import Line, Plan, Raise, Request, Warn, cost, duration, needed, resource
from satchel_infra.planning.platforms import rollout, storage_plan
from satchel_infra.planning.platforms.network_plan import sent
from satchel_infra.planning.tables import Table
from satchel_infra.planning.usage import Month, month

MINUTE_S = 60
READS = "clouds of the fullest shard × (reads and one for each second of waiting) ÷ reads per minute"


class Layout:
    """How clouds are spread: shards, regions, projects, and the clouds in the fullest of each.

    `filled` counts projects by how full they are, so that the free part of a new project comes in with its clouds.
    """

    def __init__(self, table: Table, request: Request) -> None:
        self.users = given(request.users)
        self.shards = ceil(self.users / table["run.services"])
        self.regions = smallest(self.shards, given(request.regions))
        self.projects = ceil(self.shards / self.regions)
        self.filled = largest(self.users / (given(request.regions) * table["run.services"]), 1.0)
        self.in_shard = smallest(self.users, table["run.services"])
        self.in_project = smallest(self.users, self.regions * table["run.services"])


def plan_cloudrun(request: Request, table: Table) -> Plan:
    """Return the plan."""
    layout, use = Layout(table, request), month(table, request.profile, "run")
    return Plan(
        request,
        (
            *resources(table, layout, use, request.stored_in),
            *storage_plan.comparison(
                table, layout.users, layout.shards, in_project=layout.in_project, in_shard=layout.in_shard
            ),
            *times(table, layout, request.stored_in),
            *costs(table, layout, use),
        ),
        needed(quotas(table, layout, use)),
        tuple(warnings(table, layout, use, request.stored_in)),
    )


def resources(table: Table, layout: Layout, use: Month, storage: str) -> list[Line]:
    """Return what must exist."""
    certificates = layout.projects * ceil(layout.regions / table["certificates.names_each"])
    return [
        resource(
            "shards",
            layout.shards,
            "(project and region)",
            "users ÷ services per project and region, rounded up",
        ),
        resource("regions", layout.regions, "regions", "as many as asked for, at most one per shard"),
        resource("projects", layout.projects, "projects", "shards ÷ regions, rounded up"),
        resource("services", layout.users, "services", "one per cloud"),
        resource("service accounts", layout.users, "accounts", "one per cloud"),
        resource(
            "buckets",
            layout.users if storage == "bucket" else layout.shards,
            "buckets",
            "one per cloud" if storage == "bucket" else "one per shard",
        ),
        resource(
            "secrets", layout.users * table["secrets.per_cloud"], "secrets", "clouds × secrets per cloud"
        ),
        resource("load balancers", layout.projects, "load balancers", "one per project"),
        resource(
            "forwarding rules",
            layout.projects * table["balancer.rules_each"],
            "rules",
            "load balancers × rules of each",
        ),
        resource(
            "serverless NEGs and backend services", layout.shards, "each", "one per shard, with a URL mask"
        ),
        resource("wildcard names", layout.shards, "names", "*.SHARD.DOMAIN, one per shard"),
        resource(
            "certificates",
            certificates,
            "certificates",
            "names of a project ÷ names per certificate, rounded up",
        ),
        resource(
            "DNS records", layout.shards * table["dns.records_per_shard"], "record sets", "shards × records"
        ),
        resource(
            "awake on average", layout.users * use.awake_share, "instances", "users × the mean share awake"
        ),
        resource(
            "awake at the peak",
            ceil(layout.users * use.peak_share),
            "instances",
            "users × the peak share awake",
        ),
    ]


def quotas(table: Table, layout: Layout, use: Month) -> list[Raise]:
    """Return what each quota allows and what is needed."""
    peak = layout.in_shard * use.peak_share
    each_project = f"in {every(layout.projects, 'project')}"
    return [
        Raise("projects.count", table["projects.count"], layout.projects, "for the account"),
        Raise("iam.accounts", table["iam.accounts"], layout.in_project, each_project),
        Raise(
            "run.vcpu",
            table["run.vcpu"],
            ceil(peak * table["run.vcpu_per_cloud"]),
            f"in {every(layout.shards, 'shard')}, at the peak",
        ),
        Raise("balancer.backends", table["balancer.backends"], layout.regions, each_project),
        Raise(
            "dns.records_per_zone",
            table["dns.records_per_zone"],
            layout.shards * table["dns.records_per_shard"],
            "in the zone of the domain, or spread the shards over several zones",
        ),
    ]


def every(count: Figure, name: str) -> str:
    """Return "the project" or "each of 3 projects"."""
    return f"the {name}" if count.value == 1 else f"each of {count.value:,.0f} {name}s"


def create_times(table: Table, layout: Layout, storage: str) -> list[Line]:
    """Return how long each kind of resource takes. Shards and projects work at the same time."""
    per_minute = Figure(MINUTE_S)
    stored = (
        storage_plan.bucket_time(table, layout.in_project)
        if storage == "bucket"
        else storage_plan.prefix_time(table, layout.in_shard)
    )
    return [
        duration(
            "create: services",
            layout.in_shard * table["run.writes_to_create"] / table["run.writes_per_min"] * per_minute,
            "clouds of the fullest shard × writes ÷ writes per minute",
        ),
        duration("create: waiting", reads_time(table, layout), READS),
        duration(
            "create: service accounts",
            layout.in_project * table["iam.writes_to_create"] / table["iam.writes_per_min"] * per_minute,
            "clouds of the fullest project × writes ÷ writes per minute",
        ),
        duration(
            "create: secrets",
            layout.in_project
            * table["secrets.per_cloud"]
            * table["secrets.writes_each"]
            / table["secrets.writes_per_min"]
            * per_minute,
            "clouds of the fullest project × secrets × writes ÷ writes per minute",
        ),
        duration("create: storage", stored, "see Storage above"),
    ]


def reads_time(table: Table, layout: Layout) -> Figure:
    """Return how long the reads take that wait for every service of a shard to be ready."""
    reads = table["run.reads_to_change"] + table["run.change_s"]
    return layout.in_shard * reads / table["run.reads_per_min"] * MINUTE_S


def times(table: Table, layout: Layout, storage: str) -> list[Line]:
    """Return how long it takes to create all clouds, and to roll an image out to all."""
    parts = create_times(table, layout, storage)
    return [
        *parts,
        duration(
            "create all clouds",
            largest(*(part.figure for part in parts), table["run.change_s"]),
            "the slowest of the above, and no less than one cloud takes; they overlap",
        ),
        *rollout.times(
            table,
            layout.users,
            largest(
                layout.in_shard
                * table["run.writes_to_update"]
                / table["run.writes_per_min"]
                * Figure(MINUTE_S),
                reads_time(table, layout),
                rollout.paced(table, layout.in_shard),
            ),
            table["run.change_s"],
        ),
    ]


def costs(table: Table, layout: Layout, use: Month) -> list[Line]:
    """Return the monthly costs."""
    users = layout.users
    busy_s, calls = users * use.busy_s, users * use.calls
    vcpu_s = beyond(busy_s * table["run.vcpu_per_cloud"], table["run.free_vcpu_s"])
    gib_s = beyond(busy_s * table["run.gib_per_cloud"], table["run.free_gib_s"])
    billed = beyond(calls, table["run.free_calls"])
    return [
        cost(
            "compute: vCPU",
            vcpu_s * table["run.usd_per_vcpu_s"],
            "billed seconds × vCPU, beyond the free part",
        ),
        cost(
            "compute: memory",
            gib_s * table["run.usd_per_gib_s"],
            "billed seconds × GiB, beyond the free part",
        ),
        cost(
            "requests",
            billed * table["run.usd_per_million_calls"] / 1e6,
            "requests beyond the free part × price",
        ),
        *storage_plan.costs(table, use, users),
        *secret_costs(table, users, use),
        *front_costs(table, layout, use),
        *sent(table, users * use.sent_gib),
        cost(
            "request logs",
            beyond(calls * table["logging.kib_per_call"] / 2**20, layout.filled * table["logging.free_gib"])
            * table["logging.usd_per_gib"],
            "requests × size beyond the free part of each project; exclude them to pay nothing",
        ),
    ]


def secret_costs(table: Table, users: Figure, use: Month) -> list[Line]:
    """Return the costs of secrets. An instance reads each of its secrets when it starts."""
    secrets = users * table["secrets.per_cloud"]
    return [
        cost(
            "secrets: kept",
            beyond(secrets, table["secrets.free"]) * table["secrets.usd_each"],
            "secrets beyond the free ones × price of a version",
        ),
        cost(
            "secrets: read",
            beyond(secrets * use.wakes, table["secrets.free_reads"])
            * table["secrets.usd_per_10k_reads"]
            / 1e4,
            "secrets × wake-ups beyond the free part × price",
        ),
    ]


def front_costs(table: Table, layout: Layout, use: Month) -> list[Line]:
    """Return the costs of load balancers, certificates and names."""
    sets = ceil(table["balancer.rules_each"] / table["balancer.rules_per_project"])
    certificates = layout.projects * ceil(layout.regions / table["certificates.names_each"])
    zones = ceil(layout.shards * table["dns.records_per_shard"] / table["dns.records_per_zone"])
    queries = layout.users * use.wakes * table["dns.queries_per_wake"]
    return [
        cost(
            "load balancers: rules",
            layout.projects * sets * table["balancer.usd_per_hour"] * table["month.hours"],
            "projects × price of up to 5 rules × hours",
        ),
        cost(
            "load balancers: data",
            layout.users
            * (use.sent_gib + use.stored_gib * table["month.restored"])
            * table["balancer.usd_per_gib"],
            "GiB received and sent × price; received is taken as the restored share of what is stored",
        ),
        cost(
            "certificates: kept",
            beyond(certificates, table["certificates.free"]) * table["certificates.usd_each"],
            "certificates beyond the free ones × price",
        ),
        cost(
            "DNS",
            zones * table["dns.usd_per_zone"] + queries * table["dns.usd_per_million"] / 1e6,
            "zones × price and queries × price",
        ),
    ]


def warnings(table: Table, layout: Layout, use: Month, storage: str) -> list[Warn]:
    """Return where the plan stops working."""
    found = [
        Warn(
            "this project has never run live on Cloud Run: the limits and prices are the vendor's, the use is assumed",
            frozenset({"run.platform_start_s"}),
        ),
        *storage_plan.warnings(
            table,
            storage,
            in_shard=layout.in_shard,
            writes_per_s=storage_plan.peak_writes_per_s(table, use, layout.in_shard),
        ),
    ]
    accounts = table["iam.accounts"]
    if layout.in_project.value > accounts.value:
        spread = ceil(layout.users / accounts)
        found.append(
            Warn(
                f"without more service accounts per project the clouds need {spread.value:,.0f} projects",
                spread.rests_on,
            )
        )
    size, most = layout.regions * table["balancer.rule_kib"], table["balancer.url_map_kib"]
    if size.value > most.value:
        found.append(
            Warn(
                "the shards of a project need a larger URL map than Google allows",
                size.rests_on | most.rests_on,
            )
        )
    return found
