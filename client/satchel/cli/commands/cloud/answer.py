"""`satchel answer`: answer the link of a request without a browser, a store or keys."""

import datetime as dt
import os
from pathlib import Path
from typing import BinaryIO, Final

import click

from satchel.cli.app import App
from satchel.cli.options import command, pass_app
from satchel.cli.terminal.text import format_moment, format_size, one_line
from satchel.errors import NotFoundError, RefusedError, SatchelError, UsageError
from satchel.outgoing.address import Origin
from satchel.pieces.fields import visible_name, was_file_name
from satchel.requesting.answer import MAX_ANSWER_BYTES, AnswerFile, seal_answer
from satchel.requesting.link import RequestLink, format_key
from satchel.requesting.sending import ID_BYTES, read_request, send_answer
from satchel.requesting.sheet import Sheet
from satchel.requesting.unintended import find_unintended
from satchel.sharing.decoration import MAX_TEXT_CHARS, REQUESTS, plain_link
from satchel.text_files import decode_text
from satchel_wire.messages import RequestSheet

STDIN: Final = "-"


@command(
    "answer",
    examples=[
        (
            "satchel answer 'https://cloud.example.com/r/…#…' key.pem",
            "send a file; the quotes keep the link intact",
        ),
        ("pass show staging | satchel answer LINK -", "send a command's output"),
        ("satchel answer LINK", "show what is asked for, without sending anything"),
    ],
)
@click.argument("link", metavar="LINK")
@click.argument("files", metavar="[FILE|-]...", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--allow-http", is_flag=True, help="Allow a link without TLS.")
@click.option("--yes", is_flag=True, help="Send what looks unintended without asking.")
@pass_app
def answer(app: App, /, *, link: str, files: tuple[Path, ...], allow_http: bool, yes: bool) -> None:
    """Answer a request that was sent to you: encrypt files or standard input for the person who asks, and send them.

    You need no store and no keys. Without FILE, satchel only shows what is asked for. Everything is encrypted on this
    device, and only the person who made the link can decrypt it. To check that your answer arrived unchanged, compare
    the receipt with that person.

    satchel warns and asks before it sends what looks unintended, such as a private key or recovery words.
    """
    plain = plain_link(link if link != STDIN else _piped_link(app, files), REQUESTS)
    parsed = RequestLink.parse(plain.text)
    for host in plain.seen_by:
        app.out.warn(f"the link was wrapped by {host!r}, whose operator can answer it too")
    client = app.dial(Origin.parse(parsed.origin, allow_http=allow_http))
    sheet, limits = read_request(client, parsed)
    if not files:
        app.out.answer(_fields(sheet, limits), _asked(sheet, limits), brief=sheet.text)
        return
    answer_files = _read_all(app, files)
    _confirm(app, answer_files, parsed, yes=yes)
    answer_id = os.urandom(ID_BYTES).hex()
    sealed = seal_answer(
        parsed.request_id,
        answer_id,
        answer_files,
        parsed.key,
        sent=dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        entropy=os.urandom,
    )
    if len(sealed) > limits.answer_bytes:
        raise UsageError(
            f"the answer has {format_size(len(sealed))}; this request takes up to {format_size(limits.answer_bytes)}",
            hint="send less, or ask for a link that takes more: satchel request --size",
        )
    receipt = send_answer(client, parsed, answer_id, sealed)
    document = {**_fields(sheet, limits), "receipt": receipt, "size_bytes": len(sealed)}
    app.out.answer(document, f"sent; receipt {receipt}", brief=receipt)


def _confirm(app: App, files: list[AnswerFile], link: RequestLink, *, yes: bool) -> None:
    """Warn of what looks unintended, and ask whether to send it. Raise RefusedError if the person does not agree."""
    findings = find_unintended(files, format_key(link.key))
    for finding in findings:
        app.out.warn(finding.message)
    if not findings or yes or (app.out.can_ask and app.out.confirm("send it as it is?")):
        return
    raise RefusedError(
        "nothing was sent: the answer looks unintended", hint="check it; to send it as it is: --yes"
    )


def _piped_link(app: App, files: tuple[Path, ...]) -> str:
    """Return the link from standard input, where other programs cannot see it."""
    if any(str(path) == STDIN for path in files):
        raise UsageError(
            "standard input cannot be both the link and the answer", hint="give one of them as a file"
        )
    return decode_text(app.streams.stdin.read(MAX_TEXT_CHARS + 1), "standard input")


def _read_all(app: App, paths: tuple[Path, ...]) -> list[AnswerFile]:
    """Read the files of an answer. Typed text and standard input have no name."""
    found = [_read(app, path) for path in paths]
    names = [file.name for file in found]
    if len(set(names)) < len(names):
        raise UsageError("two files have the same name", hint="rename one of them")
    return sorted(found, key=lambda file: file.name != "")


def _read(app: App, path: Path) -> AnswerFile:
    if str(path) == STDIN:
        return AnswerFile("", _bounded(app.streams.stdin, "standard input"))
    name = visible_name(path.name)
    if not was_file_name(name):
        raise UsageError(f"{path.name!r} cannot be the name of a file in an answer", hint="rename it")
    try:
        with path.open("rb") as file:
            return AnswerFile(name, _bounded(file, repr(str(path))))
    except FileNotFoundError as exc:
        raise NotFoundError(f"there is no file {str(path)!r}", hint="check the path") from exc
    except OSError as exc:
        reason = (exc.strerror or "unknown").lower()
        raise SatchelError(f"cannot read {str(path)!r}: {reason}", hint="check the file") from exc


def _bounded(file: BinaryIO, name: str) -> bytes:
    data = file.read(MAX_ANSWER_BYTES + 1)
    if len(data) > MAX_ANSWER_BYTES:
        raise UsageError(f"{name} is larger than {MAX_ANSWER_BYTES >> 20} MiB", hint="no request takes more")
    if not data:
        raise UsageError(f"{name} is empty", hint="an answer needs some content")
    return data


def _asked(sheet: Sheet, limits: RequestSheet) -> str:
    """Say what is asked for, and until when."""
    text = f"asks for: {one_line(sheet.text)}" if sheet.text else "asks for an answer"
    until = f", until {format_moment(limits.expires)}" if limits.expires else ""
    return f"{text} (up to {format_size(limits.answer_bytes)}{until})"


def _fields(sheet: Sheet, limits: RequestSheet) -> dict[str, object]:
    return {
        "text": sheet.text,
        "asked": sheet.asked,
        "expires": limits.expires,
        "answer_bytes": limits.answer_bytes,
    }
