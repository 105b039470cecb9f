"""The tables of requests and answers.

A request outlives its end for a retention period, so that its answers can be taken. A taken answer keeps its row as a
receipt: when it arrived, its size and its digest, and nothing about the sender.
"""

from typing import Final, Literal, NamedTuple, Self

import apsw

from satchel_service.cursors import Cursor
from satchel_service.database import rows
from satchel_service.problems import not_found
from satchel_service.storage import BlobKey
from satchel_service.times import to_time, to_time_or_none
from satchel_wire import messages
from satchel_wire.problems import ProblemCode

State = Literal["live", "expired", "answered", "revoked", "blocked"]

ENDED: Final = {
    "expired": ProblemCode.EXPIRED,
    "answered": ProblemCode.ANSWERED,
    "revoked": ProblemCode.REVOKED,
    "blocked": ProblemCode.BLOCKED,
}


class AnswerRow(NamedTuple):
    """A row of `answers`."""

    request: str
    id: str
    blob: str | None
    size_bytes: int
    sha256: bytes
    received: int
    taken: int | None = None

    @classmethod
    def find(cls, db: apsw.Connection, request_id: str, answer_id: str) -> Self | None:
        """Return one answer, taken or not."""
        found = db.execute(
            f"{SELECT_ANSWERS} WHERE request = ? AND id = ?", (request_id, answer_id)
        ).fetchone()
        return None if found is None else cls(*found)

    @classmethod
    def of_request(cls, db: apsw.Connection, request_id: str) -> list[Self]:
        """Return the answers to a request, oldest first."""
        ordered = f"{SELECT_ANSWERS} WHERE request = ? ORDER BY received, id"
        return [cls(*found) for found in rows(db, ordered, (request_id,))]

    @property
    def key(self) -> BlobKey:
        """The key of the sealed answer. Raise a `not-found` problem if it was taken."""
        if self.blob is None:
            raise not_found("answer")
        return BlobKey(self.blob)

    def message(self) -> messages.Answer:
        """Return the receipt that the owner's devices see."""
        return messages.Answer(
            id=self.id,
            received=to_time(self.received),
            size_bytes=self.size_bytes,
            sha256=self.sha256,
            taken=to_time_or_none(self.taken),
        )

    def receipt(self) -> messages.AnswerReceipt:
        """Return the receipt that the sender gets."""
        return messages.AnswerReceipt(received=to_time(self.received), sha256=self.sha256)


class RequestRow(NamedTuple):
    """A row of `requests`."""

    id: str
    created: int
    expires: int | None
    lifetime_s: int | None
    answers: int
    answer_bytes: int
    revoked: int | None
    proof_sha256: bytes
    sheet: bytes

    @classmethod
    def find(cls, db: apsw.Connection, request_id: str) -> Self | None:
        """Return one request, live or not."""
        found = db.execute(f"{SELECT_REQUESTS} WHERE id = ?", (request_id,)).fetchone()
        return None if found is None else cls(*found)

    @classmethod
    def page(cls, db: apsw.Connection, after: Cursor | None, limit: int) -> list[Self]:
        """Return up to `limit` requests, newest first, after a cursor."""
        condition = "" if after is None else "WHERE (-created, id) > (-:created, :id)"
        values = {"limit": limit, **({} if after is None else after._asdict())}
        ordered = f"{SELECT_REQUESTS} {condition} ORDER BY -created, id LIMIT :limit"
        return [cls(*found) for found in rows(db, ordered, values)]

    @property
    def cursor(self) -> Cursor:
        """Its position in the list."""
        return Cursor(self.created, self.id)

    def state(self, now: int, received: int) -> State:
        """Return whether it can be answered at `now`, with so many answers received, and, if not, why."""
        if self.revoked is not None:
            return "revoked"
        if received >= self.answers:
            return "answered"
        if self.expires is not None and self.expires <= now:
            return "expired"
        return "live"

    def message(self, state: State, answers: list[AnswerRow]) -> messages.OwnedRequest:
        """Return the request as the owner's devices see it."""
        return messages.OwnedRequest(
            id=self.id,
            created=to_time(self.created),
            expires=to_time_or_none(self.expires),
            answer_bytes=self.answer_bytes,
            answers=self.answers,
            state=state,
            sheet=self.sheet,
            received=tuple(answer.message() for answer in answers),
        )


SELECT_REQUESTS: Final = f"SELECT {', '.join(RequestRow._fields)} FROM requests"  # noqa: S608  own names
SELECT_ANSWERS: Final = f"SELECT {', '.join(AnswerRow._fields)} FROM answers"  # noqa: S608  own names


def get_request(db: apsw.Connection, request_id: str) -> RequestRow:
    """Return a request, live or not. Raise a `not-found` problem."""
    found = RequestRow.find(db, request_id)
    if found is None:
        raise not_found("request")
    return found


def get_answer(db: apsw.Connection, request_id: str, answer_id: str) -> AnswerRow:
    """Return an answer, taken or not. Raise a `not-found` problem."""
    found = AnswerRow.find(db, get_request(db, request_id).id, answer_id)
    if found is None:
        raise not_found("answer")
    return found


def count_answers(db: apsw.Connection, request_id: str) -> int:
    """Return how many answers a request has received, taken ones included."""
    return int(db.execute("SELECT count(*) FROM answers WHERE request = ?", (request_id,)).get)


def waiting_bytes(db: apsw.Connection) -> int:
    """Return the size of all answers that no device has taken."""
    return int(db.execute("SELECT coalesce(sum(size_bytes), 0) FROM answers WHERE blob IS NOT NULL").get)
