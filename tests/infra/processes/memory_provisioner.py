"""`satchel-infra serve` over a platform in memory, which lives as long as the process. Run as a program.

python -m tests.infra.processes.memory_provisioner serve --config FILE
"""

import sys

from tests.contract.platforms.memory import MemoryPlatform, World

from satchel_infra.main import main
from satchel_infra.platform import Platform
from satchel_infra.provisioning.platforms import Platforms
from satchel_infra.shards import Shard

WORLDS: dict[str, World] = {}


def open_shard(_: Platforms, shard: Shard) -> Platform:
    """Return the platform of a shard."""
    return MemoryPlatform(shard, WORLDS.setdefault(shard.id, World()))


if __name__ == "__main__":
    Platforms.open = open_shard  # type: ignore[method-assign,assignment]
    sys.exit(main(sys.argv[1:]))
