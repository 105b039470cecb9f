"""The options of the platform: docs/guides/knative.md lists them."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Final, Literal, Self, cast

from satchel_infra.shards import Shard
from satchel_infra.toml_tables import Table

Storage = Literal["volume", "bucket"]

QUANTITY: Final = r"[1-9][0-9]{0,5}(?:Mi|Gi|Ti)"
LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
NAME: Final = rf"{LABEL}(?:\.{LABEL})*"
BUCKET_PREFIX: Final = r"[a-z0-9](?:[a-z0-9-]{0,30})"
ACCESS_MODES: Final = ("ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany")
MAX_WAIT_S: Final = 3600
MAX_CLOUDS: Final = 100_000
PRIVATE: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "::1/128", "fc00::/7")

NAME_HINT: Final = "use the name of an object in the namespace: lowercase letters, digits and hyphens"
QUANTITY_HINT: Final = "use a size such as 5Gi"
KUBECONFIG_HINT: Final = "name a file, or leave it out inside the cluster"
CONTEXT_HINT: Final = "name a context of the kubeconfig"
NETWORK_HINT: Final = "use networks such as 10.96.0.0/12"


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one shard. Sizes are Kubernetes' quantities."""

    namespace: str = "satchel"
    kubeconfig: str = ""
    context: str = ""
    storage: Storage = "volume"
    storage_class: str = ""
    volume_size: str = "5Gi"
    access_mode: str = "ReadWriteOnce"
    bucket_prefix: str = "satchel-"
    tls_secret: str = ""
    pull_secret: str = ""
    memory: str = "256Mi"
    clouds: int = 1000
    awake: int = 100
    wait_s: int = 120
    knative_namespace: str = "knative-serving"
    provisioner: str = "satchel-infra/provisioner"
    pod_networks: tuple[str, ...] = PRIVATE
    reachable: tuple[str, ...] = ()
    unreachable: tuple[str, ...] = ()

    @classmethod
    def read(cls, shard: Shard, options: Mapping[str, object]) -> Self:
        """Read the options of a shard. Raise ConfigurationError, which names the key and what to write."""
        place = Table(f"shard {shard.id!r}", dict(shard.place))
        table = Table("options of knative", dict(options))
        kubeconfig = table.text_or("kubeconfig", "", hint=KUBECONFIG_HINT)
        context = table.text_or("context", "", hint=CONTEXT_HINT)
        known = cls(
            namespace=place.text_or("namespace", f"satchel-{shard.id}", hint=NAME_HINT, pattern=LABEL),
            kubeconfig=place.text_or("kubeconfig", kubeconfig, hint=KUBECONFIG_HINT),
            context=place.text_or("context", context, hint=CONTEXT_HINT),
            storage=cast(
                "Storage",
                table.text_or("storage", "volume", hint="use volume or bucket", pattern="volume|bucket"),
            ),
            storage_class=table.text_or("storage_class", "", hint=NAME_HINT, pattern=NAME),
            volume_size=table.text_or("volume_size", "5Gi", hint=QUANTITY_HINT, pattern=QUANTITY),
            access_mode=table.text_or(
                "access_mode",
                "ReadWriteOnce",
                hint=f"use one of {', '.join(ACCESS_MODES)}",
                pattern="|".join(ACCESS_MODES),
            ),
            bucket_prefix=table.text_or(
                "bucket_prefix",
                "satchel-",
                hint="use at most 31 lowercase letters, digits and hyphens",
                pattern=BUCKET_PREFIX,
            ),
            tls_secret=table.text_or("tls_secret", "", hint=NAME_HINT, pattern=NAME),
            pull_secret=table.text_or("pull_secret", "", hint=NAME_HINT, pattern=NAME),
            memory=table.text_or("memory", "256Mi", hint=QUANTITY_HINT, pattern=QUANTITY),
            clouds=table.number("clouds", 1000, most=MAX_CLOUDS),
            awake=table.number("awake", 100, most=MAX_CLOUDS),
            wait_s=table.number("wait_s", 120, most=MAX_WAIT_S),
            knative_namespace=table.text_or(
                "knative_namespace", "knative-serving", hint=NAME_HINT, pattern=LABEL
            ),
            provisioner=table.text_or(
                "provisioner",
                "satchel-infra/provisioner",
                hint="use NAMESPACE/SERVICEACCOUNT",
                pattern=rf"{LABEL}/{NAME}",
            ),
            pod_networks=_networks(table, "pod_networks") or PRIVATE,
            reachable=_networks(table, "reachable"),
            unreachable=_networks(table, "unreachable"),
        )
        place.end()
        table.end()
        if known.context and not known.kubeconfig:
            raise table.fail("context", "needs a kubeconfig", hint=KUBECONFIG_HINT)
        if known.storage == "bucket" and not known.storage_class:
            raise table.fail(
                "storage_class",
                "is missing",
                hint='storage = "bucket" needs the storage class that makes buckets',
            )
        return known


def _networks(table: Table, key: str) -> tuple[str, ...]:
    texts = table.texts(key, hint=NETWORK_HINT)
    for text in texts:
        try:
            ip_network(text)
        except ValueError as exc:
            raise table.fail(key, f"has {text!r}", hint=NETWORK_HINT) from exc
    return texts
