"""Finds items by the first characters of their ids."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar

from satchel.errors import NotFoundError, UsageError

Item = TypeVar("Item")

SHOWN_IDS: Final = 2
SHOWN_CHARS: Final = 10


def by_prefix(
    items: Iterable[Item], prefix: str, *, id_of: Callable[[Item], str], what: str, command: str
) -> Item:
    """Return the one item whose id, in lower case, begins with a prefix.

    Raise NotFoundError if none does or the prefix is empty, UsageError if several do. `what` is the word for an
    item in messages; `command` lists the ids.
    """
    wanted = prefix.lower()
    found = [item for item in items if wanted and id_of(item).startswith(wanted)]
    if not found:
        raise no_id(what, prefix, command)
    if len(found) > 1:
        raise ambiguous_id(what, prefix, [id_of(item) for item in found], command)
    return found[0]


def no_id(what: str, prefix: str, command: str) -> NotFoundError:
    """Return the error for a prefix that no id begins with."""
    return NotFoundError(f"no {what} has an id that begins with {prefix!r}", hint=f"list the ids: {command}")


def ambiguous_id(what: str, prefix: str, ids: Sequence[str], command: str) -> UsageError:
    """Return the error for a prefix that several ids begin with."""
    shown = ", ".join(each[:SHOWN_CHARS] for each in ids[:SHOWN_IDS]) + (
        ", …" if len(ids) > SHOWN_IDS else ""
    )
    return UsageError(
        f"several {what}s have ids that begin with {prefix!r}: {shown}",
        hint=f"give more of the id: {command}",
    )
