"""Filling the empty fields of a draft with what models suggest.

described = describe(subject_of(draft), QUICK)  # every suggestion, with the model that made it
draft = fill(draft, described)                   # the accepted ones, in fields that the owner left empty
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from satchel.models.interface import EXAMINED_CHARS, Field, Subject, Suggestion
from satchel.models.registry import Entry, describing, entry_named, open_model
from satchel.pieces.media import decode_text, sniff
from satchel.pieces.model import Draft, Source

ACCEPTED_FROM: Final[Mapping[Field, float]] = {
    "title": 0.0,
    "description": 0.5,
    "language": 0.5,
    "tag": 0.5,
    "link": 0.5,
}
"""The least confidence with which a suggestion is taken without asking. Other fields are never filled."""
SETTLED_FROM: Final = 0.95
"""The confidence of a language with which no further model is asked for it."""
MAX_TAGS: Final = 5
MAX_LINKS: Final = 5
_BYTES_PER_CHAR: Final = 4  # at most, in every encoding


@dataclass(frozen=True, slots=True)
class Described:
    """A suggestion, with the label of the model that made it."""

    suggestion: Suggestion
    model: str


def quick_models() -> list[Entry]:
    """Return the models that load nothing, for many Pieces at once."""
    return [entry_named("file-names"), entry_named("first-lines")]


def installed_models() -> list[Entry]:
    """Return every model that describes Pieces and whose packages are installed."""
    return describing()


def subject_of(draft: Draft) -> Subject:
    """Return what models see of a draft."""
    media_type = draft.media_type or sniff(draft.content)
    text = decode_text(draft.content[: EXAMINED_CHARS * _BYTES_PER_CHAR], media_type) or ""
    return Subject(
        text=text[:EXAMINED_CHARS],
        content=draft.content,
        media_type=media_type,
        file_name=_file_name(draft.source),
        title=draft.title,
        description=draft.description,
        language=draft.language,
        tags=draft.tags,
        links=draft.links,
    )


def describe(subject: Subject, entries: Iterable[Entry]) -> list[Described]:
    """Return the suggestions of these models, the most confident first. Raise MissingExtraError without a package."""
    found: list[Described] = []
    for entry in entries:
        if not _is_settled(entry, subject, found):
            suggestions = open_model(entry.name).suggest(subject)
            found += (Described(suggestion, entry.label) for suggestion in suggestions)
    return sorted(found, key=lambda one: -one.suggestion.confidence)


def _is_settled(entry: Entry, subject: Subject, found: Sequence[Described]) -> bool:
    """Return whether a model that loads something can add nothing: the language is set, or its file's name tells it."""
    if entry.fields != ("language",):
        return False
    return subject.language is not None or any(
        one.suggestion.field == "language" and one.suggestion.confidence >= SETTLED_FROM for one in found
    )


def accepted(described: Sequence[Described], field: Field) -> list[Described]:
    """Return the suggestions for a field that are taken without asking, the most confident first, each value once."""
    least = ACCEPTED_FROM.get(field)
    if least is None:
        return []
    values: dict[str, Described] = {}
    for one in described:
        if one.suggestion.field == field and one.suggestion.confidence >= least:
            values.setdefault(one.suggestion.value, one)
    return list(values.values())


def fill(draft: Draft, described: Sequence[Described]) -> Draft:
    """Fill the empty fields of a draft with the accepted suggestions. Nothing that is set is changed."""
    return replace(
        draft,
        title=draft.title or _first(described, "title") or "",
        description=draft.description or _first(described, "description") or "",
        language=draft.language or _first(described, "language"),
        tags=draft.tags or _several(described, "tag", MAX_TAGS),
        links=draft.links or _several(described, "link", MAX_LINKS),
    )


def _first(described: Sequence[Described], field: Field) -> str | None:
    found = accepted(described, field)
    return found[0].suggestion.value if found else None


def _several(described: Sequence[Described], field: Field, most: int) -> tuple[str, ...]:
    return tuple(one.suggestion.value for one in accepted(described, field)[:most])


def _file_name(source: Source | None) -> str:
    if source is None:
        return ""
    return source.file_name or (source.location if source.kind == "file" else "")
