"""What the cloud holds and accepts, for its owner."""

from typing import Final

import apsw

from satchel_service.environment import Environment
from satchel_service.quota import used_bytes
from satchel_wire import messages

VERSION: Final = "0.1.0"  # the image has the packages without what describes their distribution


async def show(environment: Environment) -> messages.Status:
    """Count what is live."""

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
