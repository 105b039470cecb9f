"""Running the provisioner: its settings, and gunicorn with the limits of the service's own server."""

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

from starlette.applications import Starlette
from starlette.types import ASGIApp

from satchel_infra.configuration import Configuration
from satchel_infra.errors import ConfigurationError, InfraError, UnavailableError
from satchel_infra.provisioning.clouds import Provisioner
from satchel_infra.provisioning.opening import open_provisioner
from satchel_infra.running import SERVER_SETTINGS
from satchel_service.server.gunicorn_server import SUPERVISOR_EXIT, Server
from satchel_service.settings import Settings, SettingsError

OWN_SETTINGS: Final = (*SERVER_SETTINGS, "SATCHEL_OIDC_CA_BUNDLE")
"""The environment variables of `satchel-infra serve`, as those of a cloud. Sign-in is that of `[settings]`."""

SIGN_IN_PREFIX: Final = "SATCHEL_OIDC_"


def read_settings(configuration: Configuration, environ: Mapping[str, str]) -> Settings:
    """Return the settings of the provisioner's own server. Raise ConfigurationError."""
    sign_in = {
        name: value for name, value in configuration.settings.items() if name.startswith(SIGN_IN_PREFIX)
    }
    own = {name: environ[name] for name in OWN_SETTINGS if name in environ}
    if not own.get("SATCHEL_PUBLIC_URL"):
        raise ConfigurationError(
            "SATCHEL_PUBLIC_URL is not set: sign-ins are bound to the address of the provisioner",
            hint="set it to the address that devices connect to, such as https://satchel.example.org",
        )
    try:
        return Settings.read({**sign_in, **own})
    except SettingsError as exc:
        raise ConfigurationError(str(exc), hint="correct the environment of satchel-infra serve") from exc


class ProvisionerServer(Server):
    """Serves the provisioner."""

    program = "satchel-infra"

    def __init__(self, configuration: Configuration, environ: Mapping[str, str]) -> None:
        """Check the configuration and the environment before anything starts. Raise ConfigurationError."""
        self.configuration = configuration
        self._environ = environ
        self._key = configuration.load_name_key()
        self._issuer = configuration.issuer
        super().__init__(read_settings(configuration, environ))

    def _open_provisioner(self) -> Provisioner:
        """Open every platform. End this worker and gunicorn's supervisor if one refuses, as without credentials."""
        provisioner = open_provisioner(self.configuration, self._environ)
        try:
            for shard in self.configuration.shards.all:
                provisioner.open_shard(shard)
        except InfraError as exc:
            sys.stderr.write(f"{self.program}: {exc}\nhint: {exc.hint}\n")
            sys.exit(SUPERVISOR_EXIT)
        return provisioner

    def load(self) -> ASGIApp:
        """Build the application in the worker."""
        from satchel_infra.serving.application import make_application  # noqa: PLC0415  only the worker
        from satchel_infra.serving.endpoints import Serving  # noqa: PLC0415
        from satchel_infra.serving.sign_ins import SignIns  # noqa: PLC0415
        from satchel_infra.serving.tickets import NONCE_CONTEXT, derive_key  # noqa: PLC0415
        from satchel_infra.serving.work import Work  # noqa: PLC0415
        from satchel_service.logs import standard_log  # noqa: PLC0415
        from satchel_service.web.middleware import RequestObserver  # noqa: PLC0415

        log = standard_log(self.settings.log_level)
        provisioner = self._open_provisioner()
        work = Work(provisioner, self._key, log)
        nonce_key = derive_key(self._key, NONCE_CONTEXT, self._issuer)
        sign_ins = SignIns(self.settings, self.configuration.access, nonce_key, provisioner.clock)

        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            yield
            work.close()

        serving = Serving(provisioner, sign_ins, work, self.settings.public_url)
        return RequestObserver(make_application(serving, lifespan), log, self.settings, (UnavailableError,))
