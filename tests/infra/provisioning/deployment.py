"""An operator's deployment in memory: any number of shards, a directory of records, a clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.contract.platforms.memory import MemoryPlatform, World

from satchel_infra.configuration import Access, Configuration, Deployment
from satchel_infra.names import NameKey, Owner, identify
from satchel_infra.platform import Platform
from satchel_infra.provisioning.clouds import Provisioner
from satchel_infra.provisioning.records import Records
from satchel_infra.shards import Shard, Shards

KEY: Final = NameKey(bytes(range(32)))
ISSUER: Final = "https://issuer.example.org/"
DOMAIN: Final = "clouds.example.org"
SETTINGS: Final = {"SATCHEL_OIDC_ISSUER": ISSUER, "SATCHEL_OIDC_CLIENT_ID": "satchel"}
NOW: Final = 1_800_000_000_000


def owner_of(subject: str) -> Owner:
    return identify(KEY, issuer=ISSUER, subject=subject)


def configuration_of(
    folder: Path,
    generations: Sequence[str],
    access: Access | None = None,
    settings: Mapping[str, str] = SETTINGS,
) -> Configuration:
    """Return a configuration; each letter of a generation is the id of a shard."""
    shards = Shards(tuple(tuple(Shard(letter) for letter in generation) for generation in generations))
    return Configuration(
        file="infra.toml",
        domain=DOMAIN,
        records=f"file:{folder}/records",
        name_key_file=folder / "name.key",
        settings=settings,
        shards=shards,
        deployments={shard.id: Deployment("box", "release-1", {}) for shard in shards.all},
        access=access or Access(),
    )


@dataclass
class Place:
    """What exists: the worlds of every shard, the records, and the time. Processes come and go."""

    folder: Path
    worlds: dict[str, World] = field(default_factory=dict)
    now: int = NOW
    opened: int = 0

    def clock(self) -> int:
        self.now += 1
        return self.now

    def entropy(self, size: int) -> bytes:
        self.opened += 1
        return self.opened.to_bytes(size, "big")

    def records(self) -> Records:
        return Records.open(f"file:{self.folder}/records", {}, self.entropy)

    def open_shard(self, shard: Shard) -> Platform:
        return MemoryPlatform(shard, self.worlds.setdefault(shard.id, World()))

    def provisioner(
        self, *generations: str, access: Access | None = None, settings: Mapping[str, str] = SETTINGS
    ) -> Provisioner:
        """Start a process."""
        configuration = configuration_of(self.folder, generations or ("a",), access, settings)
        return Provisioner(configuration, self.open_shard, self.records(), self.clock)

    def shards_with(self, owner: Owner) -> list[str]:
        """Return the shards in which something of a cloud exists."""
        return sorted(
            shard_id
            for shard_id, world in self.worlds.items()
            if owner.name in {*world.accounts, *world.fronts, *world.stores}
        )
