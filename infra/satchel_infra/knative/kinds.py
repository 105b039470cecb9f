"""The kinds of objects, and how they are marked as parts of a cloud."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from satchel_infra.names import NAME_PATTERN, TAG_PATTERN, Owner

Manifest: TypeAlias = dict[str, Any]
"""An object of Kubernetes as its API takes and returns it."""


class Kind(NamedTuple):
    """A kind of object: where the API has it."""

    api_version: str
    name: str
    plural: str

    @property
    def group(self) -> str:
        """The API group; empty for the core."""
        return self.api_version.rpartition("/")[0]

    @property
    def resource(self) -> str:
        """The resource as rights and quotas name it, such as `services.serving.knative.dev`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


VOLUME: Final = Kind("v1", "PersistentVolumeClaim", "persistentvolumeclaims")
BUCKET: Final = Kind("objectbucket.io/v1alpha1", "ObjectBucketClaim", "objectbucketclaims")
SERVICE: Final = Kind("serving.knative.dev/v1", "Service", "services")
MAPPING: Final = Kind("serving.knative.dev/v1beta1", "DomainMapping", "domainmappings")
POLICY: Final = Kind("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies")

MANAGED_BY: Final = "app.kubernetes.io/managed-by"
MANAGER: Final = "satchel-infra"
CLOUD_LABEL: Final = "satchel-cloud"
OWNER_LABEL: Final = "satchel-owner"
HOST_NOTE: Final = "satchel-host"
STORAGE_NOTE: Final = "satchel-storage"
REMOVING_NOTE: Final = "satchel-removing"
EARLIER_NOTE: Final = "satchel-earlier-release"
SELECTOR: Final = f"{MANAGED_BY}={MANAGER},{OWNER_LABEL}"
"""Selects the parts of every cloud."""


def select(name: str) -> str:
    """Return the selector of the parts of one cloud."""
    return f"{MANAGED_BY}={MANAGER},{CLOUD_LABEL}={name}"


def label(owner: Owner) -> dict[str, str]:
    """Return the labels of every part of an owner's cloud."""
    return {MANAGED_BY: MANAGER, CLOUD_LABEL: owner.name, OWNER_LABEL: owner.tag}


def owner_of(manifest: Mapping[str, Any]) -> Owner | None:
    """Return the owner of an object; None if it is not part of a cloud."""
    labels = manifest.get("metadata", {}).get("labels") or {}
    tag = labels.get(OWNER_LABEL, "")
    if labels.get(MANAGED_BY) != MANAGER or not TAG_PATTERN.fullmatch(tag):
        return None
    owner = Owner(tag)
    return owner if NAME_PATTERN.fullmatch(owner.name) else None


def note(manifest: Mapping[str, Any], key: str) -> str:
    """Return an annotation, or an empty text."""
    return str((manifest.get("metadata", {}).get("annotations") or {}).get(key, ""))


def is_going(manifest: Mapping[str, Any]) -> bool:
    """Whether the API server has accepted the deletion of the object and waits for its finalizers."""
    return "deletionTimestamp" in manifest.get("metadata", {})
