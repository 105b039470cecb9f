"""AWS Signature Version 4 for S3: pure functions from a request to its signature.

Source: "Authenticating Requests (AWS Signature Version 4)" in the Amazon S3 API reference, whose examples the tests
check. Unlike other services, S3 signs the path encoded once, and the digest of every payload.
"""

import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

ALGORITHM: Final = "AWS4-HMAC-SHA256"
UNSIGNED_PAYLOAD: Final = "UNSIGNED-PAYLOAD"
MOST_TTL_S: Final = 7 * 24 * 60 * 60  # the longest lifetime of a presigned URL

_UNRESERVED: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_URI_ENCODED: Final = [chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in range(256)]

Query = Sequence[tuple[str, str]]


class Credentials:
    """An access key; `session_token` is empty for permanent credentials."""

    __slots__ = ("access_key", "secret_key", "session_token")

    def __init__(self, access_key: str, secret_key: str, session_token: str = "") -> None:
        self.access_key = access_key
        self.secret_key = secret_key
        self.session_token = session_token

    def __repr__(self) -> str:
        return f"Credentials({self.access_key!r})"


class Signer(NamedTuple):
    """Signs for one region as of one moment, in seconds since 1970. A store refuses one that is 15 minutes off."""

    credentials: Credentials
    region: str
    now_s: float

    def headers(
        self, method: str, path: str, query: Query, headers: Mapping[str, str], payload_sha256: str
    ) -> dict[str, str]:
        """Return the headers to send: those given, Host among them, and the signature's; all of them are signed."""
        stamp = timestamp(self.now_s)
        signed = {
            **{name.lower(): value for name, value in headers.items()},
            "x-amz-content-sha256": payload_sha256,
            "x-amz-date": stamp,
        }
        if self.credentials.session_token:
            signed["x-amz-security-token"] = self.credentials.session_token
        request = _canonical_request(method, path, canonical_query(query), signed, payload_sha256)
        signed["authorization"] = (
            f"{ALGORITHM} Credential={self.credentials.access_key}/{self._scope(stamp)},"
            f"SignedHeaders={';'.join(sorted(signed))},Signature={self._sign(request, stamp)}"
        )
        return signed

    def target(self, method: str, path: str, query: Query, headers: Mapping[str, str], ttl_s: int) -> str:
        """Return path and query of a URL that is valid for `ttl_s` seconds with exactly these headers."""
        stamp, token = timestamp(self.now_s), self.credentials.session_token
        lowered = {name.lower(): value for name, value in headers.items()}
        text = canonical_query(
            [
                *query,
                ("X-Amz-Algorithm", ALGORITHM),
                ("X-Amz-Credential", f"{self.credentials.access_key}/{self._scope(stamp)}"),
                ("X-Amz-Date", stamp),
                ("X-Amz-Expires", str(ttl_s)),
                *([("X-Amz-Security-Token", token)] if token else []),
                ("X-Amz-SignedHeaders", ";".join(sorted(lowered))),
            ]
        )
        request = _canonical_request(method, path, text, lowered, UNSIGNED_PAYLOAD)
        return f"{canonical_path(path)}?{text}&X-Amz-Signature={self._sign(request, stamp)}"

    def _scope(self, stamp: str) -> str:
        return f"{stamp[:8]}/{self.region}/s3/aws4_request"

    def _sign(self, request: str, stamp: str) -> str:
        digest = hashlib.sha256(request.encode()).hexdigest()
        text = "\n".join([ALGORITHM, stamp, self._scope(stamp), digest])
        return hmac.new(
            _signing_key(self.credentials.secret_key, stamp[:8], self.region), text.encode(), "sha256"
        ).hexdigest()


def timestamp(now_s: float) -> str:
    """Return a moment as signatures name it, in UTC."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now_s))


def canonical_path(path: str) -> str:
    """Return the path as it is both signed and sent."""
    return "/".join(uri_encode(name) for name in path.split("/"))


def canonical_query(query: Query) -> str:
    """Return the query as it is both signed and sent."""
    return "&".join(
        f"{name}={value}" for name, value in sorted((uri_encode(n), uri_encode(v)) for n, v in query)
    )


def uri_encode(text: str) -> str:
    """Return text with every byte encoded but letters, digits, `-`, `.`, `_` and `~`, as the signature requires."""
    return "".join(_URI_ENCODED[byte] for byte in text.encode())


def _canonical_request(
    method: str, path: str, query: str, headers: Mapping[str, str], payload_sha256: str
) -> str:
    names = sorted(headers)
    lines = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in names)
    return "\n".join([method, canonical_path(path), query, lines, ";".join(names), payload_sha256])


@lru_cache(maxsize=4)
def _signing_key(secret_key: str, date: str, region: str) -> bytes:
    """Return the key of a day; cached, because the URLs of a large upload are thousands."""
    key = f"AWS4{secret_key}".encode()
    for step in (date, region, "s3", "aws4_request"):
        key = hmac.new(key, step.encode(), "sha256").digest()
    return key
