"""Signed requests about one bucket, and what its answers mean.

The objects are asked for with the standard library: see `connections` for what that saves a wake-up. Only where
credentials, a region or uploads in parts are concerned does `s3_boto` come in.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, NamedTuple, Self

from satchel_service.storage.connections import (
    REFUSAL_BYTES,
    Answer,
    Connections,
    Origin,
    Request,
    UnansweredError,
)
from satchel_service.storage.protocol import FullError, NotFoundError, StorageError
from satchel_service.storage.s3_dialects import ABSENT, FULL, PASSING, UNCERTAIN, Dialect
from satchel_service.storage.sigv4 import Credentials, Query, Signer, canonical_path, canonical_query

_CODE: Final = re.compile(rb"<Code>([A-Za-z0-9]{1,64})</Code>")


class Bucket(NamedTuple):
    """Where the objects are: keys of this cloud begin with `prefix`, which is empty or ends in `/`.

    `endpoint` is None for AWS, `region` empty when only boto3 can find it out.
    """

    name: str
    prefix: str
    endpoint: Origin | None
    dialect: Dialect
    region: str


class Access(NamedTuple):
    """Who asks, in which region: known from the environment, or found by boto3."""

    credentials: Callable[[], Credentials]
    region: str


class Place(NamedTuple):
    """Where requests about a bucket go, and what their paths begin with."""

    origin: Origin
    path: str

    @classmethod
    def of(cls, bucket: Bucket, endpoint: Origin | None, region: str) -> Self:
        """Name the bucket in the host or in the path; a name with dots has no certificate as part of a host."""
        if endpoint is None:
            domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
            endpoint = Origin("https", f"s3.{region}.{domain}", 443)
        if bucket.dialect.is_path_style or "." in bucket.name:
            return cls(endpoint, f"/{bucket.name}/")
        return cls(endpoint._replace(host=f"{bucket.name}.{endpoint.host}"), "/")


class SignedBucket:
    """Asks a bucket. Every request is sent once; what an answer means is the caller's to say."""

    def __init__(
        self, place: Place, connections: Connections, access: Access, clock: Callable[[], datetime]
    ) -> None:
        """`clock` tells the time in UTC; a store refuses signatures that are a quarter of an hour off."""
        self._place = place
        self._connections = connections
        self._access = access
        self._clock = clock

    def ask(
        self,
        method: str,
        name: str,
        query: Query = (),
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        """Send a request about the object of that name, or about the bucket when it is empty."""
        path = self._place.path + name
        signer = Signer(self._access.credentials(), self._access.region, self._clock())
        given = {"host": self._place.origin.authority, **(headers or {})}
        signed = signer.headers(method, path, query, given, hashlib.sha256(body).hexdigest())
        return self._connections.send(Request(method, _target(path, query), signed, body))

    def address(self, method: str, name: str, query: Query, length: int, ttl_s: int) -> str:
        """Return an address that takes one kind of request, with a body of that length, for that long."""
        signer = Signer(self._access.credentials(), self._access.region, self._clock())
        headers = {"host": self._place.origin.authority, "content-length": str(length)}
        target = signer.target(method, self._place.path + name, query, headers, ttl_s)
        return f"{self._place.origin}{target}"


def _target(path: str, query: Query) -> str:
    return canonical_path(path) + (f"?{canonical_query(query)}" if query else "")


def refusal_of(answer: Answer) -> StorageError:
    """Read an answer that says no, and say what it means. Nothing of it but its code is repeated: it may name a key."""
    body = answer.read(REFUSAL_BYTES)
    found = _CODE.search(body)
    return refusal(answer.status, found[1].decode() if found else "", answer.header("Retry-After"))


def refusal(status: int, code: str, retry_after: str = "") -> StorageError:
    """Say what a status and code mean."""
    what = f"the object storage answered {status} {code}".rstrip()
    if code in ABSENT:
        return NotFoundError("there is no such object or upload")
    if status == 507 or code in FULL:
        return FullError("the object storage is full")
    if status in UNCERTAIN or code in PASSING:
        return UnansweredError(what, float(retry_after) if retry_after.isdecimal() else None)
    return StorageError(what)
