"""The clouds of a namespace, by the objects that they consist of."""

import heapq
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NoReturn

from satchel_infra.errors import (
    ConfigurationError,
    FailedError,
    NoSuchCloudError,
    OwnerMismatchError,
    UnavailableError,
)
from satchel_infra.knative.cluster import Cluster
from satchel_infra.knative.failures import AGAIN, PREPARE_HINT, ConflictError
from satchel_infra.knative.kinds import (
    EARLIER_NOTE,
    MAPPING,
    POLICY,
    REMOVING_NOTE,
    SELECTOR,
    SERVICE,
    Kind,
    Manifest,
    is_going,
    note,
    owner_of,
    select,
)
from satchel_infra.knative.manifests import (
    Release,
    change_release,
    make_mapping,
    make_service,
    make_storage,
    read_release,
    storage_kind,
    storage_url,
)
from satchel_infra.knative.options import Options
from satchel_infra.knative.shard_manifests import POLICY_NAME
from satchel_infra.knative.states import (
    Condition,
    Parts,
    assemble,
    describe,
    gather,
    has_started,
    judge,
    judge_storage,
    name_of,
)
from satchel_infra.names import Owner
from satchel_infra.platform import Cloud, CloudSpec, Report, State, ignore
from satchel_infra.shards import Shard

ATTEMPTS: Final = 8  # at an object that others change
FIRST_POLL_S: Final = 0.05
LAST_POLL_S: Final = 2.0
LOG_HINT: Final = "see the revision's conditions and the log of its pod: kubectl get revisions"


@dataclass(frozen=True, slots=True)
class KnativePlatform:
    """The clouds of one shard."""

    shard: Shard
    options: Options
    cluster: Cluster

    def ensure(self, spec: CloudSpec, report: Report = ignore) -> Cloud:
        """Create what is missing of the cloud: storage, service, and last the host name. See `Platform`."""
        parts = self._own(spec.owner)
        if parts is not None and parts.is_removing:
            self._take_down(parts, report)
            parts = None
        if parts is not None and (cloud := describe(parts, self.shard.id)).state is State.READY:
            return cloud
        if parts is None or parts.storage is None:
            self._create_storage(spec, report)
        if parts is None or not parts.is_complete:
            self._create_service(spec, report)
        self._await(SERVICE, spec.name, judge, report, "wait for the service")
        if parts is None or not parts.mappings:
            report("map the host name")
            self._create(MAPPING, make_mapping(self.options, spec.owner, spec.host), spec.owner)
        self._await(MAPPING, spec.host, judge, report, "wait for the host name")
        return self._require(spec.owner)

    def prepare(self, spec: CloudSpec, report: Report = ignore) -> Mapping[str, str]:
        """Create the bucket of a cloud that moves here. Raise FailedError for a volume, which only a pod can reach."""
        if self.options.storage == "volume":
            raise FailedError(
                f"the volume of {spec.name!r} can be reached only by the cloud itself",
                hint='move clouds to a shard with storage = "bucket"',
            )
        parts = self._own(spec.owner)
        if parts is not None and parts.is_removing:
            self._take_down(parts, report)
            parts = None
        if parts is None or parts.storage is None:
            self._create_storage(spec, report)
        return {"SATCHEL_STORAGE": storage_url(self.options, spec.name)}

    def find(self, name: str) -> Cloud | None:
        """Return a cloud by what exists of it. See `Platform`."""
        parts = self._observe(name)
        return None if parts is None else describe(parts, self.shard.id)

    def list(self) -> Iterator[Cloud]:
        """Merge the lists of each kind, which the API server keeps in the order of names. See `Platform`."""
        lists = [self._list_named(kind) for kind in (storage_kind(self.options), SERVICE, MAPPING)]
        merged = heapq.merge(*lists, key=lambda entry: entry[0])
        return (describe(parts, self.shard.id) for parts in gather(merged))

    def update(self, spec: CloudSpec, report: Report = ignore) -> Cloud:
        """Give the service another release; return to the earlier one if it does not start. See `Platform`."""
        parts = self._own(spec.owner)
        if parts is None or parts.is_removing or parts.service is None:
            raise NoSuchCloudError(
                f"there is no complete cloud {spec.name!r}", hint="see `satchel-infra list`"
            )
        self._change_release(spec.owner, Release.of(spec), report)
        try:
            self._await(SERVICE, spec.name, judge, report, "wait for the new release")
        except FailedError:
            self._return_to_earlier(spec, report)
            raise
        self._edit(SERVICE, spec.owner, _forget_earlier)
        return self._require(spec.owner)

    def remove(self, name: str, report: Report = ignore) -> None:
        """Remove the host name, the service and the storage, in this order. See `Platform`."""
        for _ in range(ATTEMPTS):  # another process may create a part meanwhile
            parts = self._observe(name)
            if parts is None:
                return
            self._check_storage(parts)
            self._take_down(parts, report)
        raise UnavailableError(f"{name!r} keeps being created again", hint=AGAIN)

    # -- what exists ------------------------------------------------------------------------------------------

    def _observe(self, name: str) -> Parts | None:
        """Return the parts of a cloud; None if there are none."""
        kinds = (storage_kind(self.options), SERVICE)
        found = [each for each in (self.cluster.get(kind, name) for kind in kinds) if each is not None]
        for each in found:
            if owner_of(each) is None:
                raise OwnerMismatchError(
                    f"the {each['kind']} {name!r} is not part of a cloud",
                    hint="somebody else created it: rename or delete it",
                )
        mapped = [each for each in self.cluster.list(MAPPING, select(name)) if owner_of(each) is not None]
        parts = assemble([*found, *mapped])
        return parts if parts.all else None

    def _own(self, owner: Owner) -> Parts | None:
        """Return the parts of an owner's cloud. Raise OwnerMismatchError if one belongs to another owner."""
        parts = self._observe(owner.name)
        if parts is None:
            return None
        if any(owner_of(each) != owner for each in parts.all):
            self._refuse(owner)
        self._check_storage(parts)
        return parts

    def _refuse(self, owner: Owner) -> NoReturn:
        raise OwnerMismatchError(
            f"the name {owner.name!r} belongs to another account",
            hint="do not continue; check the key for names",
        )

    def _check_storage(self, parts: Parts) -> None:
        """Raise ConfigurationError if the cloud was created with the other kind of storage."""
        if parts.storage_note not in ("", self.options.storage):
            raise ConfigurationError(
                f"{parts.owner.name!r} has storage = {parts.storage_note!r}, and the options of its shard name"
                f" {self.options.storage!r}",
                hint="change it back; add a shard with the other storage for new clouds",
            )

    def _require(self, owner: Owner) -> Cloud:
        parts = self._own(owner)
        if parts is None:
            raise UnavailableError(f"{owner.name!r} was removed meanwhile", hint=AGAIN)
        return describe(parts, self.shard.id)

    def _list_named(self, kind: Kind) -> Iterator[tuple[str, Manifest]]:
        found = self.cluster.list(kind, SELECTOR)
        return ((name_of(each), each) for each in found if owner_of(each) is not None)

    # -- creating ---------------------------------------------------------------------------------------------

    def _create_storage(self, spec: CloudSpec, report: Report) -> None:
        report(f"create the {self.options.storage}")
        self._check_shard()
        kind = storage_kind(self.options)
        self._create(kind, make_storage(self.options, spec.owner, spec.host), spec.owner)
        self._await(kind, spec.name, judge_storage, report, f"wait for the {self.options.storage}")

    def _check_shard(self) -> None:
        """Refuse to create clouds in a namespace whose network policy is missing."""
        if self.cluster.get(POLICY, POLICY_NAME) is None:
            raise ConfigurationError(
                f"the namespace {self.options.namespace!r} has no network policy {POLICY_NAME!r},"
                " so clouds could reach each other",
                hint=PREPARE_HINT,
            )

    def _create_service(self, spec: CloudSpec, report: Report) -> None:
        """Create the service. One that never had a host name gets the present release, as it may have failed."""
        report("create the service")
        release = Release.of(spec)
        if not self._create(SERVICE, make_service(self.options, spec.owner, spec.host, release), spec.owner):
            parts = self._own(spec.owner)
            if parts is not None and not parts.mappings:
                self._change_release(spec.owner, release, report, keep_earlier=False)

    def _create(self, kind: Kind, manifest: Manifest, owner: Owner) -> bool:
        """Create an object. Return False if the owner's cloud has it already."""
        if self.cluster.create(kind, manifest):
            return True
        found = self.cluster.get(kind, manifest["metadata"]["name"])
        if found is None or is_going(found):
            raise UnavailableError(
                f"{kind.resource} {manifest['metadata']['name']!r} is being removed", hint=AGAIN
            )
        if owner_of(found) != owner:
            self._refuse(owner)
        return False

    # -- changing ---------------------------------------------------------------------------------------------

    def _change_release(
        self, owner: Owner, release: Release, report: Report, *, keep_earlier: bool = True
    ) -> None:
        """Give the service a release, unless it has it. The earlier one is noted until the new one has started."""

        def change(service: Manifest) -> Manifest | None:
            present = read_release(service)
            if present == release:
                return None
            noted = note(service, EARLIER_NOTE)
            earlier = noted if noted and not has_started(service) else present.write()
            return change_release(self.options, service, owner, release, earlier if keep_earlier else "")

        report("replace the release")
        self._edit(SERVICE, owner, change)

    def _return_to_earlier(self, spec: CloudSpec, report: Report) -> None:
        """Write the earlier release back, unless the present one has started before: then it fails for another reason."""

        def change(service: Manifest) -> Manifest | None:
            noted = note(service, EARLIER_NOTE)
            if not noted or has_started(service) or read_release(service) != Release.of(spec):
                return None
            return change_release(self.options, service, spec.owner, Release.parse(noted), "")

        report("return to the earlier release")
        self._edit(SERVICE, spec.owner, change)
        self._await(SERVICE, spec.name, judge, report, "wait for the earlier release")

    def _edit(self, kind: Kind, owner: Owner, change: Callable[[Manifest], Manifest | None]) -> None:
        """Read an object, change it, and write it unless somebody else did meanwhile; then start over."""
        for _ in range(ATTEMPTS):
            found = self.cluster.get(kind, owner.name)
            if found is None:
                return
            if owner_of(found) != owner:
                self._refuse(owner)
            changed = change(found)
            if changed is None:
                return
            try:
                self.cluster.replace(kind, changed)
            except ConflictError:
                continue
            return
        raise UnavailableError(f"{kind.resource} {owner.name!r} keeps changing", hint=AGAIN)

    # -- removing ---------------------------------------------------------------------------------------------

    def _take_down(self, parts: Parts, report: Report) -> None:
        """Remove every part. The storage is marked first: from then on, nothing completes the cloud."""
        kind, owner = storage_kind(self.options), parts.owner
        report("mark the cloud as removed")
        self._edit(kind, owner, _mark)
        report("remove the host name")
        for mapping in parts.mappings:
            self._delete(MAPPING, mapping, report)
        report("remove the service")
        self._delete(SERVICE, parts.service, report)
        report(f"remove the {self.options.storage}")
        self._delete(kind, parts.storage, report)

    def _delete(self, kind: Kind, manifest: Manifest | None, report: Report) -> None:
        """Delete an object and wait until it is gone. One that was created in its place since then is kept."""
        if manifest is None:
            return
        name, uid = manifest["metadata"]["name"], manifest["metadata"]["uid"]
        if not is_going(manifest):
            self._ask_deletion(kind, manifest)
        for _ in self._polls(f"{kind.resource} {name!r} is still being removed"):
            found = self.cluster.get(kind, name)
            if found is None or found["metadata"]["uid"] != uid:
                return
            report(f"wait until the {manifest['kind']} is gone")

    def _ask_deletion(self, kind: Kind, manifest: Manifest) -> None:
        try:
            self.cluster.delete(kind, manifest)
        except ConflictError:  # another object of this name: the one that was read is gone
            return

    # -- waiting ----------------------------------------------------------------------------------------------

    def _await(
        self, kind: Kind, name: str, judgement: Callable[[Manifest], Condition], report: Report, step: str
    ) -> None:
        """Wait until an object is ready. Raise FailedError if its controller says that it never will be."""
        for _ in self._polls(f"{kind.resource} {name!r} is not ready yet"):
            found = self.cluster.get(kind, name)
            if found is None or is_going(found):
                raise UnavailableError(f"{kind.resource} {name!r} was removed meanwhile", hint=AGAIN)
            condition = judgement(found)
            if condition.is_ready:
                return
            if condition.is_ready is False:
                raise FailedError(
                    f"{kind.resource} {name!r} does not start: {condition.detail}", hint=LOG_HINT
                )
            report(step)

    def _polls(self, failure: str) -> Iterator[None]:
        """Yield at growing intervals until the time to wait is over; then raise UnavailableError."""
        deadline, pause = time.monotonic() + self.options.wait_s, FIRST_POLL_S
        while True:
            yield
            if time.monotonic() + pause > deadline:
                raise UnavailableError(
                    f"{failure} after {self.options.wait_s} s", hint="repeat the call: it continues"
                )
            time.sleep(pause)
            pause = min(pause * 1.5, LAST_POLL_S)


def _forget_earlier(service: Manifest) -> Manifest | None:
    if not note(service, EARLIER_NOTE) or not has_started(service):
        return None
    metadata = dict(service["metadata"])
    metadata["annotations"] = {
        key: text for key, text in metadata["annotations"].items() if key != EARLIER_NOTE
    }
    return {**service, "metadata": metadata}


def _mark(storage: Manifest) -> Manifest | None:
    if note(storage, REMOVING_NOTE) or is_going(storage):
        return None
    metadata = dict(storage["metadata"])
    metadata["annotations"] = {**(metadata.get("annotations") or {}), REMOVING_NOTE: "true"}
    return {**storage, "metadata": metadata}
