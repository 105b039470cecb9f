"""What the cloud asks of a store of objects, and what every store promises; tests/contract/storage holds each to it.

Calls block; the service makes them in threads. Blobs never change: a key is created once, read, deleted. Only the
micro-database's log replaces, and only with bytes that stay true whichever of two replacements comes last.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, NewType, Protocol

BlobKey = NewType("BlobKey", str)

# where blobs are; what else a store holds (the micro-database's log) is not for the sweeper
BLOB_PREFIXES: Final = ("archives/", "pairings/", "shares/")

_KEY: Final = re.compile(r"[a-z0-9][A-Za-z0-9._-]{0,127}(/[A-Za-z0-9][A-Za-z0-9._-]{0,127}){1,3}")


class StorageError(Exception):
    """The store could not do it just now: it may have done it, may not have, and may still do it later."""


class NotFoundError(StorageError):
    """There is no such object or upload."""


class AlreadyExistsError(StorageError):
    """The key is taken; nothing was changed. Certain, unlike any other failure of a create."""


class FullError(StorageError):
    """The store has no room."""


class PartSizeError(StorageError):
    """A part had more or fewer bytes than its place holds; nothing was changed."""


class BlobInfo(NamedTuple):
    """An object in a listing; `modified` is in milliseconds since 1970."""

    key: BlobKey
    size_bytes: int
    modified: int


class UploadInfo(NamedTuple):
    """An upload that was begun and neither completed nor aborted; `started` is in milliseconds since 1970."""

    key: BlobKey
    token: str
    started: int


class StoredPart(NamedTuple):
    """A part that the store has, whole; `tag` tells contents apart (a digest or the store's own ETag)."""

    size_bytes: int
    tag: str


class Part(NamedTuple):
    """The place of one part in its object."""

    number: int
    offset: int
    size_bytes: int


@dataclass(frozen=True)
class PartPlan:
    """How an object is cut: every part has `part_bytes` but the last, which has the rest. Numbers begin at 1."""

    size_bytes: int
    part_bytes: int

    @property
    def count(self) -> int:
        """How many parts there are."""
        return -(-self.size_bytes // self.part_bytes)

    def part(self, number: int) -> Part | None:
        """The part of that number; None when there is none."""
        if not 1 <= number <= self.count:
            return None
        offset = (number - 1) * self.part_bytes
        return Part(number, offset, min(self.part_bytes, self.size_bytes - offset))

    def check(self, have: Mapping[int, StoredPart]) -> None:
        """Raise PartSizeError unless every part is there with its size."""
        sizes = {number: stored.size_bytes for number, stored in have.items()}
        wrong = [part.number for part in self if sizes.get(part.number) != part.size_bytes]
        if wrong:
            raise PartSizeError(f"{len(wrong)} of {self.count} parts are missing or have another size")

    def __iter__(self) -> Iterator[Part]:
        """Every part in order."""
        for number in range(1, self.count + 1):
            part = self.part(number)
            if part is not None:
                yield part


class PartSink(Protocol):
    """Takes the bytes of one part; until `finish` returns, the store has none of it."""

    def write(self, data: bytes) -> None:
        """Append; more than the part holds: PartSizeError."""

    def finish(self) -> str:
        """Make the part durable and return its tag. Too few bytes: PartSizeError. Replaces an earlier put of it."""

    def discard(self) -> None:
        """Forget what was written; harmless after `finish`."""


class Storage(Protocol):
    """A store of objects. What it has acknowledged survives a crash and a power cut."""

    def create(self, key: BlobKey, data: bytes) -> None:
        """Store data under a new key. The key exists already: AlreadyExistsError, nothing changed.

        Never tried twice by itself, so that who sees AlreadyExistsError knows that another call took the key. After
        any other StorageError the caller reads the key: only it can tell whether the bytes there are its own.
        """

    def replace(self, key: BlobKey, data: bytes) -> None:
        """Store data under a key, taken or not. A reader sees the old bytes or the new, never a free key."""

    def read(self, key: BlobKey, start: int = 0, length: int | None = None) -> bytes:
        """Return `length` bytes from `start`, fewer at the end, all when None. Absent: NotFoundError."""

    def size(self, key: BlobKey) -> int:
        """Return the object's size in bytes. Absent: NotFoundError."""

    def stream(self, key: BlobKey, start: int, length: int, chunk_bytes: int) -> Iterator[bytes]:
        """Yield exactly `length` bytes from `start`, at most `chunk_bytes` at a time.

        Absent: NotFoundError, raised by the call itself. The object may be deleted meanwhile: it is read to its
        end, or StorageError is raised; bytes of anything else never appear.
        """

    def delete(self, key: BlobKey) -> None:
        """Delete the object; absent is fine."""

    def list(self, prefix: str) -> Iterator[BlobInfo]:
        """Yield every object whose key begins with `prefix`, in the order of keys."""

    def begin_upload(self, key: BlobKey, plan: PartPlan) -> str:
        """Begin an object that comes in parts; return the token that names the upload. No room: FullError."""

    def part_url(self, key: BlobKey, token: str, part: Part) -> str | None:
        """Return where a client may put the part itself, without the service; None: only `part_sink` takes it.

        The address is a credential for that part alone and ends by itself; making one asks nobody.
        """

    def part_sink(self, key: BlobKey, token: str, part: Part) -> PartSink:
        """Open a part for writing. Parts may come in any order and at once.

        Unknown upload: NotFoundError, from this call or, where only the store knows, from the sink's `finish`.
        """

    def parts(self, key: BlobKey, token: str) -> Mapping[int, StoredPart]:
        """Return the parts the store has. Unknown, completed or aborted upload: NotFoundError."""

    def complete_upload(self, key: BlobKey, token: str, plan: PartPlan) -> None:
        """Join the parts into the object, all at once; `plan` is the one it was begun with.

        A part is missing or has another size than planned: PartSizeError.

        Done already: nothing happens. The key was created by something else: AlreadyExistsError. Unknown upload
        and no such object: NotFoundError.
        """

    def abort_upload(self, key: BlobKey, token: str) -> None:
        """Forget the upload and its parts; absent is fine."""

    def uploads(self) -> Iterator[UploadInfo]:
        """Yield the uploads that were begun and neither completed nor aborted."""

    def prepare(self) -> None:
        """Make the store usable, once at start; StorageError when it cannot be."""

    def sweep(self, older_than: int) -> None:
        """Delete what crashes left half-written before a time (milliseconds since 1970); no object, no upload."""

    def check(self) -> None:
        """Raise StorageError when the store cannot be used."""


def blobs(storage: Storage) -> list[BlobInfo]:
    """Return every blob: what rows of the micro-database or grants of a code name, and what nothing names any more."""
    return [info for prefix in BLOB_PREFIXES for info in storage.list(prefix)]


def blob_key(text: str) -> BlobKey:
    """Return `text` as a key: two to four names of letters, digits, `.`, `_`, `-`, joined by `/`; else ValueError."""
    if _KEY.fullmatch(text) is None:
        raise ValueError(f"not a key of an object: {text!r}")
    return BlobKey(text)
