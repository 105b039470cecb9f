"""The environment of a cloud: its settings, database, storage, clock and source of randomness."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, ParamSpec, TypeVar

from satchel_service.database import Database
from satchel_service.settings import Settings
from satchel_service.storage import Storage
from satchel_service.times import Clock

VERSION: Final = "0.1.0"  # fixed here because the image contains no distribution metadata
SENT_CHUNK_BYTES: Final = 96 * 1024
"""Of a response that is sent while it is read. A connection whose client reads nothing holds two."""
Entropy = Callable[[int], bytes]
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Environment:
    """The dependencies of every part of the service.

    `clock` returns milliseconds since 1970; `entropy(n)` returns n cryptographically random bytes.
    """

    settings: Settings
    database: Database
    storage: Storage
    clock: Clock
    entropy: Entropy


async def in_thread(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a blocking call in a thread of the event loop and return its result."""
    return await asyncio.to_thread(call, *args, **kwargs)
