"""Backups that wait for their deletion, and the devices that asked for it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from satchel.cloud.pairing import open_label
from satchel_wire.capabilities import Capability
from satchel_wire.retention import Dated, Policy, select_next_dropped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from satchel.age import X25519Identity
    from satchel.archive.destination import StoredBackup
    from satchel.cloud.client import CloudClient
    from satchel_wire.messages import Deletion


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


def retention_changed(client: "CloudClient") -> datetime | None:
    """Return when the retention was last set; None if it has its default, or the cloud is an earlier one."""
    return client.retention().changed if client.supports(Capability.RETENTION) else None


def next_dropped(
    client: "CloudClient", backups: "Sequence[StoredBackup]", device_id: str | None
) -> str | None:
    """Return the backup of this device that its next backup displaces, if the retention drops one."""
    if not client.supports(Capability.RETENTION):
        return None
    retention = client.retention().retention
    policy = Policy(retention.last, retention.daily, retention.weekly, retention.monthly)
    dated = [
        Dated(round(each.created.timestamp() * 1000), each.id)
        for each in backups
        if each.device == device_id and not each.is_held and each.expires is None
    ]
    return select_next_dropped(policy, dated, round(datetime.now(UTC).timestamp() * 1000))
