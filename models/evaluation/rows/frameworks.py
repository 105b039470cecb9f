"""Frameworks, against what the files import."""

from collections.abc import Sequence

from models.evaluation.figures import Figure
from models.evaluation.metrics import Counts, Value, bootstrap, f1
from models.evaluation.product import NoModelError, models_of, suggested
from models.evaluation.sets.imports import TONGUES, Using, known, usings
from models.evaluation.sets.loading import Sets
from satchel.models.interface import Subject
from satchel.models.registry import Entry


def framework_rows(sets: Sets) -> list[Figure]:
    """F1 of each language. Suggestions that the table of frameworks lacks cannot be judged and are left out."""
    items = sets.load("frameworks", Using, usings)
    return [_figure(language, [one for one in items if one.language == language]) for language in TONGUES]


def _figure(language: str, items: Sequence[Using]) -> Figure:
    row = "frameworks, " + {"csharp": "C#", "javascript": "JavaScript and TypeScript"}.get(
        language, language.title()
    )
    try:
        models = models_of("framework")
    except NoModelError:
        return Figure(row, "F1", None, least=0.9)
    return Figure(row, "F1", _score(items, models), model=models[0].name, least=0.9)


def _score(items: Sequence[Using], models: Sequence[Entry]) -> Value:
    counts = []
    for item in items:
        found = suggested(
            Subject(text=item.text, content=item.text.encode(), language=item.language), "framework", models
        )
        counts.append(Counts.compare({known(item.language, one) for one in found} - {""}, item.frameworks))
    return bootstrap(counts, f1)
