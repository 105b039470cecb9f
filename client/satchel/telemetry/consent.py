"""The owner's consent: the folder HOME/telemetry, which exists while consent is given and holds all that it allows.

Without consent, there is no place to write to. `turn_off` renames the folder before it deletes it, so that no running
process can add to it.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final

from satchel.errors import NotFoundError, SatchelError
from satchel.local_files import make_directory, sync_directory, translate_os_errors

FOLDER: Final = "telemetry"
_LEAVING: Final = f".{FOLDER}-"


def folder_of(home: Path) -> Path:
    """Return the folder that exists only with consent."""
    return home / FOLDER


def is_on(home: Path) -> bool:
    """Return whether the owner has agreed."""
    return folder_of(home).is_dir()


def turn_on(home: Path) -> bool:
    """Record the owner's consent; return False if it was given already. Raise NotFoundError without a home."""
    if not home.is_dir():
        raise NotFoundError(f"there is no directory {str(home)!r}", hint="create a store first: satchel init")
    remove_leftovers(home)
    if is_on(home):
        return False
    make_directory(folder_of(home))
    sync_directory(home)
    return True


def turn_off(home: Path) -> bool:
    """Delete the consent, the id, the counts and the crash reports. Return whether there were any."""
    found = remove_leftovers(home)
    if folder_of(home).is_dir():
        with translate_os_errors(folder_of(home)):
            folder_of(home).rename(home / f"{_LEAVING}{os.urandom(8).hex()}")
        remove_leftovers(home)
        return True
    return found


def remove_leftovers(home: Path) -> bool:
    """Delete what an interrupted `turn_off` left behind; return whether there was anything."""
    leaving = [path for path in home.glob(f"{_LEAVING}*") if path.is_dir() and not path.is_symlink()]
    for path in leaving:
        shutil.rmtree(path, ignore_errors=True)
        with suppress(OSError):  # a process that was writing as it was renamed
            shutil.rmtree(path)
        if path.exists():
            raise SatchelError(
                f"cannot delete {str(path)!r}", hint="delete it by hand; satchel no longer uses it"
            )
    if leaving:
        sync_directory(home)
    return bool(leaving)
