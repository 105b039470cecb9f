"""Suggests the documentation of what a text calls and imports, as links."""

from collections.abc import Sequence
from typing import Final

from satchel.models.interface import Model, Subject, Suggestion
from satchel.models.parsing import language_of
from satchel.models.related.documentation import documentation_of

MAX_LINKS: Final = 10
# Offered with `satchel related` and `satchel suggest`, and below what is taken without asking.
_OFFERED: Final = 0.45


class Related:
    """Suggests links to documentation, the most telling first."""

    def suggest(self, subject: Subject) -> Sequence[Suggestion]:
        """Suggest at most MAX_LINKS addresses."""
        found = documentation_of(subject.text, language_of(subject))[:MAX_LINKS]
        return [Suggestion("link", one.address, one.confidence * _OFFERED, one.reason) for one in found]


def open_model() -> Model:
    """Return the model."""
    return Related()
