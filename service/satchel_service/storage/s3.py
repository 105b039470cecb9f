"""Objects in a bucket that speaks S3: AWS, MinIO, R2, Ceph radosgw.

Reads, listings, deletes and replacements are asked for again when no answer came; `create` never is: what it did is
then for its caller to find out, because only the caller knows whether the bytes under the key are its own.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from typing import Final

from satchel_service.storage.connections import REFUSAL_BYTES, Answer, Connections, Origin, UnansweredError
from satchel_service.storage.protocol import (
    AlreadyExistsError,
    BlobInfo,
    BlobKey,
    NotFoundError,
    Part,
    PartPlan,
    StorageError,
    StoredPart,
    UploadInfo,
    blob_key,
)
from satchel_service.storage.retrying import Retrying
from satchel_service.storage.s3_boto import Boto
from satchel_service.storage.s3_dialects import TAKEN
from satchel_service.storage.s3_listing import Page, parse_page
from satchel_service.storage.s3_requests import Access, Bucket, Place, SignedBucket, refusal_of
from satchel_service.storage.sigv4 import MOST_TTL_S, Credentials, Query
from satchel_service.storage.spooling import SpooledPart

PAGE_OBJECTS: Final = 1000
ADDRESS_TTL_S: Final = MOST_TTL_S
"""How long a part's address serves. It ends with its upload at the latest; a slow line needs it that long."""

_CONTENT_RANGE: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


class S3Storage:
    """Implements `Storage` on a bucket."""

    def __init__(
        self,
        bucket: Bucket,
        credentials: Credentials | None,
        *,
        parts_at: Origin | None = None,
        ca_bundle: str = "",
        are_parts_direct: bool = True,
        retrying: Retrying | None = None,
    ) -> None:
        """`credentials` are those of the environment, None to let boto3 look for others.

        `parts_at` is the endpoint as clients reach it where it is another one; without `are_parts_direct` they put
        their parts through the service.
        """
        self._bucket = bucket
        self._credentials = credentials
        self._parts_at = parts_at
        self._ca_bundle = ca_bundle
        self._are_parts_direct = are_parts_direct
        self._retrying = retrying or Retrying()
        self._boto = Boto(bucket, credentials, ca_bundle)

    def prepare(self) -> None:
        """Do nothing: a bucket is made by whoever pays for it, and the first real request finds out whether it was."""

    def check(self) -> None:
        """Raise StorageError when the bucket cannot be listed."""
        self._page("", "", most=1)

    def sweep(self, older_than: int) -> None:
        """Do nothing: a bucket leaves nothing half-written but uploads."""

    def close(self) -> None:
        """Close the connections that idle; later calls make new ones."""
        if "_connections" in self.__dict__:  # else none was ever made
            self._connections.close()
        self._boto.close()

    # -- whole objects ----------------------------------------------------------------------------------

    def create(self, key: BlobKey, data: bytes) -> None:
        """Store data under a new key. The key exists already: AlreadyExistsError, nothing changed."""
        answer = self._signed.ask("PUT", self._name(key), headers={"if-none-match": "*"}, body=data)
        if answer.status in TAKEN:
            answer.close()
            raise AlreadyExistsError(f"{key!r} exists already")
        _stored(answer)

    def replace(self, key: BlobKey, data: bytes) -> None:
        """Store data under a key, taken or not."""
        self._retrying(lambda: _stored(self._signed.ask("PUT", self._name(key), body=data)))

    def read(self, key: BlobKey, start: int = 0, length: int | None = None) -> bytes:
        """Return `length` bytes from `start`, fewer at the end, all when None. Absent: NotFoundError."""
        name = self._name(key)
        if length == 0:
            self.size(key)
            return b""
        if start == 0 and length is None:
            return self._retrying(lambda: _tagged(self._signed.ask("GET", name), 200).read())
        return self._retrying(lambda: self._read_range(name, start, length))

    def size(self, key: BlobKey) -> int:
        """Return the object's size in bytes. Absent: NotFoundError."""
        return self._retrying(lambda: self._size(self._name(key)))

    def stream(self, key: BlobKey, start: int, length: int, chunk_bytes: int) -> Iterator[bytes]:
        """Yield exactly `length` bytes from `start`; what comes of a deleted object is its own bytes or an error."""
        name = self._name(key)
        if length == 0:
            self.size(key)
            return iter(())
        answer = self._retrying(lambda: self._open_range(name, start, length))
        if answer is None or _range_length(answer, start) != length:
            raise StorageError("the object is shorter than it was")
        return answer.chunks(chunk_bytes)

    def delete(self, key: BlobKey) -> None:
        """Delete the object; absent is fine."""
        with suppress(NotFoundError):
            self._retrying(lambda: _read(self._signed.ask("DELETE", self._name(key)), 204))

    def list(self, prefix: str) -> Iterator[BlobInfo]:
        """Yield every object whose key begins with `prefix`, in the order of keys; what is not ours is passed over."""
        more = ""
        while True:
            page = self._page(prefix, more, PAGE_OBJECTS)
            for item in page.objects:
                with suppress(ValueError):
                    key = blob_key(item.name.removeprefix(self._bucket.prefix))
                    yield BlobInfo(key, item.size_bytes, item.modified)
            more = page.more
            if not more:
                return

    # -- objects that come in parts -----------------------------------------------------------------------

    def begin_upload(self, key: BlobKey, plan: PartPlan) -> str:  # noqa: ARG002  a bucket learns it on completion
        """Begin an object that comes in parts; return the token that names the upload."""
        return self._boto.begin(self._name(key))

    def part_url(self, key: BlobKey, token: str, part: Part) -> str | None:
        """Return an address for this part and no other: number, upload and length are signed."""
        if not self._are_parts_direct:
            return None
        query = (("partNumber", str(part.number)), ("uploadId", token))
        return self._signed_for_clients.address("PUT", self._name(key), query, part.size_bytes, ADDRESS_TTL_S)

    def part_sink(self, key: BlobKey, token: str, part: Part) -> SpooledPart:
        """Open a part for writing. Parts may come in any order and at once."""
        name = self._name(key)
        return SpooledPart(part, lambda file, _: self._boto.put(name, token, part, file))

    def parts(self, key: BlobKey, token: str) -> Mapping[int, StoredPart]:
        """Return the parts the store has. Unknown, completed or aborted upload: NotFoundError."""
        return self._boto.parts(self._name(key), token)

    def complete_upload(self, key: BlobKey, token: str, plan: PartPlan) -> None:
        """Join the parts into the object. A part is missing or of another size: PartSizeError."""
        try:
            have = self.parts(key, token)
            plan.check(have)
            if self._exists(key):
                raise AlreadyExistsError(f"{key!r} exists already")
            self._boto.join(self._name(key), token, plan, have)
        except NotFoundError:
            self.size(key)  # completed before, or by somebody else meanwhile; else never begun

    def abort_upload(self, key: BlobKey, token: str) -> None:
        """Forget the upload and its parts; absent is fine."""
        with suppress(NotFoundError):
            self._boto.abort(self._name(key), token)

    def uploads(self) -> Iterator[UploadInfo]:
        """Yield the uploads that were begun and neither completed nor aborted."""
        for item in self._boto.uploads(self._bucket.prefix):
            with suppress(ValueError):
                key = blob_key(item.name.removeprefix(self._bucket.prefix))
                yield UploadInfo(key, item.token, item.started)

    # -- requests ---------------------------------------------------------------------------------------

    @cached_property
    def _access(self) -> Access:
        """Use the environment's credentials and region if they are all there: boto3 need not be loaded then."""
        known, region = self._credentials, self._bucket.region or self._bucket.dialect.region
        if known is None or not region:
            return self._boto.access
        return Access(lambda: known, region)

    @cached_property
    def _signed(self) -> SignedBucket:
        return SignedBucket(self._place, self._connections, self._access, lambda: datetime.now(UTC))

    @cached_property
    def _signed_for_clients(self) -> SignedBucket:
        """For addresses only: nothing is ever asked through it."""
        if self._parts_at is None:
            return self._signed
        place = Place.of(self._bucket, self._parts_at, self._access.region)
        return SignedBucket(place, self._connections, self._access, lambda: datetime.now(UTC))

    @cached_property
    def _place(self) -> Place:
        return Place.of(self._bucket, self._bucket.endpoint, self._access.region)

    @cached_property
    def _connections(self) -> Connections:
        return Connections(self._place.origin, self._ca_bundle or None)

    def _name(self, key: BlobKey) -> str:
        return self._bucket.prefix + blob_key(key)

    def _exists(self, key: BlobKey) -> bool:
        try:
            self.size(key)
        except NotFoundError:
            return False
        return True

    def _size(self, name: str) -> int:
        answer = self._signed.ask("HEAD", name)
        length = answer.header("Content-Length")
        if (
            answer.status == 404
        ):  # without a body there is no code to tell an absent object from an absent bucket
            answer.read()
            raise NotFoundError("there is no such object")
        _tagged(answer, 200).read()
        if not length.isdecimal():
            raise UnansweredError("the object storage answered without a length")
        return int(length)

    def _read_range(self, name: str, start: int, length: int | None) -> bytes:
        answer = self._open_range(name, start, length)
        if answer is None:
            return b""
        _range_length(answer, start)
        return answer.read()

    def _open_range(self, name: str, start: int, length: int | None) -> Answer | None:
        """Ask for a range; None when the object ends before it begins."""
        end = "" if length is None else str(start + length - 1)
        answer = self._signed.ask("GET", name, headers={"range": f"bytes={start}-{end}"})
        if answer.status == 416:
            answer.read(REFUSAL_BYTES)
            return None
        return _tagged(answer, 206)

    def _page(self, prefix: str, more: str, most: int) -> Page:
        query: Query = [
            ("list-type", "2"),
            ("max-keys", str(most)),
            ("prefix", self._bucket.prefix + prefix),
            *([("continuation-token", more)] if more else []),
        ]
        return self._retrying(lambda: parse_page(_read(self._signed.ask("GET", "", query), 200)))


def _read(answer: Answer, expected: int) -> bytes:
    """Return the body of an answer with the expected status; raise what any other means."""
    if answer.status != expected:
        raise refusal_of(answer)
    return answer.read()


def _tagged(answer: Answer, expected: int) -> Answer:
    """Refuse an answer without an entity tag: something else than the store gave it."""
    if answer.status != expected:
        raise refusal_of(answer)
    if not answer.header("ETag"):
        answer.close()
        raise UnansweredError("what answered is not the object storage")
    return answer


def _stored(answer: Answer) -> None:
    """Believe that an object was stored when the whole answer says so."""
    _tagged(answer, 200).read(REFUSAL_BYTES)


def _range_length(answer: Answer, start: int) -> int:
    """Return how many bytes a partial answer holds; one that begins elsewhere is no answer."""
    found = _CONTENT_RANGE.fullmatch(answer.header("Content-Range"))
    if found is None or int(found[1]) != start or answer.length != int(found[2]) - start + 1:
        answer.close()
        raise UnansweredError("the object storage answered another range")
    return answer.length
