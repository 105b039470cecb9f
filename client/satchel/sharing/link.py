"""The text of a share's link: `https://host/s/<id>#<key>` (docs/spec/share.md, section 2).

Behind the key there may be a place in the Piece, as the browser's address bar has it after a click on a line.

The part behind `#` is the key and stays on the device that opens the link. So no error here repeats any part of
what was given: a link whose `#` got lost carries its key in its path.
"""

import re
from dataclasses import dataclass
from typing import Final, Self

from satchel.age import AgeError, X25519Identity
from satchel.errors import UsageError
from satchel.sharing.identity import LinkSecret

SHAPE: Final = "https://HOST/s/ID#KEY"
WHOLE: Final = f"a link looks like {SHAPE}; ask for it again and copy all of it, in quotes"
AGE_IDENTITY_PREFIX: Final = "AGE-SECRET-KEY-1"
MAX_LINK_CHARS: Final = 512  # a host name has at most 253 characters; id and key have 90

_ADDRESS: Final = re.compile(
    r"(?P<origin>https?://[a-z0-9.\-]+(?::[0-9]{1,5})?|https?://\[[0-9a-f:.]+\](?::[0-9]{1,5})?)/s/(?P<id>[^/]*)"
)
_SHARE_ID: Final = re.compile(r"[0-9a-f]{32}")
_PLACE: Final = re.compile(r"(?::f[0-9]{1,3})?(?::L[0-9]{1,8}(?:-L[0-9]{1,8})?)?")


@dataclass(frozen=True)
class ShareLink:
    """A link in its three parts. `str(link)` is secret; `link.address` is what a server may see."""

    origin: str
    share_id: str
    secret: LinkSecret
    place: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a link strictly: `str(ShareLink.parse(text)) == text`, or a UsageError that does not repeat it."""
        address, _, fragment = text.partition("#")
        origin, share_id = _parse_address(address)
        if not fragment:
            raise UsageError("the link has no key: what follows '#' is missing", hint=WHOLE)
        key, colon, place = fragment.partition(":")
        if _PLACE.fullmatch(colon + place) is None:
            raise UsageError("the link names a place in the Piece that cannot be read", hint=WHOLE)
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
    """The key as the link carries it: the body of the secret's age identity, in lower case."""
    return str(X25519Identity.from_bytes(bytes(secret))).removeprefix(AGE_IDENTITY_PREFIX).lower()


def parse_key(key: str) -> LinkSecret:
    """Read a link's key; its checksum tells a cut-off or mistyped one (UsageError) before anything is asked."""
    if key != key.lower():
        raise UsageError("the link's key has capital letters", hint=WHOLE)
    try:
        identity = X25519Identity.parse(AGE_IDENTITY_PREFIX + key.upper())
    except AgeError:
        # Not chained: the parser's own words might quote the key.
        raise UsageError("the link's key is cut off or mistyped", hint=WHOLE) from None
    return LinkSecret(bytes(identity))


def _parse_address(address: str) -> tuple[str, str]:
    """Split the part before `#` into origin and share id."""
    if len(address) > MAX_LINK_CHARS:
        raise UsageError("this is too long for a share's link", hint=WHOLE)
    if "%23" in address:
        raise UsageError("the link's '#' was turned into '%23' on its way", hint="write '#' in its place")
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise UsageError("this is not a share's link", hint=WHOLE)
    if _SHARE_ID.fullmatch(found["id"]) is None:
        raise UsageError("the link's id is cut off or mistyped", hint=WHOLE)
    return found["origin"], found["id"]
