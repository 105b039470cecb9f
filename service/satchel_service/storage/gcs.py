"""Objects in a bucket of Google Cloud Storage, through its JSON API.

Experimental: never run against the live service. It does not use the S3 interoperability, because create-if-absent
(`ifGenerationMatch=0`) is documented for this API only.

    <prefix><key>                     an object
    <prefix>.uploads/<token>/key      an upload; its metadata names the key
    <prefix>.uploads/<token>/part-N-R part N, an object until `compose` joins the parts; each put gets a new R, because
                                      an object accepts only one write a second

Parts go through the service. Clients could use a resumable session, but it accepts bytes only in order, and a signed
URL needs a request to another service for each part.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import IO, Final

from satchel_service.storage.buckets import Retrying, SpooledPart
from satchel_service.storage.gcs_requests import GcsBucket, ObjectInfo, Page, SizedFile
from satchel_service.storage.http import Response
from satchel_service.storage.protocol import (
    AlreadyExistsError,
    BlobInfo,
    BlobKey,
    NotFoundError,
    Part,
    PartPlan,
    StorageError,
    StoredPart,
    TransientError,
    UploadInfo,
    blob_key,
)

COMPOSED: Final = 32  # objects that one compose request joins at most
UPLOADS: Final = ".uploads/"  # no key begins with a dot
FIRST_KEY: Final = "0"  # no key sorts before this
PAGE_OBJECTS: Final = 1000  # the most that Google returns


class GcsStorage:
    """Implements `Storage` on a bucket."""

    def __init__(
        self,
        bucket: GcsBucket,
        prefix: str,
        entropy: Callable[[int], bytes],
        *,
        page_objects: int = PAGE_OBJECTS,
        retrying: Retrying | None = None,
    ) -> None:
        self._bucket = bucket
        self._prefix = prefix
        self._entropy = entropy
        self._page_objects = page_objects
        self._retrying = retrying or Retrying()

    def prepare(self) -> None:
        """Do nothing: the operator makes the bucket."""

    def check(self) -> None:
        """Raise StorageError if the bucket cannot be listed."""
        self._retrying(lambda: self._bucket.page(self._prefix, page_objects=1))

    def close(self) -> None:
        """Close the idle connections; later calls open new ones."""
        self._bucket.close()

    # -- whole objects ----------------------------------------------------------------------------------

    def create(self, key: BlobKey, data: bytes) -> None:
        """Store data under a new key. Raise AlreadyExistsError, changing nothing, if the key exists."""
        self._bucket.insert(self._name(key), data, is_new=True)

    def replace(self, key: BlobKey, data: bytes) -> None:
        """Store data under a key, taken or not. Google accepts one replacement of a key a second."""
        self._retrying(lambda: self._bucket.insert(self._name(key), data, is_new=False))

    def read(self, key: BlobKey, start: int = 0, length: int | None = None) -> bytes:
        """Return `length` bytes from `start`, fewer at the end, all if None. Absent: NotFoundError."""
        if length == 0:
            self.size(key)
            return b""
        byte_range = None if start == 0 and length is None else _byte_range(start, length)

        def read() -> bytes:
            response = self._bucket.open(self._name(key), byte_range)
            return b"" if response is None else _checked(response, start).read()

        return self._retrying(read)

    def size(self, key: BlobKey) -> int:
        """Return the object's size in bytes. Absent: NotFoundError."""
        return self._retrying(lambda: self._bucket.info(self._name(key))).size_bytes

    def stream(self, key: BlobKey, start: int, length: int, chunk_bytes: int) -> Iterator[bytes]:
        """Yield exactly `length` bytes from `start`, at most `chunk_bytes` at a time."""
        if length == 0:
            self.size(key)
            return iter(())
        byte_range = _byte_range(start, length)
        response = self._retrying(lambda: self._bucket.open(self._name(key), byte_range))
        if response is None or _checked(response, start).length != length:
            raise StorageError("the object is shorter than expected")
        return response.chunks(chunk_bytes)

    def delete(self, key: BlobKey) -> None:
        """Delete the object; deleting an absent object succeeds."""
        self._retrying(lambda: self._bucket.delete(self._name(key)))

    def list(self, prefix: str) -> Iterator[BlobInfo]:
        """Yield every object whose key begins with `prefix`, in key order; names that are no keys are skipped."""
        for item in self._listed(prefix, FIRST_KEY):
            with suppress(ValueError):
                key = blob_key(item.name.removeprefix(self._prefix))
                yield BlobInfo(key, item.size_bytes, item.created)

    # -- objects in parts -------------------------------------------------------------------------------

    def begin_upload(self, key: BlobKey, plan: PartPlan) -> str:  # noqa: ARG002  a bucket learns it on completion
        """Begin an object that is stored in parts; return the upload's token."""
        token = self._entropy(16).hex()
        metadata = {"key": blob_key(key)}
        name = f"{self._folder(token)}key"
        self._retrying(lambda: self._bucket.insert(name, b"", is_new=False, metadata=metadata))
        return token

    def part_url(self, key: BlobKey, token: str, part: Part) -> str | None:  # noqa: ARG002  the Protocol's parameters
        """Return None: parts go through the service."""
        return None

    def part_sink(self, key: BlobKey, token: str, part: Part) -> SpooledPart:
        """Open a part for writing, in any order and concurrently. Unknown upload: NotFoundError."""
        self._require(key, token)
        name = f"{self._folder(token)}part-{part.number}-{self._entropy(8).hex()}"

        def put(file: IO[bytes], md5: bytes) -> str:
            body = SizedFile(file, part.size_bytes)
            return self._retrying(lambda: self._bucket.insert(name, body, is_new=False, md5=md5)).md5

        return SpooledPart(part, put)

    def parts(self, key: BlobKey, token: str) -> Mapping[int, StoredPart]:
        """Return the stored parts. Unknown, completed or aborted upload: NotFoundError."""
        found = self._parts(key, token)
        return {number: StoredPart(item.size_bytes, item.md5) for number, item in found.items()}

    def complete_upload(self, key: BlobKey, token: str, plan: PartPlan) -> None:
        """Join the parts into the object; harmless if repeated. A part is missing: PartSizeError."""
        try:
            stored = self._parts(key, token)
        except NotFoundError:
            self.size(key)  # raises NotFoundError unless the upload was completed before
            return
        plan.check({number: StoredPart(item.size_bytes, item.md5) for number, item in stored.items()})
        self._join(key, token, [stored[part.number] for part in plan.parts()])
        self.abort_upload(key, token)

    def abort_upload(self, key: BlobKey, token: str) -> None:  # noqa: ARG002
        """Delete the upload and its parts; aborting an absent upload succeeds."""
        with suppress(NotFoundError):
            folder = self._folder(token)
            self._retrying(
                lambda: self._bucket.delete(f"{folder}key")
            )  # first, because an upload without a key is unknown
            self._delete_all(self._listed(folder.removeprefix(self._prefix)))

    def uploads(self) -> Iterator[UploadInfo]:
        """Yield the uploads that are neither completed nor aborted."""
        for item in self._listed(UPLOADS):
            token, _, rest = item.name.removeprefix(self._prefix + UPLOADS).partition("/")
            with suppress(ValueError):
                if rest == "key":
                    yield UploadInfo(blob_key(item.metadata.get("key", "")), token, item.created)

    def sweep(self, older_than: int) -> None:
        """Delete parts older than a time (milliseconds since 1970) that belong to no upload."""
        staged = list(self._listed(UPLOADS))
        live = {item.name.removesuffix("key") for item in staged if item.name.endswith("/key")}
        self._delete_all(
            item
            for item in staged
            if item.created < older_than and item.name.rpartition("/")[0] + "/" not in live
        )

    # -- requests ---------------------------------------------------------------------------------------

    def _name(self, key: BlobKey) -> str:
        return self._prefix + blob_key(key)

    def _folder(self, token: str) -> str:
        if len(token) != 32 or not all(letter in "0123456789abcdef" for letter in token):
            raise NotFoundError("there is no such upload")
        return f"{self._prefix}{UPLOADS}{token}/"

    def _require(self, key: BlobKey, token: str) -> None:
        folder = self._folder(token)
        if self._retrying(lambda: self._bucket.info(f"{folder}key")).metadata.get("key") != key:
            raise NotFoundError("there is no such upload")

    def _parts(self, key: BlobKey, token: str) -> dict[int, ObjectInfo]:
        folder = self._folder(token)
        found = {
            item.name.removeprefix(folder): item for item in self._listed(folder.removeprefix(self._prefix))
        }
        if "key" not in found or found["key"].metadata.get("key") != key:
            raise NotFoundError("there is no such upload")
        parts: dict[int, ObjectInfo] = {}
        for item in sorted(found.values(), key=lambda item: int(item.generation)):
            kind, _, rest = item.name.removeprefix(folder).partition("-")
            if kind == "part":
                parts[int(rest.partition("-")[0])] = item  # the latest put wins
        return parts

    def _join(self, key: BlobKey, token: str, parts: Sequence[ObjectInfo]) -> None:
        """Compose in rounds of 32; the last round makes the object if its key is still free."""
        folder = self._folder(token)
        try:
            while len(parts) > COMPOSED:
                parts = [
                    self._compose(folder, parts[start : start + COMPOSED])
                    for start in range(0, len(parts), COMPOSED)
                ]
            self._bucket.compose(self._name(key), parts, is_new=True, metadata={"upload": token})
        except NotFoundError as exc:
            raise StorageError("a part changed while the parts were joined") from exc
        except AlreadyExistsError:  # perhaps by this upload, if an earlier response was lost
            if self._retrying(lambda: self._bucket.info(self._name(key))).metadata.get("upload") != token:
                raise

    def _compose(self, folder: str, group: Sequence[ObjectInfo]) -> ObjectInfo:
        name = f"{folder}joined-{self._entropy(8).hex()}"
        return self._retrying(lambda: self._bucket.compose(name, group, is_new=False, metadata={}))

    def _delete_all(self, items: Iterable[ObjectInfo]) -> None:
        for item in items:
            self._delete(item.name)

    def _delete(self, name: str) -> None:
        self._retrying(lambda: self._bucket.delete(name))

    def _listed(self, prefix: str, start: str = "") -> Iterator[ObjectInfo]:
        token = ""
        while True:
            page = self._page(prefix, start, token)
            yield from page.objects
            token = page.next_token
            if not token:
                return

    def _page(self, prefix: str, start: str, token: str) -> Page:
        first = self._prefix + start if start else ""
        return self._retrying(
            lambda: self._bucket.page(self._prefix + prefix, token, first, self._page_objects)
        )


def _byte_range(start: int, length: int | None) -> str:
    return f"bytes={start}-{'' if length is None else start + length - 1}"


def _checked(response: Response, start: int) -> Response:
    """Require a response of known length that begins where the range does."""
    if response.length is None or (
        response.status == 206 and not response.header("Content-Range").startswith(f"bytes {start}-")
    ):
        response.close()
        raise TransientError("the object storage responded with another range")
    return response
