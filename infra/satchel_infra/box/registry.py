"""The directory of records: which clouds exist, and which are being removed.

A cloud has one file, whose suffix is its stage: `.env` while it exists, `.removing` while it is being removed, and then
none. systemd, the proxy and the start of the machine know a cloud by its `.env` file, so renaming that one file takes
away every access. `.earlier` beside it is the record before an update that has not ended.

Root works here with the rights of the directory's owner, and nobody follows a link: see `ownership`.
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
from satchel_infra.box.ownership import entered
from satchel_infra.box.records import MAX_RECORD_BYTES, BadRecordError, Record, parse_record, render_record
from satchel_infra.errors import DeniedError, FailedError, InfraError, QuotaError, UnavailableError
from satchel_infra.names import NAME_PATTERN

LOCKS: Final = ".locks"
POLL_S: Final = 0.02
SAFE: Final = os.O_NOFOLLOW | os.O_CLOEXEC
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
            self.directory.parent.mkdir(parents=True, exist_ok=True)
            with entered(self.directory.parent) as parent:
                _make_directory(self.directory.name, 0o711, parent)
            with entered(self.directory) as directory:
                _make_directory(LOCKS, 0o700, directory)

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Keep every other process from changing a cloud. Raise UnavailableError if one is at work on it for too long."""
        self.prepare()
        lock = f"{LOCKS}/{name[1:3]}"  # two clouds may share a lock
        with _translated(self.directory / lock), entered(self.directory) as directory:
            handle = os.open(lock, os.O_RDWR | os.O_CREAT | SAFE, 0o600, dir_fd=directory)
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
        files: list[str] = []
        with suppress(FileNotFoundError), _translated(self.directory), entered(self.directory) as directory:
            files = os.listdir(directory)  # noqa: PTH208  only names
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
        new = f"{name}{Stage.NEW.value}"
        with _translated(self.directory / new), entered(self.directory) as directory:
            with suppress(FileNotFoundError):
                os.unlink(new, dir_fd=directory)
            handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | SAFE, 0o600, dir_fd=directory)
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(render_record(record))
                stream.flush()
                os.fsync(stream.fileno())
            _rename(directory, new, f"{name}{stage.value}")

    def begin_removal(self, name: str) -> None:
        """Take the name away: from now on, nothing can reach or start the cloud."""
        old, new = (f"{name}{stage.value}" for stage in (Stage.EXISTS, Stage.REMOVING))
        with (
            suppress(FileNotFoundError),
            _translated(self.directory / old),
            entered(self.directory) as directory,
        ):
            _rename(directory, old, new)

    def forget_earlier(self, name: str) -> None:
        """Remove the record before an update."""
        self._unlink(name, Stage.EARLIER)

    def forget(self, name: str) -> None:
        """Remove everything that is left of a cloud here, its stage last."""
        for stage in (Stage.NEW, Stage.EARLIER, Stage.REMOVING):
            self._unlink(name, stage)

    def _read(self, name: str, stage: Stage) -> Record | None:
        path = self.directory / f"{name}{stage.value}"
        try:
            with _translated(path), entered(self.directory) as directory:
                handle = os.open(path.name, os.O_RDONLY | os.O_NONBLOCK | SAFE, dir_fd=directory)
                with os.fdopen(handle, "rb") as stream:
                    text = stream.read(MAX_RECORD_BYTES).decode()
            return parse_record(text)
        except FileNotFoundError:
            return None
        except (BadRecordError, UnicodeDecodeError) as exc:
            raise FailedError(
                f"{path}: cannot be read: {exc}", hint="restore the file, or remove it and the cloud's data"
            ) from exc

    def _unlink(self, name: str, stage: Stage) -> None:
        file = f"{name}{stage.value}"
        with (
            suppress(FileNotFoundError),
            _translated(self.directory / file),
            entered(self.directory) as directory,
        ):
            os.unlink(file, dir_fd=directory)
            os.fsync(directory)


def _make_directory(name: str, mode: int, parent: int) -> None:
    with suppress(FileExistsError):
        os.mkdir(name, mode, dir_fd=parent)


def _rename(directory: int, old: str, new: str) -> None:
    os.rename(old, new, src_dir_fd=directory, dst_dir_fd=directory)
    os.fsync(directory)


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
