"""`satchel import`: take in what other tools keep."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from satchel.cli.app import App
from satchel.cli.arguments import tag_option
from satchel.cli.options import command, pass_app
from satchel.cli.terminal.output import one_line
from satchel.cli.terminal.units import format_count

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from satchel.age import Identity
    from satchel.exchange.importing import Imported
    from satchel.store import Draft

KINDS = ("file", "folder", "satchel", "gists", "vscode", "masscode", "pieces")
SHOWN_PROBLEMS = 10


@command(
    "import",
    examples=[
        ("satchel import ~/snippets", "every text and image in a folder"),
        ("satchel import pieces.zip", "satchel's own export"),
        ("satchel import gists.json --from gists", "say what it is"),
    ],
)
@click.argument("source", metavar="SOURCE", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "kind",
    type=click.Choice(KINDS),
    metavar="KIND",
    help=f"What SOURCE is; otherwise found out: {', '.join(KINDS)}.",
)
@tag_option("Give every imported Piece this tag.")
@pass_app
def import_pieces(app: App, /, *, source: Path, kind: str | None, tags: tuple[str, ...]) -> None:
    """Import Pieces from a file, a folder, or another tool.

    Understood are: files, and folders but for what .gitignore leaves out; satchel's export, with its
    history; GitHub gists as JSON; VS Code snippets; massCode; Pieces for Developers. What is there
    already is left out, and what cannot be read is listed; the rest is imported.
    """
    from satchel.exchange.detection import kind_of, read  # noqa: PLC0415  costs msgspec
    from satchel.exchange.importing import Import, ReplayClock  # noqa: PLC0415  costs SQLite
    from satchel.store import Store  # noqa: PLC0415  costs SQLite

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
            for _ in run.run(read(source, chosen, _unlock(app))):
                advance(1)
        with app.indexing() as advance:
            index.update(advance)
    _answer(app, chosen, run.result)


def _preparation(kind: str, tags: tuple[str, ...]) -> "Callable[[Draft], Draft]":
    """Return what is done to every draft: the tags, and suggestions unless the source is satchel itself."""
    from satchel.suggest import DEFAULT, fill  # noqa: PLC0415  costs SQLite

    def prepare(draft: "Draft") -> "Draft":
        tagged = replace(draft, tags=(*draft.tags, *tags))
        return tagged if kind == "satchel" else fill(tagged, DEFAULT)

    return prepare


def _unlock(app: App) -> "Callable[[], Sequence[Identity]]":
    return lambda: [app.owner().identity]


def _answer(app: App, kind: str, result: "Imported") -> None:
    skipped = sum(result.ignored.values())
    document = {
        "imported": result.added,
        "skipped": skipped,
        "problems": [{"where": problem.where, "reason": problem.reason} for problem in result.problems],
        "kind": kind,
        "skipped_because": dict(result.ignored.most_common()),
    }
    lines = [f"imported {format_count(result.added, 'Piece')}"]
    if skipped:
        reasons = ", ".join(f"{count:,} {why}" for why, count in result.ignored.most_common())
        lines.append(f"left out {skipped:,}: {reasons}")
    if result.problems:
        lines.append(f"could not read {format_count(len(result.problems), 'item')}:")
        shown = result.problems[:SHOWN_PROBLEMS]
        lines += [f"  {one_line(problem.where)}: {one_line(problem.reason)}" for problem in shown]
        if len(result.problems) > SHOWN_PROBLEMS:
            lines.append(f"  and {len(result.problems) - SHOWN_PROBLEMS:,} more; --json lists them all")
    app.out.answer(document, "\n".join(lines))
