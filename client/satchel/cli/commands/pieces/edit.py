"""`satchel edit`, `satchel tag` and `satchel rm`: change and remove Pieces."""

from dataclasses import replace

import click

from satchel.cli.app import App
from satchel.cli.arguments import complete_tags, language_option, piece_argument, pieces_argument, tag_option
from satchel.cli.editor import edit as edit_file
from satchel.cli.editor import private_file
from satchel.cli.options import command, pass_app
from satchel.cli.piece_files import file_named, read_content, read_files
from satchel.cli.views import all_fields, label_of, piece_fields
from satchel.errors import SatchelError, UsageError
from satchel.exchange.names import safe_name
from satchel.store import Changes, Piece, Store, WholeFile, is_text


@command(
    "edit",
    examples=[
        ("satchel edit 01KB3", "open it in your editor"),
        ("satchel edit 01KB3 --title 'Parse headers'", "change its title"),
        ("satchel edit 01KB3 parse.py", "replace its content with a file's"),
        ("satchel edit 01KB3 --add-file test_parse.py", "add a file, or replace the one with this name"),
        ("satchel edit 01KB3 --only test_parse.py", "open that file in your editor"),
    ],
)
@piece_argument
@click.argument("path", metavar="[PATH|-]", required=False, type=click.Path(allow_dash=True))
@click.option("--title", metavar="TEXT", help="Set the title.")
@click.option("--description", metavar="TEXT", help="Set the description.")
@language_option("Set the language; an empty name removes it.")
@tag_option("Replace all tags; satchel tag adds one.")
@click.option("--link", "links", metavar="URL", multiple=True, help="Replace all links.")
@click.option(
    "--add-file",
    "added",
    metavar="PATH",
    multiple=True,
    type=click.Path(),
    help="Add a file, or replace the one with its name; can be repeated.",
)
@click.option("--remove-file", "removed", metavar="NAME", multiple=True, help="Remove this file.")
@click.option("--only", metavar="NAME", help="Change the content and language of this file.")
@pass_app
def edit(
    app: App,
    /,
    *,
    piece: str,
    path: str | None,
    title: str | None,
    description: str | None,
    language: str | None,
    tags: tuple[str, ...],
    links: tuple[str, ...],
    added: tuple[str, ...],
    removed: tuple[str, ...],
    only: str | None,
) -> None:
    """Edit a Piece.

    Without options, its content opens in your editor (VISUAL or EDITOR). The previous state is kept: see
    satchel history.
    """
    content = None if path is None else read_content(path, app.streams.stdin)
    fields = Changes(
        title=title, description=description, tags=tags or None, links=links or None, remove_files=removed
    )
    with app.open_store() as store:
        before = store.piece(store.resolve(piece))
        file = None if only is None else _further_file(store, before, only)
        fields = replace(fields, add_files=read_files(added, beside=before.file_name))
        if fields == Changes() and content is None and language is None:
            after = _edit_in_editor(app, store, before, file)
        else:
            changes = _with_content(fields, content, language, file)
            after = store.edit(before.id, changes, based_on=before.revision if file else None)
    is_changed = after.revision != before.revision
    label = label_of(after)
    text = f"changed {label}, now at revision {after.revision}" if is_changed else f"{label} is unchanged"
    app.out.answer({**all_fields(after), "is_changed": is_changed}, text, brief=after.id)


def _further_file(store: Store, piece: Piece, name: str) -> WholeFile | None:
    """Return the further file with this name, or None for the main content. Raise NotFoundError for neither."""
    found = file_named(store, piece, b"", name)
    return found if any(file.name == found.name for file in piece.files) else None


def _with_content(
    fields: Changes, content: bytes | None, language: str | None, file: WholeFile | None
) -> Changes:
    """Return changes that also set the content and language of the Piece, or of one of its files."""
    if file is None:
        return replace(fields, content=content, language=language)
    if content is None and language is None:
        return fields
    changed = replace(
        file,
        content=file.content if content is None else content,
        language=file.language if language is None else language,
        media_type=file.media_type if content is None else None,
    )
    return replace(fields, add_files=(*fields.add_files, changed))


def _edit_in_editor(app: App, store: Store, piece: Piece, file: WholeFile | None) -> Piece:
    """Edit a content in the editor and save it. If saving fails, keep the edited text in a file."""
    if not app.out.can_ask:
        raise UsageError(
            "there is no terminal to edit on",
            hint="name a file with the new content, or - for standard input",
        )
    if not is_text(piece.media_type if file is None else file.media_type or ""):
        arguments = "FILE" if file is None else "--only NAME FILE"
        raise UsageError(
            "an image cannot be edited as text", hint=f"replace it: satchel edit {piece.short_id} {arguments}"
        )
    name, content = (piece.title, store.content(piece.id)) if file is None else (file.name, file.content)
    with private_file(app.home, safe_name(name), content) as path:
        edited = edit_file(path, app.environment.editor)
        if not edited.strip():
            raise SatchelError(
                "the edited text is empty; nothing was changed", hint="satchel rm removes a Piece"
            )
        try:
            return store.edit(piece.id, _with_content(Changes(), edited, None, file), based_on=piece.revision)
        except SatchelError as exc:
            kept = path.with_suffix(path.suffix + ".kept")
            path.replace(kept)
            raise SatchelError(exc.message, hint=f"your text is kept in {str(kept)!r}") from exc


@command(
    "tag",
    examples=[
        ("satchel tag 01KB3 http draft", "add two tags"),
        ("satchel tag 01KB3 --remove draft", "remove a tag"),
        ("satchel tag 01KB3", "show the tags"),
    ],
)
@piece_argument
@click.argument("add", metavar="[TAG]...", nargs=-1, shell_complete=complete_tags)
@tag_option("Remove this tag; can be repeated.", name="--remove")
@pass_app
def tag(app: App, /, *, piece: str, add: tuple[str, ...], tags: tuple[str, ...]) -> None:
    """Add tags to a Piece, or remove them.

    Tags are stored in lower case, with hyphens instead of spaces.
    """
    with app.open_store(read_only=not (add or tags)) as store:
        piece_id = store.resolve(piece)
        if add or tags:
            found = store.edit(piece_id, Changes(add_tags=add, remove_tags=tags))
        else:
            found = store.piece(piece_id)
    shown = " ".join(found.tags)
    app.out.answer(piece_fields(found), f"{label_of(found)}: {shown or 'no tags'}", brief=shown)


@command(
    "rm",
    examples=[
        ("satchel rm 01KB3", "remove a Piece, after asking"),
        ("satchel rm 01KB3 01KB5 --yes", "remove two without asking"),
    ],
)
@pieces_argument
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_app
def rm(app: App, /, *, pieces: tuple[str, ...], yes: bool) -> None:
    """Remove Pieces with their whole history.

    Earlier backups still contain them until they expire.
    """
    with app.open_store() as store:
        found = [store.piece(piece_id) for piece_id in dict.fromkeys(map(store.resolve, pieces))]
        labels = ", ".join(label_of(piece) for piece in found)
        if not yes:
            _confirm_removal(app, labels)
        for piece in found:
            store.remove(piece.id)
    app.out.answer({"removed": [piece.id for piece in found]}, f"removed {labels}")


def _confirm_removal(app: App, labels: str) -> None:
    if not app.out.can_ask:
        raise UsageError("there is no terminal to ask on", hint="add --yes to remove without asking")
    if not app.out.confirm(f"remove {labels} with all revisions?"):
        raise SatchelError("cancelled; nothing was removed")
