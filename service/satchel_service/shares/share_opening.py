"""What everybody else may do with a share: learn what opening takes, and open it.

A view is taken by one SQL statement that also checks that the share is live, so that racing openers never get more
than the limit. Opening takes the proof of the key; nothing else takes a view. An ended share looks to strangers as
if it had never been; to who proves the key, it says how it ended.
"""

import hashlib
import hmac
from typing import Final

import apsw

from satchel_service.environment import Environment
from satchel_service.problems import ProblemError, not_found
from satchel_service.rates import AttemptLimiter, Rate
from satchel_service.shares.blocking import Blocking
from satchel_service.shares.rows import ENDED, Body, ShareRow, existing
from satchel_wire.problems import ProblemCode

# Wrong proofs of one share: ten at once, then one every six seconds. With a password each also costs the guesser a
# scrypt; without one the key has 128 bits and more, and the limit only saves work.
WRONG_PROOFS: Final = Rate(burst=10, refill_ms=6000)

LIVE: Final = "revoked IS NULL AND (expires IS NULL OR expires > :now) AND (views IS NULL OR opened < views)"
TAKE_VIEW: Final = f"""
UPDATE shares SET opened = opened + 1, last_opened = :now WHERE id = :id AND {LIVE}
RETURNING blob, size_bytes, version
"""  # noqa: S608  constants


class Openings:
    """The openers' side of shares."""

    def __init__(self, environment: Environment, blocking: Blocking) -> None:
        self._env = environment
        self._blocking = blocking
        self._limiter = AttemptLimiter(WRONG_PROOFS, environment.clock)

    async def live(self, share_id: str) -> ShareRow:
        """Find a live share; an ended one is not told from one that never was."""
        row = await self._find(share_id)
        if self._blocking.state(row) != "live":
            raise not_found("share")
        return row

    async def open(self, share_id: str, proof: bytes) -> Body:
        """Take one view for who proves the key, and return the body."""
        row = await self._find(share_id)
        self._check_proof(row, proof)
        if self._blocking.state(row) == "blocked":
            raise ProblemError(ProblemCode.BLOCKED)

        def take(db: apsw.Connection) -> Body:
            now = self._env.clock()
            taken = db.execute(TAKE_VIEW, {"id": share_id, "now": now}).fetchone()
            if taken is None:
                raise ProblemError(ENDED[existing(db, share_id).state(now)])
            return Body(*taken)

        return await self._env.database.write(take)

    async def current(self, share_id: str) -> Body:
        """Return the body that a share has now, for who has taken a view of one that was replaced meanwhile."""
        return (await self._find(share_id)).body

    async def raw(self, share_id: str) -> Body:
        """Find the body of a live share that has neither a view limit nor a password."""
        row = await self.live(share_id)
        if row.views is not None or row.has_password:
            raise not_found("share")
        return row.body

    async def _find(self, share_id: str) -> ShareRow:
        row = await self._env.database.read(lambda db: ShareRow.find(db, share_id))
        if row is None:
            raise not_found("share")
        return await self._blocking.examined(row)

    def _check_proof(self, row: ShareRow, proof: bytes) -> None:
        """Compare in constant time. With a password even a right proof must wait while wrong ones are too many.

        Without one the key cannot be guessed, and a right proof always passes: strangers cannot lock a share.
        """
        if row.has_password:
            self._limiter.admit(row.id)
        if hmac.compare_digest(hashlib.sha256(proof).digest(), row.proof_sha256):
            return
        if self._blocking.state(row) != "live":
            raise not_found("share")
        self._limiter.admit(row.id)
        self._limiter.failed(row.id)
        raise ProblemError(ProblemCode.WRONG_PROOF)
