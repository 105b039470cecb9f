"""The cloud of one owner, put together: its parts and their order of starting and stopping."""

from dataclasses import dataclass
from typing import Self

from satchel_service.backups import Backups
from satchel_service.devices import Devices
from satchel_service.environment import Environment
from satchel_service.pairing import Pairing
from satchel_service.shares import Shares
from satchel_service.sweeping import Sweeper
from satchel_service.uploads import Uploads


@dataclass(frozen=True, slots=True)
class Cloud:
    """What endpoints call."""

    environment: Environment
    devices: Devices
    pairing: Pairing
    uploads: Uploads
    backups: Backups
    shares: Shares
    sweeper: Sweeper

    @classmethod
    def of(cls, environment: Environment) -> Self:
        """Put the parts on their ground."""
        return cls(
            environment=environment,
            devices=Devices(environment),
            pairing=Pairing(environment),
            uploads=Uploads(environment),
            backups=Backups(environment),
            shares=Shares(environment),
            sweeper=Sweeper(environment),
        )
