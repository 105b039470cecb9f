"""The recorder that every transport of the product has: it writes to the ledger of the home."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from satchel.errors import IntegrityError, SatchelError
from satchel.ledger.file import Ledger
from satchel.ledger.records import Connection, Ended, Sent, ranges_of
from satchel.outgoing.recording import Departure, Exchange


def now_ms() -> int:
    """Return the time in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class LedgerRecorder:
    """Records exchanges in the ledger of a home, which is opened at the first one. `why` names the command."""

    def __init__(
        self, home: Path, why: str, clock: Callable[[], int] = now_ms, *, is_offline: bool = False
    ) -> None:
        self.is_offline = is_offline
        self._home = home
        self._why = why
        self._clock = clock
        self._ledger: Ledger | None = None
        self._lock = threading.Lock()

    def begin(self, departure: Departure) -> int:
        """Record a request durably; see `Recorder`."""
        record = Sent(
            at=self._clock(),
            origin=departure.origin,
            why=self._why,
            kind=departure.kind,
            method=departure.method,
            bytes=len(departure.body),
            sha256=sha256(departure.body).hexdigest(),
            through=departure.through,
            pieces=departure.pieces,
            events=ranges_of(departure.events),
        )
        try:
            with self._lock:
                if self._ledger is None:
                    self._ledger = Ledger.create(self._home)
                return self._ledger.add(record, text=departure.body if departure.keeps_text else None)
        except SatchelError as exc:
            host = urlsplit(departure.origin).hostname
            kind = IntegrityError if isinstance(exc, IntegrityError) else SatchelError
            raise kind(
                f"nothing was sent to {host!r}, because it cannot be recorded: {exc.message}", hint=exc.hint
            ) from exc

    def end(self, exchange: Exchange) -> None:
        """Record how an exchange ended, if that is possible."""
        tried = tuple(Connection(one.address, one.port, one.own_port) for one in exchange.dialed)
        record = Ended(
            entry=exchange.number,
            at=self._clock(),
            status=exchange.status,
            received=exchange.received_bytes,
            failure=exchange.failure,
            connection=exchange.connection,
            tried=tried,
        )
        with self._lock, suppress(SatchelError):
            if self._ledger is not None:
                self._ledger.add(record)
