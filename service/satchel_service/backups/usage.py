"""The usage of a cloud: its quota, checked inside the transactions that add to it, and its status for the owner."""

from typing import Final

import apsw

from satchel_service.audit.pages import to_head
from satchel_service.audit.trail import read_head
from satchel_service.backups.rows import select_deletions
from satchel_service.environment import VERSION, Environment
from satchel_service.problems import ProblemError
from satchel_wire import messages
from satchel_wire.audit import Link
from satchel_wire.problems import ProblemCode

SELECT_USED_BYTES: Final = """
SELECT (SELECT coalesce(sum(size_bytes), 0) FROM archives)
     + (SELECT coalesce(sum(size_bytes), 0) FROM shares WHERE blob IS NOT NULL)
     + (SELECT coalesce(sum(size_bytes), 0) FROM uploads WHERE blob IS NOT NULL)
     + (SELECT coalesce(sum(size_bytes), 0) FROM answers WHERE blob IS NOT NULL)
"""


def used_bytes(db: apsw.Connection) -> int:
    """Return the bytes of all stored objects; unfinished uploads count with their full size."""
    return int(db.execute(SELECT_USED_BYTES).get)


def check_quota(db: apsw.Connection, size_bytes: int, quota_bytes: int) -> None:
    """Raise a `quota` problem if another `size_bytes` bytes would exceed the quota."""
    used = used_bytes(db)
    if used + size_bytes > quota_bytes:
        raise ProblemError(
            ProblemCode.QUOTA,
            f"{used} of {quota_bytes} bytes are in use, including deleted backups that can still be brought back",
        )


async def get_status(environment: Environment) -> messages.Status:
    """Return the usage and the limits of the cloud."""
    settings = environment.settings

    def count(db: apsw.Connection) -> tuple[int, int, int, int, int, int, dict[str, messages.Deletion], Link]:
        return (
            used_bytes(db),
            int(db.execute("SELECT count(*) FROM backups WHERE deleted IS NULL").get),
            int(db.execute("SELECT count(*) FROM shares").get),
            int(db.execute("SELECT count(*) FROM devices").get),
            int(db.execute("SELECT count(*) FROM requests").get),
            int(db.execute("SELECT count(*) FROM answers WHERE blob IS NOT NULL").get),
            select_deletions(db, environment.clock(), settings.delete_grace_s * 1000),
            read_head(db),
        )

    used, backups, shares, devices, requests, answers, deletions, head = await environment.database.read(
        count
    )
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
        deletions=tuple(deletions.values()),
        grace_s=settings.delete_grace_s,
        audit=to_head(head),
        requests=requests,
        answers=answers,
    )
