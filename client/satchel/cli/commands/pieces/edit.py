"""`satchel edit` and `satchel tag`: change Pieces."""

from contextlib import ExitStack
from dataclasses import replace

import click

from satchel.cli.app import App
from satchel.cli.arguments import (
    complete_tags,
    description_option,
    language_option,
    link_option,
    piece_argument,
    tag_option,
    title_option,
)
from satchel.cli.editor import check_edited, editor_command, read_edited
from satchel.cli.editor import edit as edit_file
from satchel.cli.edits import Leftover, Subject, keeping_typed, leftovers_of, private_edit
from satchel.cli.options import command, pass_app
from satchel.cli.piece_files import STDIN, file_named, read_content, read_files
from satchel.cli.terminal.text import format_moment
from satchel.cli.views import all_fields, label_of, piece_fields, short_id
from satchel.errors import NotFoundError, SatchelError, UsageError
from satchel.exchange.names import extension_for
from satchel.pieces.collections import PINNED
from satchel.pieces.media import UTF8
from satchel.store import Changes, Piece, Store, WholeFile, is_text, system_entropy, utc_now


@command(
    "edit",
    examples=[
        ("satchel edit 01KB3", "open it in your editor"),
        ("satchel edit 01KB3 --title 'Parse headers'", "change its title"),
        ("satchel edit 01KB3 parse.py", "replace its content with a file's"),
        ("satchel edit 01KB3 --add-file test_parse.py", "add a file, or replace the one with this name"),
        ("satchel edit 01KB3 --only test_parse.py", "open that file in your editor"),
        ("satchel edit 01KB3 --recover", "save the text of an edit that failed"),
    ],
)
@piece_argument
@click.argument("path", metavar="[PATH|-]", required=False, type=click.Path(allow_dash=True))
@title_option("Set the title.")
@description_option("Set the description.")
@language_option("Set the language; an empty name removes it.")
@tag_option("Replace all tags; satchel tag adds one.")
@link_option("Replace all links.")
@click.option("--pin/--unpin", "is_pinned", default=None, help="Make it a favourite, or no longer one.")
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
@click.option("--recover", is_flag=True, help="Save the texts of edits that were not saved.")
@click.option("--discard", is_flag=True, help="Delete the texts of edits that were not saved.")
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
    is_pinned: bool | None,
    added: tuple[str, ...],
    removed: tuple[str, ...],
    only: str | None,
    recover: bool,
    discard: bool,
) -> None:
    """Edit a Piece.

    Without options, its content opens in your editor (VISUAL or EDITOR). The previous revision is kept: see
    satchel history. If an edit cannot be saved, for example because the editor crashed, its text stays in the
    home until you save it with --recover or delete it with --discard.
    """
    fields = Changes(title=title, description=description, links=links or None, remove_files=removed)
    fields = replace(
        fields,
        tags=tags or None,
        add_tags=(PINNED,) if is_pinned else (),
        remove_tags=(PINNED,) if is_pinned is False else (),
    )
    if recover or discard:
        has_more = (
            fields != Changes() or path is not None or language is not None or added or only is not None
        )
        if has_more or (recover and discard):
            raise UsageError("--recover and --discard take no other options", hint="see satchel edit --help")
        _handle_leftovers(app, piece, is_discarding=discard)
        return
    with app.open_store() as store, ExitStack() as kept:
        before = app.find_piece(store, piece)
        content = None if path is None else read_content(path, app.streams.stdin)
        if path == STDIN and app.streams.stdin_is_terminal:
            kept.enter_context(keeping_typed(app.home, content, now=utc_now(), entropy=system_entropy))
        file = None if only is None else _further_file(store, before, only)
        fields = replace(fields, add_files=read_files(added, beside=before.file_name))
        if fields == Changes() and content is None and language is None:
            after = _edit_in_editor(app, store, before, file)
        else:
            changes = _with_content(fields, content, language, file)
            after = store.edit(before.id, changes, based_on=before.revision if file else None)
        label = label_of(store, after)
    _answer(app, before, after, label)


def _answer(app: App, before: Piece, after: Piece, label: str) -> None:
    is_changed = after.revision != before.revision
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
    """Edit a content in the editor and save it. If that fails, the edited text is kept in a file."""
    if not app.out.can_ask:
        raise UsageError(
            "there is no terminal to edit on",
            hint="name a file with the new content, or - for standard input",
        )
    if not is_text(piece.media_type if file is None else file.media_type or ""):
        arguments = "FILE" if file is None else "--only NAME FILE"
        raise UsageError(
            "an image cannot be edited as text",
            hint=f"replace it: satchel edit {short_id(store, piece)} {arguments}",
        )
    if store.read_only:
        raise SatchelError(f"the store in {str(app.home)!r} is read-only", hint="nothing was changed")
    editor_command(app.environment.editor)  # before a file is written
    for left in leftovers_of(app.home, piece.id):
        app.out.notice(f"an edit of this Piece was not saved: {_described(left)}")
        app.out.notice(
            f"hint: satchel edit {short_id(store, piece)} --recover saves it, --discard deletes it"
        )
    content = store.content(piece.id) if file is None else file.content
    subject = Subject(piece.id, piece.revision, file.name if file else None)
    with private_edit(
        app.home, subject, _name_in_editor(file or piece), content, now=utc_now(), entropy=system_entropy
    ) as path:
        edited = edit_file(path, app.environment.editor)
        return store.edit(piece.id, _with_content(Changes(), edited, None, file), based_on=piece.revision)


def _name_in_editor(edited: Piece | WholeFile) -> str:
    """Return a file name that reveals no more than the language: every user of the computer can read command lines."""
    return f"piece{extension_for(edited.media_type or UTF8, edited.language)}"


def _handle_leftovers(app: App, piece: str, *, is_discarding: bool) -> None:
    """Save or delete what unfinished edits of a Piece left."""
    with app.open_store() as store:
        before = after = app.find_piece(store, piece)
        found = leftovers_of(app.home, before.id)
        if not found:
            raise NotFoundError(
                f"no unsaved edit of {label_of(store, before)} is left", hint="satchel doctor lists all"
            )
        for left in found:
            if not is_discarding:
                after = _save_leftover(store, after, left)
            left.delete()
        label = label_of(store, after)
    if is_discarding:
        paths = [str(left.path) for left in found]
        app.out.answer({"id": before.id, "discarded": paths}, f"deleted {', '.join(paths)}")
    else:
        _answer(app, before, after, label)


def _save_leftover(store: Store, piece: Piece, left: Leftover) -> Piece:
    """Save the text of an unfinished edit as the current revision. What it replaces stays in the history."""
    if not left.is_text or left.subject is None:
        raise SatchelError(
            f"an editor left files in {str(left.path)!r}, but no edited text",
            hint=f"look at them; satchel edit {short_id(store, piece)} --discard deletes them",
        )
    try:
        edited = check_edited(read_edited(left.path))
        name = left.subject.file_name
        file = None if name is None else _further_file(store, piece, name)
        return store.edit(piece.id, _with_content(Changes(), edited, None, file))
    except SatchelError as exc:
        exc.hint = f"your text is still in {str(left.path)!r}"
        raise


def _described(left: Leftover) -> str:
    return f"{str(left.path)!r}, begun {format_moment(left.started)}"


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
        found = app.find_piece(store, piece)
        if add or tags:
            found = store.edit(found.id, Changes(add_tags=add, remove_tags=tags))
        label = label_of(store, found)
    shown = " ".join(found.tags)
    app.out.answer(piece_fields(found), f"{label}: {shown or 'no tags'}", brief=shown)
