"""The nonce of an ID token, which binds the token to the server that a device signs in at.

    nonce = bind_nonce("https://cloud.example.com", server_nonce)    # goes to the issuer, and into the ID token

Servers give nonces to anyone, so a hostile one can pass another server's nonce on. The bound nonce holds the address
that the device used, so the other server refuses the ID token.
"""

import base64
import hashlib
import re
from typing import Final

CONTEXT: Final = b"satchel sign-in nonce v2\0"
DEFAULT_PORTS: Final = {"https": 443, "http": 80}
MAX_PORT: Final = 65_535

_ORIGIN: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::(?P<port>[0-9]{1,5}))?"
)


def bind_nonce(origin: str, nonce: str) -> str:
    """Return the nonce that the issuer gets, for a server's nonce and the canonical origin of the server."""
    digest = hashlib.sha256(CONTEXT + origin.encode() + b"\0" + nonce.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def canonical_origin(text: str) -> str:
    """Return an origin in lowercase and without a default port, as devices write it; "" if it is none."""
    match = _ORIGIN.fullmatch(text.lower())
    if match is None:
        return ""
    scheme, host = match["scheme"], match["host"]
    port = int(match["port"] or DEFAULT_PORTS[scheme])
    if not 0 < port <= MAX_PORT:
        return ""
    return f"{scheme}://{host}" if port == DEFAULT_PORTS[scheme] else f"{scheme}://{host}:{port}"
