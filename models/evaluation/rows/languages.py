"""Language, and code versus text: beside magika and pygments on the same windows."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Final, TypeVar

from models.evaluation.figures import Figure
from models.evaluation.metrics import Value, hit, mean
from models.evaluation.product import NoModelError, model_named, models_of, suggested
from models.evaluation.sampling import chosen
from models.evaluation.sets.languages import COMMON, Window, long_windows, short_windows
from models.evaluation.sets.loading import Sets
from models.evaluation.sets.prose import Passage, passages
from satchel.models.interface import Subject
from satchel.models.onnx import load_onnxruntime
from satchel.pieces.languages import canonical_language

Ranker = Callable[[str], Sequence[str]]
Item = TypeVar("Item")

SLOW_PEER: Final = 200

PROSE: Final = frozenset({"text", "markdown", "rst", "tex"})
"""Languages of texts: a suggestion of one of them, or of none, says that a passage is no code."""
_SAME: Final = {"postgres": "sql", "fish": "bash", "systemverilog": "verilog", "vue": "html", "less": "css"}
_OTHER_NAMES: Final = {
    "batch": "bat",
    "emacslisp": "emacs-lisp",
    "lisp": "common-lisp",
    "shell": "bash",
    "vba": "vb.net",
}


def language_rows(sets: Sets) -> list[Figure]:
    """Top-1 and top-3 on windows of 5 to 40 lines, and top-1 on shorter ones."""
    long = sets.load("languages", Window, long_windows)
    short = sets.load("languages-short", Window, short_windows)
    common = [one for one in long if one.language in COMMON]
    common_short = [one for one in short if one.language in COMMON]
    return [
        _figure("language, 32 languages, 5–40 lines", common, 1, 0.90),
        _figure("language, 32 languages, 5–40 lines", common, 3, 0.97),
        _figure("language, 32 languages, 3–10 lines", common_short, 1),
        _figure("language, 46 languages, 5–40 lines", long, 1),
        _figure("language, 46 languages, 3–10 lines", short, 1),
    ]


def _figure(row: str, windows: Sequence[Window], first: int, least: float | None = None) -> Figure:
    peers = {"magika": _score(windows, magika, 1)} if first == 1 else {}
    if first == 1 and least is not None:
        peers["pygments"] = _score(_some(windows), pygments, 1)
    try:
        models = models_of("language")
    except NoModelError:
        return Figure(row, f"top-{first}", None, least=least, peers=peers)
    value = _score(windows, _ours(tuple(one.name for one in models)), first)
    return Figure(row, f"top-{first}", value, model=models[0].name, least=least, peers=peers)


def _score(windows: Sequence[Window], rank: Ranker, first: int) -> Value:
    """Return the part of the windows whose language is among the first ones."""
    return mean([hit([same(name) for name in rank(one.text)], {one.language}, first) for one in windows])


def _some(items: Sequence[Item]) -> list[Item]:
    """Return 200 of the items, for a peer that takes a tenth of a second for each."""
    return chosen(items, SLOW_PEER, repr, "peer")


def same(name: str) -> str:
    """Return the product's name of a language, with its dialects as one."""
    name = _OTHER_NAMES.get(name, name)
    name = canonical_language(name) or name
    return _SAME.get(name, name)


@cache
def _ours(names: tuple[str, ...]) -> Ranker:
    models = [one for one in models_of("language") if one.name in names]

    @cache
    def rank(text: str) -> Sequence[str]:
        return suggested(Subject(text=text, content=text.encode()), "language", models)

    return rank


@cache
def magika(text: str) -> Sequence[str]:
    """Return what magika says of a text."""
    return [_magika()(text)]


@cache
def _magika() -> Callable[[str], str]:
    load_onnxruntime()  # switches off what the package would send
    from magika import Magika  # noqa: PLC0415 - costs half a second

    opened = Magika()
    return lambda text: str(opened.identify_bytes(text.encode()).output.label)


@cache
def pygments(text: str) -> Sequence[str]:
    """Return what pygments says of a text."""
    from pygments.lexers import guess_lexer  # noqa: PLC0415 - loads every lexer
    from pygments.util import ClassNotFound  # noqa: PLC0415

    try:
        lexer = guess_lexer(text)
    except ClassNotFound:
        return []
    return [next((name for name in lexer.aliases if canonical_language(name)), lexer.name.lower())]


def code_or_text_rows(sets: Sets) -> list[Figure]:
    """Accuracy on as many passages of code as of text."""
    items = sets.load("code-or-text", Passage, passages)
    row, measure, least = "code versus text", "accuracy", 0.97
    peers = {"magika": _told(items, magika), "pygments": _told(_some(items), pygments)}
    try:
        model = model_named("code-or-text").name
    except NoModelError:
        return [Figure(row, measure, None, least=least, peers=peers)]
    return [Figure(row, measure, _own(items), model=model, least=least, peers=peers)]


def _own(items: Sequence[Passage]) -> Value:
    from satchel.models.code_or_text import is_code as told  # noqa: PLC0415 - loads its weights

    return mean([float(told(one.text) == one.is_code) for one in items])


def _told(items: Sequence[Passage], rank: Ranker) -> Value:
    """Return the part of the passages that are told right by the language that is named first."""
    return mean([float(is_code(rank(one.text)) == one.is_code) for one in items])


def is_code(ranked: Sequence[str]) -> bool:
    """Return whether the first suggestion is a language of code."""
    return bool(ranked) and same(ranked[0]) not in PROSE | {"txt", "unknown", "ignorefile"}
