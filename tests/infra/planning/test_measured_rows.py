"""The rows of the table that repeat figures of other pages, or of the code, are the same as there."""

import json
import re
from pathlib import Path

import pytest

from bench.log.prices import PAGE_CALLS, USES
from satchel_infra.cloudrun.options import Options
from satchel_infra.cloudrun.service_body import service_body
from satchel_infra.knative import options as knative
from satchel_infra.knative.manifests import QUIET_S
from satchel_infra.names import Owner
from satchel_infra.planning.tables import shipped
from satchel_infra.platform import CloudSpec
from satchel_infra.provisioning.rollout import Limits
from satchel_infra.rendering.box_units import IDLE_EXIT_S
from satchel_infra.shards import Shard

ROOT = Path(__file__).resolve().parents[3]
REFERENCE = ROOT / "docs" / "reference"
TABLE = shipped()
NAMES = {"a backup of one part": "backup", "a share": "share", "a view": "view", "waking up": "wake"}


def test_actions_ask_for_what_was_counted() -> None:
    for act in json.loads((REFERENCE / "durability.json").read_text())["costs"]["acts"]:
        name = NAMES[act["act"]]
        for what in ("writes", "reads") if name == "wake" else ("writes", "reads", "calls"):
            assert TABLE.row(f"{name}.{what}").value == act[what], (name, what)
    assert TABLE.row("view.page_calls").value == PAGE_CALLS


def test_months_are_those_of_the_durability_page() -> None:
    for use in USES:
        assert TABLE.row(f"{use.name}.backups").value == use.backups
        assert TABLE.row(f"{use.name}.shares").value == use.shares
        assert TABLE.row(f"{use.name}.views").value == use.views
        assert TABLE.row(f"{use.name}.stored_gib").value == use.stored_gb


def test_a_view_sends_the_share_and_the_page() -> None:
    pages = json.loads((REFERENCE / "benchmarks.json").read_text())["pages"]
    page_bytes = int(pages[0]["bytes with gzip"])
    assert TABLE.row("view.gib").value == pytest.approx((100_000 + page_bytes) / 2**30, rel=0.05)


def test_the_work_of_a_request_is_that_of_an_opening() -> None:
    opens = json.loads((REFERENCE / "benchmarks.json").read_text())["opens"]
    [rate] = [
        float(row["per second"].replace(",", ""))
        for row in opens
        if row["store"] == "directory" and row["request"] == "open, unlimited, 100 KB"
    ]
    assert TABLE.row("instance.work_s").value == pytest.approx(1 / rate, rel=0.5)


def test_a_cloud_on_cloud_run_has_what_the_plan_prices() -> None:
    spec = CloudSpec(Owner("a" * 52), "c.s.example.org", f"registry.example/satchel@sha256:{'0' * 64}")
    shard = Shard("s1", {"project": "p-123456", "region": "us-central1"})
    [container] = service_body(spec, shard, Options())["template"]["containers"]
    assert container["resources"]["limits"]["cpu"] == f"{TABLE.row('run.vcpu_per_cloud').value:g}"
    assert container["resources"]["limits"]["memory"] == f"{TABLE.row('run.gib_per_cloud').value * 1024:g}Mi"
    assert [each["name"] for each in container["env"] if "valueSource" in each] == []  # no secrets


def test_an_idle_process_stops_when_the_plan_says() -> None:
    assert TABLE.row("box.idle_s").value == IDLE_EXIT_S


def test_a_rollout_goes_as_fast_as_the_plan_says() -> None:
    limits = Limits(waves=())
    assert TABLE.row("rollout.parallel").value == limits.parallel
    assert TABLE.row("rollout.per_minute").value == limits.per_minute


def test_cloud_run_is_asked_as_often_as_its_page_says() -> None:
    [columns] = re.findall(
        r"^\| create \| bucket \| (.*) \|$", (REFERENCE / "cloud-run.md").read_text(), re.MULTILINE
    )
    reads, writes, _, iam_writes = (int(each) for each in columns.split(" | ")[:4])
    assert TABLE.row("run.reads_to_change").value == reads
    assert TABLE.row("run.writes_to_create").value == writes
    assert TABLE.row("iam.writes_to_create").value == iam_writes


def test_a_shard_on_knative_has_the_quotas_that_the_plan_counts_on() -> None:
    options = knative.Options()
    assert TABLE.row("knative.clouds_per_namespace").value == options.clouds
    assert TABLE.row("knative.awake_per_namespace").value == options.awake
    assert options.volume_size == f"{TABLE.row('knative.volume_gib').value:g}Gi"
    assert TABLE.row("knative.idle_s").value > QUIET_S
