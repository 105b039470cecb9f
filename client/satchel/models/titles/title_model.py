"""The model "titles"."""

from collections.abc import Sequence

from satchel.models.interface import Model, Subject, Suggestion
from satchel.models.titles.outlines import outline_of


class Titles:
    """Suggests one title of at most 80 characters; none for images and for content that says nothing of itself."""

    def suggest(self, subject: Subject) -> Sequence[Suggestion]:
        """Suggest a title."""
        outline = outline_of(subject)
        if outline is None or not any(char.isalnum() for char in outline.title):
            return ()
        return (Suggestion("title", outline.title, outline.confidence, outline.reason),)


def open_model() -> Model:
    """Return the model."""
    return Titles()
