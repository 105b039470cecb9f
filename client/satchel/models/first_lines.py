"""The title from the first line that has a letter or a digit, without comment signs and secrets."""

from collections.abc import Sequence
from typing import Final

from satchel.models.interface import Model, Subject, Suggestion
from satchel.models.redaction import without_secrets

TITLE_CHARS: Final = 80
CONFIDENCE: Final = 0.2
_EXAMINED_CHARS: Final = 4096
# Comment signs, headings and quotes, which are not part of a title.
_LEAD: Final = "#/*-;%!<>\"'=~ \t\ufeff"


class FirstLines:
    """Suggests the first line as the title; nothing for content that is not text."""

    def suggest(self, subject: Subject) -> Sequence[Suggestion]:
        """Suggest a title of at most `TITLE_CHARS` characters."""
        for line in subject.text[:_EXAMINED_CHARS].splitlines():
            if line.startswith("#!"):
                continue
            stripped = line.strip(_LEAD).rstrip("\ufffd")
            title = without_secrets(shortened(stripped), subject.text) if stripped else ""
            if any(char.isalnum() for char in title):
                return (Suggestion("title", title, CONFIDENCE, "the first line"),)
        return ()


def shortened(text: str) -> str:
    """Cut a title at `TITLE_CHARS` characters."""
    return text if len(text) <= TITLE_CHARS else text[: TITLE_CHARS - 1].rstrip() + "…"


def open_model() -> Model:
    """Return the model."""
    return FirstLines()
