"""The ledger: a record of everything that left this device or was read by agents, in HOME/ledger.db.

    recorder = LedgerRecorder(home, why="backup")            # a transport records each request before it sends it
    with Ledger.open(home) as ledger:
        for entry in ledger.entries(): print(entry.sent.origin, entry.sent.bytes)
        ledger.verify()

Each record contains the digest of all records before it (docs/spec/ledger.md). The ledger is in no backup.
"""

from satchel.ledger.file import LEDGER_FILE, Ledger
from satchel.ledger.recorder import LedgerRecorder
from satchel.ledger.records import (
    ACCESS_KINDS,
    Access,
    Connection,
    Ended,
    Entry,
    Forgotten,
    Handled,
    Read,
    Sent,
    Wrote,
)

__all__ = [
    "ACCESS_KINDS",
    "LEDGER_FILE",
    "Access",
    "Connection",
    "Ended",
    "Entry",
    "Forgotten",
    "Handled",
    "Ledger",
    "LedgerRecorder",
    "Read",
    "Sent",
    "Wrote",
]
