"""`satchel share`: encrypt a Piece and print a link that opens it."""

import datetime as dt
import os
from pathlib import Path

import click

from satchel.cli.app import App
from satchel.cli.arguments import DURATION, VIEWS, lifetime, piece_argument
from satchel.cli.options import command, pass_app
from satchel.cli.share_prompts import card_fields, confirm_card, confirm_share, new_password
from satchel.cli.terminal.text import format_count, format_moment
from satchel.sharing.body import SharedPiece
from satchel.sharing.plan import ShareLimits, card_of, plan_share
from satchel.sharing.publish import publish
from satchel.suggest.share_checks import findings
from satchel_wire.messages import Share

DEFAULT_EXPIRY = "7d"


@command(
    "share",
    examples=[
        ("satchel share 01KB3", "a link that works for a week"),
        ("satchel share 01KB3 --expires 12h --views 1", "a link that works once, within 12 hours"),
        ("satchel share 01KB3 --password", "a link that also needs a password"),
        ("satchel share 01KB3 --card", "a link whose preview shows the title"),
    ],
)
@piece_argument
@click.option(
    "--expires",
    type=DURATION,
    default=DEFAULT_EXPIRY,
    show_default=True,
    help="How long the link works: 30m, 12h, 7d, never.",
)
@click.option(
    "--views", type=VIEWS, default="unlimited", show_default=True, help="How often it can be opened."
)
@click.option("--password", is_flag=True, help="Ask for a password that recipients need besides the link.")
@click.option(
    "--password-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Read the password from the first line of this file.",
)
@click.option(
    "--card",
    is_flag=True,
    help="Publish title, language and line count for link previews, after showing them.",
)
@click.option("--qr/--no-qr", default=True, help="On a terminal, also show the link as a QR code.")
@click.option("--anyway", is_flag=True, help="Share even if a check reports a problem.")
@pass_app
def share(
    app: App,
    /,
    *,
    piece: str,
    expires: dt.timedelta,
    views: int,
    password: bool,
    password_file: Path | None,
    card: bool,
    qr: bool,
    anyway: bool,
) -> None:
    """Share a Piece: print a link that opens it in any browser, or with `satchel get`.

    The Piece is encrypted on this device. The key is the part of the link after '#', which browsers never
    send, so your cloud stores the share but cannot read it. Anyone with the link can read the Piece until
    the link expires. Link previews in chats reveal nothing about the Piece unless you add --card.
    """
    now = dt.datetime.now(dt.UTC)
    with app.open_store(read_only=True) as store:
        chosen = store.piece(store.resolve(piece))
        content, files = store.content(chosen.id), store.files(chosen.id)
    confirm_share(app, findings(chosen, content, files), anyway=anyway)
    body = SharedPiece.of(chosen, content, files, now=now)
    published_card = card_of(body) if card else None
    if published_card:
        confirm_card(app, published_card)
    client = app.cloud()
    plan = plan_share(
        chosen.id,
        body,
        ShareLimits(lifetime(expires, now=now), views or None),
        origin=str(client.origin),
        password=new_password(app, password_file) if password or password_file else None,
        card=published_card,
        owner=app.owner(),
        entropy=os.urandom,
    )
    published = publish(client, plan, progress=app.out.progress())
    link = str(plan.link)
    document = {
        "id": published.id,
        "link": link,
        "expires": published.expires,
        "views": published.views,
        "card": card_fields(published.card),
    }
    app.out.answer(document, link, brief=link)
    if qr:
        app.out.qr(link)
    app.out.note(_terms(published))


def _terms(share: Share) -> str:
    """Describe when and how the link works."""
    expiry = "until revoked" if share.expires is None else f"until {format_moment(share.expires)}"
    views = "" if share.views is None else f", {format_count(share.views, 'time')}"
    password = ", with the password" if share.has_password else ""
    return f"works {expiry}{views}{password}; to revoke it: satchel shares revoke {share.id[:8]}"
