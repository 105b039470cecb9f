"""Sentences from the names of tests: `test_parse_returns_none` is "Test that parse returns None"."""

from typing import Final

from satchel.models.titles.lexicon import PREPOSITIONS, VERBS, word_set
from satchel.models.titles.names import plain
from satchel.models.titles.predicates import is_adjective

_NEGATIONS: Final = {
    "cant": "cannot",
    "cannot": "cannot",
    "doesnt": "does not",
    "dont": "do not",
    "isnt": "is not",
    "arent": "are not",
    "wont": "will not",
    "shouldnt": "should not",
}
_CLAIMS: Final = frozenset(_NEGATIONS) | word_set(
    "is are returns raises has does should can will fails works throws contains creates handles accepts rejects "
    "gives gets sets uses keeps stays becomes matches equals must ignores requires supports"
)
_RELATIVE: Final = PREPOSITIONS | {"that", "which", "who"}


def sentence_of_test(words: tuple[str, ...]) -> str:
    """Return what a test shows, as a sentence without its period."""
    rest = words[1:] if words[0] == "test" else words
    if not rest:
        return "Test"
    is_of_it = _is_claim(rest)
    if len(rest) < 2 or not (is_of_it or _claims_of_another(rest)):
        return f"Test {plain(rest)}"
    said = " ".join(_NEGATIONS.get(word) or plain((word,)) for word in rest)
    return f"Test that {'it ' if is_of_it else ''}{said}"


def _is_claim(words: tuple[str, ...]) -> bool:
    """Whether a name begins with what the tested thing does: `returns_none`, but not `is_response_empty`."""
    first = words[0]
    if _is_asked(words):
        return False
    return first in _CLAIMS or (first.endswith("s") and first[:-1] in VERBS)


def _is_asked(words: tuple[str, ...]) -> bool:
    return words[0] in ("is", "are", "has", "can") and len(words) > 1 and not is_adjective(words[1])


def _claims_of_another(words: tuple[str, ...]) -> bool:
    """Whether a name says who does what: `parse_returns_none`, but not `route_that_does_not_exist`."""
    at = next((at for at, word in enumerate(words) if word in _CLAIMS), 0)
    return at > 0 and not _is_asked(words) and not _RELATIVE & set(words[:at])
