"""The headers that protect every response, encoded once: docs/spec/wire.md lists them.

A response that needs another value, such as the policy of a page, sets its own; `complete` adds the rest.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Final, TypeAlias

Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]

# Powerful features that no page of the service uses. Browsers log an error for names that they do not know.
FEATURES: Final = (
    "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation",
    "gyroscope", "magnetometer", "microphone", "midi", "payment", "publickey-credentials-get", "usb",
    "xr-spatial-tracking",
)  # fmt: skip
NO_CONTENT_POLICY: Final = {
    "default-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
HSTS_S: Final = 365 * 24 * 60 * 60  # the least that OWASP ASVS 5.0 accepts (3.4.1)
HSTS: Final[Mapping[str, str]] = {
    "subdomains": f"max-age={HSTS_S}; includeSubDomains",
    "host": f"max-age={HSTS_S}",
    "off": "",
}


def content_policy(directives: Mapping[str, str]) -> str:
    """Format a Content-Security-Policy."""
    return "; ".join(f"{name} {value}" for name, value in directives.items())


EVERYWHERE: Final[Headers] = (
    (b"server", b"satchel"),  # gunicorn would name itself
    (b"content-security-policy", content_policy(NO_CONTENT_POLICY).encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),  # for browsers without frame-ancestors
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", ", ".join(f"{name}=()" for name in FEATURES).encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-embedder-policy", b"require-corp"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)


def over_tls(hsts: str) -> Headers:
    """Return the headers of a response over TLS. `hsts` is the setting: `subdomains`, `host` or `off`."""
    value = HSTS[hsts]
    return (*EVERYWHERE, (b"strict-transport-security", value.encode())) if value else EVERYWHERE


def by_default(public_url: str, hsts: str) -> Headers:
    """Return the headers of a response if nothing tells how the request arrived: over TLS if the cloud's address says so."""
    return over_tls(hsts) if public_url.startswith("https:") else EVERYWHERE


def complete(headers: Collection[tuple[bytes, bytes]], added: Headers) -> Iterable[tuple[bytes, bytes]]:
    """Return the headers of a response with those of `added` that it does not set itself."""
    present = {name for name, _ in headers}
    if present.isdisjoint(_NAMES):
        return (*headers, *added)
    return (*headers, *(header for header in added if header[0] not in present))


_NAMES: Final = frozenset(name for name, _ in over_tls("host"))
