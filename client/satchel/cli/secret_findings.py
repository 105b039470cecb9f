"""What seems to be secret in a Piece, without what the owner allowed."""

from typing import TYPE_CHECKING, Final

from satchel.cli.app import App
from satchel.cli.terminal.text import format_count, format_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from satchel.progress import Advance
    from satchel.store import Piece, WholeFile
    from satchel.suggest.share_checks import Finding

LARGE_BYTES: Final = 8 * 2**20
"""A search through this much takes seconds before the first report of its progress."""


def secrets_of(
    app: App,
    piece: "Piece",
    content: bytes,
    files: "Sequence[WholeFile]" = (),
    *,
    advance: "Advance | None" = None,
) -> "Sequence[Finding]":
    """Return the findings of a Piece with its contents.

    A search that takes long shows its progress, unless `advance` reports it in a phase of the caller.
    """
    from satchel.suggest.allowed_values import AllowedValues  # noqa: PLC0415
    from satchel.suggest.share_checks import findings  # noqa: PLC0415

    if advance is not None:
        found = findings(piece, content, files, advance=advance)
    else:
        size_bytes = len(content) + sum(len(file.content) for file in files)
        if size_bytes >= LARGE_BYTES:
            app.out.note(f"looking for secrets in {format_size(size_bytes)}")
        with app.out.progress().phase("looking for secrets", size_bytes) as advance_phase:
            found = findings(piece, content, files, advance=advance_phase)
    return AllowedValues.read(app.home).without(found) if found else ()


def mention_secrets(app: App, pieces: "Sequence[Piece]") -> None:
    """On a terminal, say which of some Pieces seem to hold a secret."""
    if not (app.out.is_terminal and pieces):
        return
    from satchel.cli.views import label_of  # noqa: PLC0415

    with app.open_store(read_only=True) as store:
        for piece in pieces:
            found = secrets_of(app, piece, store.content(piece.id), store.files(piece.id))
            if found:
                first = f"{found[0].place}: {found[0].message}"
                more = f", and {len(found) - 1} more" if len(found) > 1 else ""
                app.out.warn(
                    f"{label_of(store, piece)} seems to hold {format_count(len(found), 'secret')}: {first}{more}"
                )
                app.out.note("satchel share will stop at it; satchel secrets lists all")
