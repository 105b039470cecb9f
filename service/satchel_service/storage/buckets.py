"""What the stores on buckets share: retries, and parts that pass through the service."""

import hashlib
import time
from collections.abc import Callable
from typing import IO, Final, TypeVar

from satchel_service.storage.protocol import Part, PartSizeError, StorageError, TransientError

T = TypeVar("T")

ATTEMPTS: Final = 4
FIRST_PAUSE_S: Final = 0.1
MOST_PAUSE_S: Final = 2.0  # a client waits during the pause, and can retry later itself


def draw_uniform() -> float:
    """Return a random number from 0 to 1."""
    import random  # noqa: PLC0415  only a retry needs it

    return random.random()  # noqa: S311  no secret


class Retrying:
    """Repeats calls that are safe to repeat: reads, listings, deletes, replacements. Never used for a create."""

    def __init__(
        self, pause: Callable[[float], None] = time.sleep, draw: Callable[[], float] = draw_uniform
    ) -> None:
        """`pause` sleeps for seconds; `draw` returns a random number from 0 to 1."""
        self._pause = pause
        self._draw = draw

    def __call__(self, call: Callable[[], T]) -> T:
        """Return the call's result, retrying on TransientError; the last attempt's error is raised.

        Pauses have full jitter: uniform between 0 and a ceiling that doubles. Retry-After is a lower bound.
        """
        for attempt in range(ATTEMPTS - 1):
            try:
                return call()
            except TransientError as exc:
                jittered_s = self._draw() * FIRST_PAUSE_S * 2**attempt
                self._pause(min(max(jittered_s, exc.retry_after_s or 0), MOST_PAUSE_S))
        return call()


class SpooledPart:
    """Implements `PartSink` for stores that need a part's length and digest before its bytes.

    The part is collected in an unnamed temporary file; `put(file, md5)` sends it from the start and returns its tag.
    """

    def __init__(self, part: Part, put: Callable[[IO[bytes], bytes], str]) -> None:
        import tempfile  # noqa: PLC0415  only uploads in parts need it

        self._part = part
        self._put = put
        self._digest = hashlib.md5(usedforsecurity=False)
        self._written = 0
        try:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115  `discard` closes it
        except OSError as exc:
            raise StorageError(f"no room for a temporary file: {exc.strerror}") from exc

    def write(self, data: bytes) -> None:
        """Append data. Raise PartSizeError if the part would exceed its size."""
        if self._written + len(data) > self._part.size_bytes:
            raise PartSizeError(f"part {self._part.number} exceeds its {self._part.size_bytes} bytes")
        try:
            self._file.write(data)
        except OSError as exc:
            raise StorageError(f"no room for a temporary file: {exc.strerror}") from exc
        self._digest.update(data)
        self._written += len(data)

    def finish(self) -> str:
        """Send the part and return its tag. Too few bytes: PartSizeError. Unknown upload: NotFoundError."""
        if self._written != self._part.size_bytes:
            raise PartSizeError(
                f"part {self._part.number} has {self._written} bytes instead of {self._part.size_bytes}"
            )
        self._file.seek(0)
        tag = self._put(self._file, self._digest.digest())
        self.discard()
        return tag

    def discard(self) -> None:
        """Drop what was written; harmless after `finish`."""
        self._file.close()
