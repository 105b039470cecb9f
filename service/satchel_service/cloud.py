"""The cloud of one owner, put together from its parts.

A part is imported when it is first needed: a cloud that wakes up for one request loads what that request needs.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from satchel_service.environment import Environment

if TYPE_CHECKING:
    from satchel_service.backups.backups import Backups
    from satchel_service.backups.uploads import Uploads
    from satchel_service.devices.devices import Devices
    from satchel_service.devices.pairing import Pairing
    from satchel_service.lifecycle.readiness import Readiness
    from satchel_service.lifecycle.sweeping import Sweeper
    from satchel_service.shares.blocking import Blocking
    from satchel_service.shares.owner import Shares
    from satchel_service.shares.reports import Reports
    from satchel_service.shares.share_opening import Openings

# ruff: noqa: PLC0415  see above


class Cloud:
    """What endpoints call."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment

    @cached_property
    def readiness(self) -> "Readiness":
        """Whether it can do its work."""
        from satchel_service.lifecycle.readiness import Readiness

        return Readiness(self.environment)

    @cached_property
    def devices(self) -> "Devices":
        """The connected computers."""
        from satchel_service.devices.devices import Devices

        return Devices(self.environment)

    @cached_property
    def pairing(self) -> "Pairing":
        """How a computer connects."""
        from satchel_service.devices.pairing import Pairing

        return Pairing(self.environment)

    @cached_property
    def uploads(self) -> "Uploads":
        """Sealed objects on their way in."""
        from satchel_service.backups.uploads import Uploads

        return Uploads(self.environment)

    @cached_property
    def backups(self) -> "Backups":
        """Committed archives."""
        from satchel_service.backups.backups import Backups

        return Backups(self.environment)

    @cached_property
    def shares(self) -> "Shares":
        """Sealed bodies under links, as their owner sees them."""
        from satchel_service.shares.owner import Shares

        return Shares(self.environment, self.blocking)

    @cached_property
    def openings(self) -> "Openings":
        """The same as everybody else does."""
        from satchel_service.shares.share_opening import Openings

        return Openings(self.environment, self.blocking)

    @cached_property
    def reports(self) -> "Reports":
        """What recipients report of them."""
        from satchel_service.shares.reports import Reports

        return Reports(self.environment, self.openings)

    @cached_property
    def blocking(self) -> "Blocking":
        """What the operator refuses to serve of them."""
        from satchel_service.shares.blocking import Blocking

        return Blocking(self.environment)

    @cached_property
    def sweeper(self) -> "Sweeper":
        """What deletes the ended."""
        from satchel_service.lifecycle.sweeping import Sweeper

        return Sweeper(self.environment)
