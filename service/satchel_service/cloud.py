"""The cloud of one owner: every operation that the endpoints call, by subject.

Each part is imported on first use, so a cloud that wakes up for one request loads only the code it needs.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from satchel_service.environment import Environment

if TYPE_CHECKING:
    from satchel_service.audit.pages import AuditLog
    from satchel_service.audit.refusals import Refusals
    from satchel_service.backups.backups import Backups
    from satchel_service.backups.pruning import Retentions
    from satchel_service.backups.uploads import Uploads
    from satchel_service.devices.devices import Devices
    from satchel_service.devices.pairing import Pairing
    from satchel_service.lifecycle.departure import Departure
    from satchel_service.lifecycle.readiness import Readiness
    from satchel_service.lifecycle.sweeping import Sweeper
    from satchel_service.requesting.answering import Answering
    from satchel_service.requesting.owner import Requests
    from satchel_service.shares.blocking import Blocking
    from satchel_service.shares.bodies import Bodies
    from satchel_service.shares.cards import Cards
    from satchel_service.shares.opening_counts import OpeningCounts
    from satchel_service.shares.owner import Shares
    from satchel_service.shares.reports import Reports
    from satchel_service.shares.share_opening import Openings
    from satchel_service.sign_in.sign_in import SignIn

# ruff: noqa: PLC0415  see above


class Cloud:
    """The operations of a cloud."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.departure: Departure | None = (
            None  # set if the cloud has left its storage: nothing else may be used
        )

    @cached_property
    def readiness(self) -> "Readiness":
        """The readiness check of the database and the storage."""
        from satchel_service.lifecycle.readiness import Readiness

        return Readiness(self.environment)

    @cached_property
    def devices(self) -> "Devices":
        """The connected devices."""
        from satchel_service.devices.devices import Devices

        return Devices(self.environment)

    @cached_property
    def pairing(self) -> "Pairing":
        """The pairing of new devices."""
        from satchel_service.devices.pairing import Pairing

        return Pairing(self.environment)

    @cached_property
    def sign_in(self) -> "SignIn":
        """Signing in at the issuer."""
        from satchel_service.sign_in.sign_in import SignIn

        return SignIn(self.environment, self.pairing)

    @cached_property
    def uploads(self) -> "Uploads":
        """Uploads of sealed objects in parts."""
        from satchel_service.backups.uploads import Uploads

        return Uploads(self.environment)

    @cached_property
    def backups(self) -> "Backups":
        """Backups and their archives."""
        from satchel_service.backups.backups import Backups

        return Backups(self.environment)

    @cached_property
    def retention(self) -> "Retentions":
        """The retention of backups."""
        from satchel_service.backups.pruning import Retentions

        return Retentions(self.environment)

    @cached_property
    def shares(self) -> "Shares":
        """Share operations for the owner."""
        from satchel_service.shares.owner import Shares

        return Shares(self.environment, self.blocking, self.bodies, self.cards, self.opening_counts)

    @cached_property
    def openings(self) -> "Openings":
        """Share operations for recipients."""
        from satchel_service.shares.share_opening import Openings

        return Openings(self.environment, self.blocking, self.bodies, self.opening_counts)

    @cached_property
    def bodies(self) -> "Bodies":
        """The sealed bodies of shares."""
        from satchel_service.shares.bodies import Bodies

        return Bodies(self.environment.storage)

    @cached_property
    def cards(self) -> "Cards":
        """The cards of shares."""
        from satchel_service.shares.cards import Cards

        return Cards(self.environment)

    @cached_property
    def opening_counts(self) -> "OpeningCounts":
        """The counts of openings that are not written yet."""
        from satchel_service.shares.opening_counts import OpeningCounts

        return OpeningCounts(self.environment)

    @cached_property
    def reports(self) -> "Reports":
        """Reports of shares by recipients."""
        from satchel_service.shares.reports import Reports

        return Reports(self.environment, self.openings)

    @cached_property
    def blocking(self) -> "Blocking":
        """The operator's block list of shares."""
        from satchel_service.shares.blocking import Blocking

        return Blocking(self.environment)

    @cached_property
    def requests(self) -> "Requests":
        """Requests and their answers, for the owner."""
        from satchel_service.requesting.owner import Requests

        return Requests(self.environment)

    @cached_property
    def answering(self) -> "Answering":
        """Requests for the holders of their links."""
        from satchel_service.requesting.answering import Answering

        return Answering(self.environment)

    @cached_property
    def sweeper(self) -> "Sweeper":
        """The deletion of expired data."""
        from satchel_service.lifecycle.sweeping import Sweeper

        return Sweeper(self.environment)

    @cached_property
    def refusals(self) -> "Refusals":
        """The counts of refused attempts."""
        from satchel_service.audit.refusals import Refusals

        return Refusals(self.environment)

    @cached_property
    def audit_log(self) -> "AuditLog":
        """The audit log."""
        from satchel_service.audit.pages import AuditLog

        return AuditLog(self.environment, self.refusals)

    async def do_due_work(self) -> None:
        """Delete expired data and write counts of openings and refusals if that is due. Called within requests."""
        await self.sweeper.sweep_if_due()
        await self.opening_counts.write_if_due()
        await self.refusals.write_if_due()

    async def write_counts(self) -> None:
        """Write all counts of openings and refusals. DatabaseError: they are lost when the process ends."""
        await self.opening_counts.write()
        await self.refusals.write()
