"""The path of the program, for schedulers and hooks that start it later."""

import os
import sys
from pathlib import Path
from typing import Final

from satchel.errors import SatchelError

NAME: Final = "satchel"


def find_program(started_as: str | None = None, interpreter: str | None = None) -> Path:
    """Return the absolute path of `satchel`, as it was started if possible: that path outlives an upgrade.

    The path of a link is kept (pipx's `~/.local/bin/satchel`), because its target may move.
    """
    started = Path(sys.argv[0] if started_as is None else started_as).absolute()
    beside = Path(interpreter or sys.executable).with_name(NAME)
    for path in (started, beside):
        if path.name == NAME and path.is_file() and os.access(path, os.X_OK):
            return path
    raise SatchelError(
        "cannot find the program 'satchel' to schedule", hint="install it with pipx, and start it by its name"
    )
