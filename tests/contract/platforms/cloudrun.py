"""Cloud Run against the fake of Google's APIs."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final, TypeVar

from tests.contract.platforms.subject import Fault, Killed, Subject
from tests.support.google.server import GoogleFake
from tests.support.google.world import PROJECT, REGION, Faults, StoredBucket

from satchel_infra.cloudrun.calls import Calls, Pace
from satchel_infra.cloudrun.opening import build, find_credentials
from satchel_infra.cloudrun.options import Options, Place
from satchel_infra.platform import CloudSpec, Platform
from satchel_infra.shards import Shard

T = TypeVar("T")

SHARD: Final = Shard("s1", {"project": PROJECT, "region": REGION})
PACE: Final = Pace(first_wait_s=0.001, poll_s=0.001, operation_s=0.3, settling_s=0.3, tries=3)
FAULTS: Final[Mapping[Fault, Faults]] = {
    Fault.QUOTA: Faults(quota=True),
    Fault.DENIED: Faults(denied=True),
    Fault.UNAVAILABLE: Faults(unavailable=True),
    Fault.DEADLINE: Faults(stuck=True),
    Fault.CONFLICT: Faults(meddle=1),
}


class CuttableCalls(Calls):
    """Calls of a process that can be killed just before a request. Their time is what they slept, on a slow machine too."""

    left: int | None = None

    def __init__(self, pace: Pace) -> None:
        super().__init__(pace, sleep=self._sleep)
        self.slept_s = 0.0
        self.clock = lambda: self.slept_s

    def _sleep(self, length_s: float) -> None:
        time.sleep(length_s)
        self.slept_s += length_s

    def once(self, what: str, call: Callable[[], T]) -> T:
        """Count a request, or end the process there."""
        if self.left is not None:
            if self.left == 0:
                raise Killed(what)
            self.left -= 1
        return super().once(what, call)


class CloudRunSubject(Subject):
    """The subject. With a bucket, each cloud has a prefix of it."""

    faults = frozenset(Fault)
    counts_requests = True

    def __init__(self, fake: GoogleFake, bucket: str = "") -> None:
        self.fake, self.world = fake, fake.world
        self.world.most_accounts = 400
        self.options = Options.read({"storage": "prefix" if bucket else "bucket", "apis": fake.apis})
        self.cut: int | None = None
        self.bucket = bucket
        self.shard = Shard("s1", {**SHARD.place, "bucket": bucket}) if bucket else SHARD
        if bucket:
            self._make_bucket()
        self.world.broken_images.add(self.broken_image())

    def _make_bucket(self) -> None:
        """Make the shard's bucket, as the operator does."""
        policy = {"version": 1, "etag": self.world.etag(), "bindings": []}
        self.world.buckets[self.bucket] = StoredBucket({"name": self.bucket, "labels": {}}, policy)

    def platform(self) -> Platform:
        calls = CuttableCalls(PACE)
        calls.left = self.cut
        credentials = find_credentials(is_stand_in=True)
        return build(self.shard, self.options, Place.of(self.shard), credentials, calls)

    def image(self, number: int = 1) -> str:
        return f"{REGION}-docker.pkg.dev/{PROJECT}/satchel/service@sha256:{number:064x}"

    def broken_image(self) -> str:
        return self.image(0xBAD)

    def remains(self, name: str) -> list[str]:
        world = self.world
        found = [f"account/{email}" for email in world.accounts if email.startswith(name)]
        found += [f"service/{service}" for service in world.services if service == name]
        for bucket, held in world.buckets.items():
            is_own = bucket.endswith(name)
            found += [f"bucket/{bucket}"] if is_own else []
            found += [f"object/{one}" for one in held.objects if is_own or one.startswith(f"{name}/")]
            members = [member for one in held.policy["bindings"] for member in one["members"]]
            found += [f"access/{member}" for member in members if name in member]
        return sorted(found)

    def store_data(self, name: str) -> None:
        bucket, prefix = self.options.storage(Place.of(self.shard), name)
        self.world.buckets[bucket].objects[f"{prefix}log/0001"] = self.world.generation()

    def fill(self, specs: list[CloudSpec]) -> None:
        """Create one cloud, and give the others the same parts under their own names."""
        first, *rest = specs
        self.platform().ensure(first)
        for spec in rest:
            renames = ((first.name, spec.name), (first.owner.tag, spec.owner.tag))
            for held in (self.world.accounts, self.world.services, self.world.buckets):
                for key in [key for key in held if first.name in key]:
                    held[renamed(key, renames)] = renamed(held[key], renames)

    @contextmanager
    def cut_after(self, requests: int) -> Iterator[None]:
        self.cut = requests
        try:
            yield
        finally:
            self.cut = None

    @contextmanager
    def fault(self, fault: Fault) -> Iterator[None]:
        self.world.faults = replace(FAULTS[fault])
        try:
            yield
        finally:
            self.world.faults = Faults()


def renamed(value: Any, renames: tuple[tuple[str, str], ...]) -> Any:  # noqa: ANN401  anything that the fake stores
    """Return a copy of something with other names in all its texts."""
    if isinstance(value, str):
        for old, new in renames:
            value = value.replace(old, new)
        return value
    if isinstance(value, dict):
        return {renamed(key, renames): renamed(held, renames) for key, held in value.items()}
    if isinstance(value, list):
        return [renamed(held, renames) for held in value]
    if is_dataclass(value) and not isinstance(value, type):
        return type(value)(**{one.name: renamed(getattr(value, one.name), renames) for one in fields(value)})
    return value
