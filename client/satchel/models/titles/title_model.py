"""The model "titles"."""

from collections.abc import Sequence
from typing import Final

from satchel.models.interface import Model, Subject, Suggestion
from satchel.models.redaction import secrets_of, without_secrets
from satchel.models.titles.content_kinds import kind_of
from satchel.models.titles.lexicon import with_article
from satchel.models.titles.outlines import outline_of

WITH_A_SECRET: Final = 0.4


class Titles:
    """Suggests one title of at most 80 characters; none for images and for content that says nothing of itself.

    A title quotes no secret of the content (`satchel.models.redaction`).
    """

    def suggest(self, subject: Subject) -> Sequence[Suggestion]:
        """Suggest a title."""
        outline = outline_of(subject)
        if outline is None or not any(char.isalnum() for char in outline.title):
            return ()
        title = without_secrets(outline.title, subject.text)
        if title:
            return (Suggestion("title", title, outline.confidence, outline.reason),)
        return (Suggestion("title", _title_of_a_secret(outline.title, subject), WITH_A_SECRET, "its kind"),)


_KINDS: Final = {
    "code": "Code",
    "script": "Shell script",
    "makefile": "Makefile",
    "dockerfile": "Dockerfile",
    "sql": "SQL",
    "diff": "Diff",
    "trace": "Stack trace",
    "json": "JSON",
    "settings": "Settings",
    "xml": "XML",
    "html": "HTML",
    "markdown": "Document",
    "prose": "Note",
    "stylesheet": "Style sheet",
}


def _title_of_a_secret(title: str, subject: Subject) -> str:
    """Return "Note with a password" for a content whose title would be a secret and nothing else."""
    kind = kind_of(subject)
    what = next((one.what for one in secrets_of(title, subject.text)), "secret")
    return f"{_KINDS[kind.name] if kind else 'Text'} with {with_article(what)}"


def open_model() -> Model:
    """Return the model."""
    return Titles()
