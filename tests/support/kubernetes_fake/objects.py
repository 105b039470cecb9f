"""The objects of a fake cluster, with the rules of Kubernetes' API machinery.

Written from "Kubernetes API Concepts" (resource versions, lists in chunks, deletion with finalizers and propagation),
"Resource Quotas" (object counts) and "API Conventions" (Status objects and their reasons).
"""

import base64
import copy
import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from tests.support.kubernetes_fake import schemas

Manifest = dict[str, Any]
Key = tuple[str, str]  # the resource, such as `services.serving.knative.dev`, and the name

FINALIZERS: Final = {
    "persistentvolumeclaims": "kubernetes.io/pvc-protection",
    "domainmappings.serving.knative.dev": "domainmappings.serving.knative.dev",
    "objectbucketclaims.objectbucket.io": "objectbucket.io/finalizer",
}
IMMUTABLE: Final = frozenset({"persistentvolumeclaims"})


class RefusedError(Exception):
    """A response that is no success: a Status object."""

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        *,
        name: str = "",
        kind: str = "",
        token: str = "",
        retry_after_s: int = 0,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = {"Retry-After": str(retry_after_s)} if retry_after_s else {}
        details = {"name": name, "kind": kind} if name or kind else None
        self.body: Manifest = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {"continue": token} if token else {},
            "status": "Failure",
            "message": message,
            "reason": reason,
            "code": status,
            **({"details": details} if details else {}),
        }


@dataclass
class Namespace:
    """The objects of one namespace. The caller holds a lock."""

    name: str
    objects: dict[Key, Manifest] = field(default_factory=dict)
    version: int = 1
    snapshots: dict[str, list[Manifest]] = field(default_factory=dict)

    def get(self, resource: str, name: str) -> Manifest:
        """Return an object. Refuse with NotFound."""
        try:
            return self.objects[resource, name]
        except KeyError:
            plural, _, group = resource.partition(".")
            raise RefusedError(
                404, "NotFound", f'{plural}.{group} "{name}" not found', name=name, kind=plural
            ) from None

    def create(self, resource: str, sent: Manifest, *, is_known: bool = False) -> Manifest:
        """Store a new object. One of a known shape is not compared with its schema."""
        manifest = copy.deepcopy(sent)
        metadata = manifest["metadata"]
        if not is_known:
            self._check_schema(manifest)
        if (resource, metadata["name"]) in self.objects:
            raise RefusedError(
                409,
                "AlreadyExists",
                f'{resource} "{metadata["name"]}" already exists',
                name=metadata["name"],
                kind=resource.partition(".")[0],
            )
        self._check_quota(resource, metadata["name"])
        metadata.update(
            namespace=self.name,
            uid=secrets.token_hex(16),
            creationTimestamp=now(),
            resourceVersion=self.next_version(),
            generation=1,
        )
        if resource in FINALIZERS:
            metadata["finalizers"] = [FINALIZERS[resource]]
        manifest.pop("status", None)
        self.objects[resource, metadata["name"]] = manifest
        return manifest

    def replace(self, resource: str, sent: Manifest) -> Manifest:
        """Replace an object if nobody has changed it since it was read."""
        manifest = copy.deepcopy(sent)
        metadata, name = manifest["metadata"], manifest["metadata"]["name"]
        present = self.get(resource, name)
        self._check_schema(manifest)
        if not metadata.get("resourceVersion"):
            raise RefusedError(
                422,
                "Invalid",
                "metadata.resourceVersion: Invalid value: 0x0: must be specified for an update",
            )
        if metadata["resourceVersion"] != present["metadata"]["resourceVersion"]:
            raise RefusedError(
                409,
                "Conflict",
                f'Operation cannot be fulfilled on {resource} "{name}": the object has been modified; '
                "please apply your changes to the latest version and try again",
                name=name,
            )
        is_same = manifest.get("spec") == present.get("spec")
        if resource in IMMUTABLE and not is_same:
            raise RefusedError(422, "Invalid", "spec: Forbidden: spec is immutable after creation", name=name)
        kept = ("uid", "creationTimestamp", "generation", "finalizers", "deletionTimestamp")
        metadata.update({key: present["metadata"][key] for key in kept if key in present["metadata"]})
        metadata["generation"] += 0 if is_same else 1
        metadata["resourceVersion"] = self.next_version()
        manifest["status"] = present.get("status", {})
        self.objects[resource, name] = manifest
        return manifest

    def delete(self, resource: str, name: str, options: Manifest) -> None:
        """Remove an object, or mark it as going if a finalizer holds it."""
        metadata = self.get(resource, name)["metadata"]
        wanted = options.get("preconditions", {}).get("uid")
        if wanted and wanted != metadata["uid"]:
            raise RefusedError(409, "Conflict", "Precondition failed: UID in precondition differs", name=name)
        finalizers = metadata.setdefault("finalizers", [])
        is_owner = resource == "services.serving.knative.dev"
        if (
            options.get("propagationPolicy") == "Foreground"
            and is_owner
            and "deletionTimestamp" not in metadata
        ):
            finalizers.append("foregroundDeletion")
        if finalizers:
            metadata.setdefault("deletionTimestamp", now())
            metadata["resourceVersion"] = self.next_version()
        else:
            del self.objects[resource, name]

    def list(self, resource: str, selector: str, limit: int, token: str) -> tuple[list[Manifest], str]:
        """Return a page of the list as it was when it began, and the token of the next page."""
        if not token:
            found = [self.objects[key] for key in sorted(self.objects) if key[0] == resource]
            chosen = [copy.deepcopy(each) for each in found if matches(each, selector)]
            token = pack({"snapshot": secrets.token_hex(8), "after": ""})
            self.snapshots[unpack(token)["snapshot"]] = chosen
        place = unpack(token)
        if place["snapshot"] not in self.snapshots:
            raise self._expire(resource, selector, place["after"])
        items = [
            each for each in self.snapshots[place["snapshot"]] if each["metadata"]["name"] > place["after"]
        ]
        page = items[: limit or None]
        if len(page) == len(items):
            return page, ""
        return page, pack({**place, "after": page[-1]["metadata"]["name"]})

    def _expire(self, resource: str, selector: str, after: str) -> RefusedError:
        """Return the refusal of a token that is too old. It holds another one, for a later moment."""
        _, fresh = self.list(resource, selector, 1, "")
        token = pack({"snapshot": unpack(fresh)["snapshot"], "after": after}) if fresh else ""
        return RefusedError(410, "Expired", "The provided continue parameter is too old", token=token)

    def next_version(self) -> str:
        """Count a change."""
        self.version += 1
        return str(self.version)

    def _check_schema(self, manifest: Manifest) -> None:
        wrong = schemas.check(manifest)
        if wrong:
            raise RefusedError(400, "BadRequest", f"strict decoding error: {wrong}")

    def _check_quota(self, resource: str, name: str) -> None:
        used = sum(1 for key in self.objects if key[0] == resource)
        for (kind, quota), manifest in self.objects.items():
            hard = manifest.get("spec", {}).get("hard", {}) if kind == "resourcequotas" else {}
            limit = hard.get(f"count/{resource}")
            if limit is not None and used >= int(limit):
                raise RefusedError(
                    403,
                    "Forbidden",
                    f'{resource} "{name}" is forbidden: exceeded quota: {quota}, requested: count/{resource}=1, '
                    f"used: count/{resource}={used}, limited: count/{resource}={limit}",
                    name=name,
                )


def matches(manifest: Manifest, selector: str) -> bool:
    """Whether the labels of an object match equalities and names, separated by commas."""
    labels = manifest["metadata"].get("labels") or {}
    for term in filter(None, selector.split(",")):
        key, equals, value = term.partition("=")
        if key not in labels or (equals and labels[key] != value):
            return False
    return True


def now() -> str:
    """Return the time as Kubernetes writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def pack(place: Manifest) -> str:
    """Return an opaque token."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def unpack(token: str) -> Manifest:
    """Read a token. Refuse another text."""
    try:
        return dict(json.loads(base64.urlsafe_b64decode(token)))
    except ValueError:
        raise RefusedError(400, "BadRequest", "continue key is not valid") from None
