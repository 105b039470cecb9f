"""Prepares a share before anything is sent: its link, its sealed body and the request to the cloud.

Pure: the caller passes in time and randomness.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from msgspec import UNSET, UnsetType

from satchel.age import seal
from satchel.ids import by_prefix
from satchel.pieces.media import decode_text
from satchel.sharing.body import SharedPiece, to_zip
from satchel.sharing.identity import SALT_BYTES, PasswordProfile, owner_secret, share_key
from satchel.sharing.link import ShareLink
from satchel.sharing.note import ShareNote, seal_note
from satchel_wire.messages import Card, ShareChange, ShareRequest
from satchel_wire.messages import PasswordProfile as WireProfile

if TYPE_CHECKING:
    from datetime import datetime

    from satchel.keys.derive import OwnerKeys
    from satchel_wire.messages import Share

ID_BYTES: Final = 16
CARD_TITLE_CHARS: Final = 200
CARD_LANGUAGE_CHARS: Final = 40
Entropy = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class ShareLimits:
    """When a share ends: at a time or after a number of views, whichever comes first. None means no limit.

    A duration begins with the publication, by the cloud's clock.
    """

    expires: "datetime | timedelta | None"
    views: int | None


@dataclass(frozen=True, slots=True)
class LimitChanges:
    """New limits of a share. UNSET leaves a limit as it is."""

    expires: "datetime | timedelta | UnsetType | None" = UNSET
    views: int | UnsetType | None = UNSET


NO_LIMIT_CHANGES: Final = LimitChanges()


@dataclass(frozen=True, slots=True)
class SharePlan:
    """A share to publish. `body` is sealed; `link` is secret. `piece_id` is empty for what is no Piece."""

    piece_id: str
    link: ShareLink
    upload_id: str
    body: bytes
    request: ShareRequest


@dataclass(frozen=True, slots=True)
class UpdatePlan:
    """A new body for an existing share."""

    piece_id: str
    share_id: str
    upload_id: str
    body: bytes
    change: ShareChange


def plan_share(
    piece_id: str,
    piece: SharedPiece,
    limits: ShareLimits,
    *,
    origin: str,
    password: str | None,
    card: Card | None = None,
    owner: "OwnerKeys",
    entropy: Entropy,
) -> SharePlan:
    """Prepare a new share. With a password, scrypt takes about 0.2 s.

    `card` is public: the cloud and anyone with the link can read it.
    """
    share_id, upload_id = entropy(ID_BYTES).hex(), entropy(ID_BYTES).hex()
    profile = None if password is None else PasswordProfile(entropy(SALT_BYTES))
    link = ShareLink(origin, share_id, owner_secret(owner.share_seed, share_id))
    key = share_key(link.secret, password=password, profile=profile)
    note = ShareNote(share_id, piece_id, piece.title, key.recipient)
    request = ShareRequest(
        upload=upload_id,
        proof_sha256=key.proof_sha256,
        expires=None if isinstance(limits.expires, timedelta) else limits.expires,
        expires_in_s=seconds(limits.expires),
        views=limits.views,
        password=None if profile is None else WireProfile(salt=profile.salt, log_n=profile.log_n),
        note=seal_note(note, share_seed=owner.share_seed, owner=owner.recipient),
        card=card,
    )
    return SharePlan(
        piece_id, link, upload_id, seal(to_zip(piece), [key.recipient], entropy=entropy), request
    )


def plan_update(
    share: "Share",
    note: ShareNote,
    piece: SharedPiece,
    changes: LimitChanges = NO_LIMIT_CHANGES,
    *,
    card: Card | UnsetType | None = UNSET,
    entropy: Entropy,
) -> UpdatePlan:
    """Prepare a new body under the same link. The note has the recipient, so no password is needed.

    `card` replaces the public card, None removes it, UNSET leaves it.
    """
    upload_id = entropy(ID_BYTES).hex()
    change = ShareChange(
        version=share.version,
        upload=upload_id,
        expires=UNSET if isinstance(changes.expires, timedelta) else changes.expires,
        expires_in_s=seconds(changes.expires),
        views=changes.views,
        card=card,
    )
    body = seal(to_zip(piece), [note.recipient], entropy=entropy)
    return UpdatePlan(note.piece_id, share.id, upload_id, body, change)


def seconds(expires: "datetime | timedelta | UnsetType | None") -> int | None:
    """Return a duration in seconds, or None for anything else."""
    return int(expires.total_seconds()) if isinstance(expires, timedelta) else None


def card_of(piece: SharedPiece) -> Card:
    """Return the link-preview card of a Piece: title, language, number of lines."""
    title = " ".join(piece.title.split())[:CARD_TITLE_CHARS] or "Untitled"
    return Card(title=title, language=piece.language[:CARD_LANGUAGE_CHARS], lines=_lines(piece))


def _lines(piece: SharedPiece) -> int:
    """Return the number of lines of a text, or 0 for other content."""
    text = decode_text(piece.content, piece.media_type)
    if not text:
        return 0
    return text.count("\n") + (not text.endswith("\n"))


def find_share(shares: "Sequence[Share]", prefix: str) -> "Share":
    """Return the share whose id begins with `prefix`. Raise UsageError if several do, NotFoundError if none does."""
    return by_prefix(shares, prefix, id_of=lambda share: share.id, what="share", command="satchel shares")
