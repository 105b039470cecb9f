"""How much the cloud keeps, counted where it is decided: inside the transaction that would add to it."""

import apsw

from satchel_service.problems import ProblemError
from satchel_wire.problems import ProblemCode

USED_BYTES = """
SELECT (SELECT coalesce(sum(size_bytes), 0) FROM archives)
     + (SELECT coalesce(sum(size_bytes), 0) FROM shares WHERE blob IS NOT NULL)
     + (SELECT coalesce(sum(size_bytes), 0) FROM uploads WHERE blob IS NOT NULL)
"""


def used_bytes(db: apsw.Connection) -> int:
    """Return the bytes of everything kept, unfinished uploads at their full size."""
    return int(db.execute(USED_BYTES).get)


def check_quota(db: apsw.Connection, size_bytes: int, quota_bytes: int) -> None:
    """Refuse what would not fit."""
    used = used_bytes(db)
    if used + size_bytes > quota_bytes:
        raise ProblemError(
            ProblemCode.QUOTA, f"{used} of {quota_bytes} bytes are in use; delete backups or shares first"
        )
