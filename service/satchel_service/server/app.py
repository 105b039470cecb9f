"""The ASGI application on real stores: opened when the server starts, closed when it stops."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Final

from starlette.applications import Starlette
from starlette.types import ASGIApp

from satchel_service.audit.settings_changes import watch_changes
from satchel_service.cloud import Cloud
from satchel_service.database import Database, DatabaseError
from satchel_service.database.schema import MIGRATIONS
from satchel_service.devices.codes import create_first_code
from satchel_service.environment import VERSION, Environment
from satchel_service.lifecycle.departure import Departure
from satchel_service.lifecycle.waking import open_database
from satchel_service.log.errors import LogError
from satchel_service.logs import JsonLog
from satchel_service.settings import Settings
from satchel_service.storage import StorageError
from satchel_service.storage.opening import open_storage
from satchel_service.web.application import make_application
from satchel_service.web.middleware import RequestObserver

WRITE_COUNTS_S: Final = 1.5  # of the 2 s between `gunicorn_server.FINISH_S` and `STOP_S`


def make_environment(settings: Settings) -> Environment:
    """Return an environment with the real stores, clock and randomness; nothing is opened yet."""
    return Environment(
        settings=settings,
        database=Database(),
        storage=open_storage(settings, os.urandom),
        clock=lambda: time.time_ns() // 1_000_000,
        entropy=os.urandom,
    )


def make_app(environment: Environment, log: JsonLog, on_fatal: Callable[[], None]) -> ASGIApp:
    """Build the application; its lifespan opens the database and closes it.

    `on_fatal` is called when another instance has taken over and this one can only refuse: end the process.
    """
    cloud = Cloud(environment)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            try:
                cloud.departure = await stack.enter_async_context(open_database(environment, on_fatal))
                if cloud.departure is None:
                    await watch_changes(environment, f"{VERSION}, database {len(MIGRATIONS)}")
                    await print_first_code(environment)
                else:
                    print_departure(cloud.departure)
            except (StorageError, DatabaseError, LogError) as exc:
                sys.stderr.write(f"satchel-service: cannot start: {problem_line(exc)}\n")
                raise
            yield
            if cloud.departure is None:
                await write_counts(cloud)

    app = make_application(cloud, lifespan)
    return RequestObserver(app, log, environment.settings, (StorageError, DatabaseError))


async def write_counts(cloud: Cloud) -> None:
    """Write the counts of openings and refusals before the log is closed; losing them is allowed, delaying the stop is not."""
    with suppress(DatabaseError, TimeoutError):
        async with asyncio.timeout(WRITE_COUNTS_S):
            await cloud.write_counts()


def problem_line(error: Exception) -> str:
    """Return one line that says what went wrong and, where known, what to do."""
    hint = error.hint if isinstance(error, LogError) else ""
    return f"{error}; {hint}" if hint else str(error)


def print_departure(departure: Departure) -> None:
    """Say on standard error where the cloud is."""
    place = f" to {departure.url}" if departure.url else ""
    sys.stderr.write(
        f"satchel-service: the cloud has moved{place}; this instance only says so (docs/spec/log.md, section 14)\n"
    )
    sys.stderr.flush()


async def print_first_code(environment: Environment) -> None:
    """Print a pairing code to standard error while no device is connected."""
    code = await create_first_code(environment)
    if code is not None:
        sys.stderr.write(
            f"pairing code: {code.text} (works once, for 24 hours; a fresh one: satchel-service pair)\n"
        )
        sys.stderr.flush()
