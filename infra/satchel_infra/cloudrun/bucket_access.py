"""Who may use the objects of a bucket, as bindings of its policy."""

from collections.abc import Mapping
from typing import Any, Final

ROLE: Final = (
    "roles/storage.objectUser"  # read, list, create and delete objects, and nothing of the bucket itself
)


def binding(bucket: str, email: str, prefix: str) -> dict[str, Any]:
    """Return the access of an account. The listing of objects is a right on the bucket, limited by its prefix."""
    held: dict[str, Any] = {"role": ROLE, "members": {f"serviceAccount:{email}"}}
    if prefix:
        objects = f"projects/_/buckets/{bucket}/objects/{prefix}"
        held["condition"] = {
            "title": prefix.rstrip("/"),
            "expression": f'resource.name.startsWith("{objects}") ||'
            f' api.getAttribute("storage.googleapis.com/objectListPrefix", "").startsWith("{prefix}")',
        }
    return held


def without(bindings: list[dict[str, Any]], email: str) -> list[dict[str, Any]]:
    """Return bindings without an account, deleted ones of the same name included."""
    kept = []
    for one in bindings:
        members = {member for member in one["members"] if not is_member(member, email)}
        if members:
            kept.append({**one, "members": members})
    return kept


def is_member(member: str, email: str) -> bool:
    """Return whether a member of a binding is an account; IAM renames deleted ones."""
    return member == f"serviceAccount:{email}" or member.startswith(f"deleted:serviceAccount:{email}?")


def normal(one: Mapping[str, Any]) -> dict[str, Any]:
    """Return a binding to compare."""
    held = {"role": one["role"], "members": set(one["members"])}
    return {**held, "condition": dict(one["condition"])} if one.get("condition") else held
