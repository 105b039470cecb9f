"""The objects of one cloud, as the API takes them."""

import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from satchel_infra.knative.kinds import (
    BUCKET,
    EARLIER_NOTE,
    HOST_NOTE,
    MAPPING,
    SERVICE,
    STORAGE_NOTE,
    VOLUME,
    Kind,
    Manifest,
    label,
    note,
)
from satchel_infra.knative.options import Options
from satchel_infra.names import Owner
from satchel_infra.platform import DECIDED, CloudSpec

PORT: Final = 8080
USER: Final = 65532  # of the image
CONTAINER: Final = "satchel"
SERVICE_ACCOUNT: Final = "satchel-cloud"
DATA: Final = "/var/lib/satchel"
TEMPORARY: Final = "/tmp"  # noqa: S108  a directory inside the container
TEMPORARY_SIZE: Final = "1Gi"  # the local copy of the micro-database
CONCURRENCY: Final = 80  # below the 200 connections of the service: the rest waits in Knative's queue
REQUEST_S: Final = 600  # Knative's own maximum: 16 MiB, one part of an upload, over 0.22 Mbit/s
QUIET_S: Final = 60  # from the last request until the instance is stopped
ACCESS_KEYS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")  # in the Secret of a bucket claim, too


class Release(NamedTuple):
    """What a cloud runs: an image and the settings of its spec."""

    image: str
    settings: Mapping[str, str]

    @classmethod
    def of(cls, spec: CloudSpec) -> "Release":
        """Return the release of a spec, without the settings that the platform decides."""
        return cls(spec.image, {key: value for key, value in spec.settings.items() if key not in DECIDED})

    def write(self) -> str:
        """Return the release as one line of JSON."""
        return json.dumps({"image": self.image, "settings": dict(self.settings)}, sort_keys=True)

    @classmethod
    def parse(cls, text: str) -> "Release":
        """Read what `write` returned."""
        fields = json.loads(text)
        return cls(str(fields["image"]), {str(key): str(value) for key, value in fields["settings"].items()})


def storage_kind(options: Options) -> Kind:
    """Return the kind of object that a cloud's storage is."""
    return BUCKET if options.storage == "bucket" else VOLUME


def storage_url(options: Options, name: str) -> str:
    """Return the setting SATCHEL_STORAGE of a cloud."""
    return f"s3://{options.bucket_prefix}{name}" if options.storage == "bucket" else f"file:{DATA}/cloud"


def make_storage(options: Options, owner: Owner, host: str) -> Manifest:
    """Return the claim of a cloud's storage, which also records its host."""
    kind = storage_kind(options)
    return {
        "apiVersion": kind.api_version,
        "kind": kind.name,
        "metadata": {
            "name": owner.name,
            "namespace": options.namespace,
            "labels": label(owner),
            "annotations": {HOST_NOTE: host},
        },
        "spec": _bucket_spec(options, owner) if options.storage == "bucket" else _volume_spec(options),
    }


def _volume_spec(options: Options) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "accessModes": [options.access_mode],
        "volumeMode": "Filesystem",
        "resources": {"requests": {"storage": options.volume_size}},
    }
    return {**spec, "storageClassName": options.storage_class} if options.storage_class else spec


def _bucket_spec(options: Options, owner: Owner) -> dict[str, Any]:
    return {
        "bucketName": f"{options.bucket_prefix}{owner.name}",
        "storageClassName": options.storage_class,
    }


def make_service(options: Options, owner: Owner, host: str, release: Release) -> Manifest:
    """Return the Service of Knative: at most one instance, and none while nobody needs it."""
    return {
        "apiVersion": SERVICE.api_version,
        "kind": SERVICE.name,
        "metadata": {
            "name": owner.name,
            "namespace": options.namespace,
            # only the host name of the mapping leads here, not a second one of Knative's own domain
            "labels": {**label(owner), "networking.knative.dev/visibility": "cluster-local"},
            "annotations": {HOST_NOTE: host, STORAGE_NOTE: options.storage},
        },
        "spec": {"template": make_template(options, owner, host, release)},
    }


def make_template(options: Options, owner: Owner, host: str, release: Release) -> Manifest:
    """Return the template of a revision."""
    return {
        "metadata": {
            "labels": label(owner),
            "annotations": {
                "autoscaling.knative.dev/min-scale": "0",
                "autoscaling.knative.dev/max-scale": "1",
                "autoscaling.knative.dev/window": f"{QUIET_S}s",
                # requests always pass the activator, so the network policy admits nothing but Knative's namespace
                "autoscaling.knative.dev/target-burst-capacity": "-1",
            },
        },
        "spec": {
            "serviceAccountName": SERVICE_ACCOUNT,
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "containerConcurrency": CONCURRENCY,
            "timeoutSeconds": REQUEST_S,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": USER,
                "runAsGroup": USER,
                "fsGroup": USER,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            **({"imagePullSecrets": [{"name": options.pull_secret}]} if options.pull_secret else {}),
            "containers": [_container(options, owner, host, release)],
            "volumes": _volumes(options, owner),
        },
    }


def _container(options: Options, owner: Owner, host: str, release: Release) -> dict[str, Any]:
    mounts = [{"name": "temporary", "mountPath": TEMPORARY}]
    if options.storage == "volume":
        mounts.append({"name": "data", "mountPath": DATA})
    return {
        "name": CONTAINER,
        "image": release.image,
        "ports": [{"containerPort": PORT}],
        "env": _environment(options, owner, host, release),
        "resources": {
            "requests": {"cpu": "50m", "memory": "64Mi", "ephemeral-storage": "64Mi"},
            "limits": {"cpu": "1", "memory": options.memory, "ephemeral-storage": "1100Mi"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        # no period: Knative asks every few milliseconds while an instance starts, and never afterwards
        "readinessProbe": {"httpGet": {"path": "/ready"}, "successThreshold": 1},
        "livenessProbe": {
            "httpGet": {"path": "/live"},
            "periodSeconds": 10,
            "timeoutSeconds": 5,
            "failureThreshold": 3,
        },
        "volumeMounts": mounts,
    }


def _volumes(options: Options, owner: Owner) -> list[dict[str, Any]]:
    volumes: list[dict[str, Any]] = [{"name": "temporary", "emptyDir": {"sizeLimit": TEMPORARY_SIZE}}]
    if options.storage == "volume":
        volumes.append({"name": "data", "persistentVolumeClaim": {"claimName": owner.name}})
    return volumes


def _environment(options: Options, owner: Owner, host: str, release: Release) -> list[dict[str, Any]]:
    """Return the variables: those of the platform, the settings of the spec, and the keys of a bucket from its Secret."""
    decided = {
        "SATCHEL_STORAGE": storage_url(options, owner.name),
        "SATCHEL_PUBLIC_URL": f"https://{host}",
        "SATCHEL_BIND": "0.0.0.0",  # noqa: S104  inside the pod, behind the network policy
        "SATCHEL_TRUSTED_PROXIES": " ".join(options.pod_networks),
    }
    variables = [*decided.items(), *sorted(release.settings.items())]
    plain = [{"name": key, "value": _escape(value)} for key, value in variables]
    if options.storage == "volume":
        return plain
    return [
        *plain,
        *(
            {"name": key, "valueFrom": {"secretKeyRef": {"name": owner.name, "key": key}}}
            for key in ACCESS_KEYS
        ),
    ]


def make_mapping(options: Options, owner: Owner, host: str) -> Manifest:
    """Return the mapping of the host name to the Service."""
    spec: dict[str, Any] = {
        "ref": {"apiVersion": SERVICE.api_version, "kind": SERVICE.name, "name": owner.name}
    }
    if options.tls_secret:
        spec["tls"] = {"secretName": options.tls_secret}
    return {
        "apiVersion": MAPPING.api_version,
        "kind": MAPPING.name,
        "metadata": {
            "name": host,
            "namespace": options.namespace,
            "labels": label(owner),
        },
        "spec": spec,
    }


def make_cloud(options: Options, spec: CloudSpec) -> list[Manifest]:
    """Return every object of a cloud in the order of their creation."""
    release = Release.of(spec)
    return [
        make_storage(options, spec.owner, spec.host),
        make_service(options, spec.owner, spec.host, release),
        make_mapping(options, spec.owner, spec.host),
    ]


def read_release(service: Mapping[str, Any]) -> Release:
    """Return what a Service of Knative is told to run."""
    containers = service.get("spec", {}).get("template", {}).get("spec", {}).get("containers") or [{}]
    variables = containers[0].get("env") or []
    settings = {
        str(each["name"]): _unescape(str(each["value"]))
        for each in variables
        if "valueFrom" not in each and "value" in each and each["name"] not in DECIDED
    }
    return Release(str(containers[0].get("image", "")), settings)


def change_release(
    options: Options, service: Manifest, owner: Owner, release: Release, earlier: str
) -> Manifest:
    """Return a Service with another release. `earlier` is the one to return to, or an empty text."""
    metadata = dict(service["metadata"])
    notes = {key: value for key, value in (metadata.get("annotations") or {}).items() if key != EARLIER_NOTE}
    metadata["annotations"] = {**notes, EARLIER_NOTE: earlier} if earlier else notes
    template = make_template(options, owner, note(service, HOST_NOTE), release)
    return {**service, "metadata": metadata, "spec": {**service["spec"], "template": template}}


def _escape(value: str) -> str:
    """Escape the references to other variables, such as $(HOME), that Kubernetes expands."""
    return value.replace("$", "$$")


def _unescape(value: str) -> str:
    return value.replace("$$", "$")
