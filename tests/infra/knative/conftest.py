"""A prepared namespace of a fake cluster, and its platform."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from tests.support.kubernetes_fake.server import KubernetesFake

from satchel_infra.knative.clouds import KnativePlatform
from satchel_infra.knative.cluster import Cluster
from satchel_infra.knative.options import Options
from satchel_infra.shards import Shard

NAMESPACE: Final = "satchel-s1"
WAIT_S: Final = 30  # longer than a slow machine takes for what succeeds


@pytest.fixture
def fake() -> Iterator[KubernetesFake]:
    """A fake API server."""
    with KubernetesFake(Options(namespace=NAMESPACE)) as server:
        server.controllers.undecided_reads = 0
        yield server


@pytest.fixture
def options(fake: KubernetesFake, tmp_path: Path) -> Options:
    """The options that lead to it."""
    return replace(fake.connect(tmp_path), wait_s=WAIT_S)


@pytest.fixture
def platform(options: Options) -> KnativePlatform:
    """The platform of its namespace."""
    return KnativePlatform(Shard("s1"), options, Cluster.open(options))


def impatient(platform: KnativePlatform) -> KnativePlatform:
    """Return the platform with little time to wait, for what never happens."""
    return replace(platform, options=replace(platform.options, wait_s=1))
