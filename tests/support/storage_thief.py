"""An attacker with access to a cloud's storage: reads and changes the micro-database of a stopped cloud."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import apsw

from satchel_service.database import Database
from satchel_service.environment import Environment
from satchel_service.lifecycle.waking import open_database
from satchel_service.settings import Settings
from satchel_service.storage.opening import open_storage

T = TypeVar("T")


def execute(folder: Path, *statements: str) -> None:
    """Run SQL on the micro-database of a cloud in a directory, and log it as the service itself would."""

    def change(db: apsw.Connection) -> None:
        for statement in statements:
            db.execute(statement)

    _open(folder, lambda database: database.write(change))


def read(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query on the micro-database of a cloud in a directory."""
    return _open(folder, lambda database: database.read(lambda db: list(db.execute(query))))


def _open(folder: Path, act: Callable[[Database], Awaitable[T]]) -> T:
    environ = {"SATCHEL_STORAGE": f"file:{folder}", "SATCHEL_DATABASE_DIR": str(folder.with_name("thief"))}
    settings = Settings.read(environ)
    environment = Environment(
        settings=settings,
        database=Database(),
        storage=open_storage(settings, os.urandom),
        clock=lambda: time.time_ns() // 1_000_000,
        entropy=os.urandom,
    )

    async def run() -> T:
        async with open_database(environment, lambda: None):
            return await act(environment.database)

    return asyncio.run(run())
