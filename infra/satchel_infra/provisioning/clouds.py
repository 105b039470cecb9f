"""Create, find and remove the cloud of an account.

- A cloud is found under every generation of shards and created under the newest, so growing the list moves nobody.
- A shard that does not respond is never taken for one without the cloud: nothing is created elsewhere instead.
- A removal first writes a tombstone, then removes access, then data. It can be repeated after a kill at any step.
- The account may come back. It finds a new, empty cloud under the same name, and only after the removal is complete.
- Work that a removal or another worker has overtaken stops before its next step: the name may have a later cloud by then.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final, NamedTuple

from satchel_infra.configuration import Configuration
from satchel_infra.errors import FailedError, NoSuchCloudError, OwnerMismatchError
from satchel_infra.names import Owner
from satchel_infra.platform import Cloud, Report, State, ignore
from satchel_infra.provisioning.platforms import OpenShard
from satchel_infra.provisioning.records import Records, Tombstone, Version
from satchel_infra.shards import Shard
from satchel_service.times import Clock

PARALLEL_SHARDS: Final = 8
CHECK_S: Final = 2.0  # between looks at the records during one step


class RemovalUnderWayError(FailedError):
    """The owner's earlier cloud is being removed."""

    def __init__(self, tombstone: Tombstone) -> None:
        name = tombstone.owner.name
        super().__init__(
            f"the cloud {name!r} is being removed", hint=f"complete that first: satchel-infra destroy {name}"
        )
        self.tombstone = tombstone


class RemovedSinceError(FailedError):
    """The owner's cloud was removed after this request began, so the request creates none."""


class OvertakenError(Exception):
    """The latest removal of the owner's cloud is another one than when the work began."""

    def __init__(self, latest: Tombstone | None) -> None:
        super().__init__("the records of the cloud have changed")
        self.latest = latest


class Found(NamedTuple):
    """A cloud and the shard that it is in."""

    cloud: Cloud
    shard: Shard


@dataclass(frozen=True)
class Provisioner:
    """The clouds of every shard.

    `open_shard` returns the platform of a shard; `clock` gives milliseconds since 1970, `monotonic` seconds.
    """

    configuration: Configuration
    open_shard: OpenShard
    records: Records
    clock: Clock
    monotonic: Callable[[], float] = time.monotonic

    # -- finding ------------------------------------------------------------------------------------------

    def find_all(self, owner: Owner) -> tuple[Found, ...]:
        """Return everything of the owner's cloud, the one that counts first. Raise OwnerMismatchError."""
        candidates = self.configuration.shards.candidates(owner)
        found = [each for shard in candidates if (each := self._find_in(shard, owner)) is not None]
        return in_order(found)

    def find(self, owner: Owner) -> Found | None:
        """Return the owner's cloud, also a half-created one; None if there is none. Raise OwnerMismatchError."""
        return next(iter(self.find_all(owner)), None)

    def find_named(self, name: str) -> Found:
        """Return a cloud by its name alone. It asks every shard. Raise NoSuchCloudError."""
        shards = self.configuration.shards.all

        def find(shard: Shard) -> Found | None:
            cloud = self.open_shard(shard).find(name)
            return None if cloud is None else Found(cloud, shard)

        with ThreadPoolExecutor(min(PARALLEL_SHARDS, len(shards))) as threads:
            found = [each for each in threads.map(find, shards) if each is not None]
        if not found:
            raise NoSuchCloudError(f"there is no cloud {name!r}", hint="see `satchel-infra list`")
        return in_order(found)[0]

    def list(self, shards: tuple[Shard, ...] | None = None) -> Iterator[Found]:
        """Yield every cloud, shard by shard."""
        for shard in shards or self.configuration.shards.all:
            for cloud in self.open_shard(shard).list():
                yield Found(cloud, shard)

    def _find_in(self, shard: Shard, owner: Owner) -> Found | None:
        cloud = self.open_shard(shard).find(owner.name)
        if cloud is not None and cloud.owner != owner:
            raise OwnerMismatchError(
                f"the cloud {owner.name!r} belongs to another account", hint="check the key for names"
            )
        return None if cloud is None else Found(cloud, shard)

    # -- creating -----------------------------------------------------------------------------------------

    def provision(
        self, owner: Owner, subject: str, report: Report = ignore, *, asked: int | None = None
    ) -> Found:
        """Return the owner's cloud once it serves; create or complete it if needed.

        `asked` is when the owner asked for it: a request that is older than the latest removal creates nothing. Raise
        RemovalUnderWayError, RemovedSinceError, and what the platform raises.
        """
        latest = self._require_none_removed(owner, asked)
        found = self.find(owner)
        if found is not None and found.cloud.state is State.READY:
            return found
        shard = self.configuration.shards.home(owner) if found is None else found.shard
        with self.guarded(owner, latest, report) as step:
            cloud = self.open_shard(shard).ensure(self.configuration.spec(owner, subject, shard), step)
        return Found(cloud, shard)

    @contextmanager
    def guarded(self, owner: Owner, latest: Tombstone | None, report: Report) -> Iterator[Report]:
        """Guard work on the owner's cloud against a removal that begins after `latest`.

        The work passes the report that this yields to the platforms, so it stops before its next step. Then raise
        RemovalUnderWayError, or RemovedSinceError if the removal is complete.
        """
        try:
            yield self._watch(owner, latest, report)
            self._require_latest(owner, latest)
        except OvertakenError as exc:
            self._give_way(owner, exc.latest, report)
            raise _removed_since(owner) from exc

    def _give_way(self, owner: Owner, removal: Tombstone | None, report: Report) -> None:
        """Remove what the work made during a removal. Raise RemovalUnderWayError.

        Return, removing nothing, once that removal is complete: what exists then may be the owner's next cloud.
        """
        if removal is None or removal.gone is not None:
            return
        with suppress(OvertakenError):
            self._remove_everywhere(owner, self._watch(owner, removal, report))
            raise RemovalUnderWayError(removal)

    def _require_none_removed(self, owner: Owner, asked: int | None) -> Tombstone | None:
        latest = self.records.latest(owner)
        if latest is not None and latest.gone is None:
            raise RemovalUnderWayError(latest)
        if latest is not None and asked is not None and latest.begun >= asked:
            raise _removed_since(owner)
        return latest

    # -- removing -----------------------------------------------------------------------------------------

    def begin_removal(self, owner: Owner, confirm: Callable[[], object] = lambda: None) -> Tombstone:
        """Write the tombstone of the owner's cloud, or return that of a removal under way.

        `confirm` is called when only the tombstone is left to write; it may raise to stop there. Raise
        NoSuchCloudError if there is no cloud, OwnerMismatchError, changing nothing, if it is another account's.
        """
        latest = self.records.latest(owner)
        under_way = latest if latest is not None and latest.gone is None else None
        exists = under_way is not None or self.find(owner) is not None
        confirm()
        if not exists:
            raise NoSuchCloudError(f"there is no cloud {owner.name!r}", hint="see `satchel-infra list`")
        return under_way or self.records.begin_next_removal(owner, latest, self.clock())

    def complete_removal(self, tombstone: Tombstone, report: Report = ignore) -> None:
        """Remove what a tombstone is for; do nothing if that is complete, whatever exists under the name now."""
        owner = tombstone.owner
        if tombstone.gone is not None:
            return
        with suppress(OvertakenError):  # another worker has completed it
            self._require_latest(owner, tombstone)
            self._remove_everywhere(owner, self._watch(owner, tombstone, report))
            self.records.finish_removal(tombstone, self.clock())

    def remove(self, owner: Owner, report: Report = ignore) -> None:
        """Remove the owner's cloud. Raise NoSuchCloudError if there is none."""
        self.complete_removal(self.begin_removal(owner), report)

    def owner_named(self, name: str) -> Owner:
        """Return the owner of a cloud or of an unfinished removal by its name. Raise NoSuchCloudError."""
        try:
            return self.find_named(name).cloud.owner
        except NoSuchCloudError:
            latest = self.records.latest_named(name)
            if latest is None or latest.gone is not None:
                raise
            return latest.owner

    # -- workers at once ----------------------------------------------------------------------------------

    def _watch(self, owner: Owner, latest: Tombstone | None, report: Report) -> Report:
        """Return a report that raises OvertakenError before the first step after the records of the cloud change.

        During a step that is reported again and again, it looks at them every CHECK_S seconds.
        """
        current, looked_s = "", 0.0

        def step(text: str) -> None:
            nonlocal current, looked_s
            report(text)
            now_s = self.monotonic()
            if text != current or now_s - looked_s >= CHECK_S:
                self._require_latest(owner, latest)
                current, looked_s = text, now_s

        return step

    def _require_latest(self, owner: Owner, latest: Tombstone | None) -> None:
        known = Version() if latest is None else latest.version
        if self.records.version(owner.name) != known:
            raise OvertakenError(self.records.latest(owner))

    def _remove_everywhere(self, owner: Owner, report: Report) -> None:
        """Remove the cloud from every shard in which it can be."""
        for shard in self.configuration.shards.candidates(owner):
            if self._find_in(shard, owner) is not None:
                self.open_shard(shard).remove(owner.name, report)


def in_order(found: Sequence[Found]) -> tuple[Found, ...]:
    """Return what exists of one cloud, given newest generation first, the part that counts first.

    Among clouds that serve, that is the newest: the others have moved there. Among the rest it is the oldest, because a
    newer one may be the empty target of a move. One that is being removed counts last.
    """
    ready = [each for each in found if each.cloud.state is State.READY]
    rest = [each for each in reversed(found) if each.cloud.state is not State.READY]
    return (*ready, *sorted(rest, key=lambda each: each.cloud.state is State.REMOVING))


def _removed_since(owner: Owner) -> RemovedSinceError:
    return RemovedSinceError(f"the cloud {owner.name!r} was removed meanwhile", hint="ask for it again")
