"""The sheet of a request: what the owner asks for, sealed to the holders of the link (docs/spec/request.md, section 4)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from satchel.age import AgeError, seal, unseal
from satchel.errors import IntegrityError
from satchel.formats import read_format
from satchel.requesting.identity import RequestKey

if TYPE_CHECKING:
    from satchel.age import Entropy

FORMAT: Final = "satchel-request/1"
STEP_BYTES: Final = 256  # spaces fill a document, so that its length does not reveal that of a usual text
MAX_TEXT_CHARS: Final = (
    500  # at most 3,000 bytes escaped, so a sealed sheet stays below the API's limit of 4096
)


class _Document(msgspec.Struct, frozen=True, kw_only=True):
    """The plaintext. Unknown fields are ignored; a missing or malformed field is an error."""

    format: str
    request: str
    text: str
    asked: str


@dataclass(frozen=True)
class Sheet:
    """What is asked for, and when it was."""

    request_id: str
    text: str
    asked: str


def seal_sheet(sheet: Sheet, key: RequestKey, *, entropy: "Entropy") -> bytes:
    """Seal a sheet to the holders of the link; at most 4096 bytes. The text is cut at MAX_TEXT_CHARS."""
    document = msgspec.json.encode(
        _Document(
            format=FORMAT, request=sheet.request_id, text=sheet.text[:MAX_TEXT_CHARS], asked=sheet.asked
        )
    )
    document = document.ljust(-(-len(document) // STEP_BYTES) * STEP_BYTES)
    return seal(document, [key.sheet_identity.recipient], entropy=entropy)


def open_sheet(sealed: bytes, key: RequestKey, *, request_id: str) -> Sheet:
    """Open the sheet of a request. Raise IntegrityError if it does not belong to this request and key."""
    try:
        plain = unseal(sealed, [key.sheet_identity])
    except AgeError as exc:
        raise _foreign() from exc
    version = read_format(plain)
    if version is not None and version != FORMAT:
        raise IntegrityError(
            f"the request has the format {version[:40]!r}, which this version of satchel does not support",
            hint="update satchel",
        )
    try:
        fields = msgspec.json.decode(plain, type=_Document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise _foreign() from exc
    if fields.request != request_id or len(fields.text) > MAX_TEXT_CHARS:
        raise _foreign()
    return Sheet(fields.request, fields.text, fields.asked)


def _foreign() -> IntegrityError:
    return IntegrityError("the request does not authenticate under its link's key", hint="ask for a new link")
