"""Logging: one JSON object per line on standard output, for the service and for gunicorn.

Entries contain only fields chosen here and in `web.middleware`, never a path, query string, header or body.
"""

import logging
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import BinaryIO, Final

import apsw
import msgspec
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

LEVELS: Final = {"debug": 10, "info": 20, "warning": 30, "error": 40}

Now = Callable[[], datetime]


class JsonLog:
    """Writes entries of at least `level` to `stream`, each with a single write."""

    def __init__(self, stream: BinaryIO, level: str, now: Now) -> None:
        self._stream = stream
        self._min_level = LEVELS[level]
        self._now = now

    def write(self, level: str, event: str, **fields: object) -> None:
        """Write one entry."""
        if LEVELS[level] < self._min_level:
            return
        entry = {
            "time": self._now().isoformat(timespec="milliseconds"),
            "level": level,
            "event": event,
            **fields,
        }
        self._stream.write(msgspec.json.encode(entry) + b"\n")
        self._stream.flush()


def standard_log(level: str) -> JsonLog:
    """Return the log on standard output."""
    return JsonLog(sys.stdout.buffer, level, lambda: datetime.now(UTC))


def error_fields(error: BaseException) -> dict[str, object]:
    """Return the type and the traceback of an error. Include its message only if it cannot quote a request."""
    frames = traceback.extract_tb(error.__traceback__)
    fields: dict[str, object] = {
        "error": type(error).__name__,
        "at": [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames[-12:]],
    }
    if isinstance(error, apsw.Error):
        fields["reason"] = str(error)
    elif isinstance(error, OSError):
        # the full message contains a file name, which can identify a share
        fields["reason"] = error.strerror or ""
    if error.__cause__ is not None:
        fields["cause"] = error_fields(error.__cause__)
    return fields


class JsonHandler(logging.Handler):
    """Writes the records of Python's `logging` as entries."""

    def __init__(self, log: JsonLog) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record, with `error_fields` instead of its traceback."""
        level = next(
            (name for name in ("error", "warning", "info") if record.levelno >= LEVELS[name]), "debug"
        )
        fields = error_fields(record.exc_info[1]) if record.exc_info and record.exc_info[1] else {}
        message = "unexpected failure" if fields else record.getMessage()
        self._log.write(level, "server", message=message, **fields)


class ServerLog(Logger):  # type: ignore[misc]  # gunicorn is not typed
    """Gunicorn's logger, writing to the same log."""

    def setup(self, cfg: object) -> None:
        """Send the records of gunicorn and asyncio to standard output as JSON.

        asyncio reports gunicorn's failures, such as a Content-Length of 5000 digits, and would quote the request.
        """
        super().setup(cfg)
        for logger in (self.error_log, self.access_log, logging.getLogger("asyncio")):
            logger.handlers = [JsonHandler(standard_log(self.cfg.loglevel))]
            logger.propagate = False
