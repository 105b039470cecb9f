"""Work in a directory of another user as root, with no more rights to files than that user.

The provisioner's user may write the directory of records, so it can plant links there. A command that root runs must not
follow them to places that only root may change.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

DIRECTORY: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
NO_CHANGE: Final = -1
"""An invalid id: setfsuid and setfsgid change nothing and return the present one."""


@contextmanager
def entered(directory: Path) -> Iterator[int]:
    """Open a directory and, as root, take its owner's rights to files. Raise OSError, also for a link.

    Yield its descriptor, for `dir_fd`. Only this thread's rights change.
    """
    handle = os.open(directory, DIRECTORY)
    try:
        owner = os.fstat(handle)
        if os.geteuid() or not owner.st_uid:
            yield handle
            return
        with _file_rights(owner.st_uid, owner.st_gid):
            yield handle
    finally:
        os.close(handle)


@contextmanager
def _file_rights(user: int, group: int) -> Iterator[None]:
    """Access files as another user: see setfsuid(2)."""
    _set_file_rights(user, group)
    try:
        yield
    finally:
        _set_file_rights(0, os.getegid())


def _set_file_rights(user: int, group: int) -> None:
    import ctypes  # noqa: PLC0415  only root needs it; the provisioner's sandbox forbids its closures

    libc = ctypes.CDLL(None)
    for change, wanted in ((libc.setfsgid, group), (libc.setfsuid, user)):
        change(ctypes.c_uint(wanted))
        if change(ctypes.c_uint(NO_CHANGE & 0xFFFFFFFF)) != wanted:
            raise PermissionError(1, "cannot take the rights of the directory's owner")
