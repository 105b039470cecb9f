"""`satchel shares`: the owner's side of the links that are out."""

import datetime as dt
import os
from typing import TYPE_CHECKING

import click

from satchel.cli.app import App
from satchel.cli.arguments import VIEWS, end_after
from satchel.cli.options import DURATION, group, pass_app
from satchel.cli.share_prompts import clear_to_share
from satchel.cli.share_prompts import fields as card_fields
from satchel.cli.terminal.output import Column
from satchel.cli.terminal.units import format_moment

if TYPE_CHECKING:
    from satchel.sharing.plan import LimitChanges
    from satchel.sharing.publish import OwnedShare
    from satchel_wire.messages import Report, Share

COLUMNS = (
    Column("ID"),
    Column("PIECE", shrinks=True),
    Column("STATE"),
    Column("OPENED", right=True),
    Column("LEFT", right=True),
    Column("LAST OPENED", dim=True),
    Column("EXPIRES", dim=True),
    Column("PASSWORD", dim=True),
    Column("REPORTS", right=True),
)
REPORT_COLUMNS = (Column("WHEN", dim=True), Column("REASON"), Column("WORDS", shrinks=True))
share_argument = click.argument("share", metavar="ID")
expires_option = click.option(
    "--expires", type=DURATION, help="Another end, counted from now: 12h, 7d, never."
)
views_option = click.option("--views", type=VIEWS, help="Another number of openings, or unlimited.")


@group(
    "shares",
    examples=[
        ("satchel shares", "list them, with openings left"),
        ("satchel shares update 5be0", "the same link shows the Piece as it is now"),
        ("satchel shares revoke 5be0", "end a link at once"),
    ],
    alone=True,
)
@pass_app
def shares(app: App, /) -> None:
    """List the links that you have shared, and change or end them."""
    if click.get_current_context().invoked_subcommand is not None:
        return
    from satchel.sharing.publish import owned_shares  # noqa: PLC0415  costs cryptography and urllib3

    found = owned_shares(app.cloud(), app.owner())
    app.out.table(lambda: {"shares": [_fields(each) for each in found]}, COLUMNS, map(_row, found))


@shares.subcommand(
    "update",
    examples=[
        ("satchel shares update 5be0", "after an edit of its Piece"),
        ("satchel shares update 5be0 --expires 30d", "and let it live longer"),
        ("satchel shares update 5be0 --no-card", "and take its link preview back"),
    ],
)
@share_argument
@expires_option
@views_option
@click.option(
    "--card/--no-card",
    default=None,
    help="Publish title, language and number of lines as they are now, or take them back; else they stay as published.",
)
@click.option("--anyway", is_flag=True, help="Show it even if a check finds something.")
@pass_app
def update(
    app: App,
    /,
    *,
    share: str,
    expires: dt.timedelta | None,
    views: int | None,
    card: bool | None,
    anyway: bool,
) -> None:
    """Put the Piece as it is now under the same link.

    The password, if there is one, stays as it is and is not asked for.
    """
    from msgspec import UNSET  # noqa: PLC0415

    from satchel.cli.share_prompts import clear_to_publish  # noqa: PLC0415
    from satchel.sharing.body import SharedPiece  # noqa: PLC0415  costs cryptography and urllib3
    from satchel.sharing.plan import card_of, plan_update  # noqa: PLC0415
    from satchel.sharing.publish import owned_share  # noqa: PLC0415
    from satchel.sharing.publish import update as publish_update  # noqa: PLC0415
    from satchel.suggest.share_checks import findings  # noqa: PLC0415

    client, now = app.cloud(), dt.datetime.now(dt.UTC)
    found, note = owned_share(client, app.owner(), share)
    with app.open_store(read_only=True) as store:
        piece = store.piece(note.piece_id)
        content, files = store.content(piece.id), store.files(piece.id)
    clear_to_share(app, findings(piece, content, files), anyway=anyway)
    body = SharedPiece.of(piece, content, files, now=now)
    if card:
        clear_to_publish(app, card_of(body))
    publishes = UNSET if card is None else card_of(body) if card else None
    changes = _changes(expires, views, now=now)
    plan = plan_update(found, note, body, changes, card=publishes, entropy=os.urandom)
    changed = publish_update(client, plan, progress=app.out.progress())
    app.out.answer(_share_fields(changed), f"share {changed.id[:8]} shows version {changed.version}")
    if changed.card is not None and changed.card != card_of(body):
        app.out.note(
            f"its link preview still says {changed.card.title!r}; publish the new one: --card, or --no-card"
        )


@shares.subcommand("rearm", examples=[("satchel shares rearm 5be0 --views 3", "three more openings")])
@share_argument
@expires_option
@views_option
@pass_app
def rearm(app: App, /, *, share: str, expires: dt.timedelta | None, views: int | None) -> None:
    """Count a link's openings from zero again, also after it was used up."""
    from satchel.sharing.plan import find_share  # noqa: PLC0415  costs cryptography
    from satchel.sharing.publish import rearm as publish_rearm  # noqa: PLC0415  costs urllib3

    client = app.cloud()
    found = find_share(client.shares(), share)
    changed = publish_rearm(client, found.id, _changes(expires, views, now=dt.datetime.now(dt.UTC)))
    app.out.answer(
        _share_fields(changed), f"share {changed.id[:8]} is {changed.state}, {_left(changed)} openings left"
    )


@shares.subcommand("revoke", examples=[("satchel shares revoke 5be0", "the beginning of its id suffices")])
@share_argument
@pass_app
def revoke(app: App, /, *, share: str) -> None:
    """End a link at once, and delete what it showed from the cloud."""
    from satchel.sharing.plan import find_share  # noqa: PLC0415  costs cryptography

    client = app.cloud()
    found = find_share(client.shares(), share)
    client.revoke_share(found.id)
    app.out.answer({"id": found.id}, f"revoked share {found.id[:8]}")


@shares.subcommand("link", examples=[("satchel shares link 5be0", "print the link once more")])
@share_argument
@click.option("--qr/--no-qr", default=True, help="On a terminal, show the link as a QR code, too.")
@pass_app
def link(app: App, /, *, share: str, qr: bool) -> None:
    """Print the link of a share once more, on any of your devices."""
    from satchel.sharing.plan import find_share  # noqa: PLC0415  costs cryptography and urllib3
    from satchel.sharing.publish import link_of  # noqa: PLC0415

    client = app.cloud()
    found = find_share(client.shares(), share)
    text = str(link_of(found, origin=str(client.origin), owner=app.owner()))
    app.out.answer({"id": found.id, "link": text}, text, brief=text)
    if qr:
        app.out.qr(text)


@shares.subcommand("reports", examples=[("satchel shares reports 5be0", "what recipients had to say")])
@share_argument
@pass_app
def reports(app: App, /, *, share: str) -> None:
    """Show what recipients reported of a share. Whoever had the link may have written it."""
    from satchel.sharing.plan import find_share  # noqa: PLC0415  costs cryptography

    client = app.cloud()
    found = find_share(client.shares(), share)
    told = client.share_reports(found.id)
    app.out.table(
        lambda: {"id": found.id, "reports": [_report_fields(each) for each in told]},
        REPORT_COLUMNS,
        [(format_moment(each.created), each.reason, each.text) for each in told],
    )


def _changes(expires: dt.timedelta | None, views: int | None, *, now: dt.datetime) -> "LimitChanges":
    """The limits that were given; the others stay as they are."""
    from satchel.sharing.plan import LimitChanges  # noqa: PLC0415  costs cryptography

    kept = LimitChanges()
    return LimitChanges(
        expires=kept.expires if expires is None else end_after(expires, now=now),
        views=kept.views if views is None else views or None,
    )


def _share_fields(share: "Share") -> dict[str, object]:
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


def _report_fields(report: "Report") -> dict[str, object]:
    return {
        "number": report.number,
        "created": report.created,
        "reason": report.reason,
        "text": report.text,
    }


def _fields(owned: "OwnedShare") -> dict[str, object]:
    note = owned.note
    told = {"piece": note.piece_id if note else None, "title": note.title if note else None}
    return _share_fields(owned.share) | told


def _row(owned: "OwnedShare") -> tuple[str, ...]:
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


def _left(share: "Share") -> str:
    return "unlimited" if share.views is None else str(max(0, share.views - share.opened))
