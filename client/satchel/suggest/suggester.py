"""The one interface for suggestions, and how several suggesters make one.

Title and language from the name of the file that a Piece comes from.

A title from the content itself: the first line that says something.
"""

from dataclasses import dataclass, replace
from pathlib import PurePosixPath, PureWindowsPath
from typing import Final, Protocol

from satchel.pieces.languages import language_of_file
from satchel.pieces.media import decode_text, sniff
from satchel.pieces.model import Draft, Source


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a suggester has to say about a draft; None or empty where it has nothing to say."""

    title: str | None = None
    description: str | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


class Suggester(Protocol):
    """Looks at a draft and suggests.

    Promises: never fails whatever the content, answers from the draft alone (no network, no store, no
    clock), and the same for the same draft.
    """

    def suggest(self, draft: Draft) -> Suggestion:
        """What this draft could be called, written in, and tagged with."""
        ...


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
    """One suggester of several: the first answer to each question counts, tags and links are united."""
    return _Chain(suggesters)


def fill(draft: Draft, suggester: Suggester) -> Draft:
    """The draft with suggestions where its owner said nothing; what was said stays."""
    found = suggester.suggest(draft)
    return replace(
        draft,
        title=draft.title or found.title or "",
        description=draft.description or found.description or "",
        language=draft.language or found.language,
        tags=draft.tags or found.tags,
        links=draft.links or found.links,
    )


class FromFileName:
    """`src/parse_header.py`: titled "parse_header.py", in Python. Works for names of any system."""

    def suggest(self, draft: Draft) -> Suggestion:
        """The file's own name as the title, and the language of its extension."""
        name = _file_name(draft.source)
        return Suggestion(title=name, language=language_of_file(name)) if name else Suggestion()


def _file_name(source: Source | None) -> str:
    if source is None:
        return ""
    text = source.file_name or (source.location if source.kind == "file" else "")
    return PurePosixPath(PureWindowsPath(text).as_posix()).name


TITLE_CHARS: Final = 80
_LOOKED_AT_BYTES: Final = 4096
# What begins a line without being part of what it says: comment signs, headings, quotes.
_LEAD: Final = "#/*-;%!<>\"'=~ \t\ufeff"


class FromFirstLine:
    """The first line with a letter or digit, without comment signs; nothing for what is no text."""

    def suggest(self, draft: Draft) -> Suggestion:
        """A title of at most `TITLE_CHARS` characters."""
        media_type = draft.media_type or sniff(draft.content)
        text = decode_text(draft.content[:_LOOKED_AT_BYTES], media_type) or ""
        for line in text.splitlines():
            if line.startswith("#!"):
                continue
            said = line.strip(_LEAD).rstrip("\ufffd")
            if any(char.isalnum() for char in said):
                return Suggestion(title=_shortened(said))
        return Suggestion()


def _shortened(text: str) -> str:
    return text if len(text) <= TITLE_CHARS else text[: TITLE_CHARS - 1].rstrip() + "…"
