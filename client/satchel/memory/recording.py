"""What a shell's hook reports about a command, and how it becomes an event.

    1 NUL bash NUL 4711-12345 NUL /home/ann/parser NUL 0 NUL 1250 NUL make test NUL

The fields are a version, the shell, its session, the directory, the exit code, the duration in milliseconds, and the
command. They arrive on standard input: arguments are in the list of processes, and a file would hold secrets.
"""

import re
from dataclasses import replace
from pathlib import Path
from typing import Final

from satchel.errors import NotFoundError, UsageError
from satchel.memory.control import is_excluded
from satchel.memory.database import MemoryStore
from satchel.memory.filtering import filtered
from satchel.memory.model import SHELLS, Event
from satchel.memory.repositories import find_repository

VERSION: Final = "1"
MAX_BYTES: Final = 256 * 1024
"""Of what a hook tells: 16,001 characters of the command, and a directory."""
_MOST_MS: Final = 366 * 86_400_000
_SESSION: Final = re.compile(r"[0-9A-Za-z-]{1,40}")
_NUMBER: Final = re.compile(r"-?[0-9]{1,15}")


def parse(data: bytes, now_ms: int, host: str) -> Event:
    """Return the event of a command that has just ended, its secrets still in it. Raise UsageError for other bytes."""
    fields = data.decode("utf-8", "backslashreplace").split("\0")
    if len(fields) != 8 or fields[0] != VERSION or fields[7] or len(data) > MAX_BYTES:
        raise UsageError(
            "the shell's hook sent something that this version of satchel does not understand",
            hint="install the hook again: satchel memory on shell",
        )
    _, shell, session, directory, exit_code, duration, text, _ = fields
    if shell not in SHELLS or not _SESSION.fullmatch(session) or not _NUMBER.fullmatch(exit_code):
        raise UsageError("the shell, the session or the exit code is not valid")
    took_ms = min(max(int(duration), 0), _MOST_MS) if _NUMBER.fullmatch(duration) else 0
    return Event(
        "shell",
        now_ms - took_ms,
        text,
        place=directory,
        session=session,
        host=host,
        duration_ms=took_ms,
        exit_code=int(exit_code),
        detail={"shell": shell},
    )


def record(home: Path, event: Event, now_ms: int) -> Event | None:
    """Add a command to the memory of a home without its secrets, and return it.

    Return None, writing nothing, if the source "shell" is off or paused, or the command or its directory is excluded.
    """
    if not event.text.strip() or event.text[0].isspace():
        return None
    try:
        memory = MemoryStore.open(home)
    except NotFoundError:
        return None
    with memory:
        control = memory.control
        if not control.is_on("shell") or control.paused_until(now_ms) is not None:
            return None
        if is_excluded(control.exclusions(), event.text, event.place):
            return None
        kept = replace(
            event, text=filtered(event.text, is_command=True), repository=find_repository(event.place)
        )
        memory.add([kept])
        memory.leave_log()
        return kept
