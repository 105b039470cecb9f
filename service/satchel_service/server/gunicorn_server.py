"""gunicorn with the one right configuration: one worker, its own ASGI loop, a stop that finishes what is in flight."""

import os
import signal
import sys
from typing import Any, Final

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from starlette.types import ASGIApp

from satchel_service.settings import Settings

STOP_S: Final = 7  # the supervisor kills after this; platforms do so after 8 to 10
FINISH_S: Final = (
    5  # the worker waits this long for requests in flight, then closes its stores in the time left
)
KEEPALIVE_S: Final = 2  # a stop waits this long for idle connections
ENDED: Final = 3  # gunicorn's supervisor ends with its worker, and with the same code, when that is 3


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn is not typed
    """Runs the application until a signal ends it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.has_ended = False
        super().__init__(prog="satchel-service")

    def load_config(self) -> None:
        """Set what gunicorn cannot know; neither files nor its own environment variables are read."""
        for name, value in self.options().items():
            self.cfg.set(name, value)

    def options(self) -> dict[str, Any]:
        """Return gunicorn's settings."""
        return {
            "bind": [address(self._settings.bind, self._settings.port)],
            "worker_class": "asgi",
            "asgi_loop": "asyncio",
            "asgi_lifespan": "on",
            "workers": 1,  # the micro-database has one writer
            # no watchdog: a platform that stops the CPU between requests would look like a worker that hangs
            "timeout": 0,
            "graceful_timeout": STOP_S,
            "post_fork": shorten_patience,
            "post_worker_init": be_punctual,
            "worker_exit": leave_for_good,
            "keepalive": KEEPALIVE_S,
            "control_socket_disable": True,
            "logger_class": "satchel_service.logs.ServerLog",
            "loglevel": self._settings.log_level,
        }

    def load(self) -> ASGIApp:
        """Build the application, in the worker."""
        from satchel_service.logs import standard_log  # noqa: PLC0415
        from satchel_service.server.app import make_app, make_environment  # noqa: PLC0415  the supervisor needs none of it

        log = standard_log(self._settings.log_level)
        return make_app(make_environment(self._settings), log, self.end)

    def end(self) -> None:
        """Stop this worker as a signal would, and then its supervisor, whose own supervisor starts a fresh one."""
        self.has_ended = True
        sys.stderr.write(
            "satchel-service: another instance has taken over, or the log failed; this one ends\n"
        )
        sys.stderr.flush()
        os.kill(os.getpid(), signal.SIGTERM)


def address(host: str, port: int) -> str:
    """Return host and port as gunicorn reads them: an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host and not host.startswith("[") else f"{host}:{port}"


def shorten_patience(_: object, worker: Any) -> None:  # noqa: ANN401  gunicorn is not typed
    """Give the worker less time than its supervisor has, so that it can still close its stores."""
    worker.cfg.set("graceful_timeout", FINISH_S)


def leave_for_good(_: object, worker: Any) -> None:  # noqa: ANN401  gunicorn is not typed
    """End with the code that ends the supervisor too, if this instance can never answer again."""
    if worker.app.has_ended:
        sys.exit(ENDED)


def be_punctual(worker: object) -> None:
    """Close connections that do not ask for anything; only the worker needs to know how."""
    from satchel_service.server import idle_connections as punctual  # noqa: PLC0415  the supervisor needs none of it

    punctual.use(worker)
