"""`satchel history`: the revisions of a Piece, what each changed, and restoring one."""

from collections.abc import Iterator, Sequence

import click

from satchel.cli.app import App
from satchel.cli.arguments import REVISION, piece_argument
from satchel.cli.options import command, pass_app
from satchel.cli.terminal.text import format_moment, one_line, printable
from satchel.cli.views import (
    REVISION_COLUMNS,
    all_fields,
    label_of,
    revision_fields,
    revision_row,
)
from satchel.errors import NotFoundError, UsageError
from satchel.store import Piece, Revision, Store
from satchel.store.revision_diff import State, changed_fields, changed_lines, state_of

_COLORS = {"+": "\x1b[32m{}\x1b[0m", "-": "\x1b[31m{}\x1b[0m", "@": "\x1b[36m{}\x1b[0m"}
_BOLD = "\x1b[1m{}\x1b[0m"


@command(
    "history",
    examples=[
        ("satchel history 01KB3", "list a Piece's revisions"),
        ("satchel history 01KB3 --diff", "show what each changed, the newest first"),
        ("satchel history 01KB3 --diff --revision 2", "show what revision 2 changed"),
        ("satchel show 01KB3 --revision 2", "show one of them"),
        ("satchel history 01KB3 --restore 2", "make it the current one again"),
    ],
)
@piece_argument
@click.option("--diff", "is_diff", is_flag=True, help="Show what each revision changed, the newest first.")
@click.option("--revision", type=REVISION, metavar="N", help="With --diff: only this revision.")
@click.option("--restore", type=REVISION, metavar="N", help="Restore this revision.")
@pass_app
def history(app: App, /, *, piece: str, is_diff: bool, revision: int | None, restore: int | None) -> None:
    """List a Piece's revisions, show what each changed, or restore one.

    Every edit is kept. Restoring adds the old state as a new revision, so nothing is lost.
    """
    if restore is not None and (is_diff or revision is not None):
        raise UsageError("--restore cannot be combined with --diff or --revision", hint="choose one")
    if revision is not None and not is_diff:
        raise UsageError(
            "--revision needs --diff", hint=f"satchel show ID --revision {revision} shows the content"
        )
    if restore is not None:
        _restore(app, piece, restore)
    elif is_diff:
        _show_changes(app, piece, revision)
    else:
        _list(app, piece)


def _list(app: App, piece: str) -> None:
    with app.open_store(read_only=True) as store:
        piece_id = app.find_piece(store, piece).id
        revisions = store.revisions(piece_id)
    app.out.table(
        lambda: {"id": piece_id, "revisions": [revision_fields(each) for each in revisions]},
        REVISION_COLUMNS,
        (revision_row(each, for_terminal=app.out.is_terminal) for each in revisions),
    )


def _show_changes(app: App, piece: str, number: int | None) -> None:
    with app.open_store(read_only=True) as store:
        found = app.find_piece(store, piece)
        revisions = store.revisions(found.id)
        if number is not None and number > len(revisions):
            raise NotFoundError(f"the Piece has no revision {number}", hint="satchel history ID lists them")
        wanted = revisions if number is None else revisions[number - 1 : number]
        changes = list(_changes(store, found, revisions, reversed([each.number for each in wanted])))
    app.out.text(
        lambda: {
            "id": found.id,
            "revisions": [
                {
                    **revision_fields(revision),
                    "changed": {name: list(pair) for name, pair in fields.items()},
                    "diff": lines,
                }
                for revision, fields, lines in changes
            ],
        },
        lambda color: "\n".join(
            _drawn(*change, color=color, is_local=app.out.is_terminal) for change in changes
        ),
    )


def _changes(
    store: Store, piece: Piece, revisions: Sequence[Revision], numbers: Iterator[int]
) -> Iterator[tuple[Revision, dict[str, tuple[str, str]], list[str]]]:
    """Yield revisions with the fields and the lines that they changed."""
    for number in numbers:
        revision = revisions[number - 1]
        before = State({}, {}) if number == 1 else state_of(store, piece, revisions[number - 2])
        after = state_of(store, piece, revision)
        yield revision, changed_fields(before, after), changed_lines(before, after)


def _drawn(
    revision: Revision, fields: dict[str, tuple[str, str]], lines: list[str], *, color: bool, is_local: bool
) -> str:
    when = format_moment(revision.at) if is_local else revision_fields(revision)["updated"]
    heading = f"revision {revision.number}, {when}"
    changed = [f"{name}: {_arrow(one_line(old), one_line(new))}" for name, (old, new) in fields.items()]
    shown = [_BOLD.format(heading) if color else heading, *changed]
    for line in lines:
        safe = printable(line) if is_local else line
        shown.append(_COLORS[line[0]].format(safe) if color and line[:1] in _COLORS else safe)
    return "".join(f"{line}\n" for line in shown)


def _arrow(old: str, new: str) -> str:
    return f"{old or '(none)'} → {new or '(none)'}"


def _restore(app: App, piece: str, number: int) -> None:
    with app.open_store() as store:
        before = app.find_piece(store, piece)
        restored = store.restore_revision(before.id, number)
        label = label_of(store, restored)
    is_same = restored.revision == before.revision
    outcome = "is already at that revision" if is_same else f"is restored to revision {number}"
    app.out.answer(all_fields(restored), f"{label} {outcome}")
