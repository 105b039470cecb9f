"""The owner's schedules: `schedules.json` in the home."""

import datetime as dt
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec

from satchel.errors import IntegrityError, NotFoundError
from satchel.local_files import read_private, remove_private, write_private

FORMAT: Final = "satchel-schedules/1"
MAX_SCHEDULES: Final = 20
ManagerName = Literal["systemd", "launchd", "cron"]

Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,59}\Z")]


class Schedule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A command that the owner wants run every so often.

    `environment` holds the variables that the command needs and that a scheduler does not set.
    """

    name: Name
    arguments: tuple[str, ...]
    every_s: Annotated[int, msgspec.Meta(ge=900, le=366 * 86_400)]
    on_battery: bool
    manager: ManagerName
    created: dt.datetime
    home: str
    environment: dict[str, str]

    @property
    def every(self) -> dt.timedelta:
        """The time between two runs."""
        return dt.timedelta(seconds=self.every_s)

    @property
    def target(self) -> str | None:
        """The file that a scheduled backup writes; None for the cloud."""
        return self.arguments[2] if self.arguments[:2] == ("backup", "--to") else None

    @property
    def makes_backups(self) -> bool:
        """Whether a run makes a backup."""
        return self.arguments[0] in {"backup", "sync"}

    @property
    def job_id(self) -> str:
        """The name that the system's scheduler knows it by; homes have different ones."""
        return f"satchel-{self.name}-{hashlib.sha256(self.home.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: Literal["satchel-schedules/1"]
    schedules: Annotated[tuple[Schedule, ...], msgspec.Meta(max_length=MAX_SCHEDULES)]


def read_schedules(home: Path) -> tuple[Schedule, ...]:
    """Return the schedules of this home. Those of the home that it was copied from are left out.

    Raise IntegrityError if the record is damaged.
    """
    try:
        record = msgspec.json.decode(read_private(_path(home)).data, type=_Record)
    except NotFoundError:
        return ()
    except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
        raise IntegrityError(
            f"the schedules in {str(_path(home))!r} are damaged",
            hint="remove the file, then install each again: satchel schedule backup",
        ) from exc
    return tuple(each for each in record.schedules if each.home == str(home))


def find_schedule(home: Path, name: str) -> Schedule:
    """Return a schedule by its name, or raise NotFoundError."""
    for schedule in read_schedules(home):
        if schedule.name == name:
            return schedule
    raise NotFoundError(f"there is no schedule {name!r}", hint="satchel schedule list shows them")


def save_schedule(home: Path, schedule: Schedule) -> None:
    """Add a schedule, in place of one with its name."""
    others = (each for each in read_schedules(home) if each.name != schedule.name)
    _write(home, (*others, schedule))


def delete_schedule(home: Path, name: str) -> None:
    """Delete a schedule, if there is one."""
    _write(home, (each for each in read_schedules(home) if each.name != name))


def name_for(arguments: tuple[str, ...], existing: Iterable[Schedule]) -> str:
    """Return a name: the command, and for a backup to a file the file's name too."""
    for schedule in existing:
        if schedule.arguments == arguments:
            return schedule.name
    target = arguments[2] if arguments[:2] == ("backup", "--to") else None
    if target is None:
        return arguments[0]
    stem = "".join(c if c.isascii() and c.isalnum() else "-" for c in Path(target).name.lower()).strip("-")
    name = f"backup-{stem[:40]}".rstrip("-")
    if any(schedule.name == name for schedule in existing) or not stem:
        name = f"{name}-{hashlib.sha256(target.encode('utf-8', 'surrogateescape')).hexdigest()[:6]}"
    return name


def _write(home: Path, schedules: Iterable[Schedule]) -> None:
    left = tuple(schedules)
    if left:
        write_private(_path(home), msgspec.json.format(msgspec.json.encode(_Record(FORMAT, left))) + b"\n")
    else:
        remove_private(_path(home))


def _path(home: Path) -> Path:
    return home / "schedules.json"
