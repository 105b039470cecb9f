"""Sentences from names that begin with a verb: `load_config(filename)` loads a configuration from the file."""

import re
from typing import Final

from satchel.models.parsing.declarations import Declaration
from satchel.models.titles.lexicon import (
    EITHER,
    NOUNS_BEFORE_NOUNS,
    PREPOSITIONS,
    VERBS,
    with_article,
    word_set,
)
from satchel.models.titles.names import noun, plain
from satchel.models.titles.phrases import (
    counted,
    default_object,
    first_parameter,
    is_key,
    objects,
    owner_of,
    tail_of,
)
from satchel.models.titles.predicates import is_known_adjective
from satchel.models.titles.results import gives_value, plain_type

SYNONYMS: Final = {
    "get": "return",
    "obtain": "return",
    "give": "return",
    "init": "initialize",
    "calc": "calculate",
    "del": "delete",
    "rm": "remove",
    "gen": "generate",
    "exec": "execute",
    "eval": "evaluate",
    "concat": "concatenate",
    "recv": "receive",
    "cleanup": "clean up",
    "setup": "set up",
    "backup": "back up",
    "lookup": "look up",
    "login": "log in",
    "logout": "log out",
    "shutdown": "shut down",
    "dedupe": "remove duplicates from",
    "diff": "compare",
    "do": "perform",
    "mk": "create",
    "alloc": "allocate",
    "dealloc": "deallocate",
    "async": "run",
    "teardown": "tear down",
    "iter": "iterate over",
    "mkdir": "create",
    "ls": "list",
    "cp": "copy",
    "mv": "move",
    "prep": "prepare",
    "proc": "process",
    "cmp": "compare",
    "chk": "check",
    "mul": "multiply",
    "div": "divide",
    "reg": "register",
    "dec": "decrease",
    "inc": "increase",
    "incr": "increase",
    "decr": "decrease",
    "rand": "randomize",
    "subst": "substitute",
    "xform": "transform",
}
_VERBS: Final = VERBS | EITHER | set(SYNONYMS)
_ALWAYS_VERBS: Final = VERBS - EITHER
_NO_VERBS: Final = word_set(
    "exercise premise expertise otherwise precise concise oversize resize franchise paradise"
)
# What is worked on is one that is there already, and not one that is made.
_DEFINITE: Final = word_set("""
    set return fetch retrieve close open delete remove update check calculate compute find format resolve start stop pop
    redirect compare reset clear flush refresh render adjust increase decrease restore release enter exit
    """)
_PARTICLES: Final = word_set("up down out off in on back over")
_INTRANSITIVE: Final = word_set(
    "wait listen run go look return sleep block enter exit walk move log subscribe switch connect"
)
_BY_KEY: Final = word_set(
    "return fetch find load retrieve delete remove pop discard unregister select look drop"
)
_OF_RESULTS: Final = word_set(
    "build create make load parse read fetch list find generate start open connect construct"
)
_KEPT: Final = word_set("cache queue stream store record log buffer stack tree index image key head")
_MANY: Final = re.compile(
    r"(?:List|IEnumerable|Vec|Array|Set|Collection|Sequence|Iterable|list)[<\[](\w{2,40})[>\]]|(\w{2,40})\[\]"
)
_NO_NAMES: Final = frozenset({"Self", "Any", "Object", "String", "Int", "Boolean"})


def is_verb(word: str) -> bool:
    """Whether a name that begins with a word says what is done."""
    return word in _VERBS or (
        len(word) > 6 and word.endswith(("ize", "ise", "ify")) and word not in _NO_VERBS
    )


def is_noun(words: tuple[str, ...], declaration: Declaration) -> bool:
    """Whether a word that may be a verb is a noun here: a property, or the first half of `index_of`."""
    if words[0] not in EITHER:
        return False
    if any(one.endswith(("property", "getter")) for one in declaration.decorators) or ends_in_verb(words):
        return True
    is_of_value = words[0] in NOUNS_BEFORE_NOUNS and gives_value(declaration) is True
    return (
        words[1] == "of" or is_of_value
        if len(words) > 1
        else is_of_value and not first_parameter(declaration)
    )


def ends_in_verb(words: tuple[str, ...]) -> bool:
    """Whether a name of two words says first what is worked on: `cache_clear`."""
    return len(words) == 2 and words[1] in _ALWAYS_VERBS and (words[0] not in _VERBS or words[0] in _KEPT)


def action(verb: str, rest: tuple[str, ...], declaration: Declaration) -> str:
    """Return the sentence of a verb and the words that follow it in a name."""
    said = SYNONYMS.get(verb, verb)
    return (
        _alone(verb, said, rest, declaration)
        or _two_verbs(said, rest, declaration)
        or _with_preposition(said, rest, declaration)
        or _with_object(said, rest, declaration)
    )


def _alone(verb: str, said: str, rest: tuple[str, ...], declaration: Declaration) -> str:
    """Return the sentence of one verb, such as `close` and `close_quietly`; empty for another name."""
    if not rest:
        return _one_verb(verb, said, declaration)
    if len(rest) == 1 and rest[0].endswith("ly") and len(rest[0]) > 5:
        return f"{_one_verb(verb, said, declaration)} {rest[0]}"
    return ""


def _one_verb(verb: str, said: str, declaration: Declaration) -> str:
    """Return what `close(self)`, `get(key)` and `build() -> Page` do."""
    parameter = first_parameter(declaration)
    if is_key(parameter) and said in _BY_KEY:
        is_found = said in ("return", "fetch", "find", "load", "retrieve")
        what = f"the value for the given {parameter}" if is_found else f"the item with the given {parameter}"
        return f"{said} {what}"
    if verb == "copy" and not parameter:
        return f"return a copy of the {owner_of(declaration)}"
    made = made_by(declaration) if said in _OF_RESULTS and not (parameter or declaration.owner) else ""
    return f"{said} {made or default_object(declaration)}".rstrip()


def made_by(declaration: Declaration) -> str:
    """Return the type of the result as words: "an address", "the catalog items"; empty if it says nothing."""
    declared = plain_type(declaration.returns)
    many = _MANY.fullmatch(declared)
    if many:
        of = noun(many[1] or many[2])
        return f"the {of if of.endswith('s') else of + 's'}"
    is_named = declared.isidentifier() and declared[0].isupper() and len(declared) > 1
    return with_article(noun(declared)) if is_named and declared not in _NO_NAMES else ""


def _two_verbs(said: str, rest: tuple[str, ...], declaration: Declaration) -> str:
    """Return the sentence of a name such as `compile_and_eval`; empty for another name."""
    if len(rest) > 1 and rest[0] in ("and", "or") and is_verb(rest[1]):
        return f"{said} {rest[0]} {action(rest[1], rest[2:], declaration)}"
    if said == "ensure":
        return f"ensure that {plain(rest[:-1]) + ' is ' if len(rest) > 1 else ''}{rest[-1]}"
    return ""


def _with_preposition(said: str, rest: tuple[str, ...], declaration: Declaration) -> str:
    """Return the sentence of a name such as `load_from_file`, `find_by_name` or `fill_in`; empty for another one."""
    if rest[0] not in PREPOSITIONS:
        return _before_preposition(said, rest, declaration)
    if len(rest) == 1:
        has_object = rest[0] in _PARTICLES or declaration.parameters
        return f"{said} {rest[0]} {default_object(declaration) if has_object else ''}".rstrip()
    if rest[0] in _PARTICLES:
        return f"{said} {rest[0]} {objects(rest[1:])}"
    parameter = first_parameter(declaration)
    if is_key(parameter) or set(parameter.split()) & set(rest):
        thing = f"the {owner_of(declaration)}" if declaration.owner else ""
    else:
        is_alone = said in _INTRANSITIVE or not (parameter or declaration.owner)
        thing = "" if is_alone else default_object(declaration)
    after = f"by {plain(rest[1:])}" if rest[0] == "by" else objects(rest)
    return f"{said} {thing} {after}".replace("  ", " ")


def _before_preposition(said: str, rest: tuple[str, ...], declaration: Declaration) -> str:
    """Return the sentence of a name that ends in a preposition, such as `remove_nodes_from`; empty for another one."""
    if rest[-1] not in PREPOSITIONS:
        return ""
    target = first_parameter(declaration)
    return f"{said} {objects(rest)} the {target}" if target else f"{said} {objects(rest[:-1])}"


def _with_object(said: str, rest: tuple[str, ...], declaration: Declaration) -> str:
    if said == "iterate over":
        return f"{said} {objects(rest)}{tail_of('return', rest, declaration)}"
    parameter = first_parameter(declaration)
    if len(rest) == 1 and parameter and is_known_adjective(rest[0]):
        return f"{said} the {rest[0]} {parameter}"
    thing = objects(rest) if said in _DEFINITE else counted(rest)
    return f"{said} {thing}{tail_of(said, rest, declaration)}"
