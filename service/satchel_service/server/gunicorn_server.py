"""gunicorn, configured for one worker with asyncio and a graceful stop that finishes the requests in flight."""

import gc
import os
import signal
import sys
from typing import Any, Final

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from satchel_service.settings import UNIX_SOCKET, Settings

STOP_S: Final = 7  # then the supervisor kills the worker; platforms kill both after 8 to 10
FINISH_S: Final = 5  # for requests in flight; the worker closes its stores in the time left
KEEPALIVE_S: Final = 2  # how long a stop waits for idle connections
OWN_MACHINE: Final = ("127.0.0.1", "::1")
SUPERVISOR_EXIT: Final = 3  # a worker that exits with this code ends gunicorn's supervisor too


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn is not typed
    """Runs an application until a signal stops it. A subclass loads the application in the worker."""

    program = "satchel-service"

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.has_ended = False
        super().__init__(prog=self.program)

    def load_config(self) -> None:
        """Apply our options; gunicorn's configuration files and environment variables are not read."""
        for name, value in self.options().items():
            self.cfg.set(name, value)

    def options(self) -> dict[str, Any]:
        """Return gunicorn's settings."""
        return {
            "bind": [address(self.settings.bind, self.settings.port)],
            "worker_class": "satchel_service.server.worker.Worker",
            "asgi_loop": "asyncio",
            "asgi_lifespan": "on",
            "workers": 1,  # the micro-database has one writer
            # no watchdog: when a platform stops the CPU between requests, the worker would seem to hang
            "timeout": 0,
            "graceful_timeout": STOP_S,
            "when_ready": lambda _: enable_gc(),
            "post_fork": prepare_worker,
            "post_worker_init": self.guard_connections,
            "worker_exit": exit_with_supervisor,
            "keepalive": KEEPALIVE_S,
            "forwarded_allow_ips": ",".join(trusted_proxies(self.settings)),
            "http_protocols": "h1",
            "control_socket_disable": True,
            "logger_class": "satchel_service.logs.ServerLog",
            "loglevel": self.settings.log_level,
        }

    def guard_connections(self, _worker: object) -> None:
        """Limit connections, and refuse invalid requests with the headers of every response."""
        from satchel_service.logs import standard_log  # noqa: PLC0415
        from satchel_service.security_headers import by_default  # noqa: PLC0415  only the worker needs them
        from satchel_service.server import connections  # noqa: PLC0415

        headers = by_default(self.settings.public_url, self.settings.hsts)
        connections.install(self.settings.connections, headers, standard_log(self.settings.log_level))

    def end(self) -> None:
        """Stop this worker as a signal would, then gunicorn's supervisor; the platform starts a fresh instance."""
        self.has_ended = True
        sys.stderr.write(
            f"{self.program}: another instance has taken over, or the log failed; this one ends\n"
        )
        sys.stderr.flush()
        os.kill(os.getpid(), signal.SIGTERM)


def trusted_proxies(settings: Settings) -> list[str]:
    """Return the addresses and networks whose X-Forwarded-Proto is believed.

    gunicorn would take them from a variable of its own. It always believes a unix socket.
    """
    return [*OWN_MACHINE, *(str(each) for each in settings.trusted_proxies if each != UNIX_SOCKET)]


def address(host: str, port: int) -> str:
    """Return host and port in gunicorn's syntax, with an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host and not host.startswith("[") else f"{host}:{port}"


def enable_gc() -> None:
    """Turn on the garbage collector, and exempt the objects that exist: they belong to modules and stay.

    It is off during start-up, where it would take a tenth of the time and find nothing.
    """
    gc.freeze()
    gc.enable()


def prepare_worker(_: object, worker: Any) -> None:  # noqa: ANN401  gunicorn is not typed
    """Give the worker less time than the supervisor waits, so that it can still close its stores."""
    gc.disable()  # until it serves; see `enable_gc`
    worker.cfg.set("graceful_timeout", FINISH_S)


def exit_with_supervisor(_: object, worker: Any) -> None:  # noqa: ANN401  gunicorn is not typed
    """If this instance can never answer again, exit with the code that ends the supervisor too."""
    if worker.app.has_ended:
        sys.exit(SUPERVISOR_EXIT)
