"""What every part of the cloud is given: its settings, its two stores, the time and randomness.

Blocking calls of the storage, off the event loop.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

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


P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a blocking call in the event loop's threads."""
    return await asyncio.to_thread(call, *args, **kwargs)
