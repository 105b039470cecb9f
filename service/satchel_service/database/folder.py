"""A directory for the local copy of the micro-database, made for one process and gone with it.

A killed process leaves its directory behind; the next one on the same disk removes it. A lock tells the two apart:
it ends with the process that holds it, however that ends.
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
    """A fresh directory that only this user can read; `remove` it at the end."""

    def __init__(self, base: Path) -> None:
        """Make it inside `base`, and remove what killed processes left there. OSError."""
        base.mkdir(mode=0o700, parents=True, exist_ok=True)
        remove_leftovers(base)
        self.path, self._lock = _made(base)

    def remove(self) -> None:
        """Delete the directory and everything in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def remove_leftovers(base: Path) -> None:
    """Delete the directories of this user's processes that are no more; those of others are passed over."""
    for path in base.glob(f"{PREFIX}*"):
        lock = _locked(path)
        if lock is not None:
            shutil.rmtree(path, ignore_errors=True)
            os.close(lock)


def _made(base: Path) -> tuple[Path, int]:
    while True:
        path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=base))
        lock = _locked(path)
        if lock is not None and path.exists():  # else another process took it for a leftover at once
            return path, lock


def _locked(path: Path) -> int | None:
    """Take the lock of a directory; None when it is held, gone, or somebody else's."""
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
