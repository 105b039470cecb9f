"""Create the golden memory of the current version: `python -m tests.golden.memories.make`.

Run it once for each new version. An existing golden memory is never replaced, since it represents memories in use.
"""

import datetime as dt
import shutil
import tempfile
from pathlib import Path
from typing import Final

from satchel.memory import MEMORY_FILE, Event, MemoryStore
from satchel.memory.forming import form_new
from satchel.memory.schema import FORMAT

HERE: Final = Path(__file__).parent
START_MS: Final = 1_764_579_600_000  # 2025-12-01, 09:00 UTC, a Monday
HOUR_MS: Final = 3_600_000
PARSER: Final = "/home/ann/parser"
EVENTS: Final = (
    Event(
        "shell",
        START_MS,
        "pytest -k headers",
        place=f"{PARSER}/tests",
        repository=PARSER,
        session="4711-12345",
        host="rye",
        duration_ms=1_250,
        exit_code=1,
        detail={"shell": "zsh"},
        id=1,
    ),
    Event(
        "git",
        START_MS + 600_000,
        "Parse folded headers\n\nA line that begins with a blank continues the header.",
        place=PARSER,
        repository=PARSER,
        host="rye",
        detail={"commit": "ab" * 20, "branch": "main", "author": "ann@example.org", "files": "headers.py"},
        id=2,
    ),
    Event(
        "agents",
        START_MS + 720_000,
        "Folded headers need the next line",
        place=PARSER,
        repository=PARSER,
        session="claude",
        host="rye",
        detail={"client": "claude-code", "version": "1.0"},
        id=3,
    ),
    Event(
        "files",
        START_MS + 900_000,
        "todo.md\n# Headers – what is left",
        place="/home/ann/notes/todo.md",
        host="rye",
        id=4,
    ),
)
UNFORMED: Final = Event(
    "shell",
    START_MS + 24 * HOUR_MS,
    "make release",
    place="/srv",
    session="1-2",
    host="oat",
    exit_code=0,
    id=5,
)


def make(path: Path) -> None:
    """Write a memory that has a row in every table but `unformed` and those of vectors."""
    with tempfile.TemporaryDirectory() as folder, MemoryStore.create(Path(folder)) as memory:
        memory.add(EVENTS)
        form_new(memory, dt.UTC, budget_s=None)
        memory.add([UNFORMED])
        control = memory.control
        control.turn_on("shell", START_MS)
        control.turn_on("git", START_MS + 1)
        control.watch("git", PARSER, '{"authors": ["ann@example.org"], "tips": []}')
        control.watch("files", "/home/ann/notes")
        with memory.writing():
            control.see("/home/ann/notes", {"/home/ann/notes/todo.md": "1-40"}, {})
        control.exclude("ssh")
        control.pause(START_MS + HOUR_MS)
        memory.erase_traces()
        shutil.copyfile(Path(folder) / MEMORY_FILE, path)


if __name__ == "__main__":
    target = HERE / f"memory-{FORMAT}.db"
    if target.exists():
        raise SystemExit(f"{target} exists already")
    make(target)
