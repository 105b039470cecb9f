"""Reports by recipients to the owner: a reason and a short text, with the id of the share and nothing of its key.

Anyone with the link can report a share. Reports are therefore limited in rate and number, and are claims, not facts.
"""

from typing import Final

import apsw

from satchel_service.audit import ANYONE, Event, record
from satchel_service.database import rows
from satchel_service.environment import Environment
from satchel_service.problems import ProblemError
from satchel_service.rates import AttemptLimiter, Rate
from satchel_service.shares.share_opening import Openings
from satchel_service.times import to_time
from satchel_wire import messages
from satchel_wire.problems import ProblemCode

MAX_REPORTS: Final = 20  # per share; the first ones tell the owner enough
MAX_REPORTS_IN_ALL: Final = 10_000  # at most 40 MB of text
REPORT_RATE: Final = Rate(burst=3, refill_ms=60_000)  # per share

INSERT: Final = """
INSERT INTO reports(share, number, created, reason, text)
SELECT :share, count(*) + 1, :created, :reason, :text FROM reports WHERE share = :share
"""


class Reports:
    """Stores reports of live shares."""

    def __init__(self, environment: Environment, openings: Openings) -> None:
        self._env = environment
        self._openings = openings
        self._limiter = AttemptLimiter(REPORT_RATE, environment.clock, max(1, environment.settings.shares))

    async def add(self, share_id: str, request: messages.ReportRequest) -> None:
        """Store a report for the owner."""
        row = await self._openings.find_live(share_id)
        self._limiter.check(row.id)
        self._limiter.record_failure(row.id)

        def insert(db: apsw.Connection) -> None:
            if count_reports(db, row.id).get(row.id, 0) >= MAX_REPORTS:
                raise ProblemError(ProblemCode.TOO_MANY, "this share has reached its number of reports")
            if int(db.execute("SELECT count(*) FROM reports").get) >= MAX_REPORTS_IN_ALL:
                raise ProblemError(ProblemCode.TOO_MANY, "this cloud has reached its number of reports")
            now = self._env.clock()
            values = {"share": row.id, "created": now, "reason": request.reason}
            db.execute(INSERT, values | {"text": request.text.replace("\r\n", "\n").strip()})
            record(db, Event.SHARE_REPORTED, ANYONE, now=now, target=row.id)

        await self._env.database.write(insert)


def count_reports(db: apsw.Connection, share_id: str | None = None) -> dict[str, int]:
    """Return the number of reports of each share, or of one; shares without reports are left out."""
    only = "" if share_id is None else "WHERE share = :share"
    return dict(rows(db, f"SELECT share, count(*) FROM reports {only} GROUP BY share", {"share": share_id}))  # noqa: S608


def list_reports(db: apsw.Connection, share_id: str) -> tuple[messages.Report, ...]:
    """Return the reports of a share, oldest first."""
    found = rows(
        db, "SELECT number, created, reason, text FROM reports WHERE share = ? ORDER BY number", (share_id,)
    )
    return tuple(
        messages.Report(number=number, created=to_time(created), reason=reason, text=text)
        for number, created, reason, text in found
    )
