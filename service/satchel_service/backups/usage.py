"""The usage of a cloud: its quota, checked inside the transactions that add to it, and its status for the owner."""

from typing import Final

import apsw

from satchel_service.environment import Environment
from satchel_service.problems import ProblemError
from satchel_wire import messages
from satchel_wire.problems import ProblemCode

VERSION: Final = "0.1.0"  # fixed here because the image contains no distribution metadata
SELECT_USED_BYTES: Final = """
SELECT (SELECT coalesce(sum(size_bytes), 0) FROM archives)
     + (SELECT coalesce(sum(size_bytes), 0) FROM shares WHERE blob IS NOT NULL)
     + (SELECT coalesce(sum(size_bytes), 0) FROM uploads WHERE blob IS NOT NULL)
"""


def used_bytes(db: apsw.Connection) -> int:
    """Return the bytes of all stored objects; unfinished uploads count with their full size."""
    return int(db.execute(SELECT_USED_BYTES).get)


def check_quota(db: apsw.Connection, size_bytes: int, quota_bytes: int) -> None:
    """Raise a `quota` problem if another `size_bytes` bytes would exceed the quota."""
    used = used_bytes(db)
    if used + size_bytes > quota_bytes:
        raise ProblemError(
            ProblemCode.QUOTA, f"{used} of {quota_bytes} bytes are in use; delete backups or shares first"
        )


async def get_status(environment: Environment) -> messages.Status:
    """Return the usage and the limits of the cloud."""

    def count(db: apsw.Connection) -> tuple[int, int, int, int]:
        now = environment.clock()
        return (
            used_bytes(db),
            int(db.execute("SELECT count(*) FROM backups WHERE expires IS NULL OR expires > ?", (now,)).get),
            int(db.execute("SELECT count(*) FROM shares").get),
            int(db.execute("SELECT count(*) FROM devices").get),
        )

    used, backups, shares, devices = await environment.database.read(count)
    settings = environment.settings
    return messages.Status(
        version=VERSION,
        used_bytes=used,
        backups=backups,
        shares=shares,
        devices=devices,
        limits=messages.Limits(
            part_bytes=settings.part_bytes,
            archive_bytes=settings.archive_bytes,
            share_bytes=settings.share_bytes,
            shares=settings.shares,
            devices=settings.devices,
            quota_bytes=settings.quota_bytes,
        ),
    )
