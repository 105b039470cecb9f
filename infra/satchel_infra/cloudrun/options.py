"""The place of a shard and the options of Cloud Run, checked.

A place is a project, a region, and a bucket if the shard's clouds share one. The options are described in docs/reference/cloud-run.md.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Final, Self

from satchel_infra.errors import ConfigurationError
from satchel_infra.shards import Shard

PROJECT_PATTERN: Final = re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]")
REGION_PATTERN: Final = re.compile(r"[a-z]+-[a-z]+[0-9]{1,2}")
BUCKET_PATTERN: Final = re.compile(r"[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]")
DIGEST_PATTERN: Final = re.compile(r"[a-z0-9][a-z0-9._/:-]{0,250}@sha256:[0-9a-f]{64}")
LOOPBACK_PATTERN: Final = re.compile(r"127\.0\.0\.1:[0-9]{1,5}")
LINK_LOCAL: Final = "169.254.0.0/16"
"""Where the connections of Cloud Run's own proxy come from. Nothing else can connect to a container."""

MEMORY_MIB: Final = (128, 256, 512, 1024, 2048, 4096)  # gen1 starts at 128 MiB; one CPU serves up to 4 GiB
MOST_TIMEOUT_S: Final = 3600
MOST_CONCURRENCY: Final = 1000
API_NAMES: Final = ("iam", "run", "storage")
PLACE_KEYS: Final = frozenset({"project", "region", "bucket"})


@dataclass(frozen=True, slots=True)
class Place:
    """The project and region of a shard, its bucket if it has one, and the names that a cloud's parts have there."""

    project: str
    region: str
    bucket: str = ""

    @classmethod
    def of(cls, shard: Shard) -> Self:
        """Read the place of a shard. Raise ConfigurationError for an invalid one."""
        unknown = set(shard.place) - PLACE_KEYS
        if unknown:
            raise ConfigurationError(
                f"the shard {shard.id!r} has {min(unknown)!r}",
                hint="write project, region, and bucket with prefixes",
            )
        place = cls(*(shard.place.get(key, "") for key in ("project", "region", "bucket")))
        if not PROJECT_PATTERN.fullmatch(place.project):
            raise ConfigurationError(
                f"the shard {shard.id!r} has the project {place.project!r}",
                hint="write the id of a project, such as clouds-1: 6 to 30 lowercase letters, digits and hyphens",
            )
        if not REGION_PATTERN.fullmatch(place.region):
            raise ConfigurationError(
                f"the shard {shard.id!r} has the region {place.region!r}",
                hint="write a region of Cloud Run, such as europe-west1",
            )
        if place.bucket and not BUCKET_PATTERN.fullmatch(place.bucket):
            raise ConfigurationError(
                f"the shard {shard.id!r} has the bucket {place.bucket!r}",
                hint="name the bucket that holds the prefixes of its clouds",
            )
        return place

    @property
    def parent(self) -> str:
        """The parent of the services."""
        return f"projects/{self.project}/locations/{self.region}"

    def email(self, name: str) -> str:
        """Return the service account of a cloud."""
        return f"{name}@{self.project}.iam.gserviceaccount.com"


@dataclass(frozen=True, slots=True)
class Options:
    """The options of Cloud Run.

    With `is_prefix`, each cloud has a prefix of its shard's bucket instead of a bucket of its own. `apis` holds loopback
    addresses of stand-ins for Google's APIs, for tests.
    """

    is_prefix: bool = False
    memory_mib: int = 128
    timeout_s: int = 900
    concurrency: int = 80
    trusted_proxies: tuple[str, ...] = (LINK_LOCAL,)
    apis: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, values: Mapping[str, object]) -> Self:
        """Check the options of a configuration. Raise ConfigurationError for the first invalid one."""
        known = {"storage", "memory_mib", "timeout_s", "concurrency", "balancer_addresses", "apis"}
        for name in values:
            if name not in known:
                raise ConfigurationError(
                    f"Cloud Run has no option {name!r}", hint="see docs/reference/cloud-run.md"
                )
        return cls(
            is_prefix=_read_storage(values),
            memory_mib=_read_memory(values),
            timeout_s=_read_number(values, "timeout_s", 900, MOST_TIMEOUT_S),
            concurrency=_read_number(values, "concurrency", 80, MOST_CONCURRENCY),
            trusted_proxies=(LINK_LOCAL, *_read_addresses(values)),
            apis=_read_apis(values),
        )

    def storage(self, place: Place, name: str) -> tuple[str, str]:
        """Return the bucket of a cloud and its prefix, which is empty or ends in a slash."""
        return (place.bucket, f"{name}/") if self.is_prefix else (f"{place.project}-{name}", "")

    def check(self, shard: Shard) -> None:
        """Raise ConfigurationError if a shard and the storage of its clouds do not fit."""
        place = Place.of(shard)
        if self.is_prefix and not place.bucket:
            raise ConfigurationError(
                f"the shard {shard.id!r} has no bucket",
                hint="name the bucket that holds the prefixes of its clouds",
            )
        if place.bucket and not self.is_prefix:
            raise ConfigurationError(
                f"the shard {shard.id!r} has the bucket {place.bucket!r}, but each cloud has its own",
                hint='set options.storage = "prefix"',
            )

    def location(self, place: Place, name: str) -> str:
        """Return SATCHEL_STORAGE of a cloud."""
        bucket, prefix = self.storage(place, name)
        return f"gs://{bucket}/{prefix}".removesuffix("/")


def check_image(image: str) -> str:
    """Return an image that is named by its digest. Raise ConfigurationError for a tag, which can change."""
    if not DIGEST_PATTERN.fullmatch(image):
        raise ConfigurationError(
            f"the image is {image!r}",
            hint="name it by its digest, which never changes: REPOSITORY/satchel@sha256:…",
        )
    return image


def _read_storage(values: Mapping[str, object]) -> bool:
    storage = values.get("storage", "bucket")
    if storage not in ("bucket", "prefix"):
        raise ConfigurationError(
            f"options.storage is {storage!r}",
            hint='write "bucket" (one for each cloud) or "prefix" (of the shard\'s)',
        )
    return storage == "prefix"


def _read_memory(values: Mapping[str, object]) -> int:
    memory = values.get("memory_mib", MEMORY_MIB[0])
    if memory not in MEMORY_MIB or not isinstance(memory, int):
        choices = ", ".join(map(str, MEMORY_MIB))
        raise ConfigurationError(f"options.memory_mib is {memory!r}", hint=f"use one of {choices}")
    return memory


def _read_number(values: Mapping[str, object], name: str, default: int, most: int) -> int:
    value = values.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise ConfigurationError(f"options.{name} is {value!r}", hint=f"use a number from 1 to {most}")
    return value


def _read_addresses(values: Mapping[str, object]) -> tuple[str, ...]:
    found = values.get("balancer_addresses", [])
    hint = 'write the reserved addresses of the load balancer, such as ["203.0.113.7"]'
    if not isinstance(found, list):
        raise ConfigurationError(f"options.balancer_addresses is {found!r}", hint=hint)
    try:
        return tuple(str(ip_network(address)) for address in found)
    except ValueError as exc:
        raise ConfigurationError(f"options.balancer_addresses: {exc}", hint=hint) from exc


def _read_apis(values: Mapping[str, object]) -> dict[str, str]:
    found = values.get("apis", {})
    if not isinstance(found, Mapping):
        raise ConfigurationError("options.apis is not a table", hint="leave it out: it is for tests")
    for name, address in found.items():
        if name not in API_NAMES or not LOOPBACK_PATTERN.fullmatch(str(address)):
            raise ConfigurationError(
                f"options.apis.{name} is {address!r}", hint="it is for tests, and takes 127.0.0.1:PORT only"
            )
    if found and set(found) != set(API_NAMES):
        raise ConfigurationError("options.apis is incomplete", hint=f"name {', '.join(API_NAMES)}")
    return {str(name): str(address) for name, address in found.items()}
