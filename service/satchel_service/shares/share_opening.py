"""Operations of recipients: read what opening a share takes, and open it.

Opening a share without a view limit is a read. For a share with one, a single SQL statement checks that it is live and
takes a view, so racing recipients never get more views than the limit. Only a proof of the key takes a view. A stranger
cannot tell an ended share from one that never existed; a recipient with the key learns how it ended.
"""

import hashlib
import hmac
from typing import Final

import apsw

from satchel_service.audit import ANYONE, Event, record
from satchel_service.environment import Environment
from satchel_service.problems import ProblemError, not_found
from satchel_service.rates import AttemptLimiter, Rate
from satchel_service.shares.blocking import Blocking
from satchel_service.shares.bodies import Bodies, OpenBody
from satchel_service.shares.opening_counts import OpeningCounts
from satchel_service.shares.rows import ENDED, Body, ShareRow, State, get_share
from satchel_service.storage import NotFoundError
from satchel_wire.problems import ProblemCode

# Wrong proofs of one share: ten at once, then one every six seconds. With a password, each guess also costs a scrypt;
# without one, the key has at least 128 bits and the limit only saves work.
WRONG_PROOFS: Final = Rate(burst=10, refill_ms=6000)

LIVE: Final = "revoked IS NULL AND (expires IS NULL OR expires > :now) AND (views IS NULL OR opened < views)"
TAKE_VIEW: Final = f"""
UPDATE shares SET opened = opened + 1, last_opened = :now WHERE id = :id AND {LIVE}
RETURNING blob, size_bytes, version
"""  # noqa: S608  constants


class Openings:
    """Share operations for recipients."""

    def __init__(
        self, environment: Environment, blocking: Blocking, bodies: Bodies, counts: OpeningCounts
    ) -> None:
        self._env = environment
        self._blocking = blocking
        self._bodies = bodies
        self._counts = counts
        self._limiter = AttemptLimiter(WRONG_PROOFS, environment.clock, max(1, environment.settings.shares))

    async def find_live(self, share_id: str) -> ShareRow:
        """Return a live share; an ended one and one that never existed raise the same problem."""
        row = await self._find(share_id)
        if self._blocking.state(row) != "live":
            raise not_found("share")
        return row

    async def open(self, share_id: str, proof: bytes) -> OpenBody:
        """Check the proof of the key, take a view if views are limited, and open the body."""
        row = await self._find(share_id)
        state = self._blocking.state(row)
        self._check_proof(row, proof, state)
        if state != "live":
            raise ProblemError(ENDED[state])
        if row.views is not None:
            return await self._open_body(share_id, await self._take_view(share_id))
        opened = await self._open_body(share_id, row.body)
        self._counts.add(share_id)
        if self._env.settings.audit_views:
            await self._env.database.write(lambda db: self._record(db, share_id))
        return opened

    async def find_raw(self, share_id: str) -> Body:
        """Return the body of a live share that has neither a view limit nor a password."""
        row = await self.find_live(share_id)
        if row.views is not None or row.has_password:
            raise not_found("share")
        return row.body

    async def _open_body(self, share_id: str, body: Body) -> OpenBody:
        try:
            return await self._bodies.open(body)
        except NotFoundError:  # the owner has just replaced it, or revoked the share
            row = await self._find(share_id)
            if row.revoked is not None:
                raise ProblemError(ProblemCode.REVOKED) from None
            return await self._bodies.open(row.body)

    async def _find(self, share_id: str) -> ShareRow:
        row = await self._env.database.look_up(lambda db: ShareRow.find(db, share_id))
        if row is None:
            raise not_found("share")
        return await self._blocking.with_digest(row)

    async def _take_view(self, share_id: str) -> Body:
        def take(db: apsw.Connection) -> Body:
            now = self._env.clock()
            taken = db.execute(TAKE_VIEW, {"id": share_id, "now": now}).fetchone()
            if taken is None:
                raise ProblemError(ENDED[get_share(db, share_id).state(now)])
            if self._env.settings.audit_views:
                self._record(db, share_id)
            return Body(*taken)

        return await self._env.database.write(take)

    def _record(self, db: apsw.Connection, share_id: str) -> None:
        record(db, Event.SHARE_OPENED, ANYONE, now=self._env.clock(), target=share_id)

    def _check_proof(self, row: ShareRow, proof: bytes, state: State) -> None:
        """Compare in constant time. With a password, even a right proof waits while there are too many wrong ones.

        Without one, the key cannot be guessed and a right proof always passes, so strangers cannot lock a share. Every
        wrong proof counts, whatever the state of the share: an ended share must not confirm a guess that opens it once
        it is re-armed.
        """
        is_limited = self._limiter.wait_ms(row.id) > 0
        is_right = hmac.compare_digest(hashlib.sha256(proof).digest(), row.proof_sha256)
        if is_right and not (is_limited and row.has_password):
            return
        if not is_right and not is_limited:
            self._limiter.record_failure(row.id)
        if state != "live":
            raise not_found("share")
        if is_limited:
            self._limiter.check(row.id)
        raise ProblemError(ProblemCode.WRONG_PROOF)
