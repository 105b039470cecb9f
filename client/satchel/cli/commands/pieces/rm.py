"""`satchel rm`: remove Pieces, every copy of them on this device, and on request their links."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from satchel.cli.app import App
from satchel.cli.arguments import pieces_argument
from satchel.cli.copies import drop_words, erase_copies
from satchel.cli.options import command, pass_app
from satchel.cli.quotes import forget_quotes
from satchel.cli.terminal.text import format_count
from satchel.cli.views import label_of
from satchel.errors import RefusedError, SatchelError, UnreachableError, UsageError

if TYPE_CHECKING:
    from satchel_wire.messages import Share


@command(
    "rm",
    examples=[
        ("satchel rm 01KB3", "remove a Piece, after asking"),
        ("satchel rm 01KB3 01KB5 --yes", "remove two without asking"),
        ("satchel rm 01KB3 --revoke", "also revoke its links"),
    ],
)
@pieces_argument
@click.option("--revoke", is_flag=True, help="Also revoke the links that show them.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_app
def rm(app: App, /, *, pieces: tuple[str, ...], revoke: bool, yes: bool) -> None:
    """Remove Pieces with their whole history, and their copies on this device.

    These copies include stores that a restore replaced and the texts of unsaved edits. Earlier backups
    contain the Pieces until they are pruned; exports are not changed. If a cloud is connected, satchel looks
    for links that still show a Piece.
    """
    is_connected = (app.home / "cloud.json").exists()
    if revoke and not is_connected:
        app.cloud()  # raises the error before anything is removed
    with app.open_store() as store:
        found = list(
            {found.id: found for found in (app.find_piece(store, piece) for piece in pieces)}.values()
        )
        labels = ", ".join(label_of(store, piece) for piece in found)
        if not yes:
            _confirm_removal(app, labels)
        for piece in found:
            store.remove(piece.id)
        drop_words(app.home, store)
    ids = [piece.id for piece in found]
    copies = erase_copies(app.home, ids)
    forget_quotes(app, pieces=ids)
    links, problem = _links_of(app, ids) if is_connected else ([], None)
    revoked = list[str]()
    if links and (revoke or _wants_to_revoke(app, links, may_ask=not yes)):
        revoked, problem = _revoke(app, links)
    document = {
        "removed": ids,
        "copies": [str(path) for path in copies.erased],
        "left": [str(path) for path, _ in copies.left],
        "links": None if links is None else [share.id for share in links],
        "revoked": revoked,
    }
    app.out.answer(document, f"removed {labels}")
    for path, reason in copies.left:
        app.out.warn(f"a copy may remain in {str(path)!r}: {reason}")
    if links is None:
        app.out.note("the cloud did not say whether links still show it: satchel shares")
    elif len(links) > len(revoked):
        names = " ".join(share.id[:8] for share in links if share.id not in revoked)
        app.out.warn(f"links that still show it: satchel shares revoke {names}")
    if is_connected or (app.home / "backups" / "sequences.json").exists():
        app.out.note("earlier backups contain it until they are pruned: satchel backups")
    if revoke and problem is not None:
        kind = RefusedError if isinstance(problem, RefusedError) else UnreachableError
        raise kind(
            f"the links were not all revoked: {problem.message}",
            hint=problem.hint or "try again: satchel shares",
        ) from problem


def _confirm_removal(app: App, labels: str) -> None:
    if not app.out.can_ask:
        raise UsageError("there is no terminal to ask on", hint="add --yes to remove without asking")
    if not app.out.confirm(f"remove {labels} with all revisions?"):
        raise SatchelError("cancelled; nothing was removed")


def _links_of(app: App, piece_ids: Sequence[str]) -> "tuple[list[Share] | None, SatchelError | None]":
    """Return the live links that show one of these Pieces; None, and why, if the cloud or the keys cannot tell now."""
    # The cloud client costs over 20 ms, and only connected homes need it.
    from satchel.sharing.publish import owned_shares  # noqa: PLC0415

    if app.vault().describe().kept == "passphrase" and app.environment.passphrase_file is None:
        # a question about the passphrase would be a surprise here
        return None, UsageError("the keys need a passphrase", hint="revoke them: satchel shares")
    try:
        owned = owned_shares(app.cloud(is_brief=True), app.owner())
    except SatchelError as exc:
        return None, exc
    links = [
        each.share
        for each in owned
        if each.share.state == "live" and each.note and each.note.piece_id in piece_ids
    ]
    return links, None


def _wants_to_revoke(app: App, links: "Sequence[Share]", *, may_ask: bool) -> bool:
    question = f"{format_count(len(links), 'live link')} found; revoke?"
    return may_ask and app.out.can_ask and app.out.confirm(question)


def _revoke(app: App, links: "Sequence[Share]") -> tuple[list[str], SatchelError | None]:
    """Revoke links, up to the first error. Return the ids of those revoked, and the error."""
    revoked = list[str]()
    try:
        client = app.cloud()
        for share in links:
            client.revoke_share(share.id)
            revoked.append(share.id)
    except SatchelError as exc:
        return revoked, exc
    return revoked, None
