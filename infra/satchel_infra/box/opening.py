"""Open the machine's clouds as the configuration says."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from satchel_infra.box.box import Box
from satchel_infra.box.layout import RECORDS_DIR, SOCKETS_DIR
from satchel_infra.box.registry import Registry
from satchel_infra.box.systemd import Systemd
from satchel_infra.errors import ConfigurationError
from satchel_infra.shards import Shard

LOCK_S: Final = 120.0
COMMAND_S: Final = 120.0  # deleting the data of a cloud takes the longest
READY_S: Final = 90.0  # many clouds may wake at the same time
MAX_CLOUDS: Final = 2_000
NUMBER_HINT: Final = "write a whole number from 1 to 1000000"
PLACE_HINT: Final = "a box has one directory of records; name other machines in configurations of their own"


def check_options(shard: Shard, options: Mapping[str, object]) -> None:
    """Raise ConfigurationError for an unknown place or a bad option."""
    for name in shard.place:
        raise ConfigurationError(f"the shard {shard.id!r} has {name!r}", hint=PLACE_HINT)
    known = {"max_clouds", "records", "sockets"}
    for name in options:
        if name not in known:
            raise ConfigurationError(
                f"options.{name} is unknown", hint=f"the options of a box are {', '.join(sorted(known))}"
            )
    for name, default in (("records", RECORDS_DIR), ("sockets", SOCKETS_DIR)):
        _directory(options, name, default)
    _number(options, "max_clouds", MAX_CLOUDS)


def open_shard(shard: Shard, options: Mapping[str, object], domain: str) -> Box:  # noqa: ARG001  hosts are in specs
    """Return the clouds of this machine. Raise ConfigurationError for an unknown place or option."""
    check_options(shard, options)
    return Box(
        shard=shard,
        registry=Registry(_directory(options, "records", RECORDS_DIR), lock_s=LOCK_S),
        systemd=Systemd(COMMAND_S),
        sockets=_directory(options, "sockets", SOCKETS_DIR),
        state=Path("/var/lib"),
        ready_s=READY_S,
        max_clouds=_number(options, "max_clouds", MAX_CLOUDS),
    )


def _directory(options: Mapping[str, object], name: str, default: str) -> Path:
    value = options.get(name, default)
    if not isinstance(value, str) or not value.startswith("/"):
        raise ConfigurationError(f"options.{name} is {value!r}", hint="write an absolute directory")
    return Path(value)


def _number(options: Mapping[str, object], name: str, default: int) -> int:
    value = options.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 1_000_000:
        raise ConfigurationError(f"options.{name} is {value!r}", hint=NUMBER_HINT)
    return value
