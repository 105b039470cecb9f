"""Every shape of a credential: the `Authorization` headers of a request, by a name for the test."""

import base64
import hashlib
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tests.security.matrix.clouds import TestCloud

Headers = Sequence[tuple[str, str]]
ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@dataclass(frozen=True)
class Tokens:
    """The tokens that the matrix tries at one cloud."""

    valid: str
    other_device: str
    revoked: str
    other_cloud: str
    code: str
    device_id: str


def tokens_of(cloud: TestCloud, other: TestCloud) -> Tokens:
    """Make the tokens. `other` is a cloud of somebody else."""
    revoked = cloud.connect()
    assert cloud.device.call("DELETE", f"/v1/devices/{revoked.id}").status == 204
    return Tokens(
        valid=cloud.device.token,
        other_device=cloud.connect().token,
        revoked=revoked.token,
        other_cloud=other.device.token,
        code=cloud.operators_code(),
        device_id=cloud.device.id,
    )


def bearer(token: str) -> Headers:
    """Return a well-formed header."""
    return [("authorization", f"Bearer {token}")]


def good(tokens: Tokens) -> Mapping[str, Headers]:
    """Return the credentials that must work. The scheme is case-insensitive (RFC 9110, section 11.1)."""
    return {
        "valid": bearer(tokens.valid),
        "other device's": bearer(tokens.other_device),
        "lower-case scheme": [("authorization", f"bearer {tokens.valid}")],
        "upper-case scheme": [("authorization", f"BEARER {tokens.valid}")],
        "two spaces": [("authorization", f"Bearer  {tokens.valid}")],
    }


def bad(tokens: Tokens) -> Mapping[str, Headers]:
    """Return the credentials that must not work, in every shape."""
    return {
        "none": [],
        "revoked": bearer(tokens.revoked),
        "other cloud's": bearer(tokens.other_cloud),
        "random": bearer(f"satchel_{secrets.token_urlsafe(32)}"),
        "pairing code": bearer(tokens.code),
        "device id": bearer(tokens.device_id),
        "stored hash": bearer(hashlib.sha256(tokens.valid.encode()).hexdigest()),
        **dict(changed_tokens(tokens.valid)),
        **dict(other_schemes(tokens.valid)),
        **dict(malformed_headers(tokens)),
        **dict(other_places(tokens.valid)),
    }


def changed_tokens(token: str) -> Iterator[tuple[str, Headers]]:
    """Yield tokens that differ from the valid one as little as possible."""
    for place in (0, len("satchel_"), len(token) // 2, len(token) - 1):
        changed = "A" if token[place] != "A" else "B"
        yield f"character {place} replaced", bearer(token[:place] + changed + token[place + 1 :])
    last = ALPHABET.index(token[-1])
    for other in range(last & ~3, (last & ~3) + 4):  # they decode to the same 32 bytes
        if other != last:
            yield f"same bytes, last character {other & 3}", bearer(token[:-1] + ALPHABET[other])
    yield "shortened", bearer(token[:-1])
    yield "lengthened", bearer(token + "A")
    yield "padded", bearer(token + "=")
    yield "doubled", bearer(token + token)
    yield "lower case", bearer(token.lower())
    yield "upper case", bearer(token.upper())
    yield "without its prefix", bearer(token.removeprefix("satchel_"))
    yield "only its prefix", bearer("satchel_")
    yield "standard base64", bearer(token.replace("-", "+").replace("_", "/"))


def other_schemes(token: str) -> Iterator[tuple[str, Headers]]:
    """Yield the valid token under other schemes."""
    basic = base64.b64encode(f":{token}".encode()).decode()
    for value in (f"Basic {basic}", f"Basic {token}", f"Token {token}", f"Digest {token}", f"DPoP {token}"):
        yield f"{value.split()[0]} of {len(value)}", [("authorization", value)]
    yield "no scheme", [("authorization", token)]
    yield "Bearerer", [("authorization", f"Bearerer {token}")]


def malformed_headers(tokens: Tokens) -> Iterator[tuple[str, Headers]]:
    """Yield headers that no client sends, with the valid token in them where it fits."""
    token = tokens.valid
    values = {
        "empty": "",
        "space": " ",
        "only the scheme": "Bearer",
        "scheme and space": "Bearer ",
        "no space": f"Bearer{token}",
        "tab": f"Bearer\t{token}",
        "colon": f"Bearer: {token}",
        "leading space": f" Bearer {token}",
        "trailing space": f"Bearer {token} ",
        "trailing no-break space": f"Bearer {token}\xa0",
        "trailing next line": f"Bearer {token}\x85",
        "trailing line feed": f"Bearer {token}\n",
        "null": f"Bearer {token}\0",
        "null inside": f"Bearer {token[:20]}\0{token[20:]}",
        "two tokens": f"Bearer {token} {token}",
        "list": f"Bearer {token}, Bearer {token}",
        "comma": f"Bearer {token},",
        "parameter": f"Bearer token={token}",
        "quoted": f'Bearer "{token}"',
        "percent-encoded": f"Bearer {token.replace('_', '%5F')}",
        "accents": f"Bearer {token[:-1]}é",
        "full-width": f"Bearer {''.join(chr(ord(letter) + 0xFEE0) for letter in token)}",
        "very long": f"Bearer {token}{'A' * 100_000}",
        "many spaces": f"Bearer {' ' * 100_000}",
        "statement": "Bearer ' OR 1=1 --",
        "wildcard": "Bearer %",
    }
    for name, value in values.items():
        yield name, [("authorization", value)]
    wrong = f"Bearer satchel_{secrets.token_urlsafe(32)}"
    for name, pair in {
        "valid then wrong": (f"Bearer {token}", wrong),
        "wrong then valid": (wrong, f"Bearer {token}"),
        "valid twice": (f"Bearer {token}", f"Bearer {token}"),
        "empty then valid": ("", f"Bearer {token}"),
    }.items():
        yield name, [("authorization", value) for value in pair]


def other_places(token: str) -> Iterator[tuple[str, Headers]]:
    """Yield the valid token in other headers."""
    for name in ("proxy-authorization", "x-authorization", "x-api-key", "authentication"):
        yield name, [(name, f"Bearer {token}")]
    yield "cookie", [("cookie", f"token={token}; Authorization=Bearer {token}")]
