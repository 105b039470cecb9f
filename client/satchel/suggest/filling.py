"""Filling the empty fields of a draft with what models suggest.

    described, failed = describe_safely(subject_of(draft), installed_models())
    draft = fill(draft, described)  # the accepted ones, in fields that the owner left empty

A filled draft lists what was taken, with the label of the model (`satchel.pieces.suggested`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from satchel.errors import SatchelError, UsageError
from satchel.models.interface import EXAMINED_CHARS, Field, Model, Subject, Suggestion
from satchel.models.registry import ENTRIES, Entry, describing, entry_named, missing_packages, open_model
from satchel.pieces.fields import MAX_SUGGESTED, suggested_value
from satchel.pieces.media import decode_text, sniff
from satchel.pieces.model import Draft, Source, SuggestedValue
from satchel.pieces.suggested import held_values

ACCEPTED_FROM: Final[Mapping[Field, float]] = {
    "title": 0.0,
    "description": 0.5,
    "language": 0.5,
    "tag": 0.5,
    "link": 0.5,
}
"""The least confidence with which a suggestion is taken without asking. Other fields are never filled."""
MOST_VOCABULARY: Final = 500
SETTLED_FROM: Final = 0.95
"""The confidence of a language with which no further model is asked for it."""
FIELDS_OF_PIECE: Final[Mapping[Field, str]] = {
    "title": "title",
    "description": "description",
    "language": "language",
    "tag": "tags",
    "link": "links",
}
"""The field of a Piece for each field that models fill."""
MAX_TAGS: Final = 5
MAX_LINKS: Final = 5
MAX_ASKED: Final = 3  # values for a field that holds one
_BYTES_PER_CHAR: Final = 4  # at most, in every encoding

Answer = Literal["take", "refuse", "skip"]
"""What happens to a suggestion. A refused value is never suggested for this Piece again; a skipped one may be."""


@dataclass(frozen=True, slots=True)
class Described:
    """A suggestion, with the label of the model that made it."""

    suggestion: Suggestion
    model: str

    @property
    def value(self) -> SuggestedValue:
        """The value for the field of the Piece."""
        return SuggestedValue(FIELDS_OF_PIECE[self.suggestion.field], self.suggestion.value, self.model)


Ask = Callable[[Described], Answer]


def quick_models() -> list[Entry]:
    """Return the models that load nothing, for many Pieces at once."""
    return [entry_named("file-names"), entry_named("first-lines")]


def installed_models() -> list[Entry]:
    """Return every model that describes Pieces and whose packages are installed."""
    return describing()


def missing_models() -> list[Entry]:
    """Return every model that would describe Pieces, or help one that does, if its packages were installed."""
    packages = {_package(entry) for entry in ENTRIES if entry.fields}
    return [entry for entry in ENTRIES if _package(entry) in packages and missing_packages(entry)]


def _package(entry: Entry) -> str:
    return entry.module.partition(".")[0]


def subject_of(draft: Draft, vocabulary: Sequence[str] = ()) -> Subject:
    """Return what models see of a draft, and of the owner's other Pieces their tags, the most used first."""
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
        vocabulary=tuple(vocabulary[:MOST_VOCABULARY]),
    )


def describe(subject: Subject, entries: Iterable[Entry]) -> list[Described]:
    """Return the suggestions of these models, the most confident first. Raise MissingExtraError without a package."""
    return _described(subject, entries, open_model)


def describe_safely(subject: Subject, entries: Iterable[Entry]) -> tuple[list[Described], list[Entry]]:
    """Return the suggestions as `describe` does, and the models that cannot be loaded, without which it goes on.

    A damaged installation of a model must not keep the owner from saving a Piece.
    """
    failed: list[Entry] = []

    def open_or_fail(name: str) -> Model | None:
        try:
            return open_model(name)
        except (SatchelError, ImportError, OSError):
            failed.append(entry_named(name))
            return None

    return _described(subject, entries, open_or_fail), failed


def _described(
    subject: Subject, entries: Iterable[Entry], open_: Callable[[str], Model | None]
) -> list[Described]:
    found: list[Described] = []
    for entry in entries:
        model = None if _is_settled(entry, subject, found) else open_(entry.name)
        suggestions = model.suggest(subject) if model is not None else ()
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
    """Return the suggestions for a field that are taken without asking, the most confident first, each value once.

    Values are in the normal form of the field; those that the field cannot hold are left out.
    """
    least = ACCEPTED_FROM.get(field)
    if least is None:
        return []
    values: dict[str, Described] = {}
    for one in described:
        if one.suggestion.field == field and one.suggestion.confidence >= least:
            value = _normalized(one.suggestion)
            if value:
                normal = replace(one.suggestion, value=value)
                values.setdefault(value, replace(one, suggestion=normal))
    return list(values.values())


def fill(draft: Draft, described: Sequence[Described], *, ask: Ask | None = None) -> Draft:
    """Fill the empty fields of a draft with the accepted suggestions, and list them as the models'.

    Nothing that is set is changed, and nothing that the draft lists as refused is suggested again. With `ask`, each
    suggestion is taken only if the answer is so.
    """
    for field in FIELDS_OF_PIECE:
        draft = _filled(draft, field, described, ask)
    return draft


def _filled(draft: Draft, field: Field, described: Sequence[Described], ask: Ask | None) -> Draft:
    name = FIELDS_OF_PIECE[field]
    if held_values(draft)[name]:
        return draft
    known = {one.value for one in draft.suggested if one.field == name}
    offered = [one for one in accepted(described, field) if one.suggestion.value not in known]
    most = {"tags": MAX_TAGS, "links": MAX_LINKS}.get(name, 1)
    room = MAX_SUGGESTED - len(known)
    taken, refused = _chosen(offered[:room], most, ask)
    if not (taken or refused):
        return draft
    values = tuple(one.suggestion.value for one in taken)
    filled: dict[str, Any] = {name: values if name in {"tags", "links"} else values[0]} if values else {}
    listed = (*draft.suggested, *(one.value for one in (*taken, *refused)))
    return replace(draft, suggested=listed, **filled)


def _chosen(
    offered: Sequence[Described], most: int, ask: Ask | None
) -> tuple[list[Described], list[Described]]:
    """Return which suggestions to take and which ones were refused."""
    if ask is None:
        return list(offered[:most]), []
    taken: list[Described] = []
    refused: list[Described] = []
    for one in offered[: max(most, MAX_ASKED)]:
        if len(taken) == most:
            break
        answer = ask(one)
        if answer == "take":
            taken.append(one)
        elif answer == "refuse":
            refused.append(one)
    return taken, refused


def _normalized(suggestion: Suggestion) -> str:
    """Return a value as its field holds it; empty if the field cannot."""
    try:
        return suggested_value(FIELDS_OF_PIECE[suggestion.field], suggestion.value)
    except UsageError:
        return ""


def _file_name(source: Source | None) -> str:
    if source is None:
        return ""
    return source.file_name or (source.location if source.kind == "file" else "")
