"""What every operation on backups works with."""

from dataclasses import dataclass
from pathlib import Path

from satchel.keys.derive import OwnerKeys
from satchel.progress import SILENT, Progress
from satchel.store.model import Clock, Entropy, system_entropy, utc_now


@dataclass(frozen=True, slots=True)
class Context:
    """A home, its owner's keys, and the world as an operation may see it."""

    home: Path
    keys: OwnerKeys
    clock: Clock = utc_now
    entropy: Entropy = system_entropy
    progress: Progress = SILENT
