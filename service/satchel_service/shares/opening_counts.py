"""Openings of shares without a view limit: counted in memory, written with the next transaction.

Opening such a share needs no write of its own. The counts join whatever transaction comes next; after WRITE_AFTER_MS,
the next request writes them, since nothing runs between requests, and so does a graceful stop. Killing the process
loses at most the counts since then, so the owner sees at least so many openings as there were, never more.
"""

from contextlib import suppress
from typing import Final, NamedTuple

import apsw

from satchel_service.database import DatabaseError, Deferred
from satchel_service.environment import Environment

WRITE_AFTER_MS: Final = 60_000

ADD: Final = """
UPDATE shares SET opened = opened + :openings, last_opened = max(coalesce(last_opened, 0), :last) WHERE id = :id
"""


class Count(NamedTuple):
    """Openings of one share that are not written yet."""

    openings: int
    last: int

    def plus(self, other: "Count") -> "Count":
        """Add two counts of the same share."""
        return Count(self.openings + other.openings, max(self.last, other.last))


class OpeningCounts:
    """The counts that are not written yet."""

    def __init__(self, environment: Environment) -> None:
        self._database = environment.database
        self._clock = environment.clock
        self._pending: dict[str, Count] = {}
        self._since = 0
        self._database.add_deferred(self._take)

    def add(self, share_id: str) -> None:
        """Count one opening."""
        now = self._clock()
        if not self._pending:
            self._since = now
        self._merge({share_id: Count(1, now)})

    async def write(self) -> None:
        """Make all counts durable. DatabaseError: they are kept for the next transaction."""
        if self._pending:
            await self._database.write(lambda _: None)  # the counts join it

    async def write_if_due(self) -> None:
        """Make counts durable that have waited for a minute. A failure is not the concern of this request."""
        if self._pending and self._clock() - self._since >= WRITE_AFTER_MS:
            with suppress(DatabaseError):
                await self.write()

    def _take(self) -> Deferred | None:
        if not self._pending:
            return None
        taken, self._pending = self._pending, {}

        def work(db: apsw.Connection) -> None:
            db.executemany(ADD, [{"id": share_id, **count._asdict()} for share_id, count in taken.items()])

        return Deferred(work, lambda: self._merge(taken))

    def _merge(self, counts: dict[str, Count]) -> None:
        for share_id, count in counts.items():
            pending = self._pending.get(share_id)
            self._pending[share_id] = count if pending is None else pending.plus(count)
