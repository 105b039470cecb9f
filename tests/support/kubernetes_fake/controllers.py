"""What Knative, the storage and the garbage collector do with the objects of a fake cluster.

Each step runs when an object is read, so that nothing depends on time: an object that was created or changed is
undecided for the first reads, and decided from then on.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from tests.support.kubernetes_fake.objects import Key, Manifest, Namespace, RefusedError

SERVICES: Final = "services.serving.knative.dev"
MAPPINGS: Final = "domainmappings.serving.knative.dev"
VOLUMES: Final = "persistentvolumeclaims"
BUCKETS: Final = "objectbucketclaims.objectbucket.io"
CREATOR: Final = "serving.knative.dev/creator"
BROKEN: Final = "broken"
FLAGS: Final = (
    "kubernetes.podspec-persistent-volume-claim",
    "kubernetes.podspec-persistent-volume-write",
    "kubernetes.podspec-securitycontext",
)


@dataclass
class Controllers:
    """The controllers of a cluster. `is_stuck` stops them; `flags` are the features that Knative allows."""

    is_stuck: bool = False
    undecided_reads: int = 1
    flags: set[str] = field(default_factory=lambda: set(FLAGS))
    claimed: dict[str, str] = field(
        default_factory=dict
    )  # host names by ClusterDomainClaim, and their namespaces
    data: dict[str, list[str]] = field(default_factory=dict)  # what is stored, by the uid of the claim
    _reads: Counter[tuple[str, int]] = field(default_factory=Counter)

    def admit(self, resource: str, manifest: Manifest, present: Manifest | None) -> None:
        """Check and complete an object as the webhooks of Knative do."""
        if resource not in (SERVICES, MAPPINGS):
            return
        notes = manifest["metadata"].setdefault("annotations", {})
        if present is None:
            notes.setdefault(CREATOR, "system:serviceaccount:satchel-infra:provisioner")
        elif notes.get(CREATOR) != present["metadata"]["annotations"][CREATOR]:
            raise self._deny(f"annotation value is immutable: metadata.annotations.{CREATOR}")
        if resource == SERVICES:
            self._admit_pod(manifest["spec"]["template"]["spec"])

    def _admit_pod(self, pod: Manifest) -> None:
        claims = [each for each in pod.get("volumes", []) if "persistentVolumeClaim" in each]
        if claims and not set(FLAGS[:2]) <= self.flags:
            raise self._deny("Persistent volume claim support is disabled, but found persistent volume claim")
        if "securityContext" in pod and FLAGS[2] not in self.flags:
            raise self._deny("must not set the field(s): spec.template.spec.securityContext")
        if any(each["name"] == "PORT" for each in pod["containers"][0].get("env", [])):
            raise self._deny('"PORT" is a reserved environment variable')

    def _deny(self, why: str) -> RefusedError:
        return RefusedError(
            400,
            "BadRequest",
            'admission webhook "validation.webhook.serving.knative.dev" denied the request:'
            f" validation failed: {why}",
        )

    def step(self, space: Namespace, key: Key) -> None:
        """Go on with one object."""
        manifest = space.objects.get(key)
        if manifest is None or self.is_stuck:
            return
        metadata = manifest["metadata"]
        mark = (metadata["uid"], -1 if "deletionTimestamp" in metadata else metadata["generation"])
        self._reads[mark] += 1
        if self._reads[mark] <= self.undecided_reads:
            return
        if mark[1] < 0:
            self._finish(space, key, manifest)
        else:
            self._decide(space, key, manifest)

    def _finish(self, space: Namespace, key: Key, manifest: Manifest) -> None:
        """Remove the finalizers of an object that is going, unless something uses it."""
        resource, name = key
        if resource == VOLUMES and (SERVICES, name) in space.objects:
            return
        if resource == MAPPINGS:
            self.claimed.pop(name, None)
        if resource == BUCKETS:
            for made in ("secrets", "configmaps"):
                space.objects.pop((made, name), None)
        self.data.pop(manifest["metadata"]["uid"], None)
        del space.objects[key]

    def _decide(self, space: Namespace, key: Key, manifest: Manifest) -> None:
        resource, name = key
        if resource == SERVICES:
            status = self._run(space, name, manifest)
        elif resource == MAPPINGS:
            status = self._map(space, name, manifest)
        elif resource == BUCKETS:
            status = {"phase": "Bound"}
            for made in ("secrets", "configmaps"):
                space.objects.setdefault((made, name), {"metadata": {"name": name}})
        else:
            return
        if status != manifest.get("status"):
            manifest["status"] = status
            manifest["metadata"]["resourceVersion"] = space.next_version()

    def _run(self, space: Namespace, name: str, manifest: Manifest) -> Manifest:
        """Start a revision of the present generation; the earlier one keeps serving if it does not start."""
        generation = manifest["metadata"]["generation"]
        pod = manifest["spec"]["template"]["spec"]
        made = f"{name}-{generation:05}"
        claims = [each["persistentVolumeClaim"] for each in pod["volumes"] if "persistentVolumeClaim" in each]
        missing = [each["claimName"] for each in claims if (VOLUMES, each["claimName"]) not in space.objects]
        why = f"persistentvolumeclaim {missing[0]!r} not found" if missing else ""
        if BROKEN in pod["containers"][0]["image"]:
            why = "Container failed with: exit code 1"
        ready = manifest.get("status", {}).get("latestReadyRevisionName", "") if why else made
        conditions = [
            condition("ConfigurationsReady", why, f'Revision "{made}" failed with message: {why}.'),
            condition("Ready", why, f'Configuration "{name}" does not have any ready Revision.'),
        ]
        return {
            "observedGeneration": generation,
            "latestCreatedRevisionName": made,
            **({"latestReadyRevisionName": ready} if ready else {}),
            "conditions": conditions,
        }

    def _map(self, space: Namespace, host: str, manifest: Manifest) -> Manifest:
        owner = self.claimed.setdefault(host, space.name)
        why = "" if owner == space.name else f"namespace {space.name!r} does not own {host!r}"
        if not why and (SERVICES, manifest["spec"]["ref"]["name"]) not in space.objects:
            why = f"services {manifest['spec']['ref']['name']!r} not found"
        return {
            "observedGeneration": manifest["metadata"]["generation"],
            "conditions": [condition("Ready", why, why)],
        }


def condition(kind: str, why: str, message: str) -> dict[str, Any]:
    """Return a condition of Knative: true, or false for a reason."""
    if not why:
        return {"type": kind, "status": "True"}
    return {"type": kind, "status": "False", "reason": "RevisionFailed", "message": message}
