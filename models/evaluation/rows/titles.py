"""Title and description, against the first paragraph of the real docstring, which the model does not see."""

from collections.abc import Callable, Sequence

from models.evaluation.figures import Figure
from models.evaluation.metrics import Value, mean, rouge_l, words
from models.evaluation.product import NoModelError, models_of, suggested
from models.evaluation.sampling import chosen
from models.evaluation.sets.functions import Function, pairs
from models.evaluation.sets.loading import Sets
from satchel.models.interface import Field, Subject

FUNCTIONS = 1_000


def title_rows(sets: Sets) -> list[Figure]:
    """ROUGE-L of the title and of the description, beside the words of the function's name."""
    everything = sets.load("functions", Function, pairs)
    items = chosen(everything, FUNCTIONS, lambda one: one.origin, "titles")
    return [_figure(items, "title"), _figure(items, "description")]


def _figure(items: Sequence[Function], field: Field) -> Figure:
    row, measure = f"{field} of a Python function", "ROUGE-L"
    peers = {"splitting the name": _score(items, split_name)}
    try:
        models = models_of(field)
    except NoModelError:
        return Figure(row, measure, None, least=0.25, peers=peers)

    def first(item: Function) -> str:
        subject = Subject(text=item.code, content=item.code.encode(), language="python")
        return next(iter(suggested(subject, field, models)), "")

    return Figure(row, measure, _score(items, first), model=models[0].name, least=0.25, peers=peers)


def split_name(item: Function) -> str:
    """Return the words of a function's name."""
    return " ".join(words(item.name))


def _score(items: Sequence[Function], describe: Callable[[Function], str]) -> Value:
    return mean([rouge_l(describe(item), item.said) for item in items])
