"""What the holders of a link do: read what is asked for, and send a sealed answer.

Nothing happens without a proof of the request's key, so a page load, a link scanner or a stranger with the id has no
effect. An answer is received in one request. Its row is inserted in one transaction that checks the request again, so
racing senders never exceed the number of answers. Strangers cannot fill the cloud: each request has a size and a number
of answers, all waiting answers together have a limit, and so has what is being received at the same time.
"""

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

import apsw

from satchel_service.audit import ANYONE, Event, record
from satchel_service.backups.usage import check_quota
from satchel_service.environment import Environment, in_thread
from satchel_service.lifecycle.sweeping import delete_blobs
from satchel_service.problems import ProblemError, not_found
from satchel_service.rates import AttemptLimiter, Rate
from satchel_service.requesting.owner import state_of
from satchel_service.requesting.rows import ENDED, AnswerRow, RequestRow, State, count_answers, waiting_bytes
from satchel_service.storage import BlobKey, Part, PartPlan, PartSink, blob_key
from satchel_service.times import to_time_or_none
from satchel_wire import messages
from satchel_wire.problems import ProblemCode

PREFIX: Final = "answers/"
WRONG_PROOFS: Final = Rate(
    burst=10, refill_ms=6000
)  # per request; the key cannot be guessed, this saves work
MAX_RECEIVING: Final = 8  # answers received at the same time: at most 240 MiB
MAX_RECEIVING_EACH: Final = 2  # of one request
RETRY_AFTER_S: Final = 15

INSERT: Final = f"""
INSERT INTO answers({", ".join(AnswerRow._fields)}) VALUES ({", ".join("?" * len(AnswerRow._fields))})
"""  # noqa: S608  own names


class Incoming(NamedTuple):
    """An answer that may be received: its object in the storage, as an upload of one part."""

    request: str
    id: str
    size_bytes: int
    blob: BlobKey
    token: str

    @property
    def plan(self) -> PartPlan:
        """One part."""
        return PartPlan(self.size_bytes, self.size_bytes)

    @property
    def part(self) -> Part:
        """The only part."""
        return Part(1, 0, self.size_bytes)


class Answering:
    """Operations of the holders of a link."""

    def __init__(self, environment: Environment) -> None:
        self._env = environment
        self._limiter = AttemptLimiter(WRONG_PROOFS, environment.clock, max(1, environment.settings.requests))
        self._receiving: Counter[str] = Counter()

    async def find_live(self, request_id: str) -> RequestRow:
        """Return a live request; an ended one and one that never existed raise the same problem."""
        row, state = await self._find(request_id)
        if state != "live":
            raise not_found("request")
        return row

    async def open(self, request_id: str, proof: bytes) -> messages.RequestSheet:
        """Check the proof of the key and return what is asked for. Changes nothing."""
        row, state = await self._find(request_id)
        self._check_proof(row, proof, state)
        if state != "live":
            raise ProblemError(ENDED[state])
        return messages.RequestSheet(
            sheet=row.sheet, answer_bytes=row.answer_bytes, expires=to_time_or_none(row.expires)
        )

    @contextmanager
    def slot(self, request_id: str) -> Iterator[None]:
        """Hold one of the few places for answers that are being received. Raise a `too-many` problem without one."""
        if self._receiving[request_id] >= MAX_RECEIVING_EACH or self._receiving.total() >= MAX_RECEIVING:
            raise ProblemError(
                ProblemCode.TOO_MANY, "other answers are arriving at the moment", retry_after_s=RETRY_AFTER_S
            )
        self._receiving[request_id] += 1
        try:
            yield
        finally:
            self._receiving[request_id] -= 1
            self._receiving += Counter()  # drops zeros

    async def begin(self, request_id: str, answer_id: str, proof: bytes, size_bytes: int) -> Incoming:
        """Check everything that can be checked before the body is read, and begin an object for it.

        An answer that has arrived before may be sent again, whatever the state of the request.
        """
        row, state = await self._find(request_id)
        self._check_proof(row, proof, state)
        earlier = await self._env.database.read(lambda db: AnswerRow.find(db, request_id, answer_id))
        if earlier is None and state != "live":
            raise ProblemError(ENDED[state])
        if size_bytes > row.answer_bytes:
            raise ProblemError(
                ProblemCode.TOO_LARGE, f"this request takes answers of up to {row.answer_bytes} bytes"
            )
        await self._env.database.read(lambda db: self._check_room(db, size_bytes))
        key = blob_key(f"{PREFIX}{request_id}.{self._env.entropy(8).hex()}")
        plan = PartPlan(size_bytes, size_bytes)
        token = await in_thread(self._env.storage.begin_upload, key, plan)
        return Incoming(request_id, answer_id, size_bytes, key, token)

    async def open_sink(self, incoming: Incoming) -> PartSink:
        """Open the object for writing."""
        return await in_thread(self._env.storage.part_sink, incoming.blob, incoming.token, incoming.part)

    async def finish(self, incoming: Incoming, sha256: bytes) -> messages.AnswerReceipt:
        """Complete the object and insert its row, unless the request has ended meanwhile."""
        await in_thread(self._env.storage.complete_upload, incoming.blob, incoming.token, incoming.plan)
        fresh = AnswerRow(
            incoming.request, incoming.id, incoming.blob, incoming.size_bytes, sha256, self._env.clock()
        )

        def insert(db: apsw.Connection) -> AnswerRow:
            earlier = AnswerRow.find(db, fresh.request, fresh.id)
            if earlier is not None:
                if not hmac.compare_digest(earlier.sha256, sha256):
                    raise ProblemError(ProblemCode.CONFLICT, "this answer was sent with other content")
                return earlier
            self._require_live(db, fresh.request)
            self._check_room(db, fresh.size_bytes)
            db.execute(INSERT, fresh)
            record(db, Event.ANSWER_RECEIVED, ANYONE, now=self._env.clock(), target=fresh.request)
            return fresh

        try:
            stored = await self._env.database.write(insert)
        except ProblemError:
            await delete_blobs(self._env.storage, [incoming.blob])
            raise
        if stored is not fresh:
            await delete_blobs(self._env.storage, [incoming.blob])
        return stored.receipt()

    async def discard(self, incoming: Incoming) -> None:
        """Drop an answer that did not arrive whole."""
        await in_thread(self._env.storage.abort_upload, incoming.blob, incoming.token)

    async def _find(self, request_id: str) -> tuple[RequestRow, State]:
        def read(db: apsw.Connection) -> tuple[RequestRow, int] | None:
            row = RequestRow.find(db, request_id)
            return None if row is None else (row, count_answers(db, request_id))

        found = await self._env.database.look_up(read)
        if found is None:
            raise not_found("request")
        row, received = found
        return row, state_of(row, self._env, received)

    def _require_live(self, db: apsw.Connection, request_id: str) -> None:
        row = RequestRow.find(db, request_id)
        if row is None:
            raise not_found("request")
        state = state_of(row, self._env, count_answers(db, request_id))
        if state != "live":
            raise ProblemError(ENDED[state])

    def _check_room(self, db: apsw.Connection, size_bytes: int) -> None:
        """Raise a `quota` problem if the waiting answers, or the cloud, have no room for another one."""
        settings = self._env.settings
        if waiting_bytes(db) + size_bytes > settings.waiting_bytes:
            raise ProblemError(
                ProblemCode.QUOTA, "the answers that wait for the owner fill their part of the cloud"
            )
        check_quota(db, size_bytes, settings.quota_bytes)

    def _check_proof(self, row: RequestRow, proof: bytes, state: State) -> None:
        """Compare in constant time. A right proof always passes, so strangers cannot lock a request.

        Without the key, an ended request looks like one that never existed.
        """
        if hmac.compare_digest(hashlib.sha256(proof).digest(), row.proof_sha256):
            return
        is_limited = self._limiter.wait_ms(row.id) > 0
        if not is_limited:
            self._limiter.record_failure(row.id)
        if state != "live":
            raise not_found("request")
        if is_limited:
            self._limiter.check(row.id)
        raise ProblemError(ProblemCode.WRONG_PROOF)
