"""The interface of an object store and the promises of every store; tests/contract/storage holds each store to them.

    storage.create(key, data)           # AlreadyExistsError if the key is taken
    storage.read(key, start=0, length=4096)
    for info in storage.list("log/"): ...

Calls block; the service makes them in threads. Blobs never change: a key is created once, read and deleted. Only the
micro-database's log replaces objects, and only with bytes that are valid whichever of two concurrent replacements wins.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple, NewType, Protocol

BlobKey = NewType("BlobKey", str)

BLOB_PREFIXES: Final = ("answers/", "archives/", "cards/", "pairings/", "shares/")
"""The prefixes of blobs. The sweeper leaves everything else alone, such as the micro-database's log."""

_KEY: Final = r"[a-z0-9][A-Za-z0-9._-]{0,127}(/[A-Za-z0-9][A-Za-z0-9._-]{0,127}){1,3}"


class StorageError(Exception):
    """The call failed. It may have taken effect, may not have, or may still do so later."""


class TransientError(StorageError):
    """The store did not respond, or responded that it is unavailable for now. A retry may help."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class NotFoundError(StorageError):
    """The object or upload does not exist."""


class AlreadyExistsError(StorageError):
    """The key is taken and nothing changed. Unlike any other failure of a create, this one is certain."""


class FullError(StorageError):
    """The store has no room."""


class PartSizeError(StorageError):
    """A part is missing or its size differs from the plan; nothing changed."""


class BlobInfo(NamedTuple):
    """An object in a listing; `modified` is in milliseconds since 1970."""

    key: BlobKey
    size_bytes: int
    modified: int


class UploadInfo(NamedTuple):
    """An upload that is neither completed nor aborted; `started` is in milliseconds since 1970."""

    key: BlobKey
    token: str
    started: int


class StoredPart(NamedTuple):
    """A complete part in the store; `tag` identifies its content (a digest or the store's ETag)."""

    size_bytes: int
    tag: str


class Part(NamedTuple):
    """One part's number and its range in the object."""

    number: int
    offset: int
    size_bytes: int


class PartPlan(NamedTuple):
    """How an object is divided: every part has `part_bytes`, the last one the rest. Numbers begin at 1."""

    size_bytes: int
    part_bytes: int

    @property
    def part_count(self) -> int:
        """The number of parts."""
        return -(-self.size_bytes // self.part_bytes)

    def part(self, number: int) -> Part | None:
        """Return the part with this number, or None if there is none."""
        if not 1 <= number <= self.part_count:
            return None
        offset = (number - 1) * self.part_bytes
        return Part(number, offset, min(self.part_bytes, self.size_bytes - offset))

    def parts(self) -> Iterator[Part]:
        """Yield every part in order."""
        for number in range(1, self.part_count + 1):
            part = self.part(number)
            if part is not None:
                yield part

    def check(self, stored: Mapping[int, StoredPart]) -> None:
        """Raise PartSizeError unless every part is stored with its planned size."""
        sizes = {number: part.size_bytes for number, part in stored.items()}
        wrong = [part.number for part in self.parts() if sizes.get(part.number) != part.size_bytes]
        if wrong:
            raise PartSizeError(f"{len(wrong)} of {self.part_count} parts are missing or have another size")


class PartSink(Protocol):
    """Takes the bytes of one part. The store holds none of it until `finish` returns."""

    def write(self, data: bytes) -> None:
        """Append data. Raise PartSizeError if the part would exceed its size."""

    def finish(self) -> str:
        """Make the part durable, replacing an earlier one, and return its tag. Too few bytes: PartSizeError."""

    def discard(self) -> None:
        """Drop what was written; harmless after `finish`."""


class Storage(Protocol):
    """A store of objects. Every acknowledged call survives a crash and a power cut."""

    def create(self, key: BlobKey, data: bytes) -> None:
        """Store data under a new key. Raise AlreadyExistsError, changing nothing, if the key exists.

        Sent once, never retried: AlreadyExistsError then means that another call took the key. After any other
        StorageError the caller reads the key, because only the caller knows whether the bytes there are its own.
        """

    def replace(self, key: BlobKey, data: bytes) -> None:
        """Store data under a key, taken or not. A reader sees the old bytes or the new, never an absent object."""

    def read(self, key: BlobKey, start: int = 0, length: int | None = None) -> bytes:
        """Return `length` bytes from `start`, fewer at the end, all if None. Absent: NotFoundError."""

    def size(self, key: BlobKey) -> int:
        """Return the object's size in bytes. Absent: NotFoundError."""

    def stream(self, key: BlobKey, start: int, length: int, chunk_bytes: int) -> Iterator[bytes]:
        """Yield exactly `length` bytes from `start`, at most `chunk_bytes` at a time.

        The call itself raises NotFoundError if the object is absent. If the object is deleted during the stream,
        the stream ends with the object's own bytes or raises StorageError.
        """

    def delete(self, key: BlobKey) -> None:
        """Delete the object; deleting an absent object succeeds."""

    def list(self, prefix: str) -> Iterator[BlobInfo]:
        """Yield every object whose key begins with `prefix`, in key order."""

    def begin_upload(self, key: BlobKey, plan: PartPlan) -> str:
        """Begin an object that is stored in parts; return the upload's token. No room: FullError."""

    def part_url(self, key: BlobKey, token: str, part: Part) -> str | None:
        """Return a URL where a client can put the part directly, or None if parts go through `part_sink`.

        The URL is a credential for this part alone, and it expires. Making one sends no request.
        """

    def part_sink(self, key: BlobKey, token: str, part: Part) -> PartSink:
        """Open a part for writing. Parts may be written in any order and concurrently.

        Raise NotFoundError if the upload is unknown, here or, where only the store knows, in the sink's `finish`.
        """

    def parts(self, key: BlobKey, token: str) -> Mapping[int, StoredPart]:
        """Return the stored parts. Unknown, completed or aborted upload: NotFoundError."""

    def complete_upload(self, key: BlobKey, token: str, plan: PartPlan) -> None:
        """Join the parts into the object atomically; `plan` is the one the upload was begun with.

        Completing again changes nothing. Raise PartSizeError if a part is missing or its size differs from the
        plan, AlreadyExistsError if something else created the key, NotFoundError if neither the upload nor the
        object exists.
        """

    def abort_upload(self, key: BlobKey, token: str) -> None:
        """Delete the upload and its parts; aborting an absent upload succeeds."""

    def uploads(self) -> Iterator[UploadInfo]:
        """Yield the uploads that are neither completed nor aborted."""

    def prepare(self) -> None:
        """Make the store usable, once at start. Raise StorageError if that is impossible."""

    def sweep(self, older_than: int) -> None:
        """Delete remains of crashes older than a time (milliseconds since 1970), but no object and no upload."""

    def check(self) -> None:
        """Raise StorageError if the store cannot be used."""


def blobs(storage: Storage) -> list[BlobInfo]:
    """Return every blob, whether or not a row of the micro-database or a pairing code names it."""
    return [info for prefix in BLOB_PREFIXES for info in storage.list(prefix) if is_blob(info.key)]


def is_blob(key: BlobKey) -> bool:
    """Whether a key is one of this cloud's blobs: the objects of another cloud can lie below its prefix."""
    return key.startswith(BLOB_PREFIXES) and key.count("/") == 1


def blob_key(text: str) -> BlobKey:
    """Return `text` as a key: two to four names of letters, digits, `.`, `_`, `-`, joined by `/`; else ValueError."""
    if re.fullmatch(_KEY, text) is None:
        raise ValueError(f"not a key of an object: {text!r}")
    return BlobKey(text)
