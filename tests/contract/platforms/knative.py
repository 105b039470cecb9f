"""Knative on a fake API server, with a volume or a bucket for each cloud."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from tests.contract.platforms.subject import Fault, Killed, Subject
from tests.support.kubernetes_fake.controllers import BROKEN
from tests.support.kubernetes_fake.server import KubernetesFake, resource_of

from satchel_infra.knative.clouds import KnativePlatform
from satchel_infra.knative.cluster import Answer, Cluster
from satchel_infra.knative.kinds import Kind, Manifest
from satchel_infra.knative.manifests import make_cloud, storage_kind
from satchel_infra.knative.options import Options, Storage
from satchel_infra.platform import CloudSpec
from satchel_infra.shards import Shard

SHARD: Final = Shard("s1")
NAMESPACE: Final = "satchel-s1"
WAIT_S: Final = 20
SHORT_WAIT_S: Final = 1
MADE_BY_CLAIMS: Final = ("secrets", "configmaps")


class CountingCluster(Cluster):
    """A cluster whose process ends after a number of requests."""

    left: int | None = None

    def _call(self, method: str, path: str, what: str, body: Manifest | None = None) -> Answer:
        if CountingCluster.left is not None:
            if not CountingCluster.left:
                raise Killed
            CountingCluster.left -= 1
        return super()._call(method, path, what, body)


class KnativeSubject(Subject):
    """A namespace of a fake cluster."""

    faults = frozenset(Fault)
    counts_requests = True

    def __init__(self, fake: KubernetesFake, directory: Path) -> None:
        self.fake = fake
        self.options = replace(fake.connect(directory), wait_s=WAIT_S)
        self.prepares = fake.options.storage == "bucket"
        self._threads = threading.local()

    def platform(self) -> KnativePlatform:
        return KnativePlatform(SHARD, self.options, CountingCluster.open(self.options))

    def image(self, number: int = 1) -> str:
        return f"registry.example.org/satchel@sha256:{number:064x}"

    def broken_image(self) -> str:
        return f"registry.example.org/{BROKEN}@sha256:{1:064x}"

    @property
    def storage(self) -> Kind:
        return storage_kind(self.options)

    def remains(self, name: str) -> list[str]:
        claim = self.fake.space.objects.get((self.storage.resource, name))
        made = MADE_BY_CLAIMS if claim else ()  # these come and go with the claim
        found = [
            f"{resource}/{each}"
            for resource, each in self.fake.space.objects
            if (each == name or each.startswith(f"{name}.")) and resource not in made
        ]
        stored = self.fake.controllers.data.get(claim["metadata"]["uid"], []) if claim else []
        return sorted([*found, *(f"data/{item}" for item in stored)])

    def store_data(self, name: str) -> None:
        claim = self.fake.space.objects[self.storage.resource, name]
        self.fake.controllers.data.setdefault(claim["metadata"]["uid"], []).append("log")

    def fill(self, specs: list[CloudSpec]) -> None:
        """Store the objects of the first clouds at once, and create the last ones through the API."""
        for spec in specs[:-3]:
            for manifest in make_cloud(self.options, spec):
                resource, name = resource_of(manifest), manifest["metadata"]["name"]
                self.fake.controllers.admit(resource, manifest, None)
                self.fake.space.create(resource, manifest, is_known=True)
                for _ in range(2):
                    self.fake.controllers.step(self.fake.space, (resource, name))
        super().fill(specs[-3:])

    @contextmanager
    def cut_after(self, requests: int) -> Iterator[None]:
        CountingCluster.left = requests
        try:
            yield
        finally:
            CountingCluster.left = None

    @contextmanager
    def fault(self, fault: Fault) -> Iterator[None]:
        kept = self.options
        with ExitStack() as stack:
            if fault is Fault.QUOTA:
                stack.enter_context(self.fake.full())
            elif fault is Fault.DENIED:
                stack.enter_context(self.fake.denied())
            elif fault is Fault.CONFLICT:
                self.fake.conflicts = 1
            elif fault is Fault.UNAVAILABLE:
                self.fake.is_down = True
            else:
                self.options = replace(kept, wait_s=SHORT_WAIT_S)
                self.fake.controllers.is_stuck = True
            yield
            self.fake.is_down = self.fake.controllers.is_stuck = False
            self.options = kept


def open_subject(storage: Storage, directory: Path) -> Iterator[Subject]:
    """Start a fake cluster whose clouds have this kind of storage."""
    pytest.importorskip("kubernetes")
    options = Options(namespace=NAMESPACE, storage=storage, storage_class="standard")
    with KubernetesFake(options) as fake:
        fake.controllers.undecided_reads = 1 if storage == "volume" else 0
        yield KnativeSubject(fake, directory)
