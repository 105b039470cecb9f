"""The server of a cloud: the application of `server.app`, loaded in gunicorn's worker."""

from starlette.types import ASGIApp

from satchel_service.server.gunicorn_server import Server


class CloudServer(Server):
    """Serves one cloud."""

    def load(self) -> ASGIApp:
        """Build the application in the worker."""
        from satchel_service.logs import standard_log  # noqa: PLC0415
        from satchel_service.server.app import make_app, make_environment  # noqa: PLC0415  only the worker needs it

        log = standard_log(self.settings.log_level)
        return make_app(make_environment(self.settings), log, self.end)
