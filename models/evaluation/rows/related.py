"""Related links: the documentation of what a text imports and calls, against published manuals and metadata."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from models.evaluation.figures import Figure
from models.evaluation.metrics import Value, mean
from models.evaluation.product import NoModelError, model_named, suggested
from models.evaluation.sets.documented import Documented, documented, is_right
from models.evaluation.sets.loading import Sets
from satchel.models.interface import Subject

FIRST: Final = 3
_NAMES: Final = {"javascript": "JavaScript and TypeScript"}

Suggest = Callable[[Documented], Sequence[str]]


def related_rows(sets: Sets) -> list[Figure]:
    """Precision of the first three links of all texts and of each language, and how many texts have one."""
    items = sets.load("documented", Documented, documented)
    row = f"related links of {len(items)} texts"
    try:
        model = model_named("related")
    except NoModelError:
        return [Figure(row, f"precision@{FIRST}", None, least=0.8)]

    def suggest(item: Documented) -> Sequence[str]:
        subject = Subject(text=item.text, content=item.text.encode(), language=item.language)
        return suggested(subject, "link", [model])[:FIRST]

    peers = {f"the language's {FIRST} most common": precision(items, most_common(items))}
    judged = [is_right(item, one) for item in items for one in suggest(item)]
    return [
        Figure(row, f"precision@{FIRST}", precision(items, suggest), model.name, least=0.8, peers=peers),
        Figure(row, "texts with a link", mean([float(bool(suggest(one))) for one in items]), model.name),
        Figure(row, "links that cannot be judged", mean([float(one is None) for one in judged]), model.name),
        *(
            _of_language(language, [one for one in items if one.language == language], suggest, model.name)
            for language in dict.fromkeys(one.language for one in items)
        ),
    ]


def _of_language(language: str, items: Sequence[Documented], suggest: Suggest, model: str) -> Figure:
    row = f"related links, {_NAMES.get(language, language.title())}"
    return Figure(row, f"precision@{FIRST}", precision(items, suggest), model)


def precision(items: Sequence[Documented], suggest: Suggest) -> Value:
    """Return the mean, over the texts with a link that can be judged, of the part of those links that is right."""
    scores = []
    for item in items:
        judged = [right for one in suggest(item) if (right := is_right(item, one)) is not None]
        if judged:
            scores.append(sum(judged) / len(judged))
    return mean(scores)


def most_common(items: Sequence[Documented]) -> Suggest:
    """Return what suggests, for every text, the modules that are right for most texts of its language."""
    counts: dict[str, Counter[str]] = {}
    for item in items:
        counts.setdefault(item.language, Counter()).update(
            one
            for one in (*item.pages, *item.places)
            if "#" not in one and not one.startswith("developer.mozilla.org")
        )
    first = {
        language: [f"https://{one}" for one, _ in sorted(count.items(), key=lambda pair: (-pair[1], pair[0]))]
        for language, count in counts.items()
    }
    return lambda item: first[item.language][:FIRST]
