"""The facts that `status` and `doctor` report, as plain values."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from satchel.schedule.runs import Run
from satchel.schedule.schedules import Schedule


@dataclass(frozen=True, slots=True)
class LastBackup:
    """The last backup that this device made at one destination: the address of a cloud or the path of a file."""

    kind: Literal["cloud", "file"]
    destination: str
    id: str
    created: dt.datetime
    pieces: int
    expires: dt.datetime | None = None
    has_memory: bool = False


@dataclass(frozen=True, slots=True)
class StoredBackup:
    """A backup that the cloud lists. Without keys, `store_id`, `device` and `pieces` are unknown."""

    id: str
    created: dt.datetime
    expires: dt.datetime | None
    store_id: str | None
    device: str | None
    pieces: int | None


@dataclass(frozen=True, slots=True)
class PendingDeletion:
    """A backup that is deleted and can be brought back until a time. `device` says who asked, in words.

    `is_routine`: the retention or an expiry ended it, as they do every day; nobody asked for this one.
    """

    id: str
    until: dt.datetime
    requested: dt.datetime
    device: str
    is_ours: bool
    reason: str = "deleted"
    is_routine: bool = False


@dataclass(frozen=True, slots=True)
class CloudAnswer:
    """What the connected cloud said. `problem` is empty if it answered in time."""

    url: str
    device_id: str | None = None
    provisioner: str | None = None
    """The address of the provisioner that made the cloud, if one did."""
    was_asked: bool = True
    problem: str = ""
    hint: str = ""
    backups: tuple[StoredBackup, ...] = ()
    next_displaced: str | None = None
    """The backup that the next one of this device displaces."""
    deletions: tuple[PendingDeletion, ...] = ()
    clock_warning: str = ""
    """A clause about the difference between the two clocks, if it matters."""
    audit_entries: int | None = None
    """The number of the latest verified entry of the audit log; None if the cloud has no audit log."""
    audit_problem: str = ""
    audit_hint: str = ""
    waiting_answers: int | None = None
    """The answers to the owner's requests that no device has taken; None if the cloud has no requests."""


@dataclass(frozen=True, slots=True)
class ScheduleState:
    """A schedule, its last run, and whether the system still has it; None if its scheduler does not answer."""

    schedule: Schedule
    run: Run | None
    is_installed: bool | None


@dataclass(frozen=True, slots=True)
class Proof:
    """The last proof that a backup can be restored."""

    at: dt.datetime
    backup_id: str
    checked: int
    pieces: int
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Disk:
    """The free space of the home's file system, and what a restore needs of it."""

    free_bytes: int
    needed_bytes: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that decides whether the owner should act."""

    home: Path
    store_id: str
    pieces: int
    last_backups: tuple[LastBackup, ...]
    """The last backup of this device at each destination, newest first."""
    cloud: CloudAnswer | None
    """None if no cloud is connected."""
    schedules: tuple[ScheduleState, ...]
    words_confirmed: dt.datetime | None
    proof: Proof | None
    disk: Disk
    leftover_edits: int = 0

    @property
    def has_target(self) -> bool:
        """Whether the owner has chosen a place for backups."""
        return self.cloud is not None or bool(self.last_backups) or bool(self.schedules)

    @property
    def own_backups(self) -> tuple[StoredBackup, ...]:
        """The cloud's backups of this store; all of them if the keys could not tell."""
        listed = self.cloud.backups if self.cloud else ()
        return tuple(each for each in listed if each.store_id in (None, self.store_id))
