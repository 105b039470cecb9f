"""Plans of known sizes, line by line, and the quotas and warnings that they name."""

import math
from collections.abc import Mapping

import pytest

from satchel_infra.errors import ConfigurationError
from satchel_infra.planning.plans import Part, Plan, Request
from satchel_infra.planning.platforms.planner import make_plan
from satchel_infra.planning.tables import shipped

TABLE = shipped()


def plan(platform: str, users: int, profile: str = "mixed", storage: str = "", **values: float) -> Plan:
    return plan_with(values, platform, users, profile, storage)


def plan_with(
    values: Mapping[str, float], platform: str, users: int, profile: str = "mixed", storage: str = ""
) -> Plan:
    replaced = {name.replace("__", "."): value for name, value in values.items()}
    return make_plan(Request(platform, users, profile, storage), TABLE.replaced(replaced))


@pytest.mark.parametrize(
    ("users", "shards", "regions", "projects"),
    [
        (1, 1, 1, 1),
        (1000, 1, 1, 1),
        (1001, 2, 2, 1),
        (10_000, 10, 10, 1),
        (10_001, 11, 10, 2),
        (1_000_000, 1000, 10, 100),
        (10_000_000, 10_000, 10, 1000),
    ],
)
def test_cloudrun_spreads_clouds_over_projects_and_regions(
    users: int, shards: int, regions: int, projects: int
) -> None:
    made = plan("cloudrun", users)
    assert [made.figure(name).value for name in ("shards", "regions", "projects")] == [
        shards,
        regions,
        projects,
    ]
    assert made.figure("load balancers").value == projects
    assert made.figure("wildcard names").value == shards


@pytest.mark.parametrize(
    ("users", "clusters"), [(1, 1), (2000, 1), (2001, 2), (1_000_000, 500), (10_000_000, 5000)]
)
def test_knative_fills_clusters_up_to_the_threshold_of_services(users: int, clusters: int) -> None:
    made = plan("knative", users)
    assert made.figure("clusters").value == clusters
    in_cluster = made.figure("clouds per cluster").value
    assert (
        in_cluster * TABLE.row("knative.services_per_cloud").value <= TABLE.row("kubernetes.services").value
    )


@pytest.mark.parametrize(
    ("row", "tight", "line"),
    [
        ("kubernetes.etcd_gib", 0.01, "clouds per cluster"),
        ("kubernetes.services", 1000, "clouds per cluster"),
        ("kubernetes.pods", 10, "clouds per cluster"),
        ("kubernetes.services_per_namespace", 1000, "clouds per namespace"),
        ("kubernetes.pods_per_namespace", 10, "clouds per namespace"),
        ("knative.clouds_per_namespace", 500, "clouds per namespace"),
    ],
)
def test_each_threshold_of_kubernetes_can_be_the_bound(row: str, tight: float, line: str) -> None:
    bounded = make_plan(Request("knative", 1_000_000), TABLE.replaced({row: tight}))
    assert bounded.figure(line).value < plan("knative", 1_000_000).figure(line).value


def test_a_box_holds_what_its_memory_disk_and_units_allow() -> None:
    made = plan("box", 100_000)
    bounds = [made.figure(f"bound by {name}").value for name in ("memory", "disk", "units")]
    assert made.figure("clouds per machine").value == min(bounds)
    larger = plan("box", 100_000, box__disk_gib=1e9)
    assert larger.figure("clouds per machine").value == min(bounds[0], bounds[2])


def test_memory_of_a_box_is_enough_at_the_peak() -> None:
    made = plan("box", 50_000, box__registered=1e9, box__disk_gib=1e9)
    peak = (made.figure("awake at the peak").value - 1) / 50_000  # the line is rounded up
    needed = made.figure("clouds per machine").value * (
        TABLE.row("box.registered_mib").value + peak * TABLE.row("box.awake_mib").value
    )
    assert needed <= TABLE.row("box.memory_mib").value - TABLE.row("box.system_mib").value


def raised(made: Plan) -> dict[str, tuple[float, float]]:
    return {each.row_id: (each.have.value, each.need.value) for each in made.raises}


def test_one_cloud_needs_no_quota_raised() -> None:
    assert [raised(plan(platform, 1)) for platform in ("cloudrun", "knative", "box")] == [{}, {}, {}]


def test_a_million_clouds_name_the_quotas_to_raise_and_to_what() -> None:
    found = raised(plan("cloudrun", 1_000_000))
    peak = math.ceil(plan("cloudrun", 1000).figure("awake at the peak").value)
    assert found == {"projects.count": (12, 100), "iam.accounts": (100, 10_000), "run.vcpu": (20, peak)}


@pytest.mark.parametrize(
    ("platform", "users", "storage", "row", "values"),
    [
        ("cloudrun", 10_000_000, "", "dns.records_per_zone", {}),
        ("cloudrun", 1_000_000, "", "balancer.backends", {"balancer__backends": 5}),
        ("knative", 1_000_000, "", "acme.certificates_per_week", {}),
        ("knative", 20_000, "bucket", "s3.buckets", {}),
        ("box", 51, "", "acme.certificates_per_week", {}),
        ("knative", 1000, "", "knative.awake_per_namespace", {"knative__awake_per_namespace": 20}),
    ],
)
def test_a_quota_that_is_too_low_is_named(
    platform: str, users: int, storage: str, row: str, values: dict[str, float]
) -> None:
    assert row in raised(plan_with(values, platform, users, storage=storage))


def texts(made: Plan) -> str:
    return "\n".join(each.text for each in made.warnings)


def test_cloudrun_says_that_it_was_never_run_live() -> None:
    assert "never run live" in texts(plan("cloudrun", 1))


def test_a_shard_that_does_not_fit_one_bucket_is_a_warning() -> None:
    assert "principals" not in texts(plan("cloudrun", 2000, storage="prefix"))
    assert "principals" in texts(plan("cloudrun", 2000, storage="prefix", run__services=1501))


def test_a_shared_bucket_with_too_many_writes_is_a_warning() -> None:
    assert "writes per second" in texts(plan("cloudrun", 1000, "heavy", "prefix", storage__writes_per_s=5))


def test_more_knative_services_than_recommended_are_a_warning() -> None:
    assert "recommends" not in texts(plan("knative", 150))
    assert "6,667 clusters" in texts(plan("knative", 1_000_000))


def test_a_cluster_of_too_many_nodes_is_a_warning() -> None:
    assert "nodes" in texts(plan("knative", 2000, "heavy", kubernetes__nodes=5))


def test_a_url_map_that_is_too_small_is_a_warning() -> None:
    assert "URL map" not in texts(plan("cloudrun", 10_000))
    assert "URL map" in texts(plan("cloudrun", 10_000, balancer__url_map_kib=5))


def test_a_bucket_each_and_a_prefix_each_are_compared_whatever_is_chosen() -> None:
    for storage in ("bucket", "prefix"):
        made = plan("cloudrun", 1_000_000, storage=storage)
        assert made.figure("a bucket each: time").value == 10_000 * 2
        assert made.figure("a prefix each: time").value == 1000
        assert made.figure("a bucket each: stops at").value == 43_200
        assert made.figure("a prefix each: stops at").value == 1500


def test_a_volume_each_holds_what_its_cloud_stores() -> None:
    made = plan("knative", 1000)
    expected = 1000 * (0.7 * 5 + 0.25 * 5 + 0.05 * 50) * 0.04
    assert made.figure("volume storage").value == pytest.approx(expected)
    assert made.figure("a volume each: a month").value == pytest.approx(expected)
    buckets = plan("knative", 1000, storage="bucket")
    assert buckets.figure("a bucket each: a month").value == pytest.approx(
        sum(buckets.figure(f"objects: {what}").value for what in ("stored", "written", "read"))
    )


def test_the_slowest_part_sets_the_time_to_create_all() -> None:
    made = plan("cloudrun", 1_000_000)
    parts = [line.figure.value for line in made.of(Part.TIME) if line.name.startswith("create: ")]
    assert made.figure("create all clouds").value == max(parts) == 20_000
    assert plan("cloudrun", 1_000_000, storage="prefix").figure("create all clouds").value == pytest.approx(
        1000 * 23 / 600 * 60
    )


@pytest.mark.parametrize("platform", ["cloudrun", "knative"])
def test_one_cloud_takes_as_long_as_its_platform_needs(platform: str) -> None:
    made, section = plan(platform, 1), {"cloudrun": "run", "knative": "knative"}[platform]
    for name in ("create all clouds", "roll out an image to all", "roll out by one command"):
        assert made.figure(name).value == TABLE.row(f"{section}.change_s").value


def test_a_rollout_is_bound_by_reads_writes_its_rate_or_one_commands_threads() -> None:
    made = plan("cloudrun", 1_000_000)
    assert made.figure("roll out an image to all").value == pytest.approx(1000 * 23 / 600 * 60)
    assert made.figure("roll out by one command").value == 1_000_000 * 20 / 8
    by_writes = plan("cloudrun", 1_000_000, run__reads_per_min=1e6)
    assert by_writes.figure("roll out an image to all").value == pytest.approx(1000 / 30 * 60)
    by_rate = plan("cloudrun", 1_000_000, run__reads_per_min=1e6, run__writes_per_min=1e6)
    assert by_rate.figure("roll out an image to all").value == pytest.approx(1000 / 60 * 60)


def test_costs_of_one_heavy_cloud_by_hand() -> None:
    made = plan("cloudrun", 1, "heavy")
    calls = 300 * 4 + 200 * 4 + 5000 * (1 + 2)
    wakes = 5500 * math.exp(-5500 * (900 + 1.1 + 1.0) / (730 * 3600))
    busy_s = calls * 0.1 + wakes * (1.1 + 1.0)
    assert made.figure("compute: vCPU").value == 0  # within the free part
    paid = plan("cloudrun", 1, "heavy", run__free_vcpu_s=0, run__free_gib_s=0, run__free_calls=0)
    assert paid.figure("compute: vCPU").value == pytest.approx(busy_s * 0.000024)
    assert paid.figure("compute: memory").value == pytest.approx(busy_s * 0.125 * 0.0000025)
    assert paid.figure("requests").value == pytest.approx(calls * 0.4 / 1e6)
    assert made.figure("objects: stored").value == pytest.approx(45 * 0.02)
    sent_gib = 5000 * 0.000138 + 50 * 0.05
    assert made.figure("traffic to the internet").value == pytest.approx(sent_gib * 0.12)


def test_traffic_has_three_tiers() -> None:
    gib = 10_000_000 * (5000 * 0.000138 + 50 * 0.05)
    expected = 1024 * 0.12 + (10_240 - 1024) * 0.11 + (gib - 10_240) * 0.08
    assert plan("cloudrun", 10_000_000, "heavy").figure("traffic to the internet").value == pytest.approx(
        expected
    )


def test_secrets_cost_by_the_version_and_take_time() -> None:
    none = plan("cloudrun", 1_000_000)
    assert none.figure("secrets: kept").value == none.figure("create: secrets").value == 0
    three = plan("cloudrun", 1_000_000, secrets__per_cloud=3)
    assert three.figure("secrets: kept").value == pytest.approx((3_000_000 - 6) * 0.06)
    assert three.figure("create: secrets").value == pytest.approx(10_000 * 3 * 3 / 600 * 60)


@pytest.mark.parametrize(
    ("platform", "users", "storage", "regions"),
    [
        ("cloudrun", 0, "", 10),
        ("cloudrun", 10_000_001, "", 10),
        ("cloudrun", 1, "disk", 10),
        ("box", 1, "volume", 10),
        ("knative", 1, "prefix", 10),
        ("cloudrun", 1, "", 0),
        ("cloudrun", 1, "", 41),
        ("moon", 1, "", 10),
    ],
)
def test_a_request_out_of_range_is_refused(platform: str, users: int, storage: str, regions: int) -> None:
    with pytest.raises(ConfigurationError):
        Request(platform, users, "mixed", storage, regions)
