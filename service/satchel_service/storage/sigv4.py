"""AWS Signature Version 4 for S3: pure functions from a request to its signature.

Source: "Authenticating Requests (AWS Signature Version 4)" in the Amazon S3 API reference, whose examples are the
vectors of the tests. Unlike other services, S3 signs the path encoded once and every payload's digest.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Final
from urllib.parse import quote

ALGORITHM: Final = "AWS4-HMAC-SHA256"
UNSIGNED_PAYLOAD: Final = "UNSIGNED-PAYLOAD"
MOST_TTL_S: Final = 7 * 24 * 60 * 60  # the longest that a presigned address may serve

Query = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Credentials:
    """Who signs; `session_token` is empty for lasting credentials."""

    access_key: str
    secret_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)


@dataclass(frozen=True)
class Signer:
    """Signs as of one moment (UTC) for one region."""

    credentials: Credentials
    region: str
    now: datetime

    @property
    def _time(self) -> str:
        return self.now.strftime("%Y%m%dT%H%M%SZ")

    @property
    def _scope(self) -> str:
        return f"{self._time[:8]}/{self.region}/s3/aws4_request"

    def headers(
        self, method: str, path: str, query: Query, headers: Mapping[str, str], payload_sha256: str
    ) -> dict[str, str]:
        """Return the headers to send: those given (Host among them), all of them signed, and the signature's own."""
        signed = {
            **{name.lower(): value for name, value in headers.items()},
            "x-amz-content-sha256": payload_sha256,
            "x-amz-date": self._time,
        }
        if self.credentials.session_token:
            signed["x-amz-security-token"] = self.credentials.session_token
        signature = self._sign(method, path, canonical_query(query), signed, payload_sha256)
        signed["authorization"] = (
            f"{ALGORITHM} Credential={self.credentials.access_key}/{self._scope},"
            f"SignedHeaders={';'.join(sorted(signed))},Signature={signature}"
        )
        return signed

    def target(self, method: str, path: str, query: Query, headers: Mapping[str, str], ttl_s: int) -> str:
        """Return path and query of an address that anyone may use for `ttl_s` seconds with exactly these headers."""
        token = self.credentials.session_token
        full = [
            *query,
            ("X-Amz-Algorithm", ALGORITHM),
            ("X-Amz-Credential", f"{self.credentials.access_key}/{self._scope}"),
            ("X-Amz-Date", self._time),
            ("X-Amz-Expires", str(ttl_s)),
            *([("X-Amz-Security-Token", token)] if token else []),
            ("X-Amz-SignedHeaders", ";".join(sorted(name.lower() for name in headers))),
        ]
        text = canonical_query(full)
        lowered = {name.lower(): value for name, value in headers.items()}
        signature = self._sign(method, path, text, lowered, UNSIGNED_PAYLOAD)
        return f"{canonical_path(path)}?{text}&X-Amz-Signature={signature}"

    def _sign(
        self, method: str, path: str, query: str, headers: Mapping[str, str], payload_sha256: str
    ) -> str:
        names = sorted(headers)
        lines = [f"{name}:{' '.join(headers[name].split())}\n" for name in names]
        request = "\n".join(
            [method, canonical_path(path), query, "".join(lines), ";".join(names), payload_sha256]
        )
        text = "\n".join([ALGORITHM, self._time, self._scope, hashlib.sha256(request.encode()).hexdigest()])
        key = _signing_key(self.credentials.secret_key, self._time[:8], self.region)
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=4)
def _signing_key(secret_key: str, date: str, region: str) -> bytes:
    """Return the key of a day, made once: a large upload's addresses are thousands."""
    key = f"AWS4{secret_key}".encode()
    for step in (date, region, "s3", "aws4_request"):
        key = hmac.new(key, step.encode(), hashlib.sha256).digest()
    return key


def canonical_path(path: str) -> str:
    """Return the path as it is both signed and sent."""
    return quote(path, safe="/-_.~")


def canonical_query(query: Query) -> str:
    """Return the query as it is both signed and sent."""
    pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in query)
    return "&".join(f"{name}={value}" for name, value in pairs)
