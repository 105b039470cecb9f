"""The headers that every response must have, written down independently of the service's code."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

DENY: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
EVERYWHERE: Final = {
    "server": "satchel",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
}
HSTS: Final = "max-age=31536000; includeSubDomains"
IMMUTABLE: Final = "public, max-age=31536000, immutable"
FORBIDDEN: Final = re.compile(r"set-cookie|access-control-.*|x-powered-by|via|location|refresh|link|etag-.*")
DEVICES: Final = ("camera", "microphone", "geolocation", "usb", "payment", "display-capture", "midi")


def violations(
    headers: Sequence[tuple[str, str]], *, policy: str = DENY, cache: str = "no-store", hsts: str = ""
) -> list[str]:
    """Return what is wrong with the headers of a response. `hsts` is empty for a response without TLS."""
    found = {name.lower(): value for name, value in headers}
    expected = EVERYWHERE | {"content-security-policy": policy, "cache-control": cache}
    if hsts:
        expected["strict-transport-security"] = hsts
    wrong = [f"{name}: {found.get(name)}" for name, value in expected.items() if found.get(name) != value]
    wrong += [f"{name} is sent" for name in found if FORBIDDEN.fullmatch(name)]
    wrong += [f"{name} is repeated" for name in repeated(headers)]
    wrong += [
        f"permissions-policy allows {name}" for name in DEVICES if f"{name}=()" not in permissions(found)
    ]
    wrong += [
        f"{name} tells a version: {value}" for name, value in found.items() if tells_version(name, value)
    ]
    if not hsts and "strict-transport-security" in found:
        wrong.append("strict-transport-security is sent without TLS")
    return wrong


def repeated(headers: Sequence[tuple[str, str]]) -> set[str]:
    """Return the names that occur more than once."""
    names = [name.lower() for name, _ in headers]
    return {name for name in names if names.count(name) > 1}


def permissions(headers: Mapping[str, str]) -> set[str]:
    """Return the members of the permissions policy."""
    return set(headers.get("permissions-policy", "").split(", "))


def tells_version(name: str, value: str) -> bool:
    """Whether a header names the software or the version of anything below the service."""
    if name in ("etag", "content-security-policy", "permissions-policy", "content-range"):
        return False
    return bool(re.search(r"gunicorn|starlette|python|uvicorn|asgi|/\d+\.\d+", value, re.IGNORECASE))
