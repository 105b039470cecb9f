"""The last run of each schedule: `schedules/NAME.json` in the home."""

import datetime as dt
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

import msgspec

from satchel.errors import NotFoundError, RefusedError
from satchel.local_files import (
    FILE_MODE,
    make_directory,
    read_private,
    remove_private,
    translate_os_errors,
    write_private,
)

FORMAT: Final = "satchel-run/1"
NOTIFY_AGAIN: Final = dt.timedelta(days=1)
MAX_MESSAGE_CHARS: Final = 500


class Run(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A run. Without `finished` it is running, or was interrupted."""

    format: Literal["satchel-run/1"] = FORMAT
    started: dt.datetime
    finished: dt.datetime | None = None
    exit_code: int | None = None
    message: str = ""
    """The error of a failed run."""
    last_success: dt.datetime | None = None
    """When the last successful run started."""
    notified: dt.datetime | None = None
    """When the owner was last notified of a failure; None after a success."""

    @property
    def has_failed(self) -> bool:
        """Whether the run ended with an error."""
        return self.exit_code is not None and self.exit_code != 0


def read_run(home: Path, name: str) -> Run | None:
    """Return the last run; None if there was none or its record is unusable."""
    try:
        run = msgspec.json.decode(read_private(_path(home, name)).data, type=Run)
    except (NotFoundError, RefusedError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    times = (run.started, run.finished, run.last_success, run.notified)
    return run if all(each is None or each.tzinfo is not None for each in times) else None


def write_run(home: Path, name: str, run: Run) -> None:
    """Replace the record of the last run."""
    write_private(_path(home, name), msgspec.json.encode(run))


def delete_run(home: Path, name: str) -> None:
    """Delete the record, if there is one."""
    remove_private(_path(home, name))
    remove_private(_path(home, name).with_suffix(".lock"))


@contextmanager
def only_run(home: Path, name: str) -> Iterator[bool]:
    """Hold the lock of a schedule; yield False if another run holds it."""
    path = _path(home, name).with_suffix(".lock")
    make_directory(path.parent)
    with translate_os_errors(path):
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, FILE_MODE)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(fd)


def begun(previous: Run | None, now: dt.datetime) -> Run:
    """Return the record of a run that starts now."""
    return Run(
        started=now,
        last_success=previous.last_success if previous else None,
        notified=previous.notified if previous else None,
    )


def ended(run: Run, now: dt.datetime, exit_code: int, message: str) -> Run:
    """Return the record of a run that ends now."""
    is_success = exit_code == 0
    return Run(
        started=run.started,
        finished=now,
        exit_code=exit_code,
        message="" if is_success else message[:MAX_MESSAGE_CHARS],
        last_success=run.started if is_success else run.last_success,
        notified=None if is_success else run.notified,
    )


def should_notify(run: Run, now: dt.datetime) -> bool:
    """Return whether to tell the owner of a failure: at the first of a row, then once a day."""
    if not run.has_failed:
        return False
    return run.notified is None or run.notified > now or now - run.notified >= NOTIFY_AGAIN


def _path(home: Path, name: str) -> Path:
    return home / "schedules" / f"{name}.json"
