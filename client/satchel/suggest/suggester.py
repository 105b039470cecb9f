"""Suggesters: the title and language of a draft, from its file's name or its first line.

A suggester implements `Suggester`; `chain` combines several, and `fill` applies one to a draft.
"""

from dataclasses import dataclass, replace
from pathlib import PurePosixPath, PureWindowsPath
from typing import Final, Protocol

from satchel.pieces.languages import language_of_file
from satchel.pieces.media import decode_text, sniff
from satchel.pieces.model import Draft, Source

TITLE_CHARS: Final = 80
_EXAMINED_BYTES: Final = 4096
# Comment signs, headings and quotes, which are not part of a title.
_LEAD: Final = "#/*-;%!<>\"'=~ \t\ufeff"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Suggested fields for a draft; None or empty without a suggestion."""

    title: str | None = None
    description: str | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


class Suggester(Protocol):
    """Suggests fields for a draft.

    Promises: never fails for any content, depends on the draft alone (no network, no store, no clock), and gives
    the same suggestion for the same draft.
    """

    def suggest(self, draft: Draft) -> Suggestion:
        """Suggest a title, language and tags for a draft."""
        ...


class FromFileName:
    """`src/parse_header.py` suggests the title "parse_header.py" and Python. Accepts paths of any system."""

    def suggest(self, draft: Draft) -> Suggestion:
        """Suggest the file's base name as the title, and the language of the file."""
        name = _file_name(draft.source)
        return Suggestion(title=name, language=language_of_file(name)) if name else Suggestion()


def _file_name(source: Source | None) -> str:
    if source is None:
        return ""
    text = source.file_name or (source.location if source.kind == "file" else "")
    return PurePosixPath(PureWindowsPath(text).as_posix()).name


class FromFirstLine:
    """Suggests the first line with a letter or digit, without comment signs. Suggests nothing for binary content."""

    def suggest(self, draft: Draft) -> Suggestion:
        """Suggest a title of at most `TITLE_CHARS` characters."""
        media_type = draft.media_type or sniff(draft.content)
        text = decode_text(draft.content[:_EXAMINED_BYTES], media_type) or ""
        for line in text.splitlines():
            if line.startswith("#!"):
                continue
            stripped = line.strip(_LEAD).rstrip("\ufffd")
            if any(char.isalnum() for char in stripped):
                return Suggestion(title=_shortened(stripped))
        return Suggestion()


def _shortened(text: str) -> str:
    return text if len(text) <= TITLE_CHARS else text[: TITLE_CHARS - 1].rstrip() + "…"


@dataclass(frozen=True, slots=True)
class _Chain:
    suggesters: tuple[Suggester, ...]

    def suggest(self, draft: Draft) -> Suggestion:
        found = [suggester.suggest(draft) for suggester in self.suggesters]
        return Suggestion(
            title=next((one.title for one in found if one.title), None),
            description=next((one.description for one in found if one.description), None),
            language=next((one.language for one in found if one.language), None),
            tags=tuple(dict.fromkeys(tag for one in found for tag in one.tags)),
            links=tuple(dict.fromkeys(link for one in found for link in one.links)),
        )


def chain(*suggesters: Suggester) -> Suggester:
    """Combine suggesters: the first suggestion for each field wins; tags and links are merged."""
    return _Chain(suggesters)


def fill(draft: Draft, suggester: Suggester) -> Draft:
    """Fill the empty fields of a draft with suggestions."""
    found = suggester.suggest(draft)
    return replace(
        draft,
        title=draft.title or found.title or "",
        description=draft.description or found.description or "",
        language=draft.language or found.language,
        tags=draft.tags or found.tags,
        links=draft.links or found.links,
    )
