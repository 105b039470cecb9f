"""Messages of the view Share."""

from typing import Annotated, Literal

import msgspec

from satchel.window.messages.base import Answer, Line, ObjectPrefix, PieceId, Request

Views = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Expiry = Annotated[str, msgspec.Meta(pattern=r"^([0-9]{1,6}[smhdw]|never)$")]
"""A duration as the commands take it: `30m`, `12h`, `7d`, `never`."""
Password = Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)]


class ShareCheckRequest(Request, frozen=True, kw_only=True):
    """A Piece that the owner is about to share."""

    id: PieceId


class Finding(Answer, frozen=True, kw_only=True):
    """What looks like a secret: where, and what kind. It is never quoted."""

    place: str
    file: str
    line: int
    rule: str
    message: str


class Card(Answer, frozen=True, kw_only=True):
    """What a link preview shows. The cloud and anyone who sees the link can read it."""

    title: str
    language: str
    lines: int


class ShareCheck(Answer, frozen=True, kw_only=True):
    """What the owner should know before sharing. `cloud` is None if none is connected."""

    findings: tuple[Finding, ...]
    card: Card
    size_bytes: int
    files: int
    cloud: str | None
    default_expires: str
    default_views: str


class ShareRequest(Request, frozen=True, kw_only=True):
    """Publish a Piece behind a link. Without `views`, it can be opened any number of times.

    A Piece that seems to hold a secret is refused with the problem `secrets`, unless `allow_secrets`.
    """

    id: PieceId
    expires: Expiry = "7d"
    views: Views | None = None
    password: Password | None = None
    card: bool = False
    allow_secrets: bool = False


class Published(Answer, frozen=True, kw_only=True):
    """A new link. The key is in its fragment; keep it out of addresses and logs."""

    id: str
    link: str
    expires: str | None
    views: int | None
    has_password: bool
    card: Card | None


class ShareView(Answer, frozen=True, kw_only=True):
    """A link as the cloud reports it. `piece` and `title` are from the note that only the owner can read."""

    id: str
    piece: str | None
    title: str | None
    state: str
    version: int
    created: str
    updated: str
    expires: str | None
    views: int | None
    opened: int
    last_opened: str | None
    has_password: bool
    size_bytes: int
    card: Card | None
    reports: int


class Shares(Answer, frozen=True, kw_only=True):
    """The owner's links, newest first."""

    shares: tuple[ShareView, ...]


class ByShare(Request, frozen=True, kw_only=True):
    """A link by its id, or the start of it."""

    id: ObjectPrefix


class ShareLink(Answer, frozen=True, kw_only=True):
    """The link of a share again."""

    id: str
    link: str


class ShareReport(Answer, frozen=True, kw_only=True):
    """What somebody with the link reported."""

    number: int
    created: str
    reason: str
    text: str


class ShareReports(Answer, frozen=True, kw_only=True):
    """The reports about a link."""

    id: str
    reports: tuple[ShareReport, ...]


class UpdateShareRequest(Request, frozen=True, kw_only=True):
    """Publish the current Piece under the same link. What is None stays; `views` of "unlimited" removes the limit."""

    id: ObjectPrefix
    expires: Expiry | None = None
    views: Views | Literal["unlimited"] | None = None
    card: bool | None = None
    allow_secrets: bool = False


class RearmShareRequest(Request, frozen=True, kw_only=True):
    """Set a link's count of openings to zero. What is None stays."""

    id: ObjectPrefix
    expires: Expiry | None = None
    views: Views | Literal["unlimited"] | None = None


class Revoked(Answer, frozen=True, kw_only=True):
    """The id of the link that was revoked."""

    id: str


class SecretsRequest(Request, frozen=True, kw_only=True):
    """Allow what was found in a line of a Piece as no secret; it is never reported for this home again."""

    id: PieceId
    line: Annotated[int, msgspec.Meta(ge=1)]
    file: Line = ""
