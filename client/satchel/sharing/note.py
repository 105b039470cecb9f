"""The owner's note on a share: its Piece and the recipient of its body (docs/spec/share.md, section 6).

The cloud stores the note sealed. Sealing does not authenticate its author, so the note also has a MAC under a key of
the owner. Without it, anyone who knows the owner's recipient could redirect the next update to a key of their own.
"""

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from satchel.age import AgeError, X25519Recipient, seal, unseal
from satchel.age.keywrap import derive_key
from satchel.errors import IntegrityError

if TYPE_CHECKING:
    from satchel.age import X25519Identity
    from satchel.keys.secret import ShareSeed

NOTE_LABEL: Final = b"satchel/v1/share-note"
MAC_BYTES: Final = 32
STEP_BYTES: Final = 256  # spaces fill a document, so that its length does not reveal that of a usual title
MAX_TITLE_CHARS: Final = (
    200  # at most four bytes each, so a sealed note stays below the API's limit of 4096 bytes
)


class _Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    share: str
    piece: str
    title: str
    recipient: str


@dataclass(frozen=True)
class ShareNote:
    """The id of the shared Piece, its title when it was shared, and the recipient of the share."""

    share_id: str
    piece_id: str
    title: str
    recipient: X25519Recipient


def seal_note(note: ShareNote, *, share_seed: "ShareSeed", owner: X25519Recipient) -> bytes:
    """Seal a note for the cloud; at most 4096 bytes."""
    document = msgspec.json.encode(
        _Document(
            share=note.share_id,
            piece=note.piece_id,
            title=note.title[:MAX_TITLE_CHARS],
            recipient=str(note.recipient),
        )
    )
    document = document.ljust(-(-len(document) // STEP_BYTES) * STEP_BYTES)
    return seal(_mac(share_seed, document) + document, [owner])


def open_note(sealed: bytes, *, share_id: str, share_seed: "ShareSeed", owner: "X25519Identity") -> ShareNote:
    """Open the note of a share. Raise IntegrityError if this owner did not write it for this share."""
    try:
        plain = unseal(sealed, [owner])
    except AgeError as exc:
        raise _not_ours(share_id) from exc
    mac, document = plain[:MAC_BYTES], plain[MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(share_seed, document)):
        raise _not_ours(share_id)
    try:
        fields = msgspec.json.decode(document, type=_Document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise IntegrityError(
            f"the note on share {share_id!r} has a form that this version of satchel does not support",
            hint="update satchel",
        ) from exc
    if fields.share != share_id:
        raise _not_ours(share_id)
    return ShareNote(
        share_id=share_id,
        piece_id=fields.piece,
        title=fields.title,
        recipient=X25519Recipient.parse(fields.recipient),
    )


def _mac(share_seed: "ShareSeed", document: bytes) -> bytes:
    key = derive_key(bytes(share_seed), salt=b"", info=NOTE_LABEL)
    return hmac.digest(key, document, "sha256")


def _not_ours(share_id: str) -> IntegrityError:
    return IntegrityError(
        f"the note on share {share_id!r} was not written by this owner",
        hint="revoke the share and share the Piece again: satchel shares revoke ID, satchel share ID",
    )
