"""What recipients report to the owner: a reason and a few words, with the id of the share and nothing of its key.

Whoever has a link can report it, so reports are held to a rate and a number, and are somebody's words, no facts.
"""

from typing import Final

import apsw

from satchel_service.database import rows
from satchel_service.environment import Environment
from satchel_service.problems import ProblemError
from satchel_service.rates import AttemptLimiter, Rate
from satchel_service.shares.share_opening import Openings
from satchel_service.times import to_time
from satchel_wire import messages
from satchel_wire.problems import ProblemCode

MOST_KEPT: Final = 20  # of one share; who wants to know has read the first ones
REPORTS: Final = Rate(burst=3, refill_ms=60_000)  # of one share

INSERT: Final = """
INSERT INTO reports(share, number, created, reason, text)
SELECT :share, count(*) + 1, :created, :reason, :text FROM reports WHERE share = :share
"""


class Reports:
    """Takes reports of live shares."""

    def __init__(self, environment: Environment, openings: Openings) -> None:
        self._env = environment
        self._openings = openings
        self._limiter = AttemptLimiter(REPORTS, environment.clock)

    async def take(self, share_id: str, request: messages.ReportRequest) -> None:
        """Keep a report for the owner."""
        row = await self._openings.live(share_id)
        self._limiter.admit(row.id)
        self._limiter.failed(row.id)

        def insert(db: apsw.Connection) -> None:
            if counted(db, row.id).get(row.id, 0) >= MOST_KEPT:
                raise ProblemError(ProblemCode.TOO_MANY, "the owner has enough reports of this share")
            values = {"share": row.id, "created": self._env.clock(), "reason": request.reason}
            db.execute(INSERT, values | {"text": request.text.replace("\r\n", "\n").strip()})

        await self._env.database.write(insert)


def counted(db: apsw.Connection, share_id: str | None = None) -> dict[str, int]:
    """Return how many reports each share has, or one of them; those without any are left out."""
    only = "" if share_id is None else "WHERE share = :share"
    return dict(rows(db, f"SELECT share, count(*) FROM reports {only} GROUP BY share", {"share": share_id}))  # noqa: S608


def of_share(db: apsw.Connection, share_id: str) -> tuple[messages.Report, ...]:
    """Return the reports of a share, oldest first."""
    found = rows(
        db, "SELECT number, created, reason, text FROM reports WHERE share = ? ORDER BY number", (share_id,)
    )
    return tuple(
        messages.Report(number=number, created=to_time(created), reason=reason, text=text)
        for number, created, reason, text in found
    )
