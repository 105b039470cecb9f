"""One part on its way through the service to a store that wants to know its length and digest first."""

import hashlib
import tempfile
from collections.abc import Callable
from typing import IO

from satchel_service.storage.protocol import Part, PartSizeError, StorageError


class SpooledPart:
    """Implements `PartSink` on a nameless temporary file; `put(file, md5)` sends it, from its start, once it is whole."""

    def __init__(self, part: Part, put: Callable[[IO[bytes], bytes], str]) -> None:
        self._part = part
        self._put = put
        self._digest = hashlib.md5(usedforsecurity=False)
        self._written = 0
        try:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115  `discard` closes it
        except OSError as exc:
            raise StorageError(f"no place for a part on its way: {exc.strerror}") from exc

    def write(self, data: bytes) -> None:
        """Append; more than the part holds: PartSizeError."""
        if self._written + len(data) > self._part.size_bytes:
            raise PartSizeError(f"part {self._part.number} has {self._part.size_bytes} bytes; more came")
        try:
            self._file.write(data)
        except OSError as exc:
            raise StorageError(f"no place for a part on its way: {exc.strerror}") from exc
        self._digest.update(data)
        self._written += len(data)

    def finish(self) -> str:
        """Put the part and return its tag. Too few bytes: PartSizeError. Unknown upload: NotFoundError."""
        if self._written != self._part.size_bytes:
            raise PartSizeError(
                f"part {self._part.number} has {self._part.size_bytes} bytes; {self._written} came"
            )
        self._file.seek(0)
        tag = self._put(self._file, self._digest.digest())
        self.discard()
        return tag

    def discard(self) -> None:
        """Forget what was written; harmless after `finish`."""
        self._file.close()
