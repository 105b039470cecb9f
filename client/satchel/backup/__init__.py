"""Create, list, verify, restore and delete backups, at any destination.

    context = Context(home, keys)
    result = back_up(context, destination, BackupOptions("laptop"))
    with select_backup(destination, context) as selection:
        verify(context, selection)

`create`, `restore` and `listing` hold the operations; `local` holds what they keep in the home.
"""

from pathlib import Path

import msgspec

from satchel.keys.derive import OwnerKeys
from satchel.pieces.model import Clock, Entropy, system_entropy, utc_now
from satchel.progress import SILENT, Progress


class Context(msgspec.Struct, frozen=True):
    """What every operation needs: a home, its owner's keys, the time, randomness, and progress reports."""

    home: Path
    keys: OwnerKeys
    clock: Clock = utc_now
    entropy: Entropy = system_entropy
    progress: Progress = SILENT
