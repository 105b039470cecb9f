"""Opening the memory of a home for commands: brought up to date, and pruned."""

import os
import time
from typing import TYPE_CHECKING, Final

from satchel.cli.app import App
from satchel.cli.arguments import DURATION, NEVER
from satchel.cli.settings_file import SETTINGS, read_settings
from satchel.errors import NotFoundError

if TYPE_CHECKING:
    from satchel.memory import MemoryStore
    from satchel.memory.collecting import Collected

RETENTION: Final = "memory.retention"


def now_ms() -> int:
    """Return the time in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def host_name() -> str:
    """Return the name of this computer."""
    return os.uname().nodename


def retention_ms(app: App) -> int | None:
    """Return how long events are kept, by setting; None for ever."""
    value = read_settings(app.home).get(RETENTION, SETTINGS[RETENTION].default)
    kept = DURATION.convert(value, None, None)
    return None if kept == NEVER else int(kept.total_seconds() * 1000)


def open_memory(app: App) -> "MemoryStore":
    """Open the memory; the caller closes it. Raise NotFoundError if no source was ever on."""
    from satchel.memory import MemoryStore  # noqa: PLC0415

    return MemoryStore.open(app.home)


def find_memory(app: App) -> "MemoryStore | None":
    """Open the memory; the caller closes it. Return None if no source was ever on."""
    try:
        return open_memory(app)
    except NotFoundError:
        return None


def bring_up_to_date(app: App, memory: "MemoryStore") -> "Collected":
    """Take in new commits and notes, prune what is old, and warn of what cannot be read."""
    from satchel.memory.collecting import collect  # noqa: PLC0415
    from satchel.memory.time_expressions import local_now  # noqa: PLC0415

    done = collect(memory, local_now(), retention_ms(app), host_name(), app.environment.variables)
    for problem in done.problems:
        app.out.warn(problem.message)
    return done
