"""`satchel import`: import files, folders and other tools' data."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from satchel.cli.app import App
from satchel.cli.arguments import tag_option
from satchel.cli.options import command, pass_app
from satchel.cli.terminal.text import format_count, one_line
from satchel.exchange.detection import KINDS, kind_of, read
from satchel.exchange.importing import Import, ImportResult, ReplayClock
from satchel.store import Draft, Store
from satchel.suggest import DEFAULT, fill

MAX_PROBLEMS: Final = 10  # in the answer; --json lists all


@command(
    "import",
    examples=[
        ("satchel import ~/snippets", "every text and image file in a folder"),
        ("satchel import pieces.zip", "satchel's own export"),
        ("satchel import gists.json --from gists", "name the format"),
    ],
)
@click.argument("source", metavar="SOURCE", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "kind",
    type=click.Choice(tuple(KINDS)),
    metavar="KIND",
    help=f"The format of SOURCE (default: detected): {', '.join(KINDS)}.",
)
@tag_option("Add this tag to every imported Piece; can be repeated.")
@pass_app
def import_pieces(app: App, /, *, source: Path, kind: str | None, tags: tuple[str, ...]) -> None:
    """Import Pieces from a file, a folder, or another tool.

    Supported: files; folders, except files ignored by .gitignore; satchel's export, with its history;
    GitHub gists as JSON; VS Code snippets; massCode; Pieces for Developers. Existing Pieces are skipped,
    so you can run an import again. Items that cannot be read are listed; the rest is imported.
    """
    chosen = kind or kind_of(source)
    clock = ReplayClock()
    with Store.open(app.home, clock=clock) as store, app.open_index(store) as index:
        with app.indexing() as advance:
            index.update(advance)
        run = Import(
            store,
            clock,
            known=lambda digest: index.find_content(digest) is not None,
            prepare=_preparation(chosen, tags),
            add_tags=tags,
        )
        with app.out.progress().phase("importing", unit="pieces") as advance:
            for _ in run.run(read(source, chosen, lambda: [app.owner().identity])):
                advance(1)
        with app.indexing() as advance:
            index.update(advance)
    _answer(app, chosen, run.result)


def _preparation(kind: str, tags: tuple[str, ...]) -> Callable[[Draft], Draft]:
    """Return a function that adds the tags to a draft, and suggestions unless satchel exported it."""

    def prepare(draft: Draft) -> Draft:
        tagged = replace(draft, tags=(*draft.tags, *tags))
        return tagged if kind == "satchel" else fill(tagged, DEFAULT)

    return prepare


def _answer(app: App, kind: str, result: ImportResult) -> None:
    skipped = sum(result.skipped.values())
    document = {
        "imported": result.added,
        "skipped": skipped,
        "problems": [{"where": problem.where, "reason": problem.reason} for problem in result.problems],
        "kind": kind,
        "skipped_because": dict(result.skipped.most_common()),
    }
    lines = [f"imported {format_count(result.added, 'Piece')}"]
    if skipped:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in result.skipped.most_common())
        lines.append(f"skipped {skipped:,}: {reasons}")
    if result.problems:
        lines.append(f"could not read {format_count(len(result.problems), 'item')}:")
        shown = result.problems[:MAX_PROBLEMS]
        lines += [f"  {one_line(problem.where)}: {one_line(problem.reason)}" for problem in shown]
        if len(result.problems) > MAX_PROBLEMS:
            lines.append(f"  and {len(result.problems) - MAX_PROBLEMS:,} more; --json lists them all")
    app.out.answer(document, "\n".join(lines))
