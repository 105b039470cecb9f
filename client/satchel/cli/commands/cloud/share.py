"""`satchel share`: encrypt a Piece and print a link that opens it."""

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from satchel.cli.app import App
from satchel.cli.arguments import (
    DURATION,
    VIEWS,
    complete_pieces_and_files,
    language_option,
    lifetime,
    tag_option,
    title_option,
)
from satchel.cli.edits import keeping_typed
from satchel.cli.options import command, pass_app
from satchel.cli.secret_findings import secrets_of
from satchel.cli.share_prompts import card_fields, confirm_card, confirm_share, new_password, require_consent
from satchel.cli.share_subject import NewFields, Subject, subject_of
from satchel.cli.terminal.text import format_count, format_moment
from satchel.errors import SatchelError
from satchel.sharing.body import SharedPiece
from satchel.sharing.plan import ShareLimits, card_of, plan_share
from satchel.sharing.publish import publish
from satchel.store import system_entropy
from satchel_wire.messages import Share

DEFAULT_EXPIRY = "7d"


@command(
    "share",
    examples=[
        ("satchel share 7Q2F", "a link that works for a week"),
        ("satchel share parse.py", "save a file and share it"),
        ("git diff | satchel share - --no-save", "share a command's output without keeping it"),
        ("satchel share @last --expires 12h --views 1", "a link that works once, within 12 hours"),
        ("satchel share 7Q2F --password", "a link that also needs a password"),
        ("satchel share 7Q2F --card", "a link whose preview shows the title"),
    ],
)
@click.argument("what", metavar="ID|FILE|-", shell_complete=complete_pieces_and_files)
@click.option(
    "--save/--no-save",
    "keep",
    default=True,
    help="Keep a file or standard input as a Piece (default), or not.",
)
@title_option("The title of a file or standard input.")
@language_option("Its language (default: detected from the file's name).")
@tag_option("Add this tag to it; can be repeated.")
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
@click.option("--allow-secrets", is_flag=True, help="Share even if it seems to hold a secret.")
@click.option("--yes", is_flag=True, help="Publish the card without asking.")
@pass_app
def share(
    app: App,
    /,
    *,
    what: str,
    keep: bool,
    title: str | None,
    language: str | None,
    tags: tuple[str, ...],
    expires: dt.timedelta,
    views: int,
    password: bool,
    password_file: Path | None,
    card: bool,
    qr: bool,
    allow_secrets: bool,
    yes: bool,
) -> None:
    """Share a Piece, a file or standard input: print a link that opens it in any browser, or with `satchel get`.

    If an argument is both an id and a file name, the id wins. A file or standard input is also saved as a
    Piece, unless you add --no-save; `satchel shares update` cannot update such a link.

    The Piece is encrypted on this device. The key is the part of the link after '#', which browsers never
    send, so your cloud stores the share but cannot read it. Anyone with the link can read the Piece until
    the link expires. Link previews in chats reveal nothing about the Piece unless you add --card.
    """
    if card:
        require_consent(app, yes=yes)
    now = dt.datetime.now(dt.UTC)
    subject = subject_of(app, what, NewFields(title, language, tags), keep=keep, now=now)
    chosen = subject.piece
    with (
        _mentioning(app, subject),
        keeping_typed(app.home, subject.typed, now=now, entropy=system_entropy),
    ):
        confirm_share(app, secrets_of(app, chosen, subject.content, subject.files), allowed=allow_secrets)
        body = SharedPiece.of(chosen, subject.content, subject.files, now=now)
        published_card = card_of(body) if card else None
        if published_card:
            confirm_card(app, published_card, yes=yes)
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
        "piece": chosen.id or None,
        "is_new": subject.is_new,
    }
    app.out.answer(document, link, brief=link)
    if qr:
        app.out.qr(link)
    if subject.label:
        app.out.note(f"saved {subject.label}")
    app.out.note(_terms(published))


@contextmanager
def _mentioning(app: App, subject: Subject) -> Iterator[None]:
    """If sharing fails, say that what was saved for it is kept."""
    try:
        yield
    except (SatchelError, KeyboardInterrupt):
        if subject.label:
            app.out.notice(f"saved {subject.label}, but not shared")
        raise


def _terms(share: Share) -> str:
    """Describe when and how the link works."""
    expiry = "until revoked" if share.expires is None else f"until {format_moment(share.expires)}"
    views = "" if share.views is None else f", {format_count(share.views, 'time')}"
    password = ", with the password" if share.has_password else ""
    return f"works {expiry}{views}{password}; to revoke it: satchel shares revoke {share.id[:8]}"
