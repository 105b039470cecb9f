"""The directory of records: which clouds exist, and which are going.

A cloud has one file, whose suffix is its stage: `.env` while it exists, `.removing` while it is being removed, and then
none. systemd, the proxy and the start of the machine know a cloud by its `.env` file, so renaming that one file takes
away every access. `.earlier` beside it is the record before an update that has not ended.
"""

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from pathlib import Path
from typing import Final

from satchel_infra.box.layout import RECORD_SUFFIX
from satchel_infra.box.records import MAX_RECORD_BYTES, BadRecordError, Record, parse_record, render_record
from satchel_infra.errors import DeniedError, FailedError, InfraError, QuotaError, UnavailableError
from satchel_infra.names import NAME_PATTERN

LOCKS: Final = ".locks"
POLL_S: Final = 0.02
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class Stage(Enum):
    """The suffix of a record's file."""

    EXISTS = RECORD_SUFFIX
    REMOVING = ".removing"
    EARLIER = ".earlier"
    NEW = ".new"


class Registry:
    """The records in one directory. Every call raises DeniedError, QuotaError, UnavailableError or FailedError."""

    def __init__(self, directory: Path, *, lock_s: float) -> None:
        self.directory = directory
        self._lock_s = lock_s

    def prepare(self) -> None:
        """Create the directory, which others may enter but not list."""
        with _translated(self.directory):
            self.directory.mkdir(mode=0o711, parents=True, exist_ok=True)
            (self.directory / LOCKS).mkdir(mode=0o700, exist_ok=True)

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Keep every other process from changing a cloud. Raise UnavailableError if one does so for too long."""
        self.prepare()
        path = self.directory / LOCKS / name[1:3]  # two clouds may share a lock
        with _translated(path):
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._give_to_owner(handle)
        try:
            self._acquire(handle, name)
            yield
        finally:
            os.close(handle)

    def _acquire(self, handle: int, name: str) -> None:
        deadline = time.monotonic() + self._lock_s
        while True:
            try:
                return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as exc:
                if time.monotonic() > deadline:
                    raise UnavailableError(
                        f"another process has been working on the cloud {name!r} for {self._lock_s:.0f} s",
                        hint="run the command again",
                    ) from exc
            time.sleep(POLL_S)

    def names(self) -> dict[str, Stage]:
        """Return the stage of every cloud by its name, in the order of the names."""
        found: dict[str, Stage] = {}
        with _translated(self.directory):
            files = os.listdir(self.directory) if self.directory.exists() else []  # noqa: PTH208  only names
        for file in sorted(files):
            name, dot, suffix = file.partition(".")
            if NAME_PATTERN.fullmatch(name) and dot + suffix in (Stage.EXISTS.value, Stage.REMOVING.value):
                found.setdefault(name, Stage(dot + suffix))
        return found

    def find(self, name: str) -> tuple[Stage, Record] | None:
        """Return the stage and record of a cloud, or None."""
        for stage in (Stage.EXISTS, Stage.REMOVING):
            record = self._read(name, stage)
            if record is not None:
                return stage, record
        return None

    def earlier(self, name: str) -> Record | None:
        """Return the record before an update that has not ended, or None."""
        return self._read(name, Stage.EARLIER)

    def write(self, name: str, record: Record, stage: Stage = Stage.EXISTS) -> None:
        """Store a record, replacing the one before: after a crash it is one or the other."""
        new = self._path(name, Stage.NEW)
        with _translated(new):
            handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                self._give_to_owner(handle)
                stream.write(render_record(record))
                stream.flush()
                os.fsync(stream.fileno())
            self._rename(name, Stage.NEW, stage)

    def begin_removal(self, name: str) -> None:
        """Take the name away: from now on, nothing can reach or start the cloud."""
        with _translated(self._path(name, Stage.EXISTS)), suppress(FileNotFoundError):
            self._rename(name, Stage.EXISTS, Stage.REMOVING)

    def forget_earlier(self, name: str) -> None:
        """Remove the record before an update."""
        self._unlink(name, Stage.EARLIER)

    def forget(self, name: str) -> None:
        """Remove everything that is left of a cloud here, its stage last."""
        for stage in (Stage.NEW, Stage.EARLIER, Stage.REMOVING):
            self._unlink(name, stage)

    def _give_to_owner(self, handle: int) -> None:
        """As root, leave a file to the user whose directory it is in."""
        if os.geteuid() == 0:
            owner = self.directory.stat()
            os.fchown(handle, owner.st_uid, owner.st_gid)

    def _path(self, name: str, stage: Stage) -> Path:
        return self.directory / f"{name}{stage.value}"

    def _read(self, name: str, stage: Stage) -> Record | None:
        path = self._path(name, stage)
        try:
            with _translated(path), path.open("rb") as stream:
                text = stream.read(MAX_RECORD_BYTES).decode()
            return parse_record(text)
        except FileNotFoundError:
            return None
        except (BadRecordError, UnicodeDecodeError) as exc:
            raise FailedError(
                f"{path}: cannot be read: {exc}", hint="restore the file, or remove it and the cloud's data"
            ) from exc

    def _rename(self, name: str, old: Stage, new: Stage) -> None:
        self._path(name, old).replace(self._path(name, new))
        self._sync()

    def _unlink(self, name: str, stage: Stage) -> None:
        with _translated(self._path(name, stage)), suppress(FileNotFoundError):
            self._path(name, stage).unlink()
            self._sync()

    def _sync(self) -> None:
        handle = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Raise errors of the file system as those of infra, except for an absent file."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as exc:
        raise _translate(exc, path) from exc


def _translate(exc: OSError, path: Path) -> InfraError:
    message = f"{path}: {exc.strerror}"
    if isinstance(exc, PermissionError):
        return DeniedError(message, hint="run satchel-infra as the user satchel-infra")
    if exc.errno in FULL:
        return QuotaError(message, hint="free some space on the disk")
    return FailedError(message, hint="see the directory of records in the configuration")
