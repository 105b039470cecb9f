"""`satchel request`: print a link under which other people send the owner something."""

import datetime as dt
import os
from typing import Final

import click

from satchel.cli.app import App
from satchel.cli.arguments import DURATION, NumberType, SizeType, lifetime
from satchel.cli.options import command, pass_app
from satchel.cli.terminal.text import format_count, format_moment, format_size
from satchel.errors import UsageError
from satchel.requesting.plan import RequestLimits, plan_request
from satchel.requesting.sheet import MAX_TEXT_CHARS
from satchel_wire.messages import OwnedRequest

DEFAULT_EXPIRY: Final = "7d"
DEFAULT_SIZE: Final = "10M"
MAX_ANSWERS: Final = 100  # the wire's limit for `Answers`


@command(
    "request",
    examples=[
        ('satchel request "the staging key"', "a link for one answer, within a week"),
        ("satchel request --expires 1h", "a link without a text, for an hour"),
        (
            'satchel request "your timesheets" --answers 12 --size 1M',
            "a link for twelve answers of up to 1 MiB",
        ),
    ],
)
@click.argument("text", metavar="[TEXT]", default="")
@click.option(
    "--expires",
    type=DURATION,
    default=DEFAULT_EXPIRY,
    show_default=True,
    help="How long the link works: 30m, 12h, 7d, never.",
)
@click.option(
    "--answers",
    type=NumberType(MAX_ANSWERS),
    default=1,
    show_default=True,
    help="How many answers it takes.",
)
@click.option(
    "--size",
    "answer_bytes",
    type=SizeType(4 << 10, 30 << 20),
    default=DEFAULT_SIZE,
    show_default=True,
    help="The largest answer, encrypted: 500K, 10M.",
)
@click.option("--qr/--no-qr", default=True, help="On a terminal, also show the link as a QR code.")
@pass_app
def request(
    app: App, /, *, text: str, expires: dt.timedelta, answers: int, answer_bytes: int, qr: bool
) -> None:
    """Ask somebody for text or files: print a link that they can answer in any browser, or with `satchel answer`.

    TEXT says what you ask for. Only people with the link can read it, and only you can read an answer: it is
    encrypted in their browser with a key that your cloud does not have. Opening the link does not use it up.

    satchel requests shows which answers have arrived, and satchel requests take ID keeps them as Pieces.
    """
    if len(text) > MAX_TEXT_CHARS:
        raise UsageError(
            f"the text has {len(text)} characters; a request holds up to {MAX_TEXT_CHARS}", hint="shorten it"
        )
    now = dt.datetime.now(dt.UTC)
    client = app.cloud()
    limits = RequestLimits(lifetime(expires, now=now), answers, answer_bytes)
    plan = plan_request(
        text, limits, origin=str(client.origin), owner=app.owner(), now=now, entropy=os.urandom
    )
    made = client.make_request(plan.link.request_id, plan.terms)
    link = str(plan.link)
    document = {
        "id": made.id,
        "link": link,
        "text": text,
        "expires": made.expires,
        "answers": made.answers,
        "answer_bytes": made.answer_bytes,
    }
    app.out.answer(document, link, brief=link)
    if qr:
        app.out.qr(link)
    app.out.note(_terms(made))


def _terms(made: OwnedRequest) -> str:
    """Describe what the link takes."""
    expiry = "until revoked" if made.expires is None else f"until {format_moment(made.expires)}"
    return (
        f"takes {format_count(made.answers, 'answer')} of up to {format_size(made.answer_bytes)} {expiry}; "
        f"to revoke it: satchel requests revoke {made.id[:8]}"
    )
