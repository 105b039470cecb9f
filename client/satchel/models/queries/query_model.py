"""The model "queries": three to five searches that find a Piece."""

from collections.abc import Iterator, Sequence
from typing import Final

from satchel.models.interface import Model, Subject, Suggestion
from satchel.models.parsing.declarations import declarations_in
from satchel.models.queries.telling_words import (
    EXAMINED_CHARS,
    TellingWord,
    is_typeable,
    telling_words,
    words_of,
)
from satchel.models.tags.text_words import without_noise
from satchel.models.titles.content_kinds import kind_of
from satchel.models.titles.lexicon import PREPOSITIONS, word_set
from satchel.models.titles.names import tiers
from satchel.models.titles.outlines import outline_of

MOST: Final = 5
MAX_WORDS: Final = 4
FIRST_CONFIDENCE: Final = 0.9
STEP: Final = 0.1
_SMALL: Final = PREPOSITIONS | word_set(
    "a an the of and or is are be given if true false object instance class"
)


class Queries:
    """Suggests at most `MOST` queries of two to four words; fewer for a content of few words."""

    def suggest(self, subject: Subject) -> Sequence[Suggestion]:
        """Suggest queries, the one that finds the Piece most surely first."""
        if kind_of(subject) is None:
            return ()
        distinct: dict[frozenset[str], str] = {}
        for query in _queries(subject):
            distinct.setdefault(frozenset(query.split()), query)
        found = list(distinct.values())[:MOST]
        return [
            Suggestion("query", query, round(FIRST_CONFIDENCE - STEP * place, 2), "telling words of it")
            for place, query in enumerate(found)
        ]


def _queries(subject: Subject) -> Iterator[str]:
    own = " ".join((subject.title, subject.description, *subject.tags))
    text = f"{own}\n{subject.text}"
    present = set(words_of(text))
    clean = without_noise(text[:EXAMINED_CHARS])
    outline = outline_of(subject)
    title = _title_words(subject.title or (outline.title if outline else ""), present)
    name = _name_words(subject, present)
    telling = telling_words(clean, frozenset(title) | frozenset(name))
    yield from (" ".join(words) for words in _choices(title, name, telling) if _is_enough(words))


def _choices(title: list[str], name: list[str], telling: list[TellingWord]) -> Iterator[list[str]]:
    best = [one.word for one in telling]
    in_text = {one.word: one.place for one in telling}
    yield _filled(title, best)
    yield _in_order(best[:3], in_text)
    yield _filled(name, best)
    beyond = [word for word in best[:8] if word not in title]
    yield _filled(title[:2], beyond)
    yield _in_order([*best[:1], *best[3:5]], in_text)
    yield _in_order(best[1:4], in_text)


def _filled(words: list[str], best: list[str]) -> list[str]:
    """Return these words, with telling ones added up to three, at most `MAX_WORDS`."""
    chosen = list(dict.fromkeys(words))
    if len(chosen) > MAX_WORDS:
        ranked = sorted(chosen, key=lambda word: best.index(word) if word in best else len(best))[:MAX_WORDS]
        chosen = [word for word in chosen if word in ranked]
    for word in best:
        if len(chosen) >= _LEAST_TELLING and (_tells(chosen) or len(chosen) == MAX_WORDS):
            break
        if word not in chosen:
            chosen.append(word)
    return chosen[:MAX_WORDS]


_LEAST_TELLING: Final = 2


def _tells(words: list[str]) -> bool:
    """Whether words are rare enough together: the tiers of the common words add up to 7, no tier counts 5."""
    common = tiers()
    return sum(common.get(word, 5) for word in words) >= _TOGETHER


_TOGETHER: Final = 9


def _in_order(words: list[str], places: dict[str, int]) -> list[str]:
    return sorted(dict.fromkeys(words), key=lambda word: places[word])


def _title_words(title: str, present: set[str]) -> list[str]:
    common = tiers()
    words = [word for word in words_of(title) if word in present and is_typeable(word)]
    return [word for word in words if word not in _SMALL and common.get(word) != 1] or words


def _name_words(subject: Subject, present: set[str]) -> list[str]:
    kind = kind_of(subject)
    if kind is None or kind.name not in ("code", "script"):
        return []
    declarations = declarations_in(subject.text, kind.language)
    names = [one.name for one in declarations if not one.name.startswith("__")][:1]
    return [word for name in names for word in words_of(name) if word in present and is_typeable(word)]


def _is_enough(words: list[str]) -> bool:
    return len(words) >= _LEAST_TELLING or (len(words) == 1 and words[0] not in tiers())


def open_model() -> Model:
    """Return the model."""
    return Queries()
