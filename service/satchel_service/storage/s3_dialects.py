"""Where stores that speak S3 differ, as a table; everything else treats them alike.

What they agree on, and we rely on: `If-None-Match: *` on PutObject answers 412 when the key is taken; a read or a
listing after a write sees it. The log's probe tests this before it trusts a store (`satchel_service.log.store`).
"""

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Dialect:
    """One provider's ways.

    `hosts`: endings of its endpoints' names.
    `region`: what to sign with when the environment names none; empty: there is no default.
    `is_path_style`: the bucket is named in the path, not in the host's name.
    `joins_conditionally`: CompleteMultipartUpload honours `If-None-Match: *`.
    `checksums`: when boto3 adds its own; only AWS takes its new defaults everywhere.
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
"""MinIO, Ceph radosgw and every other store behind SATCHEL_S3_ENDPOINT. radosgw accepts the condition on completion
and ignores it."""

TAKEN: Final = frozenset({412})
"""The key exists: certain, and nothing was changed."""

UNCERTAIN: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
"""The store did not say what it did. AWS answers 409 while another conditional put of the key is under way; radosgw
answers 500 to some losers of a race; any of them may follow a put that took effect."""

PASSING: Final = frozenset({"InternalError", "OperationAborted", "RequestTimeout", "SlowDown"})
"""Codes that mean the same under whatever status they come."""

FULL: Final = frozenset({"QuotaExceeded", "XMinioStorageFull"})
"""The store has no room; status 507 says it too."""

ABSENT: Final = frozenset({"NoSuchKey", "NoSuchUpload"})
"""Only with one of these is an object absent: another 404 may be a wrong bucket, or not a store at all."""


def dialect_of(host: str | None) -> Dialect:
    """Return the dialect of an endpoint's host; without an endpoint it is AWS."""
    if host is None:
        return AWS
    return next((known for known in (AWS, R2) if host.endswith(known.hosts)), OTHER)


def bare_etag(etag: str) -> str:
    """Return an ETag without its quotes: some stores quote it in one answer and not in the next."""
    return etag.removeprefix("W/").strip('"')
