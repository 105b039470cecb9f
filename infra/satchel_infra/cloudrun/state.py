"""What the JSON of a Cloud Run service says of a cloud."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from satchel_infra.cloudrun.service_body import KIND_LABEL, OWNER_LABEL, SHARD_LABEL, Json
from satchel_infra.errors import one_line
from satchel_infra.names import NAME_PATTERN, TAG_PATTERN, Owner
from satchel_infra.platform import DECIDED, Cloud, State

SUCCEEDED: Final = "CONDITION_SUCCEEDED"
FAILED: Final = "CONDITION_FAILED"


def name_of(service: Json) -> str:
    """Return the last part of a resource's name."""
    return str(service.get("name", "")).rpartition("/")[2]


def owner_of(name: str, labels: Mapping[str, str]) -> Owner | None:
    """Return the owner by a resource's labels; None if it is not part of a cloud of this name."""
    tag = labels.get(OWNER_LABEL, "")
    if (
        labels.get(KIND_LABEL) != "cloud"
        or not TAG_PATTERN.fullmatch(tag)
        or not NAME_PATTERN.fullmatch(name)
    ):
        return None
    owner = Owner(tag)
    return owner if owner.name == name else None


def shard_of(service: Json) -> str:
    """Return the id of the shard that a service belongs to."""
    return str(service.get("labels", {}).get(SHARD_LABEL, ""))


def describe(service: Json, shard_id: str) -> Cloud | None:
    """Return the cloud of a service; None if it is not a cloud's of this shard."""
    owner = owner_of(name_of(service), service.get("labels", {}))
    if owner is None or shard_of(service) != shard_id:
        return None
    container: Json = next(iter(service.get("template", {}).get("containers", [])), {})
    environment = {entry["name"]: entry.get("value", "") for entry in container.get("env", [])}
    state, detail = judge(service)
    return Cloud(
        owner=owner,
        shard_id=shard_id,
        host=environment.get("SATCHEL_PUBLIC_URL", "").removeprefix("https://"),
        image=container.get("image", ""),
        state=state,
        settings={name: value for name, value in environment.items() if name not in DECIDED},
        detail=detail,
    )


def created_at(service: Json) -> float | None:
    """Return when a service was created, in seconds since 1970; None if the API does not say so."""
    try:
        return datetime.fromisoformat(str(service.get("createTime", ""))).timestamp()
    except ValueError:
        return None


def judge(service: Json) -> tuple[State, str]:
    """Return the state of a service, and why it failed."""
    if service.get("deleteTime"):
        return State.REMOVING, ""
    if is_changing(service):
        return State.CREATING, ""
    condition = service.get("terminalCondition", {})
    if condition.get("state") == SUCCEEDED:
        return State.READY, ""
    return State.FAILED, one_line(failure_of(service) or "the service has no ready revision")


def is_changing(service: Json) -> bool:
    """Return whether Cloud Run is still at work on it."""
    if service.get("reconciling") or service.get("deleteTime"):
        return True
    return service.get("terminalCondition", {}).get("state") not in (SUCCEEDED, FAILED)


def failure_of(service: Json) -> str:
    """Return the message of the condition that failed."""
    conditions: list[Any] = [service.get("terminalCondition", {}), *service.get("conditions", [])]
    messages = [str(one.get("message", "")) for one in conditions if one.get("state") == FAILED]
    return next(filter(None, messages), "")
