"""`satchel suggest`: run the models on existing Pieces, and refuse their suggestions."""

import datetime as dt
from collections.abc import Iterator
from itertools import takewhile
from typing import cast

import click

from satchel.cli.app import App
from satchel.cli.arguments import complete_pieces, since_option
from satchel.cli.blending import open_blending
from satchel.cli.commands.models.suggest_save import suggest_save
from satchel.cli.options import CommandWithSubcommands, command, pass_app
from satchel.cli.suggesting import PieceChange, SuggestionRun, change_line, hint_of_missing, models_of
from satchel.cli.terminal.text import format_count, one_line
from satchel.cli.views import all_fields, label_of, title_of
from satchel.errors import UsageError
from satchel.pieces.suggested import refused
from satchel.store import Piece, Store
from satchel.suggest.filling import missing_models
from satchel.suggest.refilling import refusal


@command(
    "suggest",
    examples=[
        ("satchel suggest 01KB3", "fill the empty fields of a Piece"),
        ("satchel suggest --all --dry-run", "show what the models suggest for all"),
        ("satchel suggest --all --since 7d", "only Pieces changed within a week"),
        ("satchel suggest --refuse 01KB3 title", "never use the suggested title again"),
        ("satchel suggest --refuse 01KB3 http", "nor this tag"),
        ("satchel suggest save notes.md", "rank what is worth keeping of a file"),
    ],
    kind=CommandWithSubcommands,
)
@click.argument("words", metavar="[ID]...", nargs=-1, shell_complete=complete_pieces)
@click.option("--all", "everything", is_flag=True, help="All Pieces.")
@since_option("With --all: only Pieces changed since a date, or 7d ago.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option(
    "--refuse", is_flag=True, help="Refuse what models suggested: give an ID, then a field or a value."
)
@pass_app
def suggest(
    app: App,
    /,
    *,
    words: tuple[str, ...],
    everything: bool,
    since: dt.datetime | None,
    dry_run: bool,
    refuse: bool,
) -> None:
    """Run all models on your Pieces.

    Models fill in empty fields and replace their earlier suggestions with current ones. A field that you have
    set is never changed, and a suggestion that you refused is not made again. Every change is a new revision:
    see satchel history. Models that you blended ask your endpoint: see satchel processing.
    """
    if refuse:
        if everything or since is not None or dry_run or len(words) != 2:
            raise UsageError(
                "--refuse takes an ID and a field or a value", hint="satchel suggest --refuse ID title"
            )
        _refuse(app, *words)
        return
    if bool(words) == everything:
        raise UsageError("name Pieces, or all with --all", hint="satchel suggest ID, satchel suggest --all")
    if since is not None and not everything:
        raise UsageError("--since needs --all", hint="satchel suggest --all --since 7d")
    _run(app, words, since, is_preview=dry_run)


cast("CommandWithSubcommands", suggest).add_command(suggest_save)


def _run(app: App, words: tuple[str, ...], since: dt.datetime | None, *, is_preview: bool) -> None:
    """Run the models on the named Pieces, else on those changed since a time, else on all."""
    with app.open_store(read_only=is_preview) as store:
        blending = open_blending(app)
        if blending is not None and is_preview:
            app.out.note("a dry run does not ask the endpoint; blended models are left out")
        run = SuggestionRun(
            store, models_of("all"), is_preview=is_preview, blending=None if is_preview else blending
        )
        if not words and since is None:
            pieces, total = store.pieces(order="saved"), store.count()
        else:
            chosen = [app.find_piece(store, word) for word in words] if words else _since(store, since)
            pieces, total = iter(chosen), len(chosen)
        with app.out.progress().phase("suggesting", total, unit="pieces") as advance:
            run.run(pieces, advance)
        short = store.short_ids([each.piece.id for each in run.changed])
    _answer(app, run, short)


def _since(store: Store, since: dt.datetime | None) -> list[Piece]:
    """Return the Pieces changed since a time, before the run changes their order."""
    return list(takewhile(lambda piece: since is not None and piece.updated >= since, store.pieces()))


def _answer(app: App, run: SuggestionRun, short: dict[str, str]) -> None:
    document = {
        "dry_run": run.is_preview,
        "checked": run.checked,
        "changed": [_document(each) for each in run.changed],
        "failed": [{"id": piece_id, "reason": exc.message} for piece_id, exc in run.failed],
        "missing": [entry.label for entry in missing_models()],
    }
    app.out.custom(
        lambda: document,
        lambda _color: "".join(f"{line}\n" for line in _lines(run, short)),
        (
            (
                each.piece.id,
                change.field,
                ",".join(change.before),
                ",".join(change.after),
                ",".join(change.models),
            )
            for each in run.changed
            for change in each.fields
        ),
    )
    if not app.out.is_terminal:
        app.out.note(_summary(run))
    if hint_of_missing():
        app.out.note(hint_of_missing())
    for _, exc in run.failed:
        app.out.error(exc)
    if run.failed:
        click.get_current_context().exit(run.failed[0][1].exit_code)


def _document(change: PieceChange) -> dict[str, object]:
    return {
        "id": change.piece.id,
        "title": change.piece.title,
        "revision": change.piece.revision,
        "fields": [
            {
                "field": each.field,
                "before": list(each.before),
                "after": list(each.after),
                "models": list(each.models),
            }
            for each in change.fields
        ],
    }


def _lines(run: SuggestionRun, short: dict[str, str]) -> Iterator[str]:
    for each in run.changed:
        yield f"{short[each.piece.id]} ({one_line(title_of(each.piece))})"
        yield from map(change_line, each.fields)
    yield _summary(run)


def _summary(run: SuggestionRun) -> str:
    verb = "would change" if run.is_preview else "changed"
    return f"{verb} {len(run.changed):,} of {format_count(run.checked, 'Piece')}"


def _refuse(app: App, word: str, what: str) -> None:
    with app.open_store() as store:
        before = app.find_piece(store, word)
        after = store.edit(before.id, refusal(before, what), based_on=before.revision)
        label = label_of(store, after)
    gone = [one.value for one in refused(after) if one not in refused(before)]
    app.out.answer(
        {**all_fields(after), "refused": gone}, f"refused for {label}: {', '.join(gone)}", brief=after.id
    )
