"""The ASGI application: routes from the table, one handler for every failure, a start and a stop."""

import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp

from satchel_service.cloud import Cloud
from satchel_service.codes import first_code
from satchel_service.database import Database, DatabaseError, LocalJournal
from satchel_service.environment import Environment
from satchel_service.logs import JsonLog
from satchel_service.problems import ProblemError
from satchel_service.settings import Settings
from satchel_service.storage import StorageError
from satchel_service.storage.opening import local_folder, open_storage
from satchel_service.web.mounting import mount
from satchel_service.web.observing import Observing


def make_environment(settings: Settings) -> Environment:
    """Put the real stores, clock and randomness together; nothing is opened yet."""
    return Environment(
        settings=settings,
        database=Database(database_folder(settings), LocalJournal()),
        storage=open_storage(settings, os.urandom),
        clock=lambda: time.time_ns() // 1_000_000,
        entropy=os.urandom,
    )


def database_folder(settings: Settings) -> Path:
    """Return where the micro-database lies: what the setting says, or beside the objects of a directory."""
    return (
        Path(settings.database_dir) if settings.database_dir else local_folder(settings.storage) / "database"
    )


def make_app(environment: Environment, log: JsonLog) -> ASGIApp:
    """Build the application; its lifespan opens the database and closes it."""
    cloud = Cloud(environment)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        try:
            environment.storage.prepare()
            environment.database.open()
        except (StorageError, DatabaseError) as exc:
            sys.stderr.write(f"satchel-service: cannot start: {exc}\n")
            raise
        try:
            await announce_first_code(environment)
            yield
        finally:
            environment.database.close()

    app = Starlette(
        routes=mount(cloud),
        exception_handlers=dict.fromkeys(
            (HTTPException, ClientDisconnect, ProblemError, StorageError, DatabaseError, Exception), refuse
        ),
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return Observing(app, log)


async def refuse(request: Request, error: Exception) -> Response:
    """Answer an exception as a problem document."""
    from satchel_service.web.answers import as_problem, problem_response  # noqa: PLC0415  the first answer has none

    return problem_response(request, as_problem(error))


async def announce_first_code(environment: Environment) -> None:
    """While no device is connected, tell whoever reads the console how to connect one."""
    code = await first_code(environment)
    if code is not None:
        sys.stderr.write(
            f"pairing code: {code.text} (works once, for 24 hours; a fresh one: satchel-service pair)\n"
        )
        sys.stderr.flush()
