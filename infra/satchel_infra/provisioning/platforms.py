"""Opening the platform of a shard. Each platform is imported when the first shard of it is checked or opened."""

from collections.abc import Callable, Mapping
from importlib import import_module
from threading import Lock
from types import ModuleType
from typing import Final

from satchel_infra.configuration import Configuration
from satchel_infra.errors import ConfigurationError
from satchel_infra.platform import Platform
from satchel_infra.shards import Shard

OpenShard = Callable[[Shard], Platform]

MODULES: Final[Mapping[str, str]] = {
    "box": "satchel_infra.box.opening",
    "cloudrun": "satchel_infra.cloudrun.opening",
    "knative": "satchel_infra.knative.opening",
}


class Platforms:
    """The platforms of a configuration, each opened once."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._open: dict[str, Platform] = {}
        self._lock = Lock()

    def open(self, shard: Shard) -> Platform:
        """Return the platform of a shard. Raise ConfigurationError or MissingExtraError."""
        with self._lock:
            if shard.id not in self._open:
                self._open[shard.id] = self._open_new(shard)
            return self._open[shard.id]

    def _open_new(self, shard: Shard) -> Platform:
        deployment = self._configuration.deployment(shard)
        module = _import(deployment.platform)
        platform: Platform = module.open_shard(shard, deployment.options, self._configuration.domain)
        return platform


def check_platforms(configuration: Configuration) -> None:
    """Check the place and options of every shard, and open none. Raise ConfigurationError.

    A process that forks calls this first and opens the platforms afterwards: some libraries do not survive a fork.
    """
    for shard in configuration.shards.all:
        deployment = configuration.deployment(shard)
        _import(deployment.platform).check_options(shard, deployment.options)


def _import(platform: str) -> ModuleType:
    try:
        return import_module(MODULES[platform])
    except ModuleNotFoundError as exc:
        if not MODULES[platform].startswith(exc.name or "?"):
            raise
        raise ConfigurationError(
            f"this satchel-infra has no platform {platform!r}", hint="install a newer one"
        ) from exc
