"""What the owner's devices do with requests: make, list, revoke, and take answers."""

from typing import Final

import apsw

from satchel_service.audit import Event, by_device, record
from satchel_service.callers import as_device
from satchel_service.cursors import Cursor
from satchel_service.environment import Environment
from satchel_service.lifecycle.sweeping import delete_blobs
from satchel_service.problems import ProblemError, invalid, not_found
from satchel_service.requesting.rows import AnswerRow, RequestRow, State, get_answer, get_request
from satchel_service.settings import Settings
from satchel_service.storage import BlobKey
from satchel_service.times import expiry_after, expiry_ms, to_time_or_none
from satchel_wire import messages
from satchel_wire.problems import ProblemCode

PAGE_ROWS: Final = 100  # at most 2.5 MB of JSON, with sheets of 4 KiB and 100 receipts each
INSERT: Final = f"""
INSERT INTO requests({", ".join(RequestRow._fields)}) VALUES ({", ".join("?" * len(RequestRow._fields))})
"""  # noqa: S608  own names


class Requests:
    """Operations of the owner. `by` is the id of the requesting device."""

    def __init__(self, environment: Environment) -> None:
        self._env = environment

    async def make(self, request_id: str, terms: messages.RequestTerms, by: str) -> messages.OwnedRequest:
        """Make a request; repeating it with the same terms returns the same request."""

        def insert(db: apsw.Connection) -> messages.OwnedRequest:
            now = self._env.clock()
            row = RequestRow.find(db, request_id)
            if row is None:
                row = make_row(db, request_id, terms, now, self._env.settings)
                db.execute(INSERT, row)
                record(db, Event.REQUEST_MADE, by_device(by), now=now, target=request_id)
            elif not is_same(row, terms):
                raise ProblemError(ProblemCode.CONFLICT, "this request was made with other terms")
            return self._message(db, row)

        return await self._env.database.write(as_device(by, insert))

    async def show(self, request_id: str) -> messages.OwnedRequest:
        """Return one request, live or not."""
        return await self._env.database.read(lambda db: self._message(db, get_request(db, request_id)))

    async def show_page(self, after: str | None) -> messages.RequestList:
        """List requests, newest first, after the cursor of an earlier page."""
        cursor = None if after is None else Cursor.parse(after)

        def read(db: apsw.Connection) -> messages.RequestList:
            found = RequestRow.page(db, cursor, PAGE_ROWS + 1)
            shown = found[:PAGE_ROWS]
            return messages.RequestList(
                requests=tuple(self._message(db, row) for row in shown),
                next=str(shown[-1].cursor) if len(found) > len(shown) else None,
            )

        return await self._env.database.read(read)

    async def revoke(self, request_id: str, by: str) -> None:
        """End a request and delete the answers that nobody took; repeating it is harmless."""

        def update(db: apsw.Connection) -> list[BlobKey]:
            row, now = get_request(db, request_id), self._env.clock()
            if row.revoked is None:
                db.execute("UPDATE requests SET revoked = ? WHERE id = ?", (now, request_id))
                record(db, Event.REQUEST_REVOKED, by_device(by), now=now, target=request_id)
            waiting = [answer.key for answer in AnswerRow.of_request(db, request_id) if answer.blob]
            db.execute("DELETE FROM answers WHERE request = ? AND blob IS NOT NULL", (request_id,))
            return waiting

        await delete_blobs(self._env.storage, await self._env.database.write(as_device(by, update)))

    async def find_answer(self, request_id: str, answer_id: str) -> AnswerRow:
        """Return an answer that nobody took. Raise a `not-found` problem."""
        row = await self._env.database.read(lambda db: get_answer(db, request_id, answer_id))
        if row.blob is None:
            raise not_found("answer")
        return row

    async def delete_answer(self, request_id: str, answer_id: str, by: str) -> None:
        """Delete an answer that a device has taken; its receipt stays. Repeating it is harmless."""

        def update(db: apsw.Connection) -> AnswerRow:
            row = get_answer(db, request_id, answer_id)
            if row.blob is not None:
                now = self._env.clock()
                db.execute(
                    "UPDATE answers SET blob = NULL, taken = ? WHERE request = ? AND id = ?",
                    (now, request_id, answer_id),
                )
                record(db, Event.ANSWER_TAKEN, by_device(by), now=now, target=request_id)
            return row

        row = await self._env.database.write(as_device(by, update))
        if row.blob is not None:
            await delete_blobs(self._env.storage, [row.key])

    def _message(self, db: apsw.Connection, row: RequestRow) -> messages.OwnedRequest:
        answers = AnswerRow.of_request(db, row.id)
        return row.message(state_of(row, self._env, len(answers)), answers)


def state_of(row: RequestRow, environment: Environment, received: int) -> State:
    """Return the state of a request; the operator's block list names requests as well as shares."""
    if row.revoked is None and row.id in environment.settings.blocked_shares:
        return "blocked"
    return row.state(environment.clock(), received)


# -- inside a transaction -------------------------------------------------------------------------------------


def make_row(
    db: apsw.Connection, request_id: str, terms: messages.RequestTerms, now: int, settings: Settings
) -> RequestRow:
    """Return the row of a new request, not yet saved. Raise a `quota` or `invalid` problem."""
    expires = expiry_after(terms.expires_in_s, now, terms.expires) or expiry_ms(terms.expires, now)
    if terms.answer_bytes > settings.answer_bytes:
        raise invalid("answer_bytes", f"this cloud accepts answers of up to {settings.answer_bytes} bytes")
    if db.execute("SELECT count(*) FROM requests").get >= settings.requests:
        raise ProblemError(
            ProblemCode.QUOTA, f"this cloud holds at most {settings.requests} requests; revoke some first"
        )
    return RequestRow(
        id=request_id,
        created=now,
        expires=expires,
        lifetime_s=terms.expires_in_s,
        answers=terms.answers,
        answer_bytes=terms.answer_bytes,
        revoked=None,
        proof_sha256=terms.proof_sha256,
        sheet=terms.sheet,
    )


def is_same(row: RequestRow, terms: messages.RequestTerms) -> bool:
    """Whether the request was made with the same terms. A relative expiry is compared as such."""
    requested = (terms.proof_sha256, terms.sheet, terms.answers, terms.answer_bytes)
    if requested != (row.proof_sha256, row.sheet, row.answers, row.answer_bytes):
        return False
    if terms.expires_in_s is not None:
        return row.lifetime_s == terms.expires_in_s
    return row.lifetime_s is None and to_time_or_none(row.expires) == terms.expires
