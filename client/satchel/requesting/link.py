"""Links of requests: `https://host/r/<id>#<key>` (docs/spec/request.md, section 2).

The fragment holds the recipient of the answers and never leaves the device. Errors never quote the input.
"""

import re
from dataclasses import dataclass
from typing import Final, Self

from satchel.age import AgeError, X25519Recipient
from satchel.errors import UsageError
from satchel.requesting.identity import RequestKey

SHAPE: Final = "https://HOST/r/ID#KEY"
WHOLE: Final = f"a link looks like {SHAPE}; copy all of it, and put it in quotes"
AGE_RECIPIENT_PREFIX: Final = "age1"
PATH: Final = "r"
MAX_LINK_CHARS: Final = 512  # a host name has at most 253 characters; id and key have 90

_ADDRESS: Final = re.compile(
    r"(?P<origin>https?://[a-z0-9.\-]+(?::[0-9]{1,5})?|https?://\[[0-9a-f:.]+\](?::[0-9]{1,5})?)/r/(?P<id>[^/]*)"
)
_SHARE: Final = re.compile(r"/s/[0-9a-f]{32}")
_REQUEST_ID: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class RequestLink:
    """A parsed link. `str(link)` is for the people who answer; a server may see `link.address`."""

    origin: str
    request_id: str
    key: RequestKey

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a link, so that `str(RequestLink.parse(text)) == text`. Raise UsageError, which never quotes it."""
        address, _, fragment = text.partition("#")
        origin, request_id = _parse_address(address)
        if not fragment:
            raise UsageError("the link has no key: the part after '#' is missing", hint=WHOLE)
        return cls(origin, request_id, parse_key(fragment))

    @property
    def address(self) -> str:
        """The link without its key."""
        return f"{self.origin}/r/{self.request_id}"

    def __str__(self) -> str:
        return f"{self.address}#{format_key(self.key)}"

    def __repr__(self) -> str:
        return f"RequestLink({self.address!r}, key hidden)"


def format_key(key: RequestKey) -> str:
    """Return the key as in a link: the age recipient without its prefix."""
    return str(key.recipient).removeprefix(AGE_RECIPIENT_PREFIX)


def parse_key(text: str) -> RequestKey:
    """Parse the key of a link. Raise UsageError if its checksum shows that it is truncated or mistyped."""
    if text != text.lower():
        raise UsageError("the link's key has uppercase letters", hint=WHOLE)
    try:
        return RequestKey(X25519Recipient.parse(AGE_RECIPIENT_PREFIX + text))
    except AgeError:
        # Not chained: the parser's message might quote the key.
        raise UsageError("the link's key is truncated or mistyped", hint=WHOLE) from None


def _parse_address(address: str) -> tuple[str, str]:
    """Return the origin and the request id in the part before `#`."""
    if len(address) > MAX_LINK_CHARS:
        raise UsageError("this is too long for the link of a request", hint=WHOLE)
    if "%23" in address:
        raise UsageError("the link has '%23' instead of '#'", hint="replace '%23' with '#'")
    if _SHARE.search(address):
        raise UsageError(
            "this link shares something instead of asking for it", hint="satchel get LINK opens it"
        )
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise UsageError("this is not the link of a request", hint=WHOLE)
    if _REQUEST_ID.fullmatch(found["id"]) is None:
        raise UsageError("the link's id is truncated or mistyped", hint=WHOLE)
    return found["origin"], found["id"]
