"""The ASGI application: routes from the table, one handler for every failure, a start and a stop."""

import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp

from satchel_service.cloud import Cloud
from satchel_service.database import Database, DatabaseError
from satchel_service.devices.codes import create_first_code
from satchel_service.environment import Environment
from satchel_service.lifecycle.waking import open_database
from satchel_service.log.errors import LogError
from satchel_service.logs import JsonLog
from satchel_service.problems import ProblemError
from satchel_service.settings import Settings
from satchel_service.storage import StorageError
from satchel_service.storage.opening import open_storage
from satchel_service.web.middleware import Observing
from satchel_service.web.routing import mount


def make_environment(settings: Settings) -> Environment:
    """Put the real stores, clock and randomness together; nothing is opened yet."""
    return Environment(
        settings=settings,
        database=Database(),
        storage=open_storage(settings, os.urandom),
        clock=lambda: time.time_ns() // 1_000_000,
        entropy=os.urandom,
    )


def make_app(environment: Environment, log: JsonLog, on_fatal: Callable[[], None]) -> ASGIApp:
    """Build the application; its lifespan opens the database and closes it.

    `on_fatal` is called once it can only refuse, because another instance has taken over: end the process.
    """
    cloud = Cloud(environment)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(open_database(environment, on_fatal))
                await announce_first_code(environment)
            except (StorageError, DatabaseError, LogError) as exc:
                sys.stderr.write(f"satchel-service: cannot start: {told(exc)}\n")
                raise
            yield

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
    from satchel_service.web.responses import as_problem, problem_response  # noqa: PLC0415  the first answer has none

    return problem_response(request, as_problem(error))


def told(error: Exception) -> str:
    """Return what went wrong in one line, with what to do about it where that is known."""
    hint = error.hint if isinstance(error, LogError) else ""
    return f"{error}; {hint}" if hint else str(error)


async def announce_first_code(environment: Environment) -> None:
    """While no device is connected, tell whoever reads the console how to connect one."""
    code = await create_first_code(environment)
    if code is not None:
        sys.stderr.write(
            f"pairing code: {code.text} (works once, for 24 hours; a fresh one: satchel-service pair)\n"
        )
        sys.stderr.flush()
