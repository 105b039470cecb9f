"""Files that only their owner may read, written so that a crash leaves the old one or the new one."""

import errno
import os
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from satchel.errors import NotFoundError, RefusedError

DIRECTORY_MODE: Final = 0o700
FILE_MODE: Final = 0o600
_FOR_OTHERS: Final = 0o077
MAX_BYTES: Final = 64 * 1024  # far more than any file of ours; a hostile one ends there


@dataclass(frozen=True, slots=True)
class PrivateFile:
    """What was read, and whether only its owner can read it: a drive may not keep permissions."""

    path: Path
    is_private: bool
    data: bytes = field(repr=False)

    def require_private(self) -> None:
        """Refuse a secret that others on this computer can read (RefusedError)."""
        if not self.is_private:
            raise RefusedError(
                f"others on this computer can read {str(self.path)!r}",
                hint="protect the keys with a passphrase, or keep them on a drive with permissions",
            )


def write_private(path: Path, data: bytes) -> None:
    """Replace a file in one step, durable when this returns. Its directory is made, or made private."""
    _make_private_directory(path.parent)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, FILE_MODE)
    try:
        with os.fdopen(handle, "wb") as file:
            _tighten(file.fileno())  # whatever the umask says
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_directory(path.parent)


def read_private(path: Path) -> "PrivateFile":
    """Read a file of ours; one that others may read is made private again on the way, if it can be.

    Absent: NotFoundError. Not readable, or a symbolic link: RefusedError.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as exc:
        raise _cannot_open(path, exc) from exc
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise RefusedError(f"{str(path)!r} is not a file")
        is_private = _tighten(handle)
        return PrivateFile(path, is_private, os.read(handle, MAX_BYTES))
    finally:
        os.close(handle)


def remove_private(path: Path) -> None:
    """Remove a file; one that is absent is fine."""
    path.unlink(missing_ok=True)
    if path.parent.exists():
        _sync_directory(path.parent)


def _cannot_open(path: Path, error: OSError) -> NotFoundError | RefusedError:
    if error.errno == errno.ENOENT:
        return NotFoundError(f"there is no file {str(path)!r}")
    if error.errno == errno.ELOOP:
        return RefusedError(f"{str(path)!r} is a link, not a file", hint="put the file itself in its place")
    return RefusedError(f"{str(path)!r} cannot be read: {os.strerror(error.errno or 0)}")


def _tighten(handle: int) -> bool:
    """Take everybody else's permissions away; says whether that is how it is now."""
    if os.fstat(handle).st_mode & _FOR_OTHERS:
        with suppress(PermissionError):  # another user's file, or a drive that keeps no permissions
            os.fchmod(handle, FILE_MODE)
    status = os.fstat(handle)
    return not status.st_mode & _FOR_OTHERS and status.st_uid in (os.geteuid(), 0)


def _make_private_directory(path: Path) -> None:
    path.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
    if stat.S_IMODE(path.stat().st_mode) & _FOR_OTHERS:
        with suppress(PermissionError):  # as above: what is secret is checked file by file
            path.chmod(DIRECTORY_MODE)


def _sync_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
