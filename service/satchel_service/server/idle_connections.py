"""Connections that must ask for something: without this, gunicorn lets one that says nothing stay for ever.

Its ASGI worker waits for the next request of a connection for `keepalive` seconds, but for the first one without end,
and it does not count connections. So whoever opens a thousand and says nothing, or a header a minute, would use up
every file descriptor of the service.
"""

import asyncio
from typing import Any, Final

from gunicorn.asgi.protocol import ASGIProtocol  # type: ignore[import-untyped]
from gunicorn.workers import gasgi  # type: ignore[import-untyped]

HEADERS_S: Final = 10.0  # from the connection to the end of its first request's headers


class PunctualProtocol(ASGIProtocol):  # type: ignore[misc]  # gunicorn is not typed
    """Closes a connection whose first request's headers are not complete in time."""

    headers_s = HEADERS_S

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the clock; gunicorn stops it where it stops that of `keepalive`, when the headers are complete."""
        super().connection_made(transport)
        self._keepalive_handle = self.worker.loop.call_later(self.headers_s, self._keepalive_timeout)


def use(_worker: Any) -> None:  # noqa: ANN401  gunicorn is not typed
    """Make the worker's listeners use it; gunicorn has no setting for it. Before the worker runs: `post_worker_init`."""
    gasgi.ASGIProtocol = PunctualProtocol
