"""What `satchel share` shares: a Piece of the store, a file, or standard input.

An argument is an id (or `@last`, `@2`) or a file, and never a title: a link must not open a Piece that merely has
the name of a file.
"""

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from satchel.cli.app import App
from satchel.cli.edits import keeping_typed
from satchel.cli.piece_files import STDIN, read_content
from satchel.cli.piece_names import find_piece
from satchel.cli.saving import save_once
from satchel.cli.views import label_of
from satchel.errors import NotFoundError, UsageError
from satchel.pieces import ulid
from satchel.pieces.fields import normalize_draft
from satchel.store import Draft, Piece, Source, system_entropy
from satchel.suggest import fill_quickly

if TYPE_CHECKING:
    from collections.abc import Sequence

    from satchel.store import WholeFile

UNSAVED: Final = ""
"""The id of a Piece that is shared without being kept."""


@dataclass(frozen=True, slots=True)
class NewFields:
    """Fields of a file or of standard input that is shared; None or empty if not given."""

    title: str | None
    language: str | None
    tags: tuple[str, ...]

    def __bool__(self) -> bool:
        return any((self.title, self.language, self.tags))


@dataclass(frozen=True, slots=True)
class Subject:
    """A Piece with its contents. If it was saved for this share, it `is_new` and has a label."""

    piece: Piece
    content: bytes = field(repr=False)
    files: "Sequence[WholeFile]" = ()
    is_new: bool = False
    label: str = ""
    typed: bytes | None = field(default=None, repr=False)
    """A text that was typed on the terminal and that no Piece holds."""


def subject_of(app: App, argument: str, fields: NewFields, *, keep: bool, now: dt.datetime) -> Subject:
    """Return what an argument names. A file or standard input is saved, unless `keep` is false."""
    if argument != STDIN:
        found = _kept(app, argument)
        if found is not None:
            if fields or not keep:
                raise UsageError(
                    f"{argument!r} is the id of a Piece, which is kept as it is",
                    hint=f"--title, --language, --tag and --no-save are for files; is it ./{argument}?",
                )
            return found
    app.cloud()  # if none is connected, the error comes before anything is typed
    source = Source("stdin") if argument == STDIN else _file_source(Path(argument))
    content = read_content(argument, app.streams.stdin)
    draft = Draft(
        content=content,
        title=fields.title or "",
        language=fields.language,
        tags=fields.tags,
        source=source,
    )
    draft = fill_quickly(draft)
    typed = content if argument == STDIN and app.streams.stdin_is_terminal else None
    if not keep:
        return Subject(_unsaved(draft, now), content, typed=typed)
    with keeping_typed(app.home, typed, now=now, entropy=system_entropy), app.open_store() as store:
        piece, is_new = save_once(app, store, draft)
        label = label_of(store, piece) if is_new else ""
        return Subject(piece, store.content(piece.id), store.files(piece.id), is_new, label)


def _kept(app: App, argument: str) -> Subject | None:
    """Return the Piece with this id; None if there is a file of this name instead. NotFoundError for neither.

    A whole id is always the Piece, and a text that is too short for a listed id always the file. UsageError for
    another text that means both: the wrong one must not leave this device.
    """
    is_file = Path(argument).is_file()
    is_short = len(argument) < ulid.SHORT_ID_CHARS and not argument.startswith("@")
    if is_file and is_short:
        return None
    try:
        with app.open_store(read_only=True) as store:
            piece = find_piece(store, app.home, argument, by_title=False)
            subject = Subject(piece, store.content(piece.id), store.files(piece.id))
    except NotFoundError as exc:
        if is_file:
            return None
        if not argument.startswith("@") and (app.home / "store.db").exists():
            raise NotFoundError(
                f"{argument!r} is neither the id of a Piece nor a file", hint="satchel list shows the ids"
            ) from exc
        raise
    except UsageError as exc:
        raise (_both(argument) if is_file else exc) from None
    if is_file and ulid.canonical(argument) != piece.id:
        raise _both(argument)
    if is_file:
        app.out.note(f"{argument!r} is the id of a Piece; to share the file, write ./{argument}")
    return subject


def _both(argument: str) -> UsageError:
    """Return the error for a text that means a file as well as a Piece."""
    return UsageError(
        f"{argument!r} means both a file and a Piece",
        hint=f"write ./{argument} for the file, or the whole id for the Piece (satchel list --json)",
    )


def _file_source(path: Path) -> Source:
    return Source("file", str(path.absolute()), path.name)


def _unsaved(draft: Draft, now: dt.datetime) -> Piece:
    """Return the Piece that a draft would become, without an id."""
    normal = normalize_draft(draft)
    return Piece(
        id=UNSAVED,
        title=normal.title,
        description=normal.description,
        language=normal.language,
        media_type=normal.media_type or "",
        tags=normal.tags,
        links=normal.links,
        source=normal.source,
        created=now,
        updated=now,
        size_bytes=len(normal.content),
        revision=1,
    )
