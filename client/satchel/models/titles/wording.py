"""English from names: `parse_header` becomes "Parse the header".

A name is read from the outside in: what its language fixes (`__len__`), words that stand around an action (`async`,
`maybe`, `if_exists`), words that begin a sentence of their own (`is`, `to`, `on`), then a verb (`verbs`), then anything
else (`nouns`).
"""

import re
from typing import Final

from satchel.models.parsing.declarations import Declaration
from satchel.models.titles.claims import sentence_of_test
from satchel.models.titles.lexicon import PREDICATES, PREPOSITIONS, word_set
from satchel.models.titles.names import noun, parts_of, plain
from satchel.models.titles.nouns import decorating, noun_sentence
from satchel.models.titles.phrases import (
    first_parameter,
    objects,
    owner_of,
    subject_of,
    tail_of,
    with_indefinite,
)
from satchel.models.titles.predicates import question
from satchel.models.titles.results import gives_boolean, gives_value, is_decorator
from satchel.models.titles.special_names import ONLY_METHODS, SPECIAL
from satchel.models.titles.verbs import action, is_noun, is_verb, made_by

_LEADS: Final = word_set("to as into from on when before after num n nb with new must")
_ENDINGS: Final = word_set("impl internal inner helper nocheck")
_METHODS_OF_HTTP: Final = word_set("GET POST PUT PATCH DELETE HEAD OPTIONS")
_CONVERSION: Final = re.compile(r"_{0,2}([a-z]{3,30})2([a-z]{2,30})")
_NOT_CONVERTED: Final = word_set("http log base oauth level conv python")
_NO_VALUES: Final = word_set("none null nil")
_CONDITIONS: Final = {
    "exists": "it exists",
    "exist": "they exist",
    "missing": "it is missing",
    "needed": "needed",
    "necessary": "necessary",
    "required": "required",
    "possible": "possible",
    "present": "it is present",
    "available": "it is available",
    "empty": "it is empty",
    "changed": "it has changed",
}
_BEFORE_VERBS: Final = {"maybe": "{} if needed", "try": "try to {}", "safe": "{} safely", "do": "{}"}
_SURE_PREDICATES: Final = word_set("is are has have can should")


def sentence_for(declaration: Declaration) -> str:
    """Return what a function does, from its signature, as a sentence without its period; empty for a name of signs."""
    name = re.sub(r"\$\d{1,3}$", "", declaration.name)
    words = parts_of(name.strip("_$?!~#"))
    if not words:
        return ""
    return _fixed(name, declaration) or (
        sentence_of_test(words) if declaration.kind == "test" else capitalized(_sentence(words, declaration))
    )


def capitalized(text: str) -> str:
    """Write the first letter in capitals."""
    return text[:1].upper() + text[1:]


def _fixed(name: str, declaration: Declaration) -> str:
    """Return the sentence of a name that its language or a protocol fixes; empty for another name."""
    parameter = first_parameter(declaration)
    special = SPECIAL.get(name) if name not in ONLY_METHODS or declaration.is_method else None
    converted = _CONVERSION.fullmatch(name)
    if special:
        return special.format(owner=owner_of(declaration), parameter=parameter or "value")
    if name == declaration.owner:
        return f"Create a new {noun(name)}{tail_of('create', (), declaration)}"
    if name.startswith("do_") and name[3:] in _METHODS_OF_HTTP:
        return f"Handle a {name[3:]} request"
    if name.upper() in _METHODS_OF_HTTP and parameter.endswith("URL"):
        return f"Send a {name.upper()} request to the URL"
    if converted and converted[1] not in _NOT_CONVERTED:
        return f"Convert {noun(converted[1])} to {noun(converted[2])}"
    return ""


def _sentence(words: tuple[str, ...], declaration: Declaration) -> str:
    """Set apart what stands around an action: `_async`, `maybe_`, `_if_exists`, `_impl`."""
    if len(words) > 1:
        form, rest = _around(words)
        if form:
            return form.format(_sentence(rest, declaration))
    if is_decorator(declaration) and words[-1] not in ("decorator", "wrapper"):
        return decorating(words, is_verb=is_verb(words[0]))
    return _function(words, declaration)


def _around(words: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return the form of a sentence for the words around an action, and the words of this; no form without such."""
    first, last = words[0], words[-1]
    found: list[tuple[bool, str, tuple[str, ...]]] = [
        (last in _ENDINGS and words[-2] not in PREPOSITIONS, "{}", words[:-1]),
        (first == "async" and "to" not in words, "{} asynchronously", words[1:]),
        (last == "async" and "to" not in words, "{} asynchronously", words[:-1]),
        (first == "sync", "{}", words[1:]),
        (first == "aiter", "{}", ("iter", *words[1:])),
        (first in _BEFORE_VERBS and is_verb(words[1]), _BEFORE_VERBS.get(first, ""), words[1:]),
    ]
    if len(words) > 2:
        found += [
            (words[-2] == "if" and last in _CONDITIONS, f"{{}} if {_CONDITIONS.get(last)}", words[:-2]),
            (words[-2] == "or" and last in _NO_VALUES, f"{{}} or {plain(words[-1:])}", words[:-2]),
        ]
    return next(((form, rest) for fits, form, rest in found if fits), ("", words))


def _function(words: tuple[str, ...], declaration: Declaration) -> str:
    first, rest = words[0], words[1:]
    if any(one.endswith(".setter") for one in declaration.decorators):
        return f"set {objects(words)}"
    is_asked = first in _SURE_PREDICATES or gives_boolean(declaration) is not False
    if rest and first in PREDICATES and is_asked:
        return question(first, rest, declaration)
    if rest and first in _LEADS:
        return _conversion(first, rest, declaration) or _after_lead(first, rest, declaration)
    if is_verb(first) and not is_noun(words, declaration):
        return action(first, rest, declaration)
    return noun_sentence(words, declaration)


def _conversion(first: str, rest: tuple[str, ...], declaration: Declaration) -> str:
    """Return the sentence of `to_json`, `as_dict` and `from_file`; empty for another name."""
    what = plain(rest, with_articles=True)
    if first in ("to", "into"):
        return f"convert the {subject_of(declaration)} to {what}"
    if first == "as":
        return f"return the {subject_of(declaration)} as {what}"
    if first != "from":
        return ""
    if declaration.is_method and declaration.returns in ("None", "bool"):
        return f"update the {owner_of(declaration)} from {what}"
    made = made_by(declaration).replace("the ", "", 1) or with_indefinite(owner_of(declaration))
    return f"create {made} from {what}"


def _after_lead(first: str, rest: tuple[str, ...], declaration: Declaration) -> str:
    """Return the sentence of a name that begins with a preposition, with "new", or with "num"."""
    if first in ("on", "when"):
        return f"handle the {plain(rest)} event"
    if first in ("num", "n", "nb"):
        return f"return the number of {plain(rest)}{tail_of('return', rest, declaration)}"
    if first == "new":
        return f"create a new {plain(rest)}{tail_of('create', rest, declaration)}"
    if first == "must":
        return f"{_sentence(rest, declaration)} or panic"
    if first == "with" and gives_value(declaration) is not False:
        return f"return a copy with the given {plain(rest)}"
    return f"run {first} the {plain(rest)}"
