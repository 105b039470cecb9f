"""`satchel import`: import files, folders and other tools' data."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from satchel.cli.app import App
from satchel.cli.arguments import tag_option
from satchel.cli.options import command, pass_app
from satchel.cli.terminal.text import format_count, one_line
from satchel.errors import SatchelError, UsageError
from satchel.exchange.detection import KINDS, kind_of, read
from satchel.exchange.folder.generated import SUFFIX as GENERATED_SUFFIX
from satchel.exchange.folder.tree import FolderOptions
from satchel.exchange.importing import Import, ImportResult, ReplayClock, preparation
from satchel.exchange.limits import MAX_NAMED_PROBLEMS
from satchel.store import Store

MAX_PROBLEMS: Final = 10  # in the answer
_URL: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


@command(
    "import",
    examples=[
        ("satchel import ~/snippets", "every text and image file in a folder"),
        ("satchel import pieces.zip", "satchel's own export"),
        ("satchel import gists.json --from gists", "name the format"),
    ],
)
@click.argument("source", metavar="SOURCE", type=click.Path())
@click.option(
    "--from",
    "kind",
    type=click.Choice(tuple(KINDS)),
    metavar="KIND",
    help=f"The format of SOURCE (default: detected): {', '.join(KINDS)}.",
)
@tag_option("Add this tag to every imported Piece; can be repeated.")
@click.option(
    "--include-generated",
    is_flag=True,
    help="Also import folders such as node_modules, .venv, target, build and dist.",
)
@pass_app
def import_pieces(
    app: App, /, *, source: str, kind: str | None, tags: tuple[str, ...], include_generated: bool
) -> None:
    """Import Pieces from a file, a folder, or another tool.

    Supported: files; folders, except files ignored by .gitignore and folders of generated files; satchel's
    export, with its history; GitHub gists as JSON; VS Code snippets; massCode; Pieces for Developers; and the
    commands of navi, pet, cheat and tldr, with their placeholders.
    Existing Pieces are skipped, so you can run an import again. Items that cannot be read are listed, the
    rest is imported, and the exit code is 1.
    """
    path = _path_of(source)
    chosen = kind or kind_of(path)
    clock = ReplayClock()
    with Store.open(app.home, clock=clock) as store, app.open_index(store) as index:
        with app.indexing() as advance:
            index.update(advance)
        run = Import(
            store,
            clock,
            known=lambda digest: index.find_content(digest) is not None,
            prepare=preparation(chosen, tags),
            add_tags=tags,
        )
        options = FolderOptions(include_generated=include_generated)
        with app.out.progress().phase("importing", unit="pieces") as advance:
            for _ in run.run(read(path, chosen, lambda: [app.owner().identity], options)):
                advance(1)
        with app.indexing() as advance:
            index.update(advance)
    _answer(app, chosen, run.result)
    _hint(app, chosen, run.result)
    if run.result.unread:
        click.get_current_context().exit(SatchelError.exit_code)


def _path_of(source: str) -> Path:
    """Return a source as a path. UsageError for a URL, which would lose a slash as a path."""
    if _URL.match(source) and not Path(source).exists():
        is_gist = "gist.github" in source
        raise UsageError(
            f"{source!r} is a URL; an import reads files",
            hint="gh api /gists/ID > gist.json gets a gist" if is_gist else "download it first",
        )
    return Path(source)


def _answer(app: App, kind: str, result: ImportResult) -> None:
    skipped = sum(result.skipped.values())
    document = {
        "imported": result.added,
        "skipped": skipped,
        "unread": result.unread,
        "problems": [{"where": problem.where, "reason": problem.reason} for problem in result.problems],
        "kind": kind,
        "skipped_because": dict(result.skipped.most_common()),
    }
    app.out.answer(document, "\n".join(_lines(result, skipped)))


def _hint(app: App, kind: str, result: ImportResult) -> None:
    """Tell how to have all models describe what was imported; satchel's own export is described already."""
    if app.out.is_terminal and result.added and kind != "satchel":
        app.out.note("hint: satchel suggest --all lets all models describe them")


def _lines(result: ImportResult, skipped: int) -> Iterator[str]:
    yield f"imported {format_count(result.added, 'Piece')}"
    if skipped:
        reasons = ", ".join(f"{count:,} {one_line(why)}" for why, count in result.skipped.most_common())
        yield f"skipped {skipped:,}: {reasons}"
    if any(reason.endswith(GENERATED_SUFFIX) for reason in result.skipped):
        yield "--include-generated imports these folders too"
    if result.unread:
        yield f"could not read {format_count(result.unread, 'item')}:"
        shown = result.problems[:MAX_PROBLEMS]
        yield from (f"  {one_line(problem.where)}: {one_line(problem.reason)}" for problem in shown)
        if result.unread > len(shown):
            yield f"  and {result.unread - len(shown):,} more; --json lists the first {MAX_NAMED_PROBLEMS:,}"
