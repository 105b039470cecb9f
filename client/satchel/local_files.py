"""Local files that survive a crash and that only the owner can read.

    with DurableFile(part) as file:          # a new file; an error removes it
        file.write(data)
        file.sync()
    replace(part, path)                      # the old content or the new, never half of it

    write_private(path, data)                # the same for a small file
    data = read_private(path).data

satchel's own files are regular files of mode 0600 in directories of mode 0700, whatever the umask. They are never
opened through a symbolic link (`open_own`), and new ones are created exclusively.

Every write, sync, rename, link and removal of backups, restores, keys and exports happens here. The fault
tests kill the process at each of these steps. An error of the operating system becomes a SatchelError.
"""

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from satchel.errors import IntegrityError, NotFoundError, RefusedError, SatchelError

FILE_MODE: Final = 0o600
DIRECTORY_MODE: Final = 0o700
MAX_PRIVATE_BYTES: Final = 64 * 1024
"""The most that `read_private` reads: far more than any private file of satchel holds."""

_OTHERS: Final = 0o077
_OWN: Final = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_WRITABLE_BY_OTHERS: Final = 0o022
_NEW: Final = os.O_RDWR | os.O_CREAT | os.O_EXCL
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NO_LINKS: Final = frozenset({errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS})


class DurableFile:
    """A new private file, for reading and writing. Leaving its context with an error removes it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with translate_os_errors(path):
            self._fd = _create(path)

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Append all of `data`; return its length."""
        view = memoryview(data)
        with translate_os_errors(self.path):
            while view:
                view = view[os.write(self._fd, view) :]
        return len(data)

    def write_at(self, offset: int, data: bytes | memoryview) -> None:
        """Write all of `data` at an offset. Thread-safe."""
        view = memoryview(data)
        with translate_os_errors(self.path):
            while view:
                written = os.pwrite(self._fd, view, offset)
                view, offset = view[written:], offset + written

    def read_at(self, offset: int, length: int) -> bytes:
        """Read up to `length` bytes; fewer only at the end. Thread-safe."""
        with translate_os_errors(self.path):
            return os.pread(self._fd, length, offset)

    def read_into(self, offset: int, buffer: memoryview) -> None:
        """Fill a buffer. Thread-safe. IntegrityError if the file ends before."""
        with translate_os_errors(self.path):
            length = os.preadv(self._fd, [buffer], offset)
        if length != len(buffer):
            raise IntegrityError(f"{str(self.path)!r} became shorter while it was read")

    def sync(self) -> None:
        """Flush the file's data to the disk."""
        with translate_os_errors(self.path):
            os.fsync(self._fd)

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if kind is not None:
            remove(self.path)


class SourceFile:
    """An existing file, for exact reads at any offset. Thread-safe. No such file: NotFoundError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.is_file():
            raise NotFoundError(f"there is no file {str(path)!r}")
        with translate_os_errors(path):
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            self._size_bytes = os.fstat(self._fd).st_size

    @property
    def size_bytes(self) -> int:
        """The file's length when it was opened."""
        return self._size_bytes

    def read_at(self, offset: int, length: int) -> bytes:
        """Read exactly `length` bytes. IntegrityError if the file has become shorter."""
        with translate_os_errors(self._path):
            data = os.pread(self._fd, length, offset)
        if len(data) != length:
            raise IntegrityError(
                f"{str(self._path)!r} became shorter while it was read", hint="copy it again"
            )
        return data

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._fd)


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a private file that replaces `path` on leaving, durably and in one step; an error changes nothing."""
    temporary = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    with translate_os_errors(path):
        fd = _create(temporary)
        try:
            with os.fdopen(fd, "w+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    sync_directory(path.parent)


def rename(source: Path, target: Path) -> None:
    """Rename a file, replacing `target`. Not durable."""
    with translate_os_errors(target):
        source.replace(target)


def replace(source: Path, target: Path) -> None:
    """Rename a synced file, replacing `target`; the rename is durable when this returns."""
    rename(source, target)
    sync_directory(target.parent)
    if source.parent != target.parent:
        sync_directory(source.parent)


def link(source: Path, target: Path) -> bool:
    """Make a durable hard link. Return False where the file system has none."""
    try:
        os.link(source, target)
    except OSError as exc:
        if exc.errno in _NO_LINKS:
            return False
        raise _translate(exc, target) from exc
    sync_directory(target.parent)
    return True


def remove(path: Path) -> None:
    """Remove a file, if it exists."""
    with translate_os_errors(path):
        path.unlink(missing_ok=True)


def sync_file(path: Path) -> None:
    """Flush a file's data to the disk."""
    _sync(path, os.O_RDONLY)


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable."""
    _sync(path, os.O_RDONLY | os.O_DIRECTORY)


def make_directory(path: Path) -> Path:
    """Create a private directory and its missing parents; return it. RefusedError if it is a symbolic link."""
    refuse_link(path)
    _make_directories(path)
    return path


def make_home(path: Path) -> None:
    """Create a private directory that may be reached through symbolic links, with any umask. OSError if it fails."""
    missing = [each for each in (path, *path.parents) if not each.exists()]
    for directory in reversed(missing):
        directory.mkdir(mode=DIRECTORY_MODE, exist_ok=True)
        if stat.S_IMODE(directory.stat().st_mode) & DIRECTORY_MODE != DIRECTORY_MODE:  # the umask
            directory.chmod(DIRECTORY_MODE)
    path.mkdir(exist_ok=True)  # an error if it is no directory


def refuse_link(path: Path) -> None:
    """Raise RefusedError if one of satchel's own files or directories is a symbolic link."""
    with translate_os_errors(path):
        if path.is_symlink():
            raise _is_link(path)


def open_own(path: Path, flags: int) -> int:
    """Open one of satchel's own files and return its descriptor; a new one is private.

    Missing: NotFoundError. Not readable, a symbolic link, or not a regular file: RefusedError.
    """
    try:
        fd = os.open(path, flags | _OWN, FILE_MODE)
    except OSError as exc:
        raise _open_error(path, exc) from exc
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise _is_no_file(path)
    return fd


def make_private(directory: Path) -> None:
    """Remove everyone else's permissions, unless the directory is shared on purpose, as /tmp is, or another user's."""
    with translate_os_errors(directory):
        mode = stat.S_IMODE(directory.stat().st_mode)
        if mode & _OTHERS and not mode & stat.S_ISVTX:
            with suppress(PermissionError):  # a secret is checked file by file
                directory.chmod(DIRECTORY_MODE)


def exposure(directory: Path) -> str:
    """Return who else can use a directory, as a clause about it; empty if only its owner, this user, can."""
    with translate_os_errors(directory):
        status = directory.stat()
    if status.st_uid not in {os.geteuid(), 0}:
        return "belongs to another user of this computer"
    others = stat.S_IMODE(status.st_mode) & _OTHERS
    if others & _WRITABLE_BY_OTHERS:
        return "can be changed by other users of this computer"
    return "can be read by other users of this computer" if others else ""


@dataclass(frozen=True, slots=True)
class PrivateFile:
    """The content of a private file, and whether only its owner can read it (a drive may lack permissions)."""

    path: Path
    is_private: bool
    data: bytes = field(repr=False)

    def require_private(self) -> None:
        """Raise RefusedError if other users of this computer can read the file."""
        if not self.is_private:
            raise RefusedError(
                f"others on this computer can read {str(self.path)!r}",
                hint="protect the keys with a passphrase, or keep them on a drive with permissions",
            )


def write_private(path: Path, data: bytes) -> None:
    """Replace a small file in one durable step. Its directory is created, or made private."""
    _make_directories(path.parent)  # a home may be a symbolic link
    make_private(path.parent)
    with replacing(path) as file:
        file.write(data)


def read_private(path: Path) -> PrivateFile:
    """Read a private file, and make it private again if others can read it.

    Missing: NotFoundError. Not readable, or a symbolic link: RefusedError.
    """
    fd = open_own(path, os.O_RDONLY)
    try:
        is_private = _make_private(fd)
        with translate_os_errors(path):
            return PrivateFile(path, is_private, os.read(fd, MAX_PRIVATE_BYTES))
    finally:
        os.close(fd)


def remove_private(path: Path) -> None:
    """Remove a file durably, if it exists."""
    remove(path)
    if path.parent.exists():
        sync_directory(path.parent)


@contextmanager
def locked(directory: Path, flags: int = 0) -> Iterator[None]:
    """Let one process and thread at a time do something with a directory. Flags are those of `os.open`."""
    with translate_os_errors(directory):
        fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | flags)
    try:
        with translate_os_errors(directory):
            fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


@contextmanager
def translate_os_errors(path: Path) -> Iterator[None]:
    """Turn an OSError about `path` into a SatchelError."""
    try:
        yield
    except OSError as exc:
        raise _translate(exc, path) from exc


def _create(path: Path) -> int:
    """Create a file exclusively, private with any umask, and return its descriptor."""
    fd = os.open(path, _NEW | _OWN, FILE_MODE)
    if stat.S_IMODE(os.fstat(fd).st_mode) != FILE_MODE:
        with suppress(PermissionError):  # a drive without permissions
            os.fchmod(fd, FILE_MODE)
    return fd


def _make_directories(path: Path) -> None:
    with translate_os_errors(path):
        make_home(path)


def _translate(exc: OSError, path: Path) -> SatchelError:
    if exc.errno in _FULL:
        return SatchelError(
            f"no space is left for {str(path)!r}", hint="free some space and try again; nothing was lost"
        )
    reason = (exc.strerror or "input/output error").lower()
    return SatchelError(f"cannot use {str(path)!r}: {reason}", hint="nothing was lost")


def _sync(path: Path, flags: int) -> None:
    with translate_os_errors(path):
        fd = os.open(path, flags | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def _open_error(path: Path, exc: OSError) -> SatchelError:
    if exc.errno == errno.ENOENT:
        return NotFoundError(f"there is no file {str(path)!r}")
    if exc.errno == errno.ELOOP:
        return _is_link(path)
    if exc.errno in {errno.EACCES, errno.EPERM, errno.ENOTDIR}:
        return RefusedError(f"{str(path)!r} cannot be read: {os.strerror(exc.errno).lower()}")
    if exc.errno in {errno.EISDIR, errno.ENXIO}:
        return _is_no_file(path)
    return _translate(exc, path)


def _is_no_file(path: Path) -> RefusedError:
    return RefusedError(f"{str(path)!r} is not a file", hint="move it away; satchel keeps a file there")


def _is_link(path: Path) -> RefusedError:
    return RefusedError(
        f"{str(path)!r} is a symbolic link", hint="put the file or directory itself in its place"
    )


def _make_private(fd: int) -> bool:
    """Remove everyone else's permissions; return whether the file is private now."""
    if os.fstat(fd).st_mode & _OTHERS:
        with suppress(PermissionError):  # another user's file, or a drive without permissions
            os.fchmod(fd, FILE_MODE)
    status = os.fstat(fd)
    return not status.st_mode & _OTHERS and status.st_uid in (os.geteuid(), 0)
