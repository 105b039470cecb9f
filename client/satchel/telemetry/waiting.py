"""What waits to be sent: the counts, or the document of an unfinished delivery.

    with opened(home) as waiting:
        data = waiting.document(today, facts, commands)      # to show; changes nothing but the monthly id
        data = waiting.freeze(today, facts, commands)        # to send: the same bytes until `delivered`
        waiting.delivered(today)

A document whose delivery failed stays as it is, so that the endpoint can tell a second delivery from a second document.
"""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from satchel.errors import NotFoundError, RefusedError
from satchel.local_files import (
    locked,
    open_own,
    read_private,
    remove_private,
    rename,
    translate_os_errors,
    write_private,
)
from satchel.telemetry.consent import folder_of, is_on
from satchel.telemetry.counting import COUNTS_FILE, MAX_COUNTS_BYTES
from satchel.telemetry.document import Facts, is_recent, make_document
from satchel.telemetry.identity import monthly_identity, write_identity
from satchel.telemetry.runs import Run, runs_in
from satchel_wire.telemetry import TelemetryDocument

PENDING_FILE: Final = "pending.json"
COUNTED_FILE: Final = "counted"
"""The counts of an unfinished delivery; counting goes on in a new file."""
_SLACK_BYTES: Final = 64 * 1024  # for commands that append at once to a file just below its limit


class Waiting:
    """What waits in a home whose owner has agreed."""

    def __init__(self, home: Path) -> None:
        self._folder = folder_of(home)
        self._counts = home / COUNTS_FILE
        self._counted = self._folder / COUNTED_FILE

    def sent_on(self, today: str) -> str:
        """Return the day of the last document that arrived; empty for none."""
        return monthly_identity(self._folder, today).sent

    def document(self, today: str, facts: Facts, commands: Collection[str]) -> bytes:
        """Return the bytes that would be sent."""
        pending = self._pending(today)
        if pending is not None:
            return pending
        identity = monthly_identity(self._folder, today)
        return make_document(identity, today, facts, self._runs(), commands)

    def freeze(self, today: str, facts: Facts, commands: Collection[str]) -> bytes:
        """Set the counts aside for a delivery, and return its bytes: the same again if an earlier delivery failed."""
        if self._pending(today) is None and not self._counted.exists() and self._counts.exists():
            rename(self._counts, self._counted)
        data = self.document(today, facts, commands)
        write_private(self._folder / PENDING_FILE, data)
        return data

    def delivered(self, today: str) -> None:
        """Delete the document that has arrived, with its counts."""
        identity = monthly_identity(self._folder, today)
        write_identity(self._folder, msgspec.structs.replace(identity, sent=today))
        remove_private(self._counted)
        remove_private(self._folder / PENDING_FILE)

    def _pending(self, today: str) -> bytes | None:
        """Return the document of a delivery that did not succeed, unless it is too old or damaged."""
        try:
            data = read_private(self._folder / PENDING_FILE).data
            document = msgspec.json.decode(data, type=TelemetryDocument)
        except (NotFoundError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return data if is_recent(document.day, today) else None

    def _runs(self) -> Iterator[Run]:
        yield from runs_in(_read(self._counted if self._counted.exists() else self._counts))


@contextmanager
def opened(home: Path) -> Iterator[Waiting]:
    """Lock what waits in a home. Raise RefusedError without the owner's consent."""
    if not is_on(home):
        raise RefusedError(
            "telemetry is off", hint="nothing is counted or kept; turn it on: satchel telemetry on"
        )
    folder = folder_of(home)
    with locked(folder):
        yield Waiting(home)


def _read(path: Path) -> bytes:
    try:
        fd = open_own(path, os.O_RDONLY)
    except NotFoundError:
        return b""
    with os.fdopen(fd, "rb") as file, translate_os_errors(path):
        return file.read(MAX_COUNTS_BYTES + _SLACK_BYTES)
