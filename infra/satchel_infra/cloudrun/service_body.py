"""A cloud's Cloud Run service as the JSON of the Run Admin API, version 2.

The numbers are chosen for one owner's service: one instance at most, because the micro-database has one writer; none
without requests, because an idle cloud must cost nothing.
"""

from collections.abc import Mapping
from typing import Any, Final

from satchel_infra.cloudrun.options import Options, Place, check_image
from satchel_infra.errors import ConfigurationError
from satchel_infra.platform import CloudSpec
from satchel_infra.shards import Shard
from satchel_service.settings import Settings, SettingsError

Json = Mapping[str, Any]

PORT: Final = 8080
KIND_LABEL: Final = "satchel"
OWNER_LABEL: Final = "satchel-owner"
SHARD_LABEL: Final = "satchel-shard"

STARTUP_PROBE: Final[Json] = {
    # Every second, the shortest period: a start waits for the next probe. `/ready` asks the storage, so a release
    # that cannot use it never receives a request. The product is at most 240 s.
    "httpGet": {"path": "/ready", "port": PORT},
    "periodSeconds": 1,
    "timeoutSeconds": 1,
    "failureThreshold": 120,
}
LIVENESS_PROBE: Final[Json] = {
    # Rarely, because the CPU time of a probe is billed while an instance waits for its next request.
    "httpGet": {"path": "/live", "port": PORT},
    "periodSeconds": 60,
    "timeoutSeconds": 10,
    "failureThreshold": 3,
}


def labels_of(tag: str, shard: Shard) -> dict[str, str]:
    """Return the labels of everything that a cloud has."""
    return {KIND_LABEL: "cloud", OWNER_LABEL: tag, SHARD_LABEL: shard.id}


def environment_of(spec: CloudSpec, place: Place, options: Options) -> dict[str, str]:
    """Return the environment of a cloud's container. Raise ConfigurationError if the service would refuse it."""
    environment = {
        **spec.settings,
        "SATCHEL_STORAGE": options.location(place, spec.name),
        "SATCHEL_PUBLIC_URL": spec.public_url,
        "SATCHEL_BIND": "0.0.0.0",  # noqa: S104  only Cloud Run's proxy can connect
        "SATCHEL_TRUSTED_PROXIES": " ".join(options.trusted_proxies),
    }  # Cloud Run itself sets PORT and refuses a service that does
    try:
        Settings.read(environment)
    except SettingsError as exc:
        raise ConfigurationError(
            f"the settings of {spec.name!r}: {exc}", hint="see docs/reference/settings.md"
        ) from exc
    return environment


def service_body(spec: CloudSpec, shard: Shard, options: Options) -> dict[str, Any]:
    """Return the service of a cloud. Raise ConfigurationError for a tag instead of a digest, or a bad setting."""
    place = Place.of(shard)
    labels = labels_of(spec.owner.tag, shard)
    return {
        "labels": labels,
        "description": "a personal cloud of satchel",
        "ingress": "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER",
        # The service itself decides who may do what. This needs no binding of allUsers, which many organizations forbid.
        "invokerIamDisabled": True,
        "defaultUriDisabled": True,
        "traffic": [{"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "percent": 100}],
        "template": {
            "labels": labels,
            "serviceAccount": place.email(spec.name),
            # Starts faster, and only it allows less than 512 MiB. The service makes few system calls.
            "executionEnvironment": "EXECUTION_ENVIRONMENT_GEN1",
            "scaling": {"minInstanceCount": 0, "maxInstanceCount": 1},
            "maxInstanceRequestConcurrency": options.concurrency,
            "timeout": f"{options.timeout_s}s",
            "containers": [_container(spec, place, options)],
        },
    }


def _container(spec: CloudSpec, place: Place, options: Options) -> dict[str, Any]:
    environment = environment_of(spec, place, options)
    return {
        "name": "satchel",
        "image": check_image(spec.image),
        "ports": [{"name": "http1", "containerPort": PORT}],
        "env": [{"name": name, "value": environment[name]} for name in sorted(environment)],
        "resources": {
            # A whole CPU: with less, Cloud Run allows one request at a time.
            "limits": {"cpu": "1", "memory": f"{options.memory_mib}Mi"},
            "cpuIdle": True,
            "startupCpuBoost": True,
        },
        "startupProbe": STARTUP_PROBE,
        "livenessProbe": LIVENESS_PROBE,
    }


def is_within(wanted: object, actual: object) -> bool:
    """Return whether a value of the API has everything that is wanted, and perhaps its own defaults beside it."""
    if isinstance(wanted, Mapping):
        held = actual if isinstance(actual, Mapping) else {}
        return all(is_within(value, held.get(key)) for key, value in wanted.items())
    if isinstance(wanted, list):
        held_items = actual if isinstance(actual, list) else []
        return len(wanted) == len(held_items) and all(map(is_within, wanted, held_items))
    return wanted == actual or (not wanted and not actual)  # the API leaves out 0, false and ""
