"""Counting commands: one line of HOME/telemetry/counts for each, with the day, the command and its exit code.

It runs after every command of an owner who agreed, so this module imports nothing that takes time. A line is appended
in one write, which keeps the lines of two processes apart. `satchel.telemetry.runs` reads them.
"""

import os
import time
from contextlib import suppress
from typing import Final

COUNTS_FILE: Final = "telemetry/counts"
MAX_COUNTS_BYTES: Final = 1 << 20
"""About 50,000 commands. More are not counted until a document is sent."""
UNCOUNTED: Final = frozenset({"telemetry", "crash"})
"""Not counted, so that looking at the document does not change it."""

_APPEND: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


def count(home: str, command: str, code: int, now_s: float) -> None:
    """Count a command if the owner has agreed. Raise nothing: a command never fails because it was not counted."""
    if command in UNCOUNTED:
        return
    with suppress(OSError, ValueError, OverflowError):
        fd = os.open(f"{home}/{COUNTS_FILE}", _APPEND, 0o600)  # fails without the folder
        try:
            if os.fstat(fd).st_size < MAX_COUNTS_BYTES:
                day = time.strftime("%Y-%m-%d", time.gmtime(now_s))
                os.write(fd, f"{day} {command} {code}\n".encode("ascii"))
        finally:
            os.close(fd)
