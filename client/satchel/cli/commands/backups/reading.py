"""`satchel backups show`, `ls` and `diff`: look into a backup without restoring it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from itertools import islice
from pathlib import Path
from typing import Final

import click

from satchel.archive.manifest import Manifest, MemoryFacts
from satchel.backup.comparing import Change, Head, Kind, changes, heads, open_live
from satchel.backup.create.sealing import summary_of
from satchel.backup.reading.reader import ReadingSession, reading
from satchel.backup.restore.restore import Selection
from satchel.cli.app import App
from satchel.cli.arguments import limit_option
from satchel.cli.commands.backups.choosing import LATEST, backup_argument, from_option, open_backup
from satchel.cli.options import command, pass_app
from satchel.cli.terminal.text import Column, format_count, format_moment, format_size
from satchel.cli.views import COLUMNS, piece_fields, piece_row

DEFAULT_LIMIT: Final = 50

_DIFF_COLUMNS: Final = (Column("CHANGE"), Column("ID", dim=True), Column("TITLE", shrinks=True))
_KINDS: Final[tuple[Kind, ...]] = ("added", "changed", "removed")
_SIDES: Final = 2
_SHORT_ID_CHARS: Final = 8
_SHORT_PIECE_CHARS: Final = 10
"""The time part of an id. It identifies a Piece unless stores were merged."""


@command(
    "show",
    examples=[
        ("satchel backups show 5be0", "when it was made, by which device, and what it holds"),
        ("satchel backups show --from /media/stick/satchel.age", "the same for a backup in a file"),
    ],
)
@backup_argument
@from_option
@pass_app
def show(app: App, /, *, choice: str, source: Path | None) -> None:
    """Show a backup: its time, device, Pieces and size, and the archives it borrows from.

    Only its manifest is read, which authenticates it.
    """
    context = app.backup_context()
    with open_backup(app, context, choice, source) as selection:
        manifest, size_bytes = selection.open(context).manifest, selection.reader.size_bytes
    fields = _manifest_fields(manifest, size_bytes)
    app.out.answer(fields, "\n".join(_manifest_lines(manifest, size_bytes)))


@command(
    "ls",
    examples=[
        ("satchel backups ls 5be0", "the Pieces of a backup, newest first"),
        ("satchel backups ls 5be0 --search 'parse header'", "those in which both words occur"),
        ("satchel backups ls --from /media/stick/satchel.age --all", "every Piece of a backup in a file"),
    ],
)
@backup_argument
@from_option
@click.option("--search", "words", metavar="WORDS", help="Only Pieces in which all these words occur.")
@limit_option(DEFAULT_LIMIT)
@click.option("--all", "everything", is_flag=True, help="List all Pieces.")
@pass_app
def ls(
    app: App, /, *, choice: str, source: Path | None, words: str | None, limit: int, everything: bool
) -> None:
    """List the Pieces of a backup, newest first, without restoring it.

    satchel fetches only the parts of the backup that it needs. With --search, a word matches anywhere in a
    title, description, tag, link, file name or text, in upper or lower case.
    """
    context = app.backup_context()
    with (
        open_backup(app, context, choice, source) as selection,
        reading(context) as session,
        session.open(selection) as backup,
    ):
        found = backup.pieces() if words is None else backup.search(words)
        pieces = list(found if everything else islice(found, limit + 1))
        manifest = backup.manifest
    has_more = not everything and len(pieces) > limit
    shown = pieces[:limit] if has_more else pieces
    app.out.table(
        lambda: {
            "id": manifest.archive,
            "created": manifest.created,
            "pieces": [piece_fields(piece) for piece in shown],
            "has_more": has_more,
        },
        COLUMNS,
        (piece_row(piece, for_terminal=app.out.is_terminal) for piece in shown),
    )
    if not pieces:
        app.out.note("no matching Pieces" if words is not None else "this backup has no Pieces")
    elif has_more:
        app.out.note(f"only the newest {limit}; --all lists all")


@command(
    "diff",
    examples=[
        ("satchel backups diff 5be0", "what has changed in the store since that backup"),
        ("satchel backups diff 5be0 9c41", "what changed from one backup to another"),
        ("satchel backups diff --from /media/stick/satchel.age", "what has changed since a backup in a file"),
    ],
)
@click.argument("backups", metavar="[A] [B]", nargs=-1)
@click.option(
    "--from",
    "sources",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="Compare the backup in a file; give it twice to compare two files.",
)
@pass_app
def diff(app: App, /, *, backups: tuple[str, ...], sources: tuple[Path, ...]) -> None:
    """List the Pieces that were added, changed or removed from backup A to backup B.

    Without B, A is compared with the store. Backups in files come first. satchel compares only ids and
    revisions, and fetches only the parts of the backups that it needs.
    """
    chosen: list[tuple[str, Path | None]] = [(LATEST, source) for source in sources]
    chosen += [(backup, None) for backup in backups]
    if not chosen or len(chosen) > _SIDES:
        raise click.UsageError("name one backup to compare with the store, or two to compare with each other")
    context = app.backup_context()
    with ExitStack() as held:
        session = held.enter_context(reading(context))
        sides = [
            _heads_in(held, session, open_backup(app, context, choice, source)) for choice, source in chosen
        ]
        if len(sides) < _SIDES:
            sides.append(heads(held.enter_context(open_live(app.home))))
        found = list(changes(*sides))
    app.out.table(lambda: _diff_fields(found), _DIFF_COLUMNS, (_row(app, change) for change in found))
    app.out.note(_counts(found))


def _heads_in(
    held: ExitStack, session: ReadingSession, opened: AbstractContextManager[Selection]
) -> Iterator[Head]:
    """Return the current revisions in a backup, which stays open in `held`."""
    return held.enter_context(session.open(held.enter_context(opened))).heads()


def _manifest_fields(manifest: Manifest, size_bytes: int) -> dict[str, object]:
    return {
        "id": manifest.archive,
        "created": manifest.created,
        "device": manifest.device,
        "pieces": manifest.pieces,
        "number": manifest.sequence,
        "store_id": manifest.store,
        "schema": manifest.schema,
        "satchel": manifest.satchel,
        "kind": "incremental" if manifest.borrowed else "full",
        "size_bytes": size_bytes,
        "database_bytes": manifest.database.size_bytes,
        "new_bytes": summary_of(manifest).new_data_bytes,
        "borrows_from": [each.archive for each in manifest.borrowed],
        "memory": _memory_fields(manifest),
    }


def _manifest_lines(manifest: Manifest, size_bytes: int) -> list[str]:
    database, new = manifest.database.size_bytes, summary_of(manifest).new_data_bytes
    memory = manifest.memory_facts
    borrowed = ", ".join(each.archive[:_SHORT_ID_CHARS] for each in manifest.borrowed)
    return [
        f"backup {manifest.archive}",
        f"made     {format_moment(manifest.created)} by {_device(manifest)}, satchel {manifest.satchel}",
        f"holds    {format_count(manifest.pieces, 'Piece')} in a store of {format_size(database)}",
        *([f"memory   {_memory_line(memory)}"] if memory else []),
        f"number   {manifest.sequence} of store {manifest.store[:_SHORT_ID_CHARS]}",
        f"size     {format_size(size_bytes)}, with {format_size(new)} of new data",
        f"borrows  from {borrowed}" if borrowed else "borrows  nothing: it is complete",
    ]


def _memory_fields(manifest: Manifest) -> dict[str, object] | None:
    memory = manifest.memory_facts
    if memory is None:
        return None
    return {"events": memory.events, "database_bytes": memory.database.size_bytes, "schema": memory.schema}


def _memory_line(memory: MemoryFacts) -> str:
    return f"{format_count(memory.events, 'event')} in {format_size(memory.database.size_bytes)}"


def _device(manifest: Manifest) -> str:
    return manifest.device or "another device"


def _diff_fields(found: list[Change]) -> dict[str, object]:
    return {
        kind: [{"id": change.id, "title": change.title} for change in found if change.kind == kind]
        for kind in _KINDS
    }


def _row(app: App, change: Change) -> tuple[str, ...]:
    piece_id = change.id[:_SHORT_PIECE_CHARS] if app.out.is_terminal else change.id
    return (change.kind, piece_id, change.title)


def _counts(found: list[Change]) -> str:
    counts = [(kind, sum(change.kind == kind for change in found)) for kind in _KINDS]
    return ", ".join(f"{count:,} {kind}" for kind, count in counts)
