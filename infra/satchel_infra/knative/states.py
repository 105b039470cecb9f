"""What the objects of a cloud say about it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from satchel_infra.errors import one_line
from satchel_infra.knative.kinds import (
    CLOUD_LABEL,
    EARLIER_NOTE,
    HOST_NOTE,
    MAPPING,
    REMOVING_NOTE,
    SERVICE,
    STORAGE_NOTE,
    Manifest,
    is_going,
    note,
    owner_of,
)
from satchel_infra.knative.manifests import Release, read_release
from satchel_infra.names import Owner
from satchel_infra.platform import Cloud, State

WAITING: Final = ("Unschedulable", "nodes are available")
"""Words of a false condition that needs no repair, only time: no node is free, or another pod has the volume."""


@dataclass(frozen=True, slots=True)
class Condition:
    """How far an object is. `is_ready` is None while its controller has not decided."""

    is_ready: bool | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """The objects of one cloud; at least one of them exists."""

    storage: Manifest | None
    service: Manifest | None
    mappings: tuple[Manifest, ...]

    @property
    def owner(self) -> Owner:
        """Whose cloud it is. An object without a valid tag is not passed to this class."""
        found = (owner_of(each) for each in self.all)
        return next(owner for owner in found if owner is not None)

    @property
    def all(self) -> tuple[Manifest, ...]:
        """Every object."""
        return tuple(each for each in (self.storage, self.service, *self.mappings) if each is not None)

    @property
    def host(self) -> str:
        """The host name."""
        noted = (note(each, HOST_NOTE) for each in (self.storage, self.service) if each is not None)
        mapped = (str(each["metadata"]["name"]) for each in self.mappings)
        return next((host for host in (*noted, *mapped) if host), "")

    @property
    def release(self) -> Release:
        """What the cloud runs; an empty image before there is a service.

        While a new release starts, the earlier one serves.
        """
        if self.service is None:
            return Release("", {})
        earlier = note(self.service, EARLIER_NOTE)
        is_waiting = judge(self.service).is_ready is None and not has_started(self.service)
        return Release.parse(earlier) if earlier and is_waiting else read_release(self.service)

    @property
    def storage_note(self) -> str:
        """The kind of storage that the service was created with; empty without a service."""
        return note(self.service, STORAGE_NOTE) if self.service is not None else ""

    @property
    def is_removing(self) -> bool:
        """Whether a removal has begun."""
        noted = self.storage is not None and bool(note(self.storage, REMOVING_NOTE))
        return noted or any(is_going(each) for each in self.all)

    @property
    def is_complete(self) -> bool:
        """Whether every object exists."""
        return self.storage is not None and self.service is not None and bool(self.mappings)


def judge(manifest: Mapping[str, Any]) -> Condition:
    """Return the condition `Ready` of an object of Knative, if it is about the present specification."""
    status = manifest.get("status") or {}
    if status.get("observedGeneration", -1) < manifest["metadata"].get("generation", 0):
        return Condition(None)
    conditions = {str(each.get("type")): each for each in status.get("conditions") or []}
    ready = conditions.get("Ready", {})
    if ready.get("status") == "True":
        return Condition(is_ready=True)
    if ready.get("status") != "False":
        return Condition(None)
    detail = _explain(conditions.get("ConfigurationsReady", {})) or _explain(ready)
    if any(word in detail for word in WAITING):
        return Condition(None, detail)
    return Condition(is_ready=False, detail=detail or "Knative gives no reason")


def _explain(condition: Mapping[str, Any]) -> str:
    """Return the reason and the message of a condition that is false."""
    words = (str(condition.get("reason") or ""), str(condition.get("message") or ""))
    return one_line(": ".join(word for word in words if word)) if condition.get("status") == "False" else ""


def judge_storage(manifest: Mapping[str, Any]) -> Condition:
    """Return how far a claim is. A volume is often bound only once a pod uses it, so its claim is always ready."""
    phase = str((manifest.get("status") or {}).get("phase") or "")
    if manifest.get("kind") != "ObjectBucketClaim" or phase == "Bound":
        return Condition(is_ready=True)
    return Condition(is_ready=False, detail="no bucket was made") if phase == "Failed" else Condition(None)


def describe(parts: Parts, shard_id: str) -> Cloud:
    """Return the cloud that the objects make up."""
    state, detail = _judge_all(parts)
    release = parts.release
    return Cloud(parts.owner, shard_id, parts.host, release.image, state, dict(release.settings), detail)


def _judge_all(parts: Parts) -> tuple[State, str]:
    if parts.is_removing:
        return State.REMOVING, ""
    conditions = [judge(each) for each in (parts.service, *parts.mappings) if each is not None]
    failed = next((each for each in conditions if each.is_ready is False), None)
    if failed is not None:
        return State.FAILED, failed.detail
    if not parts.is_complete:
        return State.CREATING, ""
    mapped = all(each.is_ready for each in conditions[1:])
    return (State.READY if mapped and serves(parts.service) else State.CREATING), ""


def serves(service: Mapping[str, Any] | None) -> bool:
    """Whether a revision answers requests: the present one, or the earlier one while the present one starts."""
    return service is not None and bool((service.get("status") or {}).get("latestReadyRevisionName"))


def has_started(service: Mapping[str, Any]) -> bool:
    """Whether the present release has served at some time: its revision was ready once."""
    status = service.get("status") or {}
    is_observed = status.get("observedGeneration", -1) >= service["metadata"].get("generation", 0)
    latest = status.get("latestCreatedRevisionName")
    return is_observed and bool(latest) and latest == status.get("latestReadyRevisionName")


def gather(objects: Iterable[tuple[str, Manifest]]) -> Iterator[Parts]:
    """Group the objects of a merged list, in the order of the names of their clouds."""
    for _, group in groupby(objects, key=itemgetter(0)):
        yield assemble(manifest for _, manifest in group)


def assemble(objects: Iterable[Manifest]) -> Parts:
    """Return the parts of one cloud by their kinds."""
    found = list(objects)
    kinds = (SERVICE.name, MAPPING.name)
    return Parts(
        storage=next((each for each in found if each["kind"] not in kinds), None),
        service=next((each for each in found if each["kind"] == SERVICE.name), None),
        mappings=tuple(each for each in found if each["kind"] == MAPPING.name),
    )


def name_of(manifest: Mapping[str, Any]) -> str:
    """Return the name of the cloud that an object is a part of."""
    return str(manifest["metadata"]["labels"][CLOUD_LABEL])
