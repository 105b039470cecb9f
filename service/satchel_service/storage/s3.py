"""Objects in an S3 bucket: AWS, MinIO, R2, Ceph radosgw.

Reads, listings, deletes and replacements are retried. A create never is: only its caller can tell whether the bytes
under the key are its own.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Final

from satchel_service.storage.buckets import Retrying, SpooledPart
from satchel_service.storage.http import ERROR_BYTES, Connections, Origin, Response
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
    is_blob,
)
from satchel_service.storage.s3_requests import (
    TAKEN_STATUSES,
    Access,
    Bucket,
    Location,
    Page,
    SignedBucket,
    parse_page,
    refusal_of,
)
from satchel_service.storage.s3_signing import MOST_TTL_S, Credentials, Query

if TYPE_CHECKING:
    from satchel_service.storage.s3_boto import Boto

PAGE_OBJECTS: Final = 1000  # the most that S3 returns
LISTING_BYTES: Final = 16 * 1024 * 1024  # read at most of a page of a listing
PART_URL_TTL_S: Final = MOST_TTL_S
"""How long a part's URL is valid, unless its upload ends earlier. A slow line needs it that long."""

_CONTENT_RANGE: Final = r"bytes (\d+)-(\d+)/\d+"


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
        page_objects: int = PAGE_OBJECTS,
        retrying: Retrying | None = None,
    ) -> None:
        """`credentials` are those of the environment; None lets boto3 find others.

        `parts_at` is the endpoint clients use, if it differs. Without `are_parts_direct`, clients send parts through
        the service.
        """
        self._bucket = bucket
        self._credentials = credentials
        self._parts_at = parts_at
        self._ca_bundle = ca_bundle
        self._are_parts_direct = are_parts_direct
        self._page_objects = page_objects
        self._retrying = retrying or Retrying()

    def prepare(self) -> None:
        """Do nothing: the operator makes the bucket, and the first request shows whether it exists."""

    def check(self) -> None:
        """Raise StorageError if the bucket cannot be listed."""
        self._page("", "", page_objects=1)

    def sweep(self, older_than: int) -> None:
        """Do nothing: a crash leaves nothing in a bucket except uploads."""

    def close(self) -> None:
        """Close the idle connections; later calls open new ones."""
        made = self.__dict__  # where a cached property keeps its value
        if "_connections" in made:
            self._connections.close()
        if "_boto" in made:
            self._boto.close()

    # -- whole objects ----------------------------------------------------------------------------------

    def create(self, key: BlobKey, data: bytes) -> None:
        """Store data under a new key. Raise AlreadyExistsError, changing nothing, if the key exists."""
        response = self._signed.send("PUT", self._name(key), headers={"if-none-match": "*"}, body=data)
        if response.status in TAKEN_STATUSES:
            response.close()
            raise AlreadyExistsError(f"{key!r} exists already")
        _require_stored(response)

    def replace(self, key: BlobKey, data: bytes) -> None:
        """Store data under a key, taken or not."""
        self._retrying(lambda: _require_stored(self._signed.send("PUT", self._name(key), body=data)))

    def read(self, key: BlobKey, start: int = 0, length: int | None = None) -> bytes:
        """Return `length` bytes from `start`, fewer at the end, all if None. Absent: NotFoundError."""
        name = self._name(key)
        if length == 0:
            self.size(key)
            return b""
        if start == 0 and length is None:
            return self._retrying(lambda: _tagged(self._signed.send("GET", name), 200).read())
        return self._retrying(lambda: self._read_range(name, start, length))

    def size(self, key: BlobKey) -> int:
        """Return the object's size in bytes. Absent: NotFoundError."""
        return self._retrying(lambda: self._size(self._name(key)))

    def stream(self, key: BlobKey, start: int, length: int, chunk_bytes: int) -> Iterator[bytes]:
        """Yield exactly `length` bytes from `start`, at most `chunk_bytes` at a time."""
        name = self._name(key)
        if length == 0:
            self.size(key)
            return iter(())
        response = self._retrying(lambda: self._open_range(name, start, length))
        if response is None or _range_length(response, start) != length:
            raise StorageError("the object is shorter than expected")
        return response.chunks(chunk_bytes)

    def delete(self, key: BlobKey) -> None:
        """Delete the object; deleting an absent object succeeds."""
        with suppress(NotFoundError):
            self._retrying(lambda: _body(self._signed.send("DELETE", self._name(key)), 204))

    def list(self, prefix: str) -> Iterator[BlobInfo]:
        """Yield every object whose key begins with `prefix`, in key order; names that are no keys are skipped."""
        token = ""
        while True:
            page = self._page(prefix, token, self._page_objects)
            for item in page.objects:
                with suppress(ValueError):
                    key = blob_key(item.name.removeprefix(self._bucket.prefix))
                    yield BlobInfo(key, item.size_bytes, item.modified)
            token = page.next_token
            if not token:
                return

    # -- objects in parts -------------------------------------------------------------------------------

    def begin_upload(self, key: BlobKey, plan: PartPlan) -> str:  # noqa: ARG002  a bucket learns it on completion
        """Begin an object that is stored in parts; return the upload's token."""
        return self._boto.begin(self._name(key))

    def part_url(self, key: BlobKey, token: str, part: Part) -> str | None:
        """Return a URL for this part alone: its signature covers number, upload and length."""
        if not self._are_parts_direct:
            return None
        query = (("partNumber", str(part.number)), ("uploadId", token))
        return self._signed_for_clients.presign(
            "PUT", self._name(key), query, part.size_bytes, PART_URL_TTL_S
        )

    def part_sink(self, key: BlobKey, token: str, part: Part) -> SpooledPart:
        """Open a part for writing. Parts may be written in any order and concurrently."""
        name = self._name(key)
        return SpooledPart(part, lambda file, _: self._boto.put(name, token, part, file))

    def parts(self, key: BlobKey, token: str) -> Mapping[int, StoredPart]:
        """Return the stored parts. Unknown, completed or aborted upload: NotFoundError."""
        return self._boto.parts(self._name(key), token)

    def complete_upload(self, key: BlobKey, token: str, plan: PartPlan) -> None:
        """Join the parts into the object. Raise PartSizeError if a part is missing or its size differs."""
        try:
            stored = self.parts(key, token)
            plan.check(stored)
            if self._exists(key):
                raise AlreadyExistsError(f"{key!r} exists already")
            self._boto.join(self._name(key), token, plan, stored)
        except NotFoundError:
            self.size(key)  # raises NotFoundError unless the upload was completed before

    def abort_upload(self, key: BlobKey, token: str) -> None:
        """Delete the upload and its parts; aborting an absent upload succeeds."""
        with suppress(NotFoundError):
            self._boto.abort(self._name(key), token)

    def uploads(self) -> Iterator[UploadInfo]:
        """Yield the uploads that are neither completed nor aborted.

        The prefix of another cloud can lie below this one's; its uploads are left out.
        """
        for item in self._boto.uploads(self._bucket.prefix):
            with suppress(ValueError):
                key = blob_key(item.name.removeprefix(self._bucket.prefix))
                if is_blob(key):
                    yield UploadInfo(key, item.token, item.started)

    # -- requests ---------------------------------------------------------------------------------------

    @cached_property
    def _boto(self) -> "Boto":
        from satchel_service.storage.s3_boto import Boto  # noqa: PLC0415

        return Boto(self._bucket, self._credentials, self._ca_bundle)

    @cached_property
    def _access(self) -> Access:
        """The environment's credentials and region if it has both; else boto3's, which takes 250 ms to load."""
        known, region = self._credentials, self._bucket.region or self._bucket.dialect.region
        if known is None or not region:
            return self._boto.access
        return Access(lambda: known, region)

    @cached_property
    def _signed(self) -> SignedBucket:
        return SignedBucket(self._location, self._connections, self._access)

    @cached_property
    def _signed_for_clients(self) -> SignedBucket:
        """The bucket as clients reach it; it signs URLs but sends nothing."""
        if self._parts_at is None:
            return self._signed
        location = Location.of(self._bucket, self._parts_at, self._access.region)
        return SignedBucket(location, self._connections, self._access)

    @cached_property
    def _location(self) -> Location:
        return Location.of(self._bucket, self._bucket.endpoint, self._access.region)

    @cached_property
    def _connections(self) -> Connections:
        return Connections(self._location.origin, self._ca_bundle or None)

    def _name(self, key: BlobKey) -> str:
        return self._bucket.prefix + blob_key(key)

    def _exists(self, key: BlobKey) -> bool:
        try:
            self.size(key)
        except NotFoundError:
            return False
        return True

    def _size(self, name: str) -> int:
        response = self._signed.send("HEAD", name)
        if (
            response.status == 404
        ):  # a response to HEAD has no code to tell an absent object from an absent bucket
            response.read()
            raise NotFoundError("there is no such object")
        length = _tagged(response, 200).header("Content-Length")
        response.read()
        if not length.isdecimal():
            raise TransientError("the object storage's response has no length")
        return int(length)

    def _read_range(self, name: str, start: int, length: int | None) -> bytes:
        response = self._open_range(name, start, length)
        if response is None:
            return b""
        _range_length(response, start)
        return response.read()

    def _open_range(self, name: str, start: int, length: int | None) -> Response | None:
        """Request a range; None if it begins at or behind the object's end."""
        end = "" if length is None else str(start + length - 1)
        response = self._signed.send("GET", name, headers={"range": f"bytes={start}-{end}"})
        if response.status == 416:
            response.read(ERROR_BYTES)
            return None
        return _tagged(response, 206)

    def _page(self, prefix: str, token: str, page_objects: int) -> Page:
        query: Query = [
            ("list-type", "2"),
            ("max-keys", str(page_objects)),
            ("prefix", self._bucket.prefix + prefix),
            *([("continuation-token", token)] if token else []),
        ]
        return self._retrying(
            lambda: parse_page(_body(self._signed.send("GET", "", query), 200, LISTING_BYTES))
        )


def _body(response: Response, status: int, most: int | None = None) -> bytes:
    """Return the body of a response with the expected status; raise what any other status means."""
    if response.status != status:
        raise refusal_of(response)
    return response.read(most)


def _tagged(response: Response, status: int) -> Response:
    """Require the expected status and an entity tag, which a captive portal does not send."""
    if response.status != status:
        raise refusal_of(response)
    if not response.header("ETag"):
        response.close()
        raise TransientError("the response is not from the object storage")
    return response


def _require_stored(response: Response) -> None:
    """Return if the complete response says that the object is stored."""
    _tagged(response, 200).read(ERROR_BYTES)


def _range_length(response: Response, start: int) -> int:
    """Return the length of a partial response. Raise TransientError if it begins elsewhere."""
    found = re.fullmatch(_CONTENT_RANGE, response.header("Content-Range"))
    if found is None or int(found[1]) != start or response.length != int(found[2]) - start + 1:
        response.close()
        raise TransientError("the object storage responded with another range")
    return response.length
