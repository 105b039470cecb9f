"""Running the endpoint: its settings, and gunicorn with the limits of the service's own server."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.types import ASGIApp

from satchel_infra.errors import ConfigurationError, UnavailableError
from satchel_infra.running import SERVER_SETTINGS
from satchel_infra.telemetry.counts import Counts
from satchel_service.server.gunicorn_server import Server
from satchel_service.settings import Settings, SettingsError

FORGET_EVERY_S: Final = 3600.0


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Return the settings of the endpoint's server. Raise ConfigurationError."""
    try:
        return Settings.read({name: environ[name] for name in SERVER_SETTINGS if name in environ})
    except SettingsError as exc:
        raise ConfigurationError(
            str(exc), hint="correct the environment of satchel-infra telemetry serve"
        ) from exc


class TelemetryServer(Server):
    """Serves the endpoint."""

    program = "satchel-infra"

    def __init__(self, directory: Path, environ: Mapping[str, str]) -> None:
        """Check the environment and the directory before anything starts. Raise ConfigurationError."""
        self._directory = directory
        with Counts.open(directory) as counts:
            counts.forget_past(datetime.now(UTC))
        super().__init__(read_settings(environ))

    def load(self) -> ASGIApp:
        """Build the application in the worker."""
        from satchel_infra.telemetry.application import Counting, make_application  # noqa: PLC0415  only the worker
        from satchel_service.logs import standard_log  # noqa: PLC0415
        from satchel_service.web.middleware import RequestObserver  # noqa: PLC0415

        counts = Counts.open(self._directory)

        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            forgetting = asyncio.create_task(forget_regularly(counts))
            yield
            forgetting.cancel()
            with suppress(asyncio.CancelledError):
                await forgetting
            counts.close()

        log = standard_log(self.settings.log_level)
        application = make_application(Counting(counts), lifespan)
        return RequestObserver(application, log, self.settings, (UnavailableError,))


async def forget_regularly(counts: Counts) -> None:
    """Forget the hashes of a month soon after its end, also if nobody sends anything then."""
    while True:
        await asyncio.sleep(FORGET_EVERY_S)
        with suppress(UnavailableError):
            await asyncio.to_thread(counts.forget_past, datetime.now(UTC))
