"""Clouds created, updated and removed per second on Knative, against the fake API server of the tests.

The fake answers at once, so the figures are what the platform itself costs: its requests, and the client's work for
each. A real cluster takes longer for every write, and seconds for every start.
"""

import statistics
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

from tests.contract.platforms.subject import DOMAIN, SETTINGS, owner_of
from tests.support.kubernetes_fake.server import KubernetesFake

from bench.measure import seconds_of
from bench.report import Row
from satchel_infra.knative.clouds import KnativePlatform
from satchel_infra.knative.cluster import Cluster
from satchel_infra.knative.options import Options
from satchel_infra.platform import CloudSpec
from satchel_infra.shards import Shard

CLOUDS: Final = 40
SHARD: Final = Shard("s1")


def run(rounds: int) -> list[Row]:
    """Create, find, list, update and remove the same clouds in each round."""
    acts: dict[str, list[float]] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        KubernetesFake(Options(namespace="satchel-s1")) as fake,
    ):
        fake.controllers.undecided_reads = 0
        options = fake.connect(Path(folder))
        for _ in range(rounds):
            for act, seconds in measure(KnativePlatform(SHARD, options, Cluster.open(options))).items():
                acts.setdefault(act, []).append(CLOUDS / seconds)
    return [
        {
            "act": act,
            "clouds per second": f"{statistics.median(rates):.0f} ({min(rates):.0f}–{max(rates):.0f})",
        }
        for act, rates in acts.items()
    ]


def measure(platform: KnativePlatform) -> dict[str, float]:
    """Return the seconds that each act takes for every cloud, one after the other."""
    specs = [make_spec(number) for number in range(CLOUDS)]
    later = [replace(spec, image="satchel@sha256:2") for spec in specs]
    return {
        "create": seconds_of(lambda: [platform.ensure(spec) for spec in specs]),
        "connect again": seconds_of(lambda: [platform.ensure(spec) for spec in specs]),
        "list": seconds_of(lambda: list(platform.list())),
        "update": seconds_of(lambda: [platform.update(spec) for spec in later]),
        "remove": seconds_of(lambda: remove_all(platform, specs)),
    }


def remove_all(platform: KnativePlatform, specs: list[CloudSpec]) -> None:
    """Remove each cloud."""
    for spec in specs:
        platform.remove(spec.name)


def make_spec(number: int) -> CloudSpec:
    """Return the spec of a cloud."""
    owner = owner_of(f"user {number}")
    return CloudSpec(owner, f"{owner.name}.{SHARD.id}.{DOMAIN}", "satchel@sha256:1", SETTINGS)
