"""`satchel share`: seal a Piece and print the link that opens it."""

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from satchel.cli.app import App
from satchel.cli.arguments import VIEWS, end_after, piece_argument
from satchel.cli.options import DURATION, command, pass_app
from satchel.cli.share_prompts import clear_to_share, new_password
from satchel.cli.terminal.units import format_count, format_moment

if TYPE_CHECKING:
    from satchel_wire.messages import Share

DEFAULT_EXPIRY = "7d"


@command(
    "share",
    examples=[
        ("satchel share 01KB3", "a link that works for a week"),
        ("satchel share 01KB3 --expires 12h --views 1", "one that works once, today"),
        ("satchel share 01KB3 --password", "one that needs a password, too"),
        ("satchel share 01KB3 --card", "with its title in link previews"),
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
@click.option("--password", is_flag=True, help="Ask for a password that opens it together with the link.")
@click.option(
    "--password-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Take the password from this file's first line.",
)
@click.option(
    "--card",
    is_flag=True,
    help="Publish title, language and number of lines for link previews, after showing them.",
)
@click.option("--qr/--no-qr", default=True, help="On a terminal, show the link as a QR code, too.")
@click.option("--anyway", is_flag=True, help="Share even if a check finds something.")
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

    The Piece is sealed on this device. Its key is the part of the link behind '#', which no browser sends:
    your cloud keeps the share and cannot read it. Whoever has the link can read the Piece until it ends.
    Chats that preview links show that something was shared, and not what, unless you add --card.
    """
    from satchel.cli.share_prompts import clear_to_publish, fields  # noqa: PLC0415
    from satchel.sharing.body import SharedPiece  # noqa: PLC0415  costs cryptography and urllib3
    from satchel.sharing.plan import ShareLimits, card_of, plan_share  # noqa: PLC0415
    from satchel.sharing.publish import publish  # noqa: PLC0415
    from satchel.suggest.share_checks import findings  # noqa: PLC0415

    now = dt.datetime.now(dt.UTC)
    with app.open_store(read_only=True) as store:
        chosen = store.piece(store.resolve(piece))
        content, files = store.content(chosen.id), store.files(chosen.id)
    clear_to_share(app, findings(chosen, content, files), anyway=anyway)
    body = SharedPiece.of(chosen, content, files, now=now)
    published = card_of(body) if card else None
    if published:
        clear_to_publish(app, published)
    client = app.cloud()
    plan = plan_share(
        chosen.id,
        body,
        ShareLimits(end_after(expires, now=now), views or None),
        origin=str(client.origin),
        password=new_password(app, password_file) if password or password_file else None,
        card=published,
        owner=app.owner(),
        entropy=os.urandom,
    )
    made = publish(client, plan, progress=app.out.progress())
    link = str(plan.link)
    told = {
        "id": made.id,
        "link": link,
        "expires": made.expires,
        "views": made.views,
        "card": fields(made.card),
    }
    app.out.answer(told, link, brief=link)
    if qr:
        app.out.qr(link)
    app.out.note(_terms(made))


def _terms(made: "Share") -> str:
    """Say when the link ends, for the one who made it."""
    ends = "until revoked" if made.expires is None else f"until {format_moment(made.expires)}"
    often = "" if made.views is None else f", {format_count(made.views, 'time')}"
    return f"opens {ends}{often}{', with the password' if made.has_password else ''}; end it: satchel shares revoke {made.id[:8]}"
