"""Forgetting recorded events everywhere on this device: in copies of the memory, and where they are quoted."""

from typing import TYPE_CHECKING

from satchel.cli.app import App
from satchel.cli.quotes import forget_quotes
from satchel.errors import SatchelError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from satchel.memory import Episode, Event, MemoryStore, Range

_COPIES = ("memory.db.before-restore-*", "outbox/*", "backups/memory-blocks", "backups/record.json")
"""What backups and restores may leave in a home."""


def forget_events(app: App, memory: "MemoryStore", events: "Sequence[Event]") -> int:
    """Erase events, the episodes made of them, and the prompts that quote them; return how many events there were."""
    if not events:
        return 0
    erased = memory.forget(events)
    forget_quotes(app, events=[event.id for event in events])

    def forget(copy: "MemoryStore") -> None:
        from satchel.backup.memory_copies import same_events  # noqa: PLC0415  see `_forget_copies`

        copy.forget(same_events(copy, events))

    _forget_copies(app, forget)
    return erased


def forget_range(
    app: App, memory: "MemoryStore", chosen: "Range", events: "Sequence[Event]", episodes: "Sequence[Episode]"
) -> tuple[int, int]:
    """Erase the events and episodes of a range, and the prompts that quote them; return how many there were of each.

    `events` and `episodes` are those of the range in the memory.
    """
    erased = memory.forget(events) if events else 0
    erased_episodes = memory.forget_episodes(chosen) if episodes else 0
    quoted = {event for episode in episodes for event in episode.events}
    forget_quotes(app, events=quoted.union(event.id for event in events))

    def forget(copy: "MemoryStore") -> None:
        copy.forget(copy.find(chosen))
        if chosen.source is None:
            copy.forget_episodes(chosen)

    _forget_copies(app, forget)
    return erased, erased_episodes


def _forget_copies(app: App, forget: "Callable[[MemoryStore], object]") -> None:
    if not any(path for pattern in _COPIES for path in app.home.glob(pattern)):
        return
    # Backups cost over 20 ms, and few homes have a copy of the memory.
    from satchel.backup.memory_copies import are_in_backups, forget_copies  # noqa: PLC0415

    try:
        left = forget_copies(app.home, forget)
    except SatchelError as exc:
        app.out.warn(f"a copy may remain in {str(app.home)!r}: {exc.message}")
        left = []
    for path in left:
        app.out.warn(f"a copy may remain in {str(path)!r}: it cannot be read or changed")
    if are_in_backups(app.home):
        app.out.note(
            "earlier backups with the memory contain it until they are pruned or deleted: satchel backups"
        )
