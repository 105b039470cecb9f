"""The seam behind every commit: what makes it durable, and when an answer built on it may leave.

The database tells its journal when a transaction begins, commits or is rolled back, always in the database's own
thread; and before it lets a result go, of a write or of a read, it waits until the journal says that everything
committed so far is durable (the output gate). The one journal of the service is `satchel_service.log`.
"""

from typing import Protocol

import apsw


class Journal(Protocol):
    """Makes committed transactions durable, in their order."""

    def begin(self, connection: apsw.Connection) -> None:
        """A transaction has begun on the writing connection and has changed nothing yet."""

    def commit(self) -> int:
        """The transaction has committed locally. Return its position; positions grow."""

    def rollback(self) -> None:
        """The transaction was undone."""

    @property
    def position(self) -> int:
        """The position of the latest commit: what a read that begins now can see."""

    async def settled(self, position: int) -> None:
        """Return once everything up to `position` is durable; raise DatabaseError when it never will be."""

    def forget_history(self) -> None:
        """From the next commit on, nothing earlier is to be recoverable."""

    @property
    def is_history_forgotten(self) -> bool:
        """Whether what `forget_history` asked for has been done."""
