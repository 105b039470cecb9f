"""The audit log: who changed what, in a chain of hashes that devices verify (docs/spec/audit.md).

A change and its entry share a transaction, so neither exists without the other:

    def delete(db: apsw.Connection) -> None:
        db.execute("DELETE FROM devices WHERE id = ?", (device_id,))
        record(db, Event.DEVICE_REVOKED, by_device(by), now=now, target=device_id)

`trail` appends entries, `refusals` counts refused attempts by the hour, `settings_changes` notices what the operator
changed, `pages` reads the log for devices, `pruning` ends old entries, and `coverage` lists the events of each operation.
"""

from satchel_service.audit.trail import (
    ANYONE,
    CLOUD,
    OPERATOR,
    Who,
    by_device,
    by_subject,
    record,
    record_each,
)
from satchel_wire.audit import Event

__all__ = ["ANYONE", "CLOUD", "OPERATOR", "Event", "Who", "by_device", "by_subject", "record", "record_each"]
