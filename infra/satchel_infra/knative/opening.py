"""Opens the platform of a shard."""

from collections.abc import Mapping

from satchel_infra.knative.clouds import KnativePlatform
from satchel_infra.knative.cluster import Cluster
from satchel_infra.knative.options import Options
from satchel_infra.platform import Platform
from satchel_infra.shards import Shard


def check_options(shard: Shard, options: Mapping[str, object]) -> None:
    """Raise ConfigurationError for a bad place or option."""
    Options.read(shard, options)


def open_shard(shard: Shard, options: Mapping[str, object], domain: str) -> Platform:
    """Return the clouds of a namespace. The place of the shard may name it, and its cluster: `kubeconfig`, `context`.

    Raise ConfigurationError for an invalid option or kubeconfig, and MissingExtraError without the kubernetes client.
    """
    del domain  # the host of a cloud comes with its spec, and is noted at its objects
    chosen = Options.read(shard, options)
    return KnativePlatform(shard, chosen, Cluster.open(chosen))
