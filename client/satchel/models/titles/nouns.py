"""Sentences from names without a verb at their beginning: what is returned, made, or handled.

Each rule returns an empty text for a name that it does not fit; the first that fits tells the sentence.
"""

from collections.abc import Callable
from typing import Final

from satchel.models.parsing.declarations import Declaration
from satchel.models.titles.lexicon import PREPOSITIONS, word_set
from satchel.models.titles.names import plain, tiers
from satchel.models.titles.phrases import (
    counted,
    default_object,
    first_parameter,
    is_participle,
    objects,
    owner_of,
    subject_of,
    tail_of,
    with_indefinite,
)
from satchel.models.titles.predicates import is_adjective
from satchel.models.titles.results import gives_boolean, gives_value
from satchel.models.titles.verbs import SYNONYMS, action, ends_in_verb, made_by

Rule = Callable[[tuple[str, ...], Declaration], str]

_CALLBACKS: Final = word_set("handler callback cb listener hook")
_MANNERS: Final = word_set("bulk auto lazy fast mass batch soft hard right left deep shallow quick force raw")
_NOUN_ENDS: Final = (
    *("ity", "tion", "sion", "ness", "ment", "ance", "ence", "ism", "ure", "age", "ship", "th", "ogy", "um"),
    *("us", "ics", "est", "ive", "ant", "ent", "al", "ic", "able", "ary", "s", "er", "or"),
)


def noun_sentence(words: tuple[str, ...], declaration: Declaration) -> str:
    """Return the sentence of a name without a verb at its beginning."""
    return next(filter(None, (rule(words, declaration) for rule in _RULES)))


def decorating(words: tuple[str, ...], *, is_verb: bool) -> str:
    """Return the sentence of a decorator: what it makes of a function."""
    if is_verb:
        return f"decorate a function to {words[0]} {counted(words[1:]) if len(words) > 1 else 'it'}"
    return f"decorate a function {'as' if is_participle(words[-1]) else 'with'} {plain(words)}"


def _conversion(words: tuple[str, ...], declaration: Declaration) -> str:  # noqa: ARG001
    """`bytes_to_string`."""
    if "to" not in words[1:-1]:
        return ""
    at = words.index("to", 1)
    before, after = plain(words[:at], with_articles=True), plain(words[at + 1 :], with_articles=True)
    return f"convert {before} to {after}"


def _callback(words: tuple[str, ...], declaration: Declaration) -> str:
    """`error_handler`."""
    is_handled = len(words) > 1 and words[-1] in _CALLBACKS and gives_value(declaration) is not True
    return f"handle the {plain(words[:-1])}" if is_handled else ""


def _iterator(words: tuple[str, ...], declaration: Declaration) -> str:  # noqa: ARG001
    """`nodes_iter`."""
    is_iterated = len(words) > 1 and words[-1] in ("iter", "iterator")
    return f"iterate over {objects(words[:-1])}" if is_iterated else ""


def _claim(words: tuple[str, ...], declaration: Declaration) -> str:
    """`cookie_is_encoded`."""
    verb = next((one for one in ("is", "are", "has", "have") if one in words[1:-1]), "")
    if not verb or gives_boolean(declaration) is False:
        return ""
    at = words.index(verb, 1)
    return f"return True if {objects(words[:at])} {verb} {plain(words[at + 1 :])}"


def _state(words: tuple[str, ...], declaration: Declaration) -> str:
    """`closed` and `empty`, which return True or False."""
    is_state = is_participle(words[-1]) or (len(words) == 1 and is_adjective(words[0]))
    if not is_state or gives_boolean(declaration) is not True:
        return ""
    return f"return True if the {subject_of(declaration)} is {plain(words)}"


def _participle(words: tuple[str, ...], declaration: Declaration) -> str:
    """`connection_lost`, which is called, and `normalized`, which returns something normalized."""
    value = gives_value(declaration)
    if is_participle(words[-1]) and len(words) > 1 and value is False:
        return f"handle the {plain(words)} event"
    if is_participle(words[-1]) and len(words) == 1 and value is not False:
        return f"return the {words[0]} {first_parameter(declaration) or subject_of(declaration)}"
    return ""


def _creation(words: tuple[str, ...], declaration: Declaration) -> str:
    """`new`, in Rust and other languages without constructors."""
    if words != ("new",):
        return ""
    what = owner_of(declaration) if declaration.owner else made_by(declaration).partition(" ")[2]
    return f"create a new {what or 'instance'}"


def _command(words: tuple[str, ...], declaration: Declaration) -> str:
    """`routes_command`."""
    is_command = len(words) > 1 and words[-1] in ("command", "cmd") and gives_value(declaration) is not True
    return f"run the {plain(words[:-1])} command" if is_command else ""


def _verb_at_the_end(words: tuple[str, ...], declaration: Declaration) -> str:
    """`cache_clear` and `bulk_discard`."""
    if not ends_in_verb(words):
        return ""
    if words[0] in _MANNERS:
        return f"{words[0]} {action(words[1], (), declaration)}"
    return f"{SYNONYMS.get(words[1], words[1])} the {plain(words[:1])}{tail_of(words[1], words, declaration)}"


def _context(words: tuple[str, ...], declaration: Declaration) -> str:
    """A context manager, `@contextmanager`."""
    is_context = any(one.endswith("contextmanager") for one in declaration.decorators)
    return f"provide {with_indefinite(plain(words))}" if is_context else ""


def _done(words: tuple[str, ...], declaration: Declaration) -> str:
    """A function that gives nothing back, so that its name is no noun of a value."""
    if gives_value(declaration) is not False:
        return ""
    if len(words) == 1 and _is_unknown(words[0]):
        return f"{words[0]} {default_object(declaration)}".rstrip()
    return f"{plain(words)}{tail_of('return', words, declaration)}".removesuffix(" of the object")


def _own_name(words: tuple[str, ...], declaration: Declaration) -> str:
    """One word that is in no list, such as `assoc`."""
    parameter = first_parameter(declaration)
    is_own = len(words) == 1 and parameter and _is_unknown(words[0])
    return f"apply {words[0]} to the {parameter}" if is_own else ""


def _is_unknown(word: str) -> bool:
    """Whether a word is neither a common one nor looks like a noun or an adjective."""
    return word not in tiers() and not word.endswith(_NOUN_ENDS)


def _noun_phrase(words: tuple[str, ...], declaration: Declaration) -> str:
    yields = "yield " in declaration.body or any(
        one in declaration.returns for one in ("Iterator", "Generator")
    )
    verb = "yield" if yields else "return"
    if len(words) > 1 and words[-1] in PREPOSITIONS:
        target = first_parameter(declaration)
        return f"{verb} {objects(words)} the {target}" if target else f"{verb} {objects(words[:-1])}"
    return f"{verb} {objects(words)}{tail_of(verb, words, declaration)}"


_RULES: Final[tuple[Rule, ...]] = (
    _conversion,
    _callback,
    _iterator,
    _claim,
    _state,
    _participle,
    _creation,
    _command,
    _verb_at_the_end,
    _context,
    _done,
    _own_name,
    _noun_phrase,
)
