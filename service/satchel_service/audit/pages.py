"""Reading the audit log, a page at a time."""

from typing import Final

import apsw

from satchel_service.audit.refusals import Refusals
from satchel_service.audit.trail import read_anchor, read_head
from satchel_service.database import row, rows
from satchel_service.environment import Environment
from satchel_service.problems import invalid
from satchel_service.times import to_time
from satchel_wire import messages
from satchel_wire.audit import Entry, Link

PAGE_ENTRIES: Final = 1000  # about 300 KB of JSON, and at most 1.5 MB
MAX_DIGITS: Final = 16  # of 2**53

SELECT_PAGE: Final = f"""
SELECT {", ".join(name.replace("time_ms", "time") for name in Entry._fields)}, sha256
FROM audit WHERE number > ? ORDER BY number LIMIT {PAGE_ENTRIES}
"""  # noqa: S608  own names


class AuditLog:
    """Shows the audit log to the owner's devices."""

    def __init__(self, environment: Environment, refusals: Refusals) -> None:
        self._env = environment
        self._refusals = refusals

    async def show_page(self, after: str | None) -> messages.AuditPage:
        """Return the entries after a number, oldest first; entries that were deleted are skipped."""
        number = parse_number(after)
        await self._refusals.write()
        return await self._env.database.read(lambda db: read_page(db, number))


def parse_number(text: str | None) -> int:
    """Return the number in `after`. Raise an `invalid` problem."""
    if text is None:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS and int(text) <= messages.LARGEST):
        raise invalid("after", "give the number of an entry")
    return int(text)


def read_page(db: apsw.Connection, after: int) -> messages.AuditPage:
    """Return a page of the log. It starts at the anchor if the entries up to there were deleted."""
    head = read_head(db)
    start = find_link(db, after, head)
    found = rows(db, SELECT_PAGE, (start.number,))
    return messages.AuditPage(
        start=to_head(start),
        entries=tuple(to_message(Entry(*each[:-1]), each[-1]) for each in found),
        head=to_head(head),
    )


def find_link(db: apsw.Connection, number: int, head: Link) -> Link:
    """Return the link with this number, or the nearest one that exists."""
    anchor = read_anchor(db)
    if number <= anchor.number:
        return anchor
    found = row(db, "SELECT number, sha256 FROM audit WHERE number = ?", (number,))
    return head if found is None else Link(*found)


def to_head(link: Link) -> messages.AuditHead:
    """Return a link as a message."""
    return messages.AuditHead(number=link.number, sha256=link.digest)


def to_message(entry: Entry, sha256: bytes) -> messages.AuditEntry:
    """Return an entry as a message."""
    return messages.AuditEntry(
        number=entry.number,
        time=to_time(entry.time_ms),
        event=entry.event,
        actor=entry.actor,
        actor_id=entry.actor_id,
        target=entry.target,
        outcome=entry.outcome,
        occurrences=entry.occurrences,
        request=entry.request,
        address=entry.address,
        sha256=sha256,
    )
