"""`satchel shares`: list, change and revoke the owner's links."""

import datetime as dt
import os

import click
from msgspec import UNSET

from satchel.cli.app import App
from satchel.cli.arguments import DURATION, VIEWS, lifetime
from satchel.cli.options import group, pass_app
from satchel.cli.secret_findings import secrets_of
from satchel.cli.share_prompts import card_fields, confirm_card, confirm_share, require_consent
from satchel.cli.terminal.text import Column, format_moment
from satchel.errors import NotFoundError
from satchel.sharing.body import SharedPiece
from satchel.sharing.plan import LimitChanges, card_of, find_share, plan_update
from satchel.sharing.publish import OwnedShare, link_of, owned_share, owned_shares
from satchel.sharing.publish import rearm as rearm_share
from satchel.sharing.publish import update as update_share
from satchel_wire.messages import Report, Share

COLUMNS = (
    Column("ID"),
    Column("PIECE", shrinks=True),
    Column("STATE"),
    Column("OPENED", right=True),
    Column("LEFT", right=True),
    Column("LAST OPENED", dim=True, spare=True),
    Column("EXPIRES", dim=True),
    Column("PASSWORD", dim=True, spare=True),
    Column("REPORTS", right=True, spare=True),
)
REPORT_COLUMNS = (Column("WHEN", dim=True), Column("REASON"), Column("TEXT", shrinks=True))
share_argument = click.argument("share", metavar="ID")
expires_option = click.option(
    "--expires", type=DURATION, help="A new expiry, counted from now: 12h, 7d, never."
)
views_option = click.option("--views", type=VIEWS, help="A new view limit, or unlimited.")


@group(
    "shares",
    examples=[
        ("satchel shares", "list all links, with the views left"),
        ("satchel shares update 5be0", "show the current Piece under the same link"),
        ("satchel shares revoke 5be0", "revoke a link at once"),
    ],
    alone=True,
)
@pass_app
def shares(app: App, /) -> None:
    """List your links, and change or revoke them."""
    if click.get_current_context().invoked_subcommand is not None:
        return
    owned = owned_shares(app.cloud(), app.owner())
    app.out.table(lambda: {"shares": [_fields(each) for each in owned]}, COLUMNS, map(_row, owned))


@shares.subcommand(
    "update",
    examples=[
        ("satchel shares update 5be0", "after editing the Piece"),
        ("satchel shares update 5be0 --expires 30d", "also extend the expiry"),
        ("satchel shares update 5be0 --no-card", "also withdraw the link preview"),
    ],
)
@share_argument
@expires_option
@views_option
@click.option(
    "--card/--no-card",
    default=None,
    help="Publish the current title, language and line count, or withdraw them (default: leave them unchanged).",
)
@click.option("--allow-secrets", is_flag=True, help="Update even if it seems to hold a secret.")
@click.option("--yes", is_flag=True, help="Publish the card without asking.")
@pass_app
def update(
    app: App,
    /,
    *,
    share: str,
    expires: dt.timedelta | None,
    views: int | None,
    card: bool | None,
    allow_secrets: bool,
    yes: bool,
) -> None:
    """Publish the current Piece under the same link.

    A password stays the same, and you are not asked for it.
    """
    if card:
        require_consent(app, yes=yes)
    client, now = app.cloud(), dt.datetime.now(dt.UTC)
    found, note = owned_share(client, app.owner(), share)
    if not note.piece_id:
        raise NotFoundError(
            f"share {found.id[:8]} was made with --no-save: there is no Piece to update it from",
            hint="share the new text as a new link, and revoke this one",
        )
    with app.open_store(read_only=True) as store:
        piece = store.piece(note.piece_id)
        content, files = store.content(piece.id), store.files(piece.id)
    confirm_share(app, secrets_of(app, piece, content, files), allowed=allow_secrets)
    body = SharedPiece.of(piece, content, files, now=now)
    if card:
        confirm_card(app, card_of(body), yes=yes)
    new_card = UNSET if card is None else card_of(body) if card else None
    changes = _changes(expires, views, now=now)
    plan = plan_update(found, note, body, changes, card=new_card, entropy=os.urandom)
    updated = update_share(client, plan, progress=app.out.progress())
    app.out.answer(_share_fields(updated), f"share {updated.id[:8]} shows version {updated.version}")
    if updated.card is not None and updated.card != card_of(body):
        app.out.note(
            f"the link preview still says {updated.card.title!r}: --card publishes the new one, "
            "--no-card withdraws it"
        )


@shares.subcommand("rearm", examples=[("satchel shares rearm 5be0 --views 3", "allow three more views")])
@share_argument
@expires_option
@views_option
@pass_app
def rearm(app: App, /, *, share: str, expires: dt.timedelta | None, views: int | None) -> None:
    """Reset a link's view count to zero, even if its views are used up."""
    client = app.cloud()
    found = find_share(client.shares(), share)
    rearmed = rearm_share(client, found.id, _changes(expires, views, now=dt.datetime.now(dt.UTC)))
    app.out.answer(
        _share_fields(rearmed), f"share {rearmed.id[:8]} is {rearmed.state}, views left: {_left(rearmed)}"
    )


@shares.subcommand("revoke", examples=[("satchel shares revoke 5be0", "the start of an id is enough")])
@share_argument
@pass_app
def revoke(app: App, /, *, share: str) -> None:
    """Revoke a link at once, and delete its content from the cloud."""
    client = app.cloud()
    found = find_share(client.shares(), share)
    client.revoke_share(found.id)
    app.out.answer({"id": found.id}, f"revoked share {found.id[:8]}")


@shares.subcommand("link", examples=[("satchel shares link 5be0", "print the link again")])
@share_argument
@click.option("--qr/--no-qr", default=True, help="On a terminal, also show the link as a QR code.")
@pass_app
def link(app: App, /, *, share: str, qr: bool) -> None:
    """Print the link of a share again, on any of your devices."""
    client = app.cloud()
    found = find_share(client.shares(), share)
    text = str(link_of(found, origin=str(client.origin), owner=app.owner()))
    app.out.answer({"id": found.id, "link": text}, text, brief=text)
    if qr:
        app.out.qr(text)


@shares.subcommand("reports", examples=[("satchel shares reports 5be0", "show what recipients reported")])
@share_argument
@pass_app
def reports(app: App, /, *, share: str) -> None:
    """Show the reports about a share. Anyone with the link can write one."""
    client = app.cloud()
    found = find_share(client.shares(), share)
    received = client.share_reports(found.id)
    app.out.table(
        lambda: {"id": found.id, "reports": [_report_fields(each) for each in received]},
        REPORT_COLUMNS,
        [(format_moment(each.created), each.reason, each.text) for each in received],
    )


def _changes(expires: dt.timedelta | None, views: int | None, *, now: dt.datetime) -> LimitChanges:
    """Return the limits to change; those not given stay the same."""
    unchanged = LimitChanges()
    return LimitChanges(
        expires=unchanged.expires if expires is None else lifetime(expires, now=now),
        views=unchanged.views if views is None else views or None,
    )


def _share_fields(share: Share) -> dict[str, object]:
    return {
        "id": share.id,
        "state": share.state,
        "version": share.version,
        "created": share.created,
        "updated": share.updated,
        "expires": share.expires,
        "views": share.views,
        "opened": share.opened,
        "last_opened": share.last_opened,
        "has_password": share.has_password,
        "size_bytes": share.size_bytes,
        "card": card_fields(share.card),
        "reports": share.reports,
    }


def _report_fields(report: Report) -> dict[str, object]:
    return {
        "number": report.number,
        "created": report.created,
        "reason": report.reason,
        "text": report.text,
    }


def _fields(owned: OwnedShare) -> dict[str, object]:
    note = owned.note
    return _share_fields(owned.share) | {
        "piece": note.piece_id if note else None,
        "title": note.title if note else None,
    }


def _row(owned: OwnedShare) -> tuple[str, ...]:
    share = owned.share
    return (
        share.id[:8],
        owned.note.title or owned.note.piece_id if owned.note else "(not shared with these keys)",
        share.state,
        str(share.opened),
        _left(share),
        format_moment(share.last_opened) if share.last_opened else "never",
        format_moment(share.expires) if share.expires else "never",
        "yes" if share.has_password else "",
        str(share.reports) if share.reports else "",
    )


def _left(share: Share) -> str:
    return "unlimited" if share.views is None else str(max(0, share.views - share.opened))
