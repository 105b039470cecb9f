"""The owner's note on a share: which Piece it shows, and to whom its body is sealed (docs/spec/share.md, section 6).

The cloud keeps the note sealed. Sealing alone does not say who wrote it, so it also carries an authentication code
under a key that only the owner's devices derive; without that, whoever knew the owner's recipient could have the next
update sealed to a key of their own.
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
MAX_TITLE_CHARS: Final = 200  # four bytes each at most: the sealed note keeps below the wire's 4096 bytes


class _Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    share: str
    piece: str
    title: str
    recipient: str


@dataclass(frozen=True)
class ShareNote:
    """Which Piece a share shows (its id and its title when it was shared), and the share's recipient."""

    share_id: str
    piece_id: str
    title: str
    recipient: X25519Recipient


def seal_note(note: ShareNote, *, share_seed: "ShareSeed", owner: X25519Recipient) -> bytes:
    """The note as the cloud keeps it: at most 4096 bytes."""
    document = msgspec.json.encode(
        _Document(
            share=note.share_id,
            piece=note.piece_id,
            title=note.title[:MAX_TITLE_CHARS],
            recipient=str(note.recipient),
        )
    )
    return seal(_mac(share_seed, document) + document, [owner])


def open_note(sealed: bytes, *, share_id: str, share_seed: "ShareSeed", owner: "X25519Identity") -> ShareNote:
    """The note of this share; not sealed to this owner, not written by them, or another share's: IntegrityError."""
    try:
        plain = unseal(sealed, [owner])
    except AgeError as exc:
        raise _not_ours(share_id) from exc
    mac, document = plain[:MAC_BYTES], plain[MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(share_seed, document)):
        raise _not_ours(share_id)
    fields = msgspec.json.decode(document, type=_Document)
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
        hint="revoke it and share the Piece again",
    )
