"""Signed requests to one S3 bucket, and the meaning of its responses: refusals, listings, and the dialects of stores.

Every store is relied on to respond 412 to `PutObject` with `If-None-Match: *` if the key is taken, and to show every
write to later reads and listings. The log probes this before it trusts a store (`satchel_service.log.store`).
"""

import hashlib
import re
import time
from collections.abc import Callable, Mapping
from typing import Final, Literal, NamedTuple, Self
from xml.parsers import (
    expat,
)  # parses responses of the owner's own store; expat itself limits entity expansion

from satchel_service.storage.http import ERROR_BYTES, Connections, Origin, Response
from satchel_service.storage.http_messages import Request
from satchel_service.storage.protocol import FullError, NotFoundError, StorageError, TransientError
from satchel_service.storage.s3_signing import Credentials, Query, Signer, canonical_path, canonical_query


class Dialect(NamedTuple):
    """How one provider differs from the others.

    `hosts`: suffixes of its endpoints' names.
    `region`: signs requests when the environment names no region; empty: no default.
    `is_path_style`: the bucket is named in the path, not in the host name.
    `joins_conditionally`: CompleteMultipartUpload honours `If-None-Match: *`.
    `checksums`: when boto3 adds its own checksums; only AWS accepts its new default everywhere.
    """

    name: str
    hosts: tuple[str, ...]
    region: str
    is_path_style: bool
    joins_conditionally: bool
    checksums: Literal["when_supported", "when_required"]


AWS: Final = Dialect(
    "aws",
    (".amazonaws.com", ".amazonaws.com.cn"),
    region="",
    is_path_style=False,
    joins_conditionally=True,
    checksums="when_supported",
)
R2: Final = Dialect(
    "r2",
    (".r2.cloudflarestorage.com",),
    region="auto",
    is_path_style=True,
    joins_conditionally=True,
    checksums="when_required",
)
OTHER: Final = Dialect(
    "other", (), region="us-east-1", is_path_style=True, joins_conditionally=False, checksums="when_required"
)
"""Every other store behind SATCHEL_S3_ENDPOINT, such as MinIO and Ceph radosgw. radosgw accepts the condition on
completion and ignores it."""

TAKEN_STATUSES: Final = frozenset({412})
"""The key exists and nothing changed: certain."""

TRANSIENT_STATUSES: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
"""The outcome is unknown. AWS responds 409 while another conditional put of the key is in progress; radosgw responds
500 to some losers of a race; any of them may follow a put that took effect."""

TRANSIENT_CODES: Final = frozenset({"InternalError", "OperationAborted", "RequestTimeout", "SlowDown"})
"""Codes that mean the same with any status."""

FULL_CODES: Final = frozenset({"QuotaExceeded", "XMinioStorageFull"})
"""The store has no room, as with status 507."""

ABSENT_CODES: Final = frozenset({"NoSuchKey", "NoSuchUpload"})
"""Only these prove that an object is absent: any other 404 may come from a wrong bucket, or from no store at all."""

_TIMES: Final = ("0000-00-00T00:00:00.000Z", "0000-00-00T00:00:00Z")  # their digits replaced by 0
_CODE: Final = rb"<Code>([A-Za-z0-9]{1,64})</Code>"


class Bucket(NamedTuple):
    """A bucket and the cloud's prefix in it, which is empty or ends in `/`.

    `endpoint` is None for AWS; `region` is empty if only boto3 can find it.
    """

    name: str
    prefix: str
    endpoint: Origin | None
    dialect: Dialect
    region: str


class Access(NamedTuple):
    """Credentials and region, from the environment or found by boto3."""

    credentials: Callable[[], Credentials]
    region: str


class Location(NamedTuple):
    """Where requests to a bucket are sent, and the beginning of their paths."""

    origin: Origin
    path: str

    @classmethod
    def of(cls, bucket: Bucket, endpoint: Origin | None, region: str) -> Self:
        """Name the bucket in the host or in the path; no certificate covers a name with dots as a host name."""
        if endpoint is None:
            domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
            endpoint = Origin("https", f"s3.{region}.{domain}", 443)
        if bucket.dialect.is_path_style or "." in bucket.name:
            return cls(endpoint, f"/{bucket.name}/")
        return cls(endpoint._replace(host=f"{bucket.name}.{endpoint.host}"), "/")


class SignedBucket:
    """Sends signed requests to a bucket, each of them once."""

    def __init__(
        self,
        location: Location,
        connections: Connections,
        access: Access,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._location = location
        self._connections = connections
        self._access = access
        self._clock = clock

    def send(
        self,
        method: str,
        name: str,
        query: Query = (),
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Response:
        """Send a request about the object of this name, or about the bucket if the name is empty."""
        path = self._location.path + name
        given = {"host": self._location.origin.authority, **(headers or {})}
        signed = self._signer().headers(method, path, query, given, hashlib.sha256(body).hexdigest())
        target = canonical_path(path) + (f"?{canonical_query(query)}" if query else "")
        return self._connections.send(Request(method, target, signed, body))

    def presign(self, method: str, name: str, query: Query, length: int, ttl_s: int) -> str:
        """Return a URL that accepts this request, with a body of this length, for `ttl_s` seconds."""
        headers = {"host": self._location.origin.authority, "content-length": str(length)}
        target = self._signer().target(method, self._location.path + name, query, headers, ttl_s)
        return f"{self._location.origin}{target}"

    def _signer(self) -> Signer:
        return Signer(self._access.credentials(), self._access.region, self._clock())


class ListedObject(NamedTuple):
    """An object by its name in the bucket; `modified` is in milliseconds since 1970."""

    name: str
    size_bytes: int
    modified: int


class Page(NamedTuple):
    """A page of a listing; `next_token` requests the next page and is empty on the last."""

    objects: list[ListedObject]
    next_token: str


def dialect_of(host: str | None) -> Dialect:
    """Return the dialect of an endpoint's host; no endpoint means AWS."""
    if host is None:
        return AWS
    return next((known for known in (AWS, R2) if host.endswith(known.hosts)), OTHER)


def bare_etag(etag: str) -> str:
    """Return an ETag without its quotes, which some stores send in one response and omit in the next."""
    return etag.removeprefix("W/").strip('"')


def refusal_of(response: Response) -> StorageError:
    """Translate a refusal. Only its code is repeated in the message: the rest could name a key."""
    found = re.search(_CODE, response.read(ERROR_BYTES))
    return refusal(response.status, found[1].decode() if found else "", response.header("Retry-After"))


def refusal(status: int, code: str, retry_after: str = "") -> StorageError:
    """Translate the status and code of a refusal."""
    message = f"the object storage responded {status} {code}".rstrip()
    if code in ABSENT_CODES:
        return NotFoundError("there is no such object or upload")
    if status == 507 or code in FULL_CODES:
        return FullError("the object storage is full")
    if status in TRANSIENT_STATUSES or code in TRANSIENT_CODES:
        return TransientError(message, float(retry_after) if retry_after.isdecimal() else None)
    return StorageError(message)


def parse_page(document: bytes) -> Page:
    """Parse a response to ListObjectsV2. Raise TransientError if it is damaged or not a listing."""
    reader = _ListingReader()
    try:
        reader.parser.Parse(document, True)  # noqa: FBT003  expat's flag for the last piece
        is_truncated = {"true": True, "false": False}[reader.fields["IsTruncated"]]
        return Page(reader.objects, reader.fields["NextContinuationToken"] if is_truncated else "")
    except (expat.ExpatError, ValueError, LookupError, OverflowError) as exc:
        # a LookupError is a missing field or an unknown encoding
        raise TransientError("the object storage's listing cannot be read") from exc


class _ListingReader:
    """Collects the fields of the root and of each `Contents`. An XML library would add a tenth to a cold start."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = _refuse_doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._add
        self.fields: dict[str, str] = {}
        self.objects: list[ListedObject] = []
        self._path: list[str] = []
        self._text: list[str] = []
        self._object: dict[str, str] = {}

    def _start(self, name: str, _: dict[str, str]) -> None:
        self._path.append(name)
        self._text.clear()

    def _add(self, text: str) -> None:
        self._text.append(text)

    def _end(self, _: str) -> None:
        match self._path:
            case ["ListBucketResult", "Contents"]:
                self.objects.append(_listed_object(self._object))
                self._object = {}
            case ["ListBucketResult", "Contents", field]:
                self._object[field] = "".join(self._text)
            case ["ListBucketResult", field]:
                self.fields[field] = "".join(self._text)
        self._path.pop()


def _refuse_doctype(*_: object) -> None:
    """Refuse the declarations that could define entities. No listing has one."""
    raise ValueError("the listing has a document type")


def _listed_object(fields: Mapping[str, str]) -> ListedObject:
    size_bytes = int(fields["Size"])
    if size_bytes < 0:
        raise ValueError("not a size")
    return ListedObject(fields["Key"], size_bytes, parse_time(fields["LastModified"]))


def parse_time(text: str) -> int:
    """Return a time in milliseconds since 1970; ValueError if it cannot be read.

    The form that S3 documents is read here, because importing `datetime` takes 4% of a cold start.
    """
    if re.sub("[0-9]", "0", text) not in _TIMES or not 1 <= int(text[5:7]) <= 12:
        from datetime import datetime  # noqa: PLC0415

        return int(datetime.fromisoformat(text).timestamp() * 1000)
    year, month, day = int(text[:4]), int(text[5:7]), int(text[8:10])
    if month <= 2:  # count years from March, so that a leap day is the last of its year
        year, month = year - 1, month + 12
    days = 365 * year + year // 4 - year // 100 + year // 400 + (153 * month - 457) // 5 + day - 719_469
    seconds = (days * 24 + int(text[11:13])) * 3600 + int(text[14:16]) * 60 + int(text[17:19])
    return seconds * 1000 + int(text[20:23] or "0")
