"""The key of this cloud's nonces, and the nonces that have been used: each is stored as a digest until it expires.

key = await nonce_key(environment)
use_nonce(db, nonce.text, expires, now)          # in the transaction of the sign-in
"""

import apsw

from satchel_service.database import row
from satchel_service.database.schema import NONCE_KEY
from satchel_service.environment import Environment
from satchel_service.problems import ProblemError
from satchel_service.sign_in.nonces import KEY_BYTES, nonce_digest
from satchel_wire.problems import ProblemCode


def use_nonce(db: apsw.Connection, text: str, expires: int, now: int) -> None:
    """Mark a nonce as used. Raise a `wrong-sign-in` problem if it has been used."""
    db.execute("DELETE FROM nonces WHERE expires <= ?", (now,))
    db.execute(
        "INSERT OR IGNORE INTO nonces(nonce_sha256, expires) VALUES (?, ?)", (nonce_digest(text), expires)
    )
    if db.changes() == 0:
        raise ProblemError(ProblemCode.WRONG_SIGN_IN, "the nonce has been used: sign in again")


async def nonce_key(environment: Environment) -> bytes:
    """Return the key of this cloud's nonces, creating it once."""
    found = await environment.database.read(stored_key)
    if found is not None:
        return found
    new = environment.entropy(KEY_BYTES)

    def create(db: apsw.Connection) -> bytes:
        db.execute("INSERT OR IGNORE INTO meta(key, value) VALUES (?, ?)", (NONCE_KEY, new))
        return stored_key(db) or new

    return await environment.database.write(create)


def stored_key(db: apsw.Connection) -> bytes | None:
    """Return the key of this cloud's nonces, if there is one."""
    found = row(db, "SELECT value FROM meta WHERE key = ?", (NONCE_KEY,))
    return None if found is None else bytes(found[0])
