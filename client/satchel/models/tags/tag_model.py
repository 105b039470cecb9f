"""The model "tags": tags from words, names, libraries and programs."""

from collections.abc import Sequence
from typing import Final

from satchel.models.interface import Model, Subject, Suggestion
from satchel.models.tags.ontology import libraries_of_tags
from satchel.models.tags.tag_scores import EXAMINED_CHARS, Told, scores_of
from satchel.models.tags.vocabulary import in_owners_words
from satchel.models.titles.content_kinds import kind_of
from satchel.models.titles.facts import libraries_in
from satchel.models.titles.outlines import outline_of
from satchel.models.titles.script_outlines import programs_in

MOST: Final = 8
# Measured on packages' own keywords: of the tags with a score of 8, half are among the keywords, with 12 two thirds.
CONFIDENCE_A_POINT: Final = 0.06
CONFIDENCE_AT_ZERO: Final = 0.0
MAX_CONFIDENCE: Final = 0.9
LEAST_CONFIDENCE: Final = 0.06
LEAST_OF_A_TITLE: Final = 0.6
_SCRIPTS: Final = ("script", "makefile", "dockerfile")


class Tags:
    """Suggests at most `MOST` tags, in the form in which the store keeps them. The language is none of them."""

    def suggest(self, subject: Subject) -> Sequence[Suggestion]:
        """Suggest tags, the most confident first."""
        kind = kind_of(subject)
        if kind is None:
            return ()
        text = subject.text[:EXAMINED_CHARS]
        libraries = libraries_in(text, kind.language)
        programs = programs_in(text) if kind.name in _SCRIPTS else []
        said = subject.description or _said(subject)
        scores = scores_of(
            Told(subject.title, said, text, (*libraries, *programs), frozenset(subject.vocabulary))
        )
        scores = in_owners_words(scores, subject.vocabulary)
        told = {
            tag for library in (*libraries, *programs) for tag in libraries_of_tags().get(library.lower(), ())
        }
        ranked = sorted(scores, key=lambda tag: (-scores[tag], tag))
        known = {kind.language, tag_form(subject.title), *subject.tags}
        wanted = [tag for tag in ranked if tag not in known][:MOST]
        found = (Suggestion("tag", tag, confidence_of(scores[tag]), _reason(tag, told)) for tag in wanted)
        return [one for one in found if one.confidence >= LEAST_CONFIDENCE]


def _said(subject: Subject) -> str:
    """Return the title that the content itself gives, by a heading, a comment or a name; empty if it gives none."""
    outline = outline_of(subject)
    return outline.title if outline and outline.confidence >= LEAST_OF_A_TITLE else ""


def confidence_of(score: float) -> float:
    """Return the confidence of a score: how often a tag with this score is one of a package's keywords."""
    return round(min(MAX_CONFIDENCE, max(0.0, CONFIDENCE_AT_ZERO + CONFIDENCE_A_POINT * score)), 3)


def tag_form(title: str) -> str:
    """Return a title as a tag: what the title says already needs no tag."""
    return "-".join(title.casefold().split())


def _reason(tag: str, told: set[str]) -> str:
    return "what it imports or runs" if tag in told else "words in it"


def open_model() -> Model:
    """Return the model."""
    return Tags()
