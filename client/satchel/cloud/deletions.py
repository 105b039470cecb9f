"""Backups that wait for their deletion, and the devices that asked for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from satchel.cloud.pairing import open_label
from satchel_wire.retention import Dated, Policy, select_displaced

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from satchel.age import X25519Identity
    from satchel.archive.destination import StoredBackup
    from satchel.cloud.client import CloudClient
    from satchel_wire.messages import Deletion, Retention


@dataclass(frozen=True, slots=True)
class PendingDeletion:
    """A backup that waits for its deletion; it can be brought back at least until `final`.

    `device` is the id of the device that asked; None means the default retention. `label` is the device's name, "" if
    it has been revoked.
    """

    backup: str
    reason: str
    asked: datetime
    final: datetime
    device: str | None
    label: str

    @property
    def by(self) -> str:
        """Who asked, in words."""
        if self.device is None:
            return "the retention" if self.reason == "retention" else "its expiry"
        who = self.label or f"device {self.device[:8]}, which is revoked or unnamed"
        return {"retention": f"the retention set by {who}", "expired": f"the expiry set by {who}"}.get(
            self.reason, who
        )


def pending_deletions(client: "CloudClient", owner: "X25519Identity") -> list[PendingDeletion]:
    """List the backups that wait for their deletion, soonest first. An earlier cloud has none."""
    return name_deletions(client.pending_deletions(), owner)


def name_deletions(deletions: "Sequence[Deletion]", owner: "X25519Identity | None") -> list[PendingDeletion]:
    """Return deletions with the names of the devices that asked for them decrypted; without an owner, unnamed."""
    return [
        PendingDeletion(
            each.backup,
            each.reason,
            each.asked,
            each.final,
            each.device,
            open_label(each.label, owner) if owner else "",
        )
        for each in deletions
    ]


def next_displaced(
    retention: "Retention", backups: "Iterable[StoredBackup]", device_id: str | None, now: datetime
) -> str | None:
    """Return the backup of a device that its next one displaces, if the retention drops one."""
    policy = Policy(retention.last, retention.daily, retention.weekly, retention.monthly)
    dated = [
        Dated(_milliseconds(each.created), each.id)
        for each in backups
        if each.device == device_id and not each.is_held and each.expires is None
    ]
    newest = max((each.created for each in dated), default=0)  # the cloud's clock may be ahead
    return select_displaced(policy, dated, max(_milliseconds(now), newest + 1))


def _milliseconds(time: datetime) -> int:
    return round(time.timestamp() * 1000)
