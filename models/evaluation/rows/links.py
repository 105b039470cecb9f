"""Links of a document, against those that markdown-it-py finds."""

import re
from collections.abc import Callable, Collection, Sequence

from models.evaluation.figures import Figure
from models.evaluation.metrics import Counts, Value, bootstrap, f1
from models.evaluation.product import NoModelError, models_of, suggested
from models.evaluation.sets.documents import Document, documents
from models.evaluation.sets.loading import Sets
from satchel.models.interface import Subject

_ADDRESS = re.compile(r"https?://[^\s<>\"')\]]+")


def link_rows(sets: Sets) -> list[Figure]:
    """F1 over all links of all documents."""
    items = sets.load("documents", Document, documents)
    peers = {"a regular expression": _score(items, lambda item: _ADDRESS.findall(item.text))}
    try:
        models = [one for one in models_of("link") if one.name != "related"]
    except NoModelError:
        return [Figure("links", "F1", None, least=0.98, peers=peers)]

    def find(item: Document) -> Collection[str]:
        subject = Subject(
            text=item.text, content=item.text.encode(), media_type="text/markdown", language="markdown"
        )
        return suggested(subject, "link", models)

    return [Figure("links", "F1", _score(items, find), model=models[0].name, least=0.98, peers=peers)]


def _score(items: Sequence[Document], find: Callable[[Document], Collection[str]]) -> Value:
    return bootstrap([Counts.compare(find(item), item.links) for item in items], f1)
