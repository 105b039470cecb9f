"""The plan for Knative: a Knative service for each cloud, a namespace for each shard, as many clusters as it takes.

Prices are those of Google Kubernetes Engine as an example; a cluster elsewhere replaces them with --set.
"""

from satchel_infra.planning.figures import Figure, beyond, ceil, floor, given, largest, smallest, total
from satchel_infra.planning.plans import (
    Line,
    Part,
    Plan,
    Raise,
    Request,
    Warn,
    cost,
    duration,
    needed,
    resource,
)
from satchel_infra.planning.platforms import rollout, storage_plan
from satchel_infra.planning.platforms.network_plan import sent
from satchel_infra.planning.tables import Table
from satchel_infra.planning.usage import Month, month, volume_gib

KIB_PER_GIB = 2**20
VOLUMES = "clouds × price × what each stores, at least the smallest volume"


class Layout:
    """How clouds are spread: namespaces, clusters, nodes, and the clouds in the fullest of each."""

    def __init__(self, table: Table, request: Request, use: Month) -> None:
        self.users = given(request.users)
        self.per_namespace = clouds_per_namespace(table, use)
        self.per_cluster = clouds_per_cluster(table, use, self.per_namespace)
        self.namespaces = ceil(self.users / self.per_namespace)
        self.clusters = ceil(self.users / self.per_cluster)
        self.in_namespace = smallest(self.users, self.per_namespace)
        self.in_cluster = smallest(self.users, self.per_cluster)
        self.peak = ceil(self.users * use.peak_share)
        self.pods_per_node = pods_per_node(table, request.stored_in)
        self.nodes = self.clusters * table["knative.system_nodes"] + ceil(self.peak / self.pods_per_node)


def clouds_per_namespace(table: Table, use: Month) -> Figure:
    """Return how many clouds a namespace holds: its quota bounds it, Services, and pods at the peak."""
    return largest(
        smallest(
            table["knative.clouds_per_namespace"],
            floor(table["kubernetes.services_per_namespace"] / table["knative.services_per_cloud"]),
            floor(table["kubernetes.pods_per_namespace"] / largest(use.peak_share, 1e-6)),
        ),
        1.0,
    )


def clouds_per_cluster(table: Table, use: Month, per_namespace: Figure) -> Figure:
    """Return how many clouds a cluster holds in whole namespaces: Services, etcd and pods bound it."""
    most = smallest(
        floor(table["kubernetes.services"] / table["knative.services_per_cloud"]),
        floor(table["kubernetes.etcd_gib"] * KIB_PER_GIB / table["knative.etcd_kib_per_cloud"]),
        floor(table["kubernetes.pods"] / largest(use.peak_share, 1e-6)),
    )
    return largest(floor(most / per_namespace) * per_namespace, smallest(most, per_namespace), 1.0)


def pods_per_node(table: Table, storage: str) -> Figure:
    """Return how many awake clouds a node holds: memory bounds it, the pods of a node, and attached volumes."""
    found = smallest(
        floor(table["knative.node_mib"] / table["knative.pod_mib"]), table["kubernetes.pods_per_node"]
    )
    if storage == "volume":
        found = smallest(found, table["kubernetes.volumes_per_node"])
    return largest(found, 1.0)


def plan_knative(request: Request, table: Table) -> Plan:
    """Return the plan."""
    use = month(table, request.profile, "knative")
    layout, storage = Layout(table, request, use), request.stored_in
    return Plan(
        request,
        (
            *resources(table, layout, use, storage),
            *compared(table, layout, use, request),
            *times(table, layout, storage),
            *costs(table, layout, use, request),
        ),
        needed(quotas(table, layout, use, storage)),
        tuple(warnings(table, layout, use)),
    )


def compared(table: Table, layout: Layout, use: Month, request: Request) -> list[Line]:
    """Return a volume and a bucket for each cloud side by side."""

    def line(name: str, figure: Figure, unit: str, how: str) -> Line:
        return Line(Part.STORAGE, name, figure, unit, how)

    objects = total([each.figure for each in storage_plan.costs(table, use, layout.users)])
    return [
        line("a volume each: a month", volume_usd(table, layout, request), "USD", VOLUMES),
        line(
            "a volume each: stops at",
            table["kubernetes.volumes_per_node"],
            "awake clouds per node",
            "volumes that can be attached to a node",
        ),
        line(
            "a bucket each: a month",
            objects,
            "USD",
            "objects stored, written and read at Cloud Storage's prices",
        ),
        line(
            "a bucket each: time",
            storage_plan.bucket_time(table, layout.users),
            "s",
            "clouds × time per bucket in one project of Cloud Storage; another store has other limits",
        ),
        line(
            "a bucket each: stops at",
            table["s3.buckets"],
            "buckets",
            "in one account of Amazon S3, before a raise",
        ),
    ]


def volume_usd(table: Table, layout: Layout, request: Request) -> Figure:
    """Return the price of a volume for each cloud."""
    size = volume_gib(table, request.profile, table["knative.volume_gib"])
    return layout.users * size * table["knative.usd_per_volume_gib"]


def resources(table: Table, layout: Layout, use: Month, storage: str) -> list[Line]:
    """Return what must exist."""
    return [
        resource("shards", layout.namespaces, "namespaces", "users ÷ clouds per namespace, rounded up"),
        resource(
            "clouds per namespace",
            layout.per_namespace,
            "clouds",
            "the smallest of its quota, Services per namespace ÷ Services per cloud, pods per namespace ÷ peak share",
        ),
        resource(
            "clouds per cluster",
            layout.per_cluster,
            "clouds",
            "whole namespaces within the Services, the etcd and the pods of a cluster",
        ),
        resource("clusters", layout.clusters, "clusters", "users ÷ clouds per cluster, rounded up"),
        resource("awake on average", layout.users * use.awake_share, "pods", "users × the mean share awake"),
        resource("awake at the peak", layout.peak, "pods", "users × the peak share awake"),
        resource(
            "nodes",
            layout.nodes,
            "nodes",
            "awake at the peak ÷ pods per node, rounded up, and the nodes of each cluster for Knative itself",
        ),
        resource(
            "load balancers", layout.clusters, "load balancers", "one per cluster, for Knative's gateway"
        ),
        resource("wildcard names", layout.namespaces, "names", "*.SHARD.DOMAIN, one per namespace"),
        resource(
            "certificates", certificates(table, layout), "certificates", "names ÷ names per certificate"
        ),
        resource(
            "secrets", layout.users * table["secrets.per_cloud"], "secrets", "clouds × secrets per cloud"
        ),
        resource(
            "buckets",
            layout.users if storage == "bucket" else given(0),
            "buckets",
            "one per cloud with buckets",
        ),
        resource(
            "volumes",
            layout.users if storage == "volume" else given(0),
            "volumes",
            "one per cloud with volumes",
        ),
    ]


def certificates(table: Table, layout: Layout) -> Figure:
    """Return the wildcard certificates: each cluster has its own, with the names of its namespaces."""
    in_cluster = ceil(layout.per_cluster / layout.per_namespace)
    return layout.clusters * ceil(in_cluster / table["acme.names_each"])


def quotas(table: Table, layout: Layout, use: Month, storage: str) -> list[Raise]:
    """Return what each quota allows and what is needed."""
    return [
        Raise(
            "acme.certificates_per_week",
            table["acme.certificates_per_week"],
            certificates(table, layout),
            "in the first week, or take that many weeks longer",
        ),
        Raise(
            "knative.awake_per_namespace",
            table["knative.awake_per_namespace"],
            ceil(layout.in_namespace * use.peak_share),
            "in each full namespace, at the peak; a cloud that is being updated counts twice",
        ),
        Raise(
            "s3.buckets",
            table["s3.buckets"],
            layout.users if storage == "bucket" else given(0),
            "if the buckets are in one Amazon account",
        ),
    ]


def times(table: Table, layout: Layout, storage: str) -> list[Line]:
    """Return how long it takes to create all clouds, and to roll an image out. Clusters work at the same time."""
    objects = duration(
        "create: objects",
        layout.in_cluster * table["knative.objects_per_cloud"] / table["kubernetes.writes_per_s"],
        "clouds of the fullest cluster × objects ÷ writes per second",
    )
    stored_s = {
        "bucket": storage_plan.bucket_time(table, layout.users),
        "volume": given(0),
    }[storage]
    storing = duration("create: storage", stored_s, "see Storage above; all buckets are in one project")
    return [
        objects,
        storing,
        duration(
            "create all clouds",
            largest(objects.figure, stored_s, table["knative.change_s"]),
            "the slower of the above, and no less than one cloud takes; they overlap",
        ),
        *rollout.times(
            table,
            layout.users,
            largest(
                layout.in_cluster / table["kubernetes.writes_per_s"],
                rollout.paced(table, layout.in_namespace),
            ),
            table["knative.change_s"],
        ),
    ]


def costs(table: Table, layout: Layout, use: Month, request: Request) -> list[Line]:
    """Return the monthly costs."""
    hours = table["month.hours"]
    kept = (
        [cost("volume storage", volume_usd(table, layout, request), VOLUMES)]
        if request.stored_in == "volume"
        else storage_plan.costs(table, use, layout.users)
    )
    sent_gib = layout.users * use.sent_gib
    return [
        cost(
            "node-hours",
            layout.nodes * hours * table["knative.usd_per_node_hour"],
            "nodes × hours × price, as many all month as at the peak",
        ),
        cost(
            "cluster-hours",
            beyond(
                layout.clusters * hours * table["knative.usd_per_cluster_hour"], table["knative.free_usd"]
            ),
            "clusters × hours × price, beyond the free part",
        ),
        *kept,
        cost(
            "load balancing",
            layout.clusters * table["balancer.usd_per_hour"] * hours
            + sent_gib * table["balancer.usd_per_gib"],
            "clusters × price of up to 5 rules × hours, and GiB sent × price",
        ),
        *sent(table, sent_gib),
    ]


def warnings(table: Table, layout: Layout, use: Month) -> list[Warn]:
    """Return where the plan stops working."""
    found: list[Warn] = []
    recommended = table["knative.recommended"]
    if layout.in_cluster.value > recommended.value:
        conservative = ceil(layout.users / recommended)
        found.append(
            Warn(
                f"{layout.in_cluster.value:,.0f} clouds in a cluster are within the thresholds of Kubernetes and beyond "
                f"the {recommended.value:,.0f} Knative services that one vendor recommends: load-test a cluster, or "
                f"use {conservative.value:,.0f} clusters",
                layout.in_cluster.rests_on | recommended.rests_on,
            )
        )
    nodes = ceil(layout.in_cluster * use.peak_share / layout.pods_per_node) + table["knative.system_nodes"]
    if nodes.value > table["kubernetes.nodes"].value:
        found.append(Warn("a cluster needs more nodes than Kubernetes supports", nodes.rests_on))
    return found
