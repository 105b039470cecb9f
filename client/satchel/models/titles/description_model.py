"""The model "descriptions"."""

from collections.abc import Sequence
from typing import Final

from satchel.models.interface import Model, Subject, Suggestion
from satchel.models.redaction import without_secrets
from satchel.models.titles.outlines import outline_of

_LEAST_WORDS: Final = 3


class Descriptions:
    """Suggests one description of one to three sentences, at most 300 characters, that quotes no secret."""

    def suggest(self, subject: Subject) -> Sequence[Suggestion]:
        """Suggest a description."""
        outline = outline_of(subject)
        if outline is None:
            return ()
        description = without_secrets(outline.description, subject.text)
        if len(description.split()) < _LEAST_WORDS:
            return ()
        return (Suggestion("description", description, outline.confidence, outline.reason),)


def open_model() -> Model:
    """Return the model."""
    return Descriptions()
