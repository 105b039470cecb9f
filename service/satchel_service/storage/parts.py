"""The parts of an object that comes in parts, as files: written at their place in the body, then marked as there.

A part that is not marked does not count, so it is written straight to its place. Another put of the same part at the
same time, or of one that is marked already, must not touch that place before it is whole: it goes into a file of its
own first. The put that is whole first takes the place over, and one that was overtaken writes no more.
"""

import hashlib
import os
import threading
from pathlib import Path
from typing import Final

from satchel_service.storage.files import sync_folder, translated, write_all, write_durably
from satchel_service.storage.protocol import Part, PartSizeError, StorageError, StoredPart

COPY_BYTES: Final = 1024 * 1024


class PartPlaces:
    """Who writes which place directly. One for a whole storage."""

    def __init__(self) -> None:
        self.marking = threading.Lock()  # held while a part comes to be there
        self._lock = threading.Lock()
        self._writers: dict[Path, FilePartSink] = {}

    def claim(self, mark: Path, sink: "FilePartSink") -> bool:
        """Let `sink` write the place directly, if nobody does and no part is there."""
        with self._lock:
            if mark in self._writers or mark.exists():
                return False
            self._writers[mark] = sink
            return True

    def overtake(self, mark: Path) -> None:
        """Stop whoever writes the place directly; when this returns, it writes no more."""
        with self._lock:
            writer = self._writers.pop(mark, None)
        if writer is not None:
            writer.stop()

    def release(self, mark: Path, sink: "FilePartSink") -> None:
        """Give the place back; harmless when `sink` does not have it."""
        with self._lock:
            if self._writers.get(mark) is sink:
                del self._writers[mark]


class FilePartSink:
    """One part on its way. `staged` is where it goes if its place is taken."""

    def __init__(self, folder: Path, part: Part, staged: Path, places: PartPlaces) -> None:
        self._part = part
        self._staged = staged
        self._staged_mark = staged.with_suffix(".mark")
        self._places = places
        self._body = folder / "body"
        self._mark = folder / "parts" / str(part.number)
        self._digest = hashlib.sha256()
        self._written = 0
        self._lock = threading.Lock()
        self._is_overtaken = False
        self._is_direct = places.claim(self._mark, self)
        self._file = (
            self._body.open("r+b", buffering=0) if self._is_direct else staged.open("x+b", buffering=0)
        )
        self._file.seek(part.offset if self._is_direct else 0)

    def write(self, data: bytes) -> None:
        """Append; more than the part holds: PartSizeError."""
        if self._written + len(data) > self._part.size_bytes:
            raise PartSizeError(f"part {self._part.number} has {self._part.size_bytes} bytes; more came")
        with translated(), self._lock:
            if not self._is_overtaken:
                write_all(self._file, data)
        self._digest.update(data)
        self._written += len(data)

    def stop(self) -> None:
        """Write no more: another put of the part has overtaken this one."""
        with self._lock:
            self._is_overtaken = True

    def finish(self) -> str:
        """Make the part durable in its place, then mark it as there. Too few bytes: PartSizeError."""
        if self._written != self._part.size_bytes:
            raise PartSizeError(
                f"part {self._part.number} has {self._part.size_bytes} bytes; {self._written} came"
            )
        tag = self._digest.hexdigest()
        with translated():
            if self._is_direct:
                os.fsync(self._file.fileno())
            with self._places.marking:
                if not is_marked(self._mark, tag):
                    self._come_to_be(tag)
        self.discard()
        return tag

    def discard(self) -> None:
        """Forget what was written; harmless after `finish`."""
        self._places.release(self._mark, self)
        self._file.close()
        if not self._is_direct:
            self._staged.unlink(missing_ok=True)
        self._staged_mark.unlink(missing_ok=True)

    def _come_to_be(self, tag: str) -> None:
        if self._is_overtaken:
            raise StorageError("another put of this part with other bytes has overtaken this one")
        if not self._is_direct:
            self._places.overtake(self._mark)
            self._mark.unlink(missing_ok=True)  # while it is being replaced the part is not there
            self._install()
        write_durably(self._staged_mark, f"{self._written} {tag}".encode())
        self._staged_mark.replace(self._mark)
        sync_folder(self._mark.parent)

    def _install(self) -> None:
        self._file.seek(0)
        with self._body.open("r+b", buffering=0) as body:
            body.seek(self._part.offset)
            while data := self._file.read(COPY_BYTES):
                write_all(body, data)
            os.fsync(body.fileno())


def stored_part(mark: Path) -> StoredPart:
    """Read a mark: the size and the digest of a part that is there."""
    size_bytes, tag = mark.read_text().split()
    return StoredPart(int(size_bytes), tag)


def is_marked(mark: Path, tag: str) -> bool:
    """Whether the part is there with just these bytes."""
    try:
        return stored_part(mark).tag == tag
    except FileNotFoundError:
        return False
