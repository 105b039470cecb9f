"""The session of a window: a one-time token becomes a cookie and a key, and both together let a page in.

    session = Session.begin(port)
    session.admit(token)             # once: the cookie's value and the key
    session.accepts(cookie, key)

A browser sends the cookies of 127.0.0.1 to the servers of all its ports. So another local server may learn the cookie,
and the page sends a key as well, which it keeps in the storage of its own origin.
"""

import hmac
import os
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

TOKEN_BYTES: Final = 32
KEY_HEADER: Final = b"x-satchel-window"
MAX_COOKIE_BYTES: Final = 16_384

Entropy = Callable[[int], bytes]


@dataclass(slots=True)
class Session:
    """The secrets of one window. The token is taken once."""

    port: int
    token: str = field(repr=False)
    cookie: str = field(repr=False)
    key: str = field(repr=False)
    is_taken: bool = False

    @classmethod
    def begin(cls, port: int, entropy: Entropy = os.urandom) -> "Session":
        """Return a session with new secrets."""
        token, cookie, key = (urlsafe_b64encode(entropy(TOKEN_BYTES)).rstrip(b"=").decode() for _ in range(3))
        return cls(port, token, cookie, key)

    def admit(self, token: str) -> bool:
        """Take the token. Return False if it is wrong, or was taken before."""
        if self.is_taken or not _equal(token, self.token):
            return False
        self.is_taken = True
        return True

    def accepts(self, cookies: list[bytes], keys: list[bytes]) -> bool:
        """Return whether a request has the cookie and the key, each once."""
        if not self.is_taken or len(keys) != 1:
            return False
        found = _values(cookies, self.cookie_name.encode())
        return (
            len(found) == 1
            and hmac.compare_digest(found[0], self.cookie.encode())
            and hmac.compare_digest(keys[0], self.key.encode())
        )

    @property
    def origin(self) -> str:
        """The origin of the page."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def cookie_name(self) -> str:
        """The name of the cookie, one for each port."""
        return f"satchel-window-{self.port}"

    @property
    def set_cookie(self) -> str:
        """The header that gives the page its cookie."""
        return f"{self.cookie_name}={self.cookie}; Path=/; HttpOnly; SameSite=Strict"


def _equal(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def _values(cookies: list[bytes], name: bytes) -> list[bytes]:
    """Return the values of a cookie in `Cookie` headers."""
    if sum(map(len, cookies)) > MAX_COOKIE_BYTES:
        return []
    pairs = (part.strip().partition(b"=") for header in cookies for part in header.split(b";"))
    return [value for found, separator, value in pairs if separator and found == name]
