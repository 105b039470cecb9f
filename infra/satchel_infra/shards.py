"""Shards: the projects, regions, namespaces or machines that clouds are spread over.

The list of shards has generations, because a platform limits what one project or namespace can hold. A cloud is
created under the newest generation and found under every one, so growing the list moves nobody:

    shards.home(owner)         # where a new cloud goes
    shards.candidates(owner)   # where an existing cloud can be, newest generation first
"""

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from satchel_infra.errors import ConfigurationError
from satchel_infra.names import Owner

SHARD_PATTERN: Final = re.compile(r"[a-z](?:[a-z0-9-]{0,18}[a-z0-9])?")
SHARD_HINT: Final = (
    "use at most 20 lowercase letters, digits and hyphens, beginning with a letter: it is part of host names"
)


@dataclass(frozen=True, slots=True)
class Shard:
    """One place for clouds. `place` holds what its platform needs: a project and a region, or a namespace."""

    id: str
    place: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise ConfigurationError for an id that cannot be a label of a host name."""
        if not SHARD_PATTERN.fullmatch(self.id):
            raise ConfigurationError(f"the id of a shard is {self.id!r}", hint=SHARD_HINT)


@dataclass(frozen=True, slots=True)
class Shards:
    """Every generation of shards, oldest first. A shard may be in several generations."""

    generations: tuple[tuple[Shard, ...], ...]

    def __post_init__(self) -> None:
        """Raise ConfigurationError for an empty generation, or one id that stands for two places."""
        if not self.generations or not all(self.generations):
            raise ConfigurationError(
                "a generation has no shards", hint="every generation needs at least one shard"
            )
        places: dict[str, Shard] = {}
        for shard in (shard for generation in self.generations for shard in generation):
            if places.setdefault(shard.id, shard) != shard:
                raise ConfigurationError(
                    f"the shard {shard.id!r} has two different places", hint="give a new place a new id"
                )

    @property
    def all(self) -> tuple[Shard, ...]:
        """Every shard once, newest generation first."""
        return _distinct(shard for generation in reversed(self.generations) for shard in generation)

    def home(self, owner: Owner) -> Shard:
        """Return the shard in which the owner's cloud is created."""
        return _pick(self.generations[-1], owner)

    def candidates(self, owner: Owner) -> tuple[Shard, ...]:
        """Return the shards in which the owner's cloud can be, newest generation first, each once."""
        return _distinct(_pick(generation, owner) for generation in reversed(self.generations))

    def named(self, shard_id: str) -> Shard:
        """Return a shard by its id. Raise ConfigurationError if there is none."""
        for shard in self.all:
            if shard.id == shard_id:
                return shard
        raise ConfigurationError(f"there is no shard {shard_id!r}", hint="name one of the configured shards")


def _distinct(shards: Iterable[Shard]) -> tuple[Shard, ...]:
    return tuple({shard.id: shard for shard in shards}.values())


def _pick(generation: tuple[Shard, ...], owner: Owner) -> Shard:
    """Choose a shard by bits of the tag that are not in the name."""
    bits = base64.b32decode(f"{owner.tag.upper()}====")[-8:]
    return generation[int.from_bytes(bits, "big") % len(generation)]
