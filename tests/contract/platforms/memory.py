"""A platform in memory: the suite's own reference, and the platform of tests that need any.

Its parts are an account, a store and a front, created in this order and removed in the opposite one.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final

from tests.contract.platforms.subject import Fault, Killed, Subject

from satchel_infra.errors import (
    DeniedError,
    FailedError,
    InfraError,
    NoSuchCloudError,
    OwnerMismatchError,
    QuotaError,
    UnavailableError,
)
from satchel_infra.names import Owner
from satchel_infra.platform import Cloud, CloudSpec, Report, State, ignore
from satchel_infra.shards import Shard

BROKEN: Final = "broken"
ERRORS: Final[dict[Fault, type[InfraError]]] = {
    Fault.QUOTA: QuotaError,
    Fault.DENIED: DeniedError,
    Fault.UNAVAILABLE: UnavailableError,
    Fault.DEADLINE: UnavailableError,
}


@dataclass
class Account:
    """The first part of a cloud and the last one to go."""

    owner: Owner
    is_removing: bool = False


@dataclass
class World:
    """What exists in a shard."""

    accounts: dict[str, Account] = field(default_factory=dict)
    stores: dict[str, list[str]] = field(default_factory=dict)
    fronts: dict[str, Cloud] = field(default_factory=dict)
    fault: Fault | None = None
    left: int | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)

    def ask(self, *, creating: bool = False) -> None:
        """Count a request. Refuse it while a fault is on, and kill the process at the limit."""
        if self.left is not None:
            if not self.left:
                raise Killed
            self.left -= 1
        if self.fault in ERRORS and (creating or self.fault is not Fault.QUOTA):
            raise ERRORS[self.fault](f"the platform says {self.fault.value}", hint="try again")


class MemoryPlatform:
    """The clouds of one shard in memory."""

    def __init__(self, shard: Shard, world: World | None = None) -> None:
        self.shard = shard
        self.world = world or World()

    def ensure(self, spec: CloudSpec, report: Report = ignore) -> Cloud:
        """Create the account, the store, and last the front."""
        found = self._own(spec)
        if found is not None and found.state is State.READY:
            return found
        if found is not None and found.state is State.REMOVING:
            self.remove(spec.name, report)
        self._create_store(spec, report)
        report("create the front")
        return self._serve(spec)

    def prepare(self, spec: CloudSpec, report: Report = ignore) -> Mapping[str, str]:
        """Create the account and the store."""
        found = self._own(spec)
        if found is not None and found.state is State.REMOVING:
            self.remove(spec.name, report)
        if found is None or found.state is not State.READY:
            self._create_store(spec, report)
        return {"SATCHEL_STORAGE": f"file:/nonexistent/{self.shard.id}/{spec.name}"}

    def _create_store(self, spec: CloudSpec, report: Report) -> None:
        report("create the account")
        with self.world.lock:
            self.world.ask(creating=spec.name not in self.world.accounts)
            self.world.accounts.setdefault(spec.name, Account(spec.owner))
        report("create the store")
        with self.world.lock:
            self.world.ask(creating=True)
            self.world.stores.setdefault(spec.name, [])

    def _own(self, spec: CloudSpec) -> Cloud | None:
        found = self.find(spec.name)
        if found is not None and found.owner != spec.owner:
            raise OwnerMismatchError(f"{spec.name!r} belongs to another account", hint="do not continue")
        return found

    def _serve(self, spec: CloudSpec) -> Cloud:
        with self.world.lock:
            self.world.ask(creating=True)
            existing = self.world.fronts.get(spec.name)
            if existing is not None and existing.state is State.READY:
                return existing
            state = State.FAILED if spec.image == BROKEN else State.READY
            cloud = Cloud(spec.owner, self.shard.id, spec.host, spec.image, state, dict(spec.settings))
            self.world.fronts[spec.name] = cloud
            if state is State.FAILED:
                self.world.fronts[spec.name] = replace(cloud, detail="the program ended with code 1")
                raise FailedError(f"{spec.name!r} does not start", hint="see its log")
            return cloud

    def find(self, name: str) -> Cloud | None:
        """Return the front, or what its parts say."""
        with self.world.lock:
            self.world.ask()
            front, account = self.world.fronts.get(name), self.world.accounts.get(name)
            if front is not None or account is None:
                return front
            state = State.REMOVING if account.is_removing else State.CREATING
            return Cloud(account.owner, self.shard.id, "", "", state)

    def list(self) -> Iterator[Cloud]:
        """Yield by the accounts."""
        with self.world.lock:
            self.world.ask()
            names = sorted(self.world.accounts)
        yield from (cloud for name in names if (cloud := self.find(name)))

    def update(self, spec: CloudSpec, report: Report = ignore) -> Cloud:
        """Replace the front."""
        found = self._own(spec)
        if found is None or found.state is State.REMOVING:
            raise NoSuchCloudError(f"there is no cloud {spec.name!r}", hint="see `satchel-infra list`")
        report("replace the front")
        with self.world.lock:
            self.world.ask()
            if spec.image == BROKEN:
                raise FailedError(f"{spec.name!r} does not start with {BROKEN!r}", hint="see its log")
            self.world.fronts[spec.name] = replace(
                found, image=spec.image, settings=dict(spec.settings), state=State.READY, detail=""
            )
            return self.world.fronts[spec.name]

    def remove(self, name: str, report: Report = ignore) -> None:
        """Remove the front, the store, and last the account."""
        if self.find(name) is None:
            return
        report("remove the front")
        with self.world.lock:
            self.world.ask()
            self.world.fronts.pop(name, None)
            if name in self.world.accounts:
                self.world.accounts[name].is_removing = True
        report("remove the store")
        with self.world.lock:
            self.world.ask()
            self.world.stores.pop(name, None)
        report("remove the account")
        with self.world.lock:
            self.world.ask()
            self.world.accounts.pop(name, None)


class MemorySubject(Subject):
    """The subject."""

    faults = frozenset(Fault)
    counts_requests = True

    def __init__(self) -> None:
        self.world = World()

    def platform(self) -> MemoryPlatform:
        return MemoryPlatform(Shard("s1"), self.world)

    def image(self, number: int = 1) -> str:
        return f"release-{number}"

    def broken_image(self) -> str:
        return BROKEN

    def remains(self, name: str) -> list[str]:
        world = self.world
        parts = {
            "account": name in world.accounts,
            "front": name in world.fronts,
            "store": name in world.stores,
        }
        data = [f"data/{item}" for item in world.stores.get(name, ())]
        return sorted([*(kind for kind, exists in parts.items() if exists), *data])

    def store_data(self, name: str) -> None:
        self.world.stores[name].append("log")

    @contextmanager
    def cut_after(self, requests: int) -> Iterator[None]:
        self.world.left = requests
        try:
            yield
        finally:
            self.world.left = None

    @contextmanager
    def fault(self, fault: Fault) -> Iterator[None]:
        self.world.fault = fault
        yield
        self.world.fault = None
