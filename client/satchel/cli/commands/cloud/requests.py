"""`satchel requests`: list what the owner asked for, take the answers, revoke."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from satchel.cli.app import App
from satchel.cli.options import group, pass_app
from satchel.cli.piece_files import make_folder, write_into
from satchel.cli.saving import save_once
from satchel.cli.terminal.text import Column, format_moment, format_size
from satchel.cli.views import label_of
from satchel.errors import IntegrityError, NotFoundError, SatchelError, UsageError
from satchel.exchange.names import safe_name
from satchel.pieces.fields import require_storable
from satchel.requesting.answer import Answer, AnswerFile, receipt_of
from satchel.requesting.owned import AskedRequest, asked_requests, download, find_request, link_of
from satchel.store import Draft, Source, Store, WholeFile
from satchel.suggest import fill_quickly

if TYPE_CHECKING:
    from satchel.cloud.client import CloudClient
    from satchel_wire.messages import Answer as Receipt

COLUMNS: Final = (
    Column("ID"),
    Column("ASKED FOR", shrinks=True),
    Column("STATE"),
    Column("ANSWERS", right=True),
    Column("TO TAKE", right=True),
    Column("ASKED", dim=True, spare=True),
    Column("EXPIRES", dim=True),
)
RECEIPT_COLUMNS: Final = (
    Column("RECEIVED"),
    Column("RECEIPT"),
    Column("SIZE", right=True),
    Column("TAKEN", dim=True),
)
INTO_FOLDER: Final = "write it to a folder: satchel requests take ID --into DIR"
request_argument = click.argument("request", metavar="ID")


@group(
    "requests",
    examples=[
        ("satchel requests", "list what you asked for, and what has arrived"),
        ("satchel requests take 5be0", "keep the answers as Pieces"),
        ("satchel requests revoke 5be0", "revoke a link at once"),
    ],
    alone=True,
)
@pass_app
def requests(app: App, /) -> None:
    """List your requests, and take their answers."""
    if click.get_current_context().invoked_subcommand is not None:
        return
    asked = asked_requests(app.cloud(), app.owner())
    app.out.table(lambda: {"requests": [_fields(each) for each in asked]}, COLUMNS, map(_row, asked))
    waiting = [each for each in asked if each.waiting]
    if waiting:
        app.out.note(f"to keep what has arrived: satchel requests take {waiting[0].request.id[:8]}")


@requests.subcommand("show", examples=[("satchel requests show 5be0", "the start of an id is enough")])
@request_argument
@pass_app
def show(app: App, /, *, request: str) -> None:
    """Show the receipts of a request's answers.

    A receipt says when an answer arrived and how large it is, and shows its fingerprint, which the sender
    sees too. It contains no address and no name.
    """
    found = find_request(asked_requests(app.cloud(), app.owner()), request)
    app.out.table(lambda: _fields(found), RECEIPT_COLUMNS, map(_receipt_row, found.request.received))


@requests.subcommand("link", examples=[("satchel requests link 5be0", "print the link again")])
@request_argument
@click.option("--qr/--no-qr", default=True, help="On a terminal, also show the link as a QR code.")
@pass_app
def link(app: App, /, *, request: str, qr: bool) -> None:
    """Print the link of a request again, on any of your devices."""
    client, owner = app.cloud(), app.owner()
    found = find_request(asked_requests(client, owner), request)
    text = str(link_of(found.request.id, origin=str(client.origin), owner=owner))
    app.out.answer({"id": found.request.id, "link": text}, text, brief=text)
    if qr:
        app.out.qr(text)


@requests.subcommand(
    "take",
    examples=[
        ("satchel requests take 5be0", "keep each answer as a Piece"),
        ("satchel requests take 5be0 --into secrets", "write the files of the answers to a folder"),
    ],
)
@request_argument
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write the answers to this folder instead. Existing files are not replaced.",
)
@pass_app
def take(app: App, /, *, request: str, into: Path | None) -> None:
    """Keep the answers of a request as Pieces, and delete them from your cloud.

    Each answer is decrypted and verified on this device. That does not prove who sent it: anyone with the link
    can answer. Text and images become Pieces; for other files, use --into. If some of several answers cannot be
    taken, the others are; those stay in the cloud, and the exit code is that of the first failure.
    """
    client, owner = app.cloud(), app.owner()
    found = find_request(asked_requests(client, owner), request)
    if not found.waiting:
        raise NotFoundError(
            f"there is no new answer to {found.request.id[:8]}",
            hint="satchel requests shows what has arrived",
        )
    if into is not None:
        make_folder(into)
    outcome = Outcome()
    for receipt in found.waiting:
        try:
            answer = download(client, owner, found.request.id, receipt)
            if into is not None:
                fields, label = _write(into, found, answer)
            else:
                fields, label = _save(app, found, answer, address=f"{client.origin}/r/{found.request.id}")
        except SatchelError as exc:
            outcome.refused.append((receipt, exc))
            if not isinstance(exc, (UsageError, IntegrityError, NotFoundError)):
                break  # the cloud, the store or the folder failed, not this answer
        else:
            warning = _delete(app, client, found, receipt)
            outcome.taken.append(
                {**_receipt_fields(receipt), "sent": answer.sent, **fields, "warning": warning}
            )
            outcome.labels.append(label)
    _report(app, found, outcome)


@requests.subcommand("revoke", examples=[("satchel requests revoke 5be0", "the start of an id is enough")])
@request_argument
@pass_app
def revoke(app: App, /, *, request: str) -> None:
    """Revoke a link at once, and delete the answers that you have not taken."""
    client = app.cloud()
    found = find_request(asked_requests(client, app.owner()), request)
    client.revoke_request(found.request.id)
    app.out.answer({"id": found.request.id}, f"revoked request {found.request.id[:8]}")


@dataclass
class Outcome:
    """The answers that were taken, and those that were not, with the reason. Those stay in the cloud."""

    taken: list[dict[str, object]] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    refused: "list[tuple[Receipt, SatchelError]]" = field(default_factory=list)


def _report(app: App, asked: AskedRequest, outcome: Outcome) -> None:
    """Print the taken answers, then every failure. The first failure gives the exit code."""
    failures = [failure for _, failure in outcome.refused]
    if len(failures) == 1 and not outcome.taken:
        raise failures[0]
    document = {
        "id": asked.request.id,
        "taken": outcome.taken,
        "refused": [
            {**_receipt_fields(receipt), "message": failure.message, "hint": failure.hint}
            for receipt, failure in outcome.refused
        ],
    }
    app.out.answer(document, "\n".join(outcome.labels), brief="\n".join(map(_brief, outcome.taken)))
    for failure in failures:
        app.out.error(failure)
    if failures:
        click.get_current_context().exit(failures[0].exit_code)


def _receipt_fields(receipt: "Receipt") -> dict[str, object]:
    return {"receipt": receipt_of(receipt.sha256), "received": receipt.received}


def _save(app: App, asked: AskedRequest, answer: Answer, *, address: str) -> tuple[dict[str, object], str]:
    """Keep an answer as a Piece; one whose content is in the store already is not kept twice."""
    _require_piece(answer)
    draft = Draft(
        content=answer.main.content,
        title=asked.title,
        description=f"Answer to a request. Receipt: {answer.receipt}",
        source=Source("request", address, answer.main.name),
        files=tuple(WholeFile(file.name, file.content) for file in answer.files),
    )
    with app.open_store() as store:
        _require_writable(app, store)
        piece, is_new = save_once(app, store, fill_quickly(draft))
        label = label_of(store, piece)
    return {"piece": piece.id, "is_new": is_new}, f"saved {label}" if is_new else f"{label} has this content"


def _require_piece(answer: Answer) -> None:
    """Raise UsageError, before anything is changed, if no Piece can hold an answer."""
    if not answer.main.content.strip():
        raise UsageError("the answer is empty", hint=INTO_FOLDER)
    try:
        for file in (answer.main, *answer.files):
            require_storable(file.content, repr(file.name) if file.name else "the text of the answer")
    except UsageError as exc:
        raise UsageError(exc.message, hint=INTO_FOLDER) from exc


def _require_writable(app: App, store: Store) -> None:
    if store.read_only:
        raise SatchelError(
            f"the store in {str(app.home)!r} is read-only", hint="the answer stays in the cloud"
        )


def _write(into: Path, asked: AskedRequest, answer: Answer) -> tuple[dict[str, object], str]:
    paths = [
        str(path) for path in write_into(into, [_named(asked, file) for file in (answer.main, *answer.files)])
    ]
    return {"paths": paths}, "\n".join(f"wrote {path}" for path in paths)


def _named(asked: AskedRequest, file: AnswerFile) -> tuple[str, bytes]:
    return file.name or safe_name(asked.title, ".txt"), file.content


def _delete(app: App, client: "CloudClient", asked: AskedRequest, receipt: "Receipt") -> str | None:
    """Delete a taken answer from the cloud. It is safe on this device, so a failure is only a warning."""
    try:
        client.delete_answer(asked.request.id, receipt.id)
    except SatchelError as exc:
        warning = f"the answer is kept here, but is still in the cloud: {exc.message}"
        app.out.warn(warning)
        return warning
    return None


def _brief(taken: dict[str, object]) -> str:
    paths = taken.get("paths")
    return "\n".join(paths) if isinstance(paths, list) else str(taken["piece"])


def _fields(asked: AskedRequest) -> dict[str, object]:
    request = asked.request
    return {
        "id": request.id,
        "text": asked.sheet.text if asked.sheet else None,
        "state": request.state,
        "created": request.created,
        "expires": request.expires,
        "answers": request.answers,
        "answer_bytes": request.answer_bytes,
        "received": [
            {
                "id": receipt.id,
                "receipt": receipt_of(receipt.sha256),
                "received": receipt.received,
                "size_bytes": receipt.size_bytes,
                "taken": receipt.taken,
            }
            for receipt in request.received
        ],
    }


def _row(asked: AskedRequest) -> tuple[str, ...]:
    request = asked.request
    return (
        request.id[:8],
        asked.sheet.text or "(anything)" if asked.sheet else "(not asked with these keys)",
        request.state,
        f"{len(request.received)} of {request.answers}",
        str(len(asked.waiting)) if asked.waiting else "",
        format_moment(request.created),
        format_moment(request.expires) if request.expires else "never",
    )


def _receipt_row(receipt: "Receipt") -> tuple[str, ...]:
    return (
        format_moment(receipt.received),
        receipt_of(receipt.sha256),
        format_size(receipt.size_bytes),
        format_moment(receipt.taken) if receipt.taken else "",
    )
