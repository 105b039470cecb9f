"""Sentences from names that ask a question: `is_empty`, `hasNext`."""

from typing import Final

from satchel.models.parsing.declarations import Declaration
from satchel.models.titles.lexicon import (
    PREDICATES,
    PREPOSITIONS,
    is_plural,
    takes_article,
    with_article,
    word_set,
)
from satchel.models.titles.names import plain
from satchel.models.titles.phrases import objects, subject_of, with_indefinite

_ADJECTIVE_ENDS: Final = (
    "ed",
    "ing",
    "able",
    "ible",
    "ive",
    "al",
    "ic",
    "ous",
    "ful",
    "less",
    "ary",
    "y",
    "ant",
    "ent",
    "ar",
    "en",
)
_ADJECTIVES: Final = word_set(
    "empty open closed valid prime even odd ready alive dead active idle safe secure local global remote public private "
    "same equal zero positive negative infinite finite nan null none true false new old big small enabled known "
    "online offline free full done complete in sorted unique strict loose simple dirty clean available possible "
    "real integer square regular planar direct absolute relative abstract static hidden visible frozen async distinct "
    "ok up down on off present running right left first last busy stale fresh correct exact similar aware naive "
    "supported required optional outer inner upper lower long short high low leap"
)
_NOUNS: Final = word_set(
    "event client element component argument document parent component agent content statement comment segment directory "
    "dictionary library query entry key array number string file binary property type day category currency country "
    "proxy identity body copy token char calendar var token string meeting thing setting encoding string ring "
    "journal year terminal interval signal literal decimal topic metric generic user header method container"
)


def question(first: str, rest: tuple[str, ...], declaration: Declaration) -> str:
    """Return "return True if the list is empty" from the first word of a name and the others."""
    about = subject_of(declaration)
    subject = f"the {about}"
    verb = PREDICATES[first]
    if is_plural(about.rpartition(" ")[2].lower()):
        verb = {"is": "are", "has": "have", "was": "were", "does": "do", "needs": "need"}.get(verb, verb)
    if len(rest) > 1 and rest[-1] == about.rpartition(" ")[2].lower():
        rest = rest[:-1]
    if first == "has" and not rest[-1].endswith("ed"):
        return f"return True if {subject} {verb} {_owned(rest)}"
    if first in ("is", "are", "was"):
        return f"return True if {_is(subject, verb, rest)}"
    return f"return True if {subject} {verb} {plain(rest)}"


def _owned(rest: tuple[str, ...]) -> str:
    return with_article(plain(rest)) if takes_article(rest[-1]) else plain(rest)


def _is(subject: str, verb: str, rest: tuple[str, ...]) -> str:
    if rest[0] in PREPOSITIONS:
        return f"{subject} {verb} {objects(rest)}"
    if len(rest) > 1 and is_adjective(rest[0]) and is_plural(plain(rest[-1:]).rpartition(" ")[2]):
        return f"the {plain(rest[1:])} are {plain(rest[:1])}"
    if len(rest) > 1 and not is_adjective(rest[0]) and _ends_as_adjective(rest[-1]) and verb in ("is", "are"):
        return f"the {plain(rest[:-1])} {'are' if is_plural(rest[-2]) else 'is'} {plain(rest[-1:])}"
    if rest[0] == "same" and len(rest) > 1:
        return f"{subject} {verb} the {plain(rest)}"
    has_article = verb != "are" and not is_adjective(rest[-1])
    return f"{subject} {verb} {with_indefinite(plain(rest)) if has_article else plain(rest)}"


def _ends_as_adjective(word: str) -> bool:
    return word in _ADJECTIVES or word.endswith(("ed", "able", "ible"))


def is_adjective(word: str) -> bool:
    """Whether a word after "is" takes no article."""
    return word in _ADJECTIVES or (word.endswith(_ADJECTIVE_ENDS) and word not in _NOUNS)


def is_known_adjective(word: str) -> bool:
    """Whether a word is an adjective by itself, not only by its end."""
    return word in _ADJECTIVES
