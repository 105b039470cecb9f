"""The operator's block list, the setting `SATCHEL_BLOCKED_SHARES`: share ids and SHA-256 hashes of sealed bodies.

A body's hash is the hash of its ciphertext as stored, so an operator without any key can name it, and the body stays
blocked under every other id. Hashes are computed only while the list has hashes, and then kept in the share's row.
"""

import hashlib
from typing import Final

import apsw

from satchel_service.audit import OPERATOR, Event, record
from satchel_service.environment import Environment, in_thread
from satchel_service.problems import ProblemError
from satchel_service.shares.rows import Body, ShareRow, State
from satchel_service.storage import BlobKey
from satchel_wire.problems import ProblemCode

CHUNK_BYTES: Final = 1 << 20


class Blocking:
    """Judges shares and bodies by the block list."""

    def __init__(self, environment: Environment) -> None:
        self._env = environment
        blocked = environment.settings.blocked_shares
        self._ids = frozenset(text for text in blocked if len(text) == 32)
        self._digests = frozenset(bytes.fromhex(text) for text in blocked if len(text) == 64)

    def state(self, row: ShareRow) -> State:
        """Return whether a share can be opened now and, if not, why."""
        if row.revoked is None and (row.id in self._ids or row.body_sha256 in self._digests):
            return "blocked"
        return row.state(self._env.clock())

    async def with_digest(self, row: ShareRow) -> ShareRow:
        """Return the row with its body's hash, computing it if hashes are blocked and it is not known yet."""
        if row.blob is None or row.body_sha256 is not None or not self._digests:
            return row
        digest = await self._digest(row.body)

        def store(db: apsw.Connection) -> None:
            db.execute(
                "UPDATE shares SET body_sha256 = ? WHERE id = ? AND blob = ? AND body_sha256 IS NULL",
                (digest, row.id, row.blob),
            )
            if db.changes() and digest in self._digests:
                record(db, Event.SHARE_BLOCKED, OPERATOR, now=self._env.clock(), target=row.id)

        await self._env.database.write(store)
        return row._replace(body_sha256=digest)

    async def check_body(self, body: Body) -> bytes | None:
        """Refuse a blocked body; return its hash, or None if no hash is blocked."""
        if not self._digests:
            return None
        digest = await self._digest(body)
        if digest in self._digests:
            raise ProblemError(ProblemCode.BLOCKED)
        return digest

    async def _digest(self, body: Body) -> bytes:
        """Return the SHA-256 of a sealed body, read in bounded memory."""

        def read(key: BlobKey, size_bytes: int) -> bytes:
            digest = hashlib.sha256()
            for chunk in self._env.storage.stream(key, 0, size_bytes, CHUNK_BYTES):
                digest.update(chunk)
            return digest.digest()

        return await in_thread(read, body.blob, body.size_bytes)
