"""A temporary directory for the local copy of the micro-database, one per process.

A killed process leaves its directory behind, and the next process on the same disk removes it. A file lock, which the
system releases when its process ends, distinguishes live directories from leftovers.
"""

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

PREFIX: Final = "satchel-database-"


class LocalFolder:
    """A new directory that only this user can read. Call `remove` at the end."""

    def __init__(self, base: Path) -> None:
        """Create the directory in `base` and remove those of killed processes. Raise OSError if it cannot be created."""
        base.mkdir(mode=0o700, parents=True, exist_ok=True)
        remove_leftovers(base)
        self.path, self._lock = _create_locked(base)

    def remove(self) -> None:
        """Delete the directory and everything in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def remove_leftovers(base: Path) -> None:
    """Delete the directories left by this user's killed processes. Directories of other users are skipped."""
    for path in base.glob(f"{PREFIX}*"):
        lock = _try_lock(path)
        if lock is not None:
            shutil.rmtree(path, ignore_errors=True)
            os.close(lock)


def _create_locked(base: Path) -> tuple[Path, int]:
    while True:
        path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=base))
        lock = _try_lock(path)
        if lock is not None and path.exists():  # otherwise another process removed it as a leftover
            return path, lock


def _try_lock(path: Path) -> int | None:
    """Lock a directory and return the descriptor, or None if it is locked, gone, or owned by another user."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            if os.fstat(descriptor).st_uid == os.getuid():
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return descriptor
        except BlockingIOError:
            pass
        os.close(descriptor)
    return None
