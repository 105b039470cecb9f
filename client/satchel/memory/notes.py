"""What agents note, if the owner has turned the source "agents" on."""

from pathlib import Path
from typing import Final

from satchel.errors import NotFoundError, RefusedError, UsageError
from satchel.memory.database import MemoryStore
from satchel.memory.filtering import MAX_CHARS, filtered
from satchel.memory.model import Event
from satchel.memory.repositories import find_repository

_MOST_NAME_CHARS: Final = 200


def record_note(
    home: Path,
    agent: str,
    text: str,
    *,
    now_ms: int,
    client: str = "",
    version: str = "",
    place: str = "",
    host: str = "",
) -> Event:
    """Add what an agent notes, without its secrets, and return it as it was added.

    `agent`, `client` and `version` are stamped by the caller, never by the agent itself. `place` is a directory.
    Raise RefusedError if the source is off or paused, UsageError for an empty or too long note.
    """
    if not text.strip() or len(text) > MAX_CHARS:
        raise UsageError(f"a note has 1 to {MAX_CHARS:,} characters")
    with _open(home) as memory:
        if not memory.control.is_on("agents"):
            raise _off()
        if memory.control.paused_until(now_ms) is not None:
            raise RefusedError("the memory is paused", hint="the owner can resume it: satchel memory resume")
        note = Event(
            "agents",
            now_ms,
            filtered(_valid(text)),
            place=_valid(place),
            repository=find_repository(place),
            session=_valid(agent)[:_MOST_NAME_CHARS],
            host=host,
            detail={
                "client": _valid(client)[:_MOST_NAME_CHARS],
                "version": _valid(version)[:_MOST_NAME_CHARS],
            },
        )
        (number,) = memory.add([note])
        (added,) = memory.events_of([number])
        return added


def _open(home: Path) -> MemoryStore:
    try:
        return MemoryStore.open(home)
    except NotFoundError as exc:
        raise _off() from exc


def _off() -> RefusedError:
    return RefusedError(
        "the memory does not record agents' notes",
        hint="the owner can turn them on: satchel memory on agents",
    )


def _valid(text: str) -> str:
    """Return a text without lone surrogates, which no database holds."""
    return text.encode("utf-8", "replace").decode()
