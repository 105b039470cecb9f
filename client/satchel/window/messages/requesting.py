"""Messages of the view Requests."""

from typing import Annotated

import msgspec

from satchel.window.messages.base import Answer, Line, ObjectPrefix, Request, Text
from satchel.window.messages.sharing import Expiry

Answers = Annotated[int, msgspec.Meta(ge=1, le=100)]
Size = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,8}[KM]?$")]
"""A size as the commands take it: `500K`, `10M`."""


class ReceiptView(Answer, frozen=True, kw_only=True):
    """An answer that has arrived: its fingerprint, which the sender sees too, and when a device took it, if one has."""

    id: str
    receipt: str
    received: str
    size_bytes: int
    taken: str | None


class RequestView(Answer, frozen=True, kw_only=True):
    """A request as the cloud reports it. `text` is what was asked for; None if it was not asked with these keys."""

    id: str
    text: str | None
    state: str
    created: str
    expires: str | None
    answers: int
    answer_bytes: int
    received: tuple[ReceiptView, ...]


class Requests(Answer, frozen=True, kw_only=True):
    """The owner's requests, newest first."""

    requests: tuple[RequestView, ...]


class RequestToMake(Request, frozen=True, kw_only=True):
    """Make a link for answers. `size` limits an encrypted answer."""

    text: Text = ""
    expires: Expiry = "7d"
    answers: Answers = 1
    size: Size = "10M"


class RequestMade(Answer, frozen=True, kw_only=True):
    """A new request. The key is in the fragment of the link; keep it out of addresses and logs."""

    id: str
    link: str
    text: str
    expires: str | None
    answers: int
    answer_bytes: int


class ByRequest(Request, frozen=True, kw_only=True):
    """A request by its id, or the start of it."""

    id: ObjectPrefix


class RequestLink(Answer, frozen=True, kw_only=True):
    """The link of a request again."""

    id: str
    link: str


class TakeRequest(Request, frozen=True, kw_only=True):
    """Take the answers that no device has taken: as Pieces, or as files into a folder of this device."""

    id: ObjectPrefix
    into: Line | None = None


class TakenAnswer(Answer, frozen=True, kw_only=True):
    """An answer that was taken: as a Piece, which is not new if it was here before, or as files.

    `warning` says why it is still in the cloud.
    """

    receipt: str
    received: str
    piece: str | None = None
    is_new: bool = True
    paths: tuple[str, ...] = ()
    warning: str | None = None


class RefusedAnswer(Answer, frozen=True, kw_only=True):
    """An answer that could not be taken, and why. It stays in the cloud."""

    receipt: str
    received: str
    message: str
    hint: str


class Taken(Answer, frozen=True, kw_only=True):
    """What was taken of a request, and what was not."""

    id: str
    taken: tuple[TakenAnswer, ...]
    refused: tuple[RefusedAnswer, ...]


class RequestRevoked(Answer, frozen=True, kw_only=True):
    """The id of the request that was revoked."""

    id: str
