"""Saving a selection as a Piece."""

import textwrap
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

from satchel.errors import UsageError
from satchel.index import Index
from satchel.pieces.fields import MAX_SOURCE_CHARS
from satchel.pieces.languages import BY_ALIAS, canonical_language, language_of_file
from satchel.pieces.model import Draft, Piece, Source
from satchel.store import Store, digest_of
from satchel.suggest import describe, fill, subject_of
from satchel.suggest.filling import quick_models

KIND: Final = "editor"


@dataclass(frozen=True, slots=True)
class Saved:
    """A Piece, and whether it is new: the same text is saved once."""

    piece: Piece
    is_new: bool


def language_of(language_id: str | None, path: str) -> str | None:
    """Return the language of a document, from what the editor calls it, else from its name; None if unknown."""
    named = (language_id or "").removesuffix("react")  # VS Code's typescriptreact
    canonical = canonical_language(named)
    if canonical in BY_ALIAS:
        return canonical
    return language_of_file(PurePosixPath(path).name) or canonical or None


def save_selection(home: Path, text: str, uri: str, language: str | None) -> Saved:
    """Save a selection, without the indentation that all its lines share. Raise UsageError if it is blank."""
    content = textwrap.dedent(text.replace("\r\n", "\n")).strip("\n")
    if not content.strip():
        raise UsageError("the selection is empty", hint="select what you want to save")
    draft = Draft(f"{content}\n".encode("utf-8", "replace"), language=language, source=source_of(uri))
    with Store.open(home) as store:
        with Index.open(home, store) as index:
            existing = index.find_content(digest_of(draft.content, ()))
        if existing is not None:
            return Saved(store.piece(existing), is_new=False)
        return Saved(store.add(_filled(draft)), is_new=True)


def _filled(draft: Draft) -> Draft:
    """Give a draft a title by its first line: a selection is a part of its file."""
    unnamed = Draft(draft.content, language=draft.language)
    filled = fill(unnamed, describe(subject_of(unnamed), quick_models()))
    return Draft(
        draft.content,
        title=filled.title,
        language=draft.language or filled.language,
        source=draft.source,
        suggested=filled.suggested,
    )


def source_of(uri: str) -> Source:
    """Return the source of a selection: the path of a file, or only the name of another document."""
    try:
        parts = urlsplit(uri)
    except ValueError:  # an address that is none
        return Source(KIND)
    path = unquote(parts.path)[:MAX_SOURCE_CHARS]
    return Source(KIND, path if parts.scheme == "file" else "", PurePosixPath(path).name)
