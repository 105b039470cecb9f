"""Share operations for the owner: publish, list, update, re-arm, and rebuild the link."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec import UNSET

from satchel.cloud.problems import ConflictError
from satchel.cloud.uploads import BytesSource, upload
from satchel.errors import IntegrityError
from satchel.progress import SILENT, Progress
from satchel.sharing.identity import owner_secret
from satchel.sharing.link import ShareLink
from satchel.sharing.note import ShareNote, open_note
from satchel.sharing.plan import LimitChanges, SharePlan, UpdatePlan, find_share, seconds
from satchel_wire.messages import RearmRequest

if TYPE_CHECKING:
    from satchel.cloud.client import CloudClient
    from satchel.keys.derive import OwnerKeys
    from satchel_wire.messages import Share


@dataclass(frozen=True, slots=True)
class OwnedShare:
    """A share as the cloud reports it, and its note; None if this owner did not write the note."""

    share: "Share"
    note: ShareNote | None


def publish(client: "CloudClient", plan: SharePlan, *, progress: Progress = SILENT) -> "Share":
    """Upload and publish a share. On return its link works."""
    _send(client, plan, progress)
    return client.publish_share(plan.link.share_id, plan.request)


def update(client: "CloudClient", plan: UpdatePlan, *, progress: Progress = SILENT) -> "Share":
    """Replace the body of a share. Raise ConflictError, changing nothing, if the share has changed meanwhile."""
    _send(client, plan, progress)
    try:
        return client.change_share(plan.share_id, plan.change)
    except ConflictError as exc:
        raise ConflictError(
            f"share {plan.share_id!r} has changed since it was read", hint="run the command again"
        ) from exc


def rearm(client: "CloudClient", share_id: str, changes: LimitChanges) -> "Share":
    """Reset the view count of a share, with new limits if given."""
    request = RearmRequest(
        views=changes.views,
        expires=UNSET if isinstance(changes.expires, timedelta) else changes.expires,
        expires_in_s=seconds(changes.expires),
    )
    return client.rearm_share(share_id, request)


def owned_shares(client: "CloudClient", owner: "OwnerKeys") -> list[OwnedShare]:
    """List the owner's shares with their notes, newest first."""
    return [OwnedShare(share, _note_or_none(share, owner)) for share in client.shares()]


def owned_share(client: "CloudClient", owner: "OwnerKeys", prefix: str) -> tuple["Share", ShareNote]:
    """Return the share whose id begins with `prefix`, and its note.

    Raise the errors of `find_share`, and IntegrityError if this owner did not write the note.
    """
    share = find_share(client.shares(), prefix)
    return share, _note(share, owner)


def link_of(share: "Share", *, origin: str, owner: "OwnerKeys") -> ShareLink:
    """Return the link of an owner's share. It does not depend on the password."""
    return ShareLink(origin, share.id, owner_secret(owner.share_seed, share.id))


def _note(share: "Share", owner: "OwnerKeys") -> ShareNote:
    return open_note(share.note, share_id=share.id, share_seed=owner.share_seed, owner=owner.identity)


def _note_or_none(share: "Share", owner: "OwnerKeys") -> ShareNote | None:
    try:
        return _note(share, owner)
    except IntegrityError:
        return None


def _send(client: "CloudClient", plan: SharePlan | UpdatePlan, progress: Progress) -> None:
    pieces = (plan.piece_id,) if plan.piece_id else ()
    with progress.phase("sharing", len(plan.body)) as sent:
        upload(client, plan.upload_id, "share", BytesSource(plan.body), sent=sent, pieces=pieces)
