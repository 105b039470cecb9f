"""The ASGI application: routes from the table, one handler for every failure, a start and a stop."""

import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from satchel_service.cloud import Cloud
from satchel_service.database import Database, DatabaseError, LocalJournal
from satchel_service.environment import Environment
from satchel_service.logs import JsonLog
from satchel_service.problems import ProblemError
from satchel_service.settings import Settings
from satchel_service.storage import StorageError
from satchel_service.storage.opening import local_folder, open_storage
from satchel_service.web.answers import handle
from satchel_service.web.endpoints import ENDPOINTS
from satchel_service.web.mounting import mount
from satchel_service.web.observing import Observing


def make_environment(settings: Settings) -> Environment:
    """Put the real stores, clock and randomness together; nothing is opened yet."""
    return Environment(
        settings=settings,
        database=Database(database_folder(settings), LocalJournal()),
        storage=open_storage(settings.storage, os.urandom),
        clock=lambda: time.time_ns() // 1_000_000,
        entropy=os.urandom,
    )


def database_folder(settings: Settings) -> Path:
    """Return where the micro-database lies: what the setting says, or beside the objects of a directory."""
    return (
        Path(settings.database_dir) if settings.database_dir else local_folder(settings.storage) / "database"
    )


def make_app(environment: Environment) -> ASGIApp:
    """Build the application; its lifespan opens the database and closes it."""
    cloud = Cloud.of(environment)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        environment.storage.prepare()
        environment.database.open()
        try:
            await announce_first_code(cloud)
            yield
        finally:
            environment.database.close()

    app = Starlette(
        routes=mount(cloud, ENDPOINTS),
        exception_handlers=dict.fromkeys(
            (HTTPException, ProblemError, StorageError, DatabaseError, Exception), handle
        ),
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    log = JsonLog(sys.stdout.buffer, environment.settings.log_level, lambda: datetime.now(UTC))
    return Observing(app, log)


async def announce_first_code(cloud: Cloud) -> None:
    """While no device is connected, tell whoever reads the console how to connect one."""
    code = await cloud.pairing.first_code()
    if code is not None:
        sys.stderr.write(
            f"pairing code: {code.text} (works once, for 24 hours; a fresh one: satchel-service pair)\n"
        )
        sys.stderr.flush()
