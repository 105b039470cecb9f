"""What every part of the cloud is given: its settings, its two stores, the time and randomness."""

from collections.abc import Callable
from dataclasses import dataclass

from satchel_service.database import Database
from satchel_service.settings import Settings
from satchel_service.storage import Storage

Clock = Callable[[], int]
Entropy = Callable[[int], bytes]


@dataclass(frozen=True)
class Environment:
    """`clock` tells milliseconds since 1970, `entropy(n)` gives n random bytes fit for keys."""

    settings: Settings
    database: Database
    storage: Storage
    clock: Clock
    entropy: Entropy
