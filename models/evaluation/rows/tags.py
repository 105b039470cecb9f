"""Tags from content, and tags from other tags, against the keywords of packages."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from models.evaluation.figures import Figure
from models.evaluation.metrics import Value, hit, mean, recall
from models.evaluation.product import NoModelError, model_named, models_of, suggested
from models.evaluation.sets.keywords import Described, described, plain
from models.evaluation.sets.loading import Sets
from satchel.models.interface import Subject

FIRST: Final = 5


def tag_rows(sets: Sets) -> list[Figure]:
    """Recall of the first five tags, from the read-me and the main file and from the code alone; leave-one-out."""
    items = sets.load("keywords", Described, described)
    whole = [f"{one.readme}\n\n{one.code}" for one in items]
    return [
        _from_content("tags, read-me and code", items, whole, 0.5),
        _from_content("tags, code alone", items, [one.code for one in items]),
        _from_tags(items),
    ]


def _from_content(
    row: str, items: Sequence[Described], texts: Sequence[str], least: float | None = None
) -> Figure:
    measure = f"recall@{FIRST}"
    common = [word for word, _ in Counter(word for one in items for word in one.keywords).most_common(FIRST)]
    peers = {"the five most common": _recall(items, lambda _: common)}
    try:
        models = [one for one in models_of("tag") if one.name != "related-tags"]
    except NoModelError:
        return Figure(row, measure, None, least=least, peers=peers)
    by_package = dict(zip((one.package for one in items), texts, strict=True))

    def suggest(item: Described) -> Sequence[str]:
        text = by_package[item.package]
        name = item.package.split("/", 1)[1]
        subject = Subject(text=text, content=text.encode(), title=name, description=item.summary)
        return suggested(subject, "tag", models)

    return Figure(row, measure, _recall(items, suggest), model=models[0].name, least=least, peers=peers)


def _recall(items: Sequence[Described], suggest: Callable[[Described], Sequence[str]]) -> Value:
    return mean([recall([plain(tag) for tag in suggest(one)], one.keywords, FIRST) for one in items])


def _from_tags(items: Sequence[Described]) -> Figure:
    """Leave out each keyword in turn, and look for it among the first five tags that go with the others."""
    row, measure = "tags from tags", f"leave-one-out hit@{FIRST}"
    counts = Counter(word for one in items for word in one.keywords)
    shared = [(one, word) for one in items for word in one.keywords if counts[word] > 1]
    peers = {
        "the five most common": _left_out(
            shared, lambda rest: [w for w, _ in counts.most_common(20) if w not in rest]
        )
    }
    try:
        model = model_named("related-tags")
    except NoModelError:
        return Figure(row, measure, None, least=0.5, peers=peers)

    def suggest(rest: tuple[str, ...]) -> Sequence[str]:
        return suggested(Subject(text="", tags=rest), "tag", [model])

    note = "keywords that at least two packages of the set have"
    return Figure(
        row, measure, _left_out(shared, suggest), model=model.name, least=0.5, peers=peers, note=note
    )


def _left_out(
    pairs: Sequence[tuple[Described, str]], suggest: Callable[[tuple[str, ...]], Sequence[str]]
) -> Value:
    scores = []
    for item, word in pairs:
        rest = tuple(one for one in item.keywords if one != word)
        scores.append(hit([plain(tag) for tag in suggest(rest)], {word}, FIRST))
    return mean(scores)
