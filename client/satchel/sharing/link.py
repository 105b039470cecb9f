"""Links of shares: `https://host/s/<id>#<key>` (docs/spec/share.md, section 2).

A position in the Piece may follow the key; the page adds it when a line number is clicked.

The fragment holds the key and never leaves the device. Errors never quote the input: in a link without its `#`, the key is
part of the path.
"""

import re
from dataclasses import dataclass
from typing import Final, Self

from satchel.age import AgeError, X25519Identity
from satchel.errors import UsageError
from satchel.sharing.identity import LinkSecret

SHAPE: Final = "https://HOST/s/ID#KEY"
WHOLE: Final = f"a link looks like {SHAPE}; copy all of it, and put it in quotes"
AGE_IDENTITY_PREFIX: Final = "AGE-SECRET-KEY-1"
MAX_LINK_CHARS: Final = 512  # a host name has at most 253 characters; id and key have 90

_ADDRESS: Final = re.compile(
    r"(?P<origin>https?://[a-z0-9.\-]+(?::[0-9]{1,5})?|https?://\[[0-9a-f:.]+\](?::[0-9]{1,5})?)/s/(?P<id>[^/]*)"
)
_REQUEST: Final = re.compile(r"/r/[0-9a-f]{32}")
_SHARE_ID: Final = re.compile(r"[0-9a-f]{32}")
_PLACE: Final = re.compile(r"(?::f[0-9]{1,3})?(?::L[0-9]{1,8}(?:-L[0-9]{1,8})?)?")


@dataclass(frozen=True)
class ShareLink:
    """A parsed link. `str(link)` is secret; a server may see `link.address`."""

    origin: str
    share_id: str
    secret: LinkSecret
    place: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a link, so that `str(ShareLink.parse(text)) == text`. Raise UsageError, which never quotes it."""
        address, _, fragment = text.partition("#")
        origin, share_id = _parse_address(address)
        if not fragment:
            raise UsageError("the link has no key: the part after '#' is missing", hint=WHOLE)
        key, colon, place = fragment.partition(":")
        if _PLACE.fullmatch(colon + place) is None:
            raise UsageError("the position at the end of the link is malformed", hint=WHOLE)
        return cls(origin=origin, share_id=share_id, secret=parse_key(key), place=colon + place)

    @property
    def address(self) -> str:
        """The link without its key."""
        return f"{self.origin}/s/{self.share_id}"

    def __str__(self) -> str:
        return f"{self.address}#{format_key(self.secret)}{self.place}"

    def __repr__(self) -> str:
        return f"ShareLink({self.address!r}, key hidden)"


def format_key(secret: LinkSecret) -> str:
    """Return the key as in a link: the age identity in lowercase, without its prefix."""
    return str(X25519Identity.from_bytes(bytes(secret))).removeprefix(AGE_IDENTITY_PREFIX).lower()


def parse_key(key: str) -> LinkSecret:
    """Parse the key of a link. Raise UsageError if its checksum shows that it is truncated or mistyped."""
    if key != key.lower():
        raise UsageError("the link's key has uppercase letters", hint=WHOLE)
    try:
        identity = X25519Identity.parse(AGE_IDENTITY_PREFIX + key.upper())
    except AgeError:
        # Not chained: the parser's message might quote the key.
        raise UsageError("the link's key is truncated or mistyped", hint=WHOLE) from None
    return LinkSecret(bytes(identity))


def _parse_address(address: str) -> tuple[str, str]:
    """Return the origin and the share id in the part before `#`."""
    if len(address) > MAX_LINK_CHARS:
        raise UsageError("this is too long for a share link", hint=WHOLE)
    if "%23" in address:
        raise UsageError("the link has '%23' instead of '#'", hint="replace '%23' with '#'")
    found = _ADDRESS.fullmatch(address)
    if found is None and _REQUEST.search(address):
        raise UsageError(
            "this link asks for something instead of sharing it", hint="satchel answer LINK answers it"
        )
    if found is None:
        raise UsageError("this is not a share link", hint=WHOLE)
    if _SHARE_ID.fullmatch(found["id"]) is None:
        raise UsageError("the link's id is truncated or mistyped", hint=WHOLE)
    return found["origin"], found["id"]
