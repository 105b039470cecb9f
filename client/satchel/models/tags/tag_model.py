"""The model "tags": tags from words, names, libraries and programs."""

from collections.abc import Sequence
from typing import Final

from satchel.models.interface import Model, Subject, Suggestion
from satchel.models.tags.ontology import libraries_of_tags
from satchel.models.tags.tag_scores import EXAMINED_CHARS, Told, odds_of
from satchel.models.tags.vocabulary import in_owners_words
from satchel.models.titles.content_kinds import ContentKind, kind_of
from satchel.models.titles.facts import libraries_in
from satchel.models.titles.outlines import outline_of
from satchel.models.titles.script_outlines import programs_in

MOST: Final = 8
MAX_CONFIDENCE: Final = 0.9
LEAST_CONFIDENCE: Final = 0.02
OWNERS: Final = 12.0  # times the odds of a tag that the owner uses
LEAST_OF_A_TITLE: Final = 0.6
_SCRIPTS: Final = ("script", "makefile", "dockerfile")


class Tags:
    """Suggests at most `MOST` tags, in the form in which the store keeps them. The language is none of them."""

    def suggest(self, subject: Subject) -> Sequence[Suggestion]:
        """Suggest tags, the most confident first."""
        kind = kind_of(subject)
        told = _told(subject, kind)
        odds = in_owners_words(odds_of(told), subject.vocabulary, OWNERS)
        by_library = {
            tag for library in told.libraries for tag in libraries_of_tags().get(library.lower(), ())
        }
        ranked = sorted(odds, key=lambda tag: (-odds[tag], tag))
        known = {kind.language if kind else "", tag_form(subject.title), *subject.tags}
        wanted = [tag for tag in ranked if tag not in known][:MOST]
        found = (Suggestion("tag", tag, _confidence(odds[tag]), _reason(tag, by_library)) for tag in wanted)
        return [one for one in found if one.confidence >= LEAST_CONFIDENCE]


def _told(subject: Subject, kind: ContentKind | None) -> Told:
    """Return what is known about a content; about an image, only its title and description."""
    vocabulary = frozenset(subject.vocabulary)
    if kind is None:
        return Told(subject.title, subject.description, "", (), vocabulary)
    text = subject.text[:EXAMINED_CHARS]
    programs = programs_in(text) if kind.name in _SCRIPTS else []
    libraries = (*libraries_in(text, kind.language), *programs)
    return Told(subject.title, subject.description or _said(subject), text, libraries, vocabulary)


def _said(subject: Subject) -> str:
    """Return the title that the content itself gives, by a heading, a comment or a name; empty if it gives none."""
    outline = outline_of(subject)
    return outline.title if outline and outline.confidence >= LEAST_OF_A_TITLE else ""


def _confidence(odds: float) -> float:
    return round(min(MAX_CONFIDENCE, odds / (1 + odds)), 3)


def tag_form(title: str) -> str:
    """Return a title as a tag: what the title says already needs no tag."""
    return "-".join(title.casefold().split())


def _reason(tag: str, by_library: set[str]) -> str:
    return "what it imports or runs" if tag in by_library else "words in it"


def open_model() -> Model:
    """Return the model."""
    return Tags()
