"""`satchel collection`: group Pieces under a name."""

import click

from satchel.cli.app import App
from satchel.cli.arguments import complete_collections, pieces_argument
from satchel.cli.options import group, pass_app
from satchel.cli.terminal.text import Column, format_count, one_line
from satchel.cli.views import piece_fields
from satchel.errors import NotFoundError, UsageError
from satchel.pieces.collections import collection_of, collection_tag
from satchel.store import Changes, Piece, Store

COLUMNS = (Column("COLLECTION", shrinks=True), Column("PIECES", right=True))


@group(
    "collection",
    examples=[
        ("satchel collection", "list the collections"),
        ("satchel collection add release 7Q2F @1", "put two Pieces into one"),
        ("satchel list --collection release", "list its Pieces"),
    ],
    alone=True,
)
@pass_app
def collection(app: App, /) -> None:
    """Group Pieces in collections.

    A Piece can be in several collections. A collection is the tag collection:NAME, so history, backups, sync
    and exports keep it. An empty collection disappears. Shared links do not show it.
    """
    if click.get_current_context().invoked_subcommand:
        return
    with app.open_store(read_only=True) as store:
        found = {
            name: count for tag, count in store.tags().items() if (name := collection_of(tag)) is not None
        }
    app.out.table(
        lambda: {"collections": [{"name": name, "pieces": count} for name, count in found.items()]},
        COLUMNS,
        [(name, str(count)) for name, count in found.items()],
    )
    if not found:
        app.out.note("no collections yet: satchel collection add NAME ID makes one")


@collection.subcommand(
    "add", examples=[("satchel collection add release 7Q2F @1", "put two Pieces into one")]
)
@click.argument("name", metavar="NAME", shell_complete=complete_collections)
@pieces_argument
@pass_app
def add(app: App, /, *, name: str, pieces: tuple[str, ...]) -> None:
    """Put Pieces into a collection, and create it if needed."""
    tag = collection_tag(name)
    _change(app, tag, pieces, Changes(add_tags=(tag,)), "is in")


@collection.subcommand(
    "remove", examples=[("satchel collection remove release 7Q2F", "take a Piece out of it")]
)
@click.argument("name", metavar="NAME", shell_complete=complete_collections)
@pieces_argument
@pass_app
def remove(app: App, /, *, name: str, pieces: tuple[str, ...]) -> None:
    """Take Pieces out of a collection. The Pieces stay."""
    tag = collection_tag(name)
    _change(app, tag, pieces, Changes(remove_tags=(tag,)), "is not in")


def _change(app: App, tag: str, pieces: tuple[str, ...], changes: Changes, verb: str) -> None:
    """Apply changes to each Piece, after all of them were found."""
    with app.open_store() as store:
        found = [app.find_piece(store, each) for each in pieces]
        changed = [store.edit(piece.id, changes) for piece in found]
    name = one_line(collection_of(tag) or "")
    app.out.answer(
        {"collection": collection_of(tag), "pieces": [piece_fields(piece) for piece in changed]},
        f"{format_count(len(changed), 'Piece')} {verb if len(changed) == 1 else verb.replace('is', 'are', 1)} {name}",
        brief="\n".join(piece.id for piece in changed),
    )


@collection.subcommand("rename", examples=[("satchel collection rename release v2", "give it another name")])
@click.argument("name", metavar="NAME", shell_complete=complete_collections)
@click.argument("new_name", metavar="NEW-NAME")
@pass_app
def rename(app: App, /, *, name: str, new_name: str) -> None:
    """Rename a collection. If a collection has that name already, the two are merged."""
    old, new = collection_tag(name), collection_tag(new_name)
    if old == new:
        raise UsageError(f"the collection is named {collection_of(new)!r} already", hint="give another name")
    with app.open_store() as store:
        changed = _edit_all(store, old, Changes(add_tags=(new,), remove_tags=(old,)))
    _answer(
        app,
        new,
        changed,
        f"{format_count(len(changed), 'Piece')} moved to {one_line(collection_of(new) or '')}",
    )


@collection.subcommand(
    "delete", examples=[("satchel collection delete release", "forget it; its Pieces stay")]
)
@click.argument("name", metavar="NAME", shell_complete=complete_collections)
@pass_app
def delete(app: App, /, *, name: str) -> None:
    """Delete a collection. Its Pieces stay."""
    tag = collection_tag(name)
    with app.open_store() as store:
        changed = _edit_all(store, tag, Changes(remove_tags=(tag,)))
    _answer(
        app,
        tag,
        changed,
        f"deleted {one_line(collection_of(tag) or '')}; {format_count(len(changed), 'Piece')} kept",
    )


def _edit_all(store: Store, tag: str, changes: Changes) -> list[Piece]:
    """Apply changes to every Piece with a tag. Raise NotFoundError if there is none."""
    found = list(store.pieces(tag=tag))
    if not found:
        raise NotFoundError(
            f"there is no collection {collection_of(tag)!r}", hint="satchel collection lists them"
        )
    return [store.edit(piece.id, changes) for piece in found]


def _answer(app: App, tag: str, changed: list[Piece], text: str) -> None:
    app.out.answer(
        {"collection": collection_of(tag), "pieces": [piece_fields(piece) for piece in changed]},
        text,
        brief="",
    )
