"""Close connections that send no request. gunicorn's ASGI worker would keep them forever.

It waits `keepalive` seconds for the next request of a connection, but has no limit for the first, and does not limit
the number of connections. A client could open a thousand, send nothing or one header a minute, and use up every file
descriptor of the service.
"""

import asyncio
from typing import Final

from gunicorn.workers import gasgi  # type: ignore[import-untyped]

from satchel_service.security_headers import Headers
from satchel_service.server.refusals import RefusingProtocol

HEADERS_S: Final = 10.0  # from the connection to the end of its first request's headers


class TimedProtocol(RefusingProtocol):
    """Closes a connection whose first request's headers are not complete in time."""

    headers_s = HEADERS_S

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the timer; gunicorn cancels it with its own keep-alive timer once the headers are complete."""
        super().connection_made(transport)
        self._keepalive_handle = self.worker.loop.call_later(self.headers_s, self._keepalive_timeout)


def install(headers: Headers) -> None:
    """Make the worker use the protocol; gunicorn has no setting for it. Call it in `post_worker_init`.

    `headers` are those of the server's own refusals.
    """
    TimedProtocol.headers = headers
    gasgi.ASGIProtocol = TimedProtocol
