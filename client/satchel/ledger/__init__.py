"""The ledger: a record of everything that ever left this device, in HOME/ledger.db.

    recorder = LedgerRecorder(home, why="backup")            # a transport records each request before it sends it
    with Ledger.open(home) as ledger:
        for entry in ledger.entries(): print(entry.sent.origin, entry.sent.bytes)
        ledger.verify()

Each record contains the digest of all records before it (docs/spec/ledger.md). The ledger is in no backup.
"""

from satchel.ledger.file import LEDGER_FILE, Ledger
from satchel.ledger.recorder import LedgerRecorder
from satchel.ledger.records import Connection, Ended, Entry, Forgotten, Sent

__all__ = ["LEDGER_FILE", "Connection", "Ended", "Entry", "Forgotten", "Ledger", "LedgerRecorder", "Sent"]
