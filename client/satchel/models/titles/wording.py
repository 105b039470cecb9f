"""English from names: `parse_header` becomes "Parse the header"."""

from typing import Final

from satchel.models.titles.declarations import Declaration
from satchel.models.titles.lexicon import (
    EITHER,
    PREDICATES,
    PREPOSITIONS,
    VERBS,
    takes_article,
    with_article,
    word_set,
)
from satchel.models.titles.names import noun, parts_of, plain

_SPECIAL: Final = {
    "__init__": "Initialize the {owner}",
    "__new__": "Create a new {owner}",
    "__repr__": "Return the representation of the {owner}",
    "__str__": "Return the {owner} as a string",
    "__len__": "Return the number of items in the {owner}",
    "__iter__": "Iterate over the {owner}",
    "__next__": "Return the next item of the {owner}",
    "__contains__": "Return True if the {owner} contains the given {parameter}",
    "__getitem__": "Return the value for the given {parameter}",
    "__setitem__": "Set the value for the given {parameter}",
    "__delitem__": "Delete the value for the given {parameter}",
    "__getattr__": "Return the attribute with the given {parameter}",
    "__call__": "Call the {owner}",
    "__eq__": "Return True if the two objects are equal",
    "__ne__": "Return True if the two objects are not equal",
    "__lt__": "Return True if the {owner} is less than the other",
    "__hash__": "Return the hash of the {owner}",
    "__enter__": "Enter the context of the {owner}",
    "__exit__": "Exit the context of the {owner}",
    "__add__": "Add the {parameter} to the {owner}",
    "__sub__": "Subtract the {parameter} from the {owner}",
    "__mul__": "Multiply the {owner} by the {parameter}",
    "__bool__": "Return True if the {owner} is not empty",
    "__del__": "Release the {owner}",
    "__getstate__": "Return the state of the {owner} for pickling",
    "__setstate__": "Restore the state of the {owner} after unpickling",
    "constructor": "Initialize the {owner}",
    "main": "Run the main program",
    "wrapper": "Wrap the function",
    "decorator": "Decorate the function",
    "toString": "Return the {owner} as a string",
    "hashCode": "Return the hash of the {owner}",
    "equals": "Return True if the {owner} equals the {parameter}",
    "setUp": "Set up the test",
    "tearDown": "Tear down the test",
    "useEffect": "Run an effect",
}
_RETURNING: Final = {
    "get": "Return",
    "fetch": "Fetch",
    "retrieve": "Retrieve",
    "obtain": "Return",
    "give": "Return",
}
_SYNONYMS: Final = {
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
    "ensure": "ensure",
    "alloc": "allocate",
    "dealloc": "deallocate",
    "async": "run",
    "teardown": "tear down",
    "iter": "iterate over",
    "mkdir": "create",
    "print": "print",
    "ls": "list",
    "cp": "copy",
    "mv": "move",
    "prep": "prepare",
    "proc": "process",
    "cmp": "compare",
    "chk": "check",
}
_VERBS: Final = VERBS | EITHER | set(_SYNONYMS)
_VAGUE_PARAMETERS: Final = word_set(
    "args kwargs options opts kw x y n i j k f g a b c callback cb fn func p q r s t v _ other"
)
_SUBJECTS: Final = {
    "g": "graph",
    "n": "number",
    "s": "string",
    "fn": "function",
    "f": "function",
    "func": "function",
    "cb": "callback",
    "x": "value",
    "v": "value",
    "other": "other object",
}


def sentence_for(declaration: Declaration) -> str:
    """Return what a function does, from its signature, as a sentence without its period; empty for a name of signs."""
    words = parts_of(declaration.name.strip("_$?!~"))
    if not words:
        return ""
    special = _SPECIAL.get(declaration.name)
    if special:
        return special.format(owner=_owner(declaration), parameter=_parameter(declaration) or "value")
    if declaration.kind == "test":
        return _test(words)
    return capitalized(_function(words, declaration))


def capitalized(text: str) -> str:
    """Write the first letter in capitals."""
    return text[:1].upper() + text[1:]


def _function(words: tuple[str, ...], declaration: Declaration) -> str:
    first, rest = words[0], words[1:]
    if rest and first in PREDICATES:
        return _question(first, rest, declaration)
    if rest and first in _LEADS:
        return _after_lead(first, rest, declaration)
    if first in _VERBS and not _is_noun(words, declaration):
        return _action(first, rest, declaration)
    for between in ("to", "2"):
        if between in words[1:-1]:
            at = words.index(between, 1)
            before, after = words[:at], words[at + 1 :]
            return f"convert {plain(before, with_articles=True)} to {plain(after, with_articles=True)}"
    return _noun_phrase(words, declaration)


_LEADS: Final = word_set("to as into from on when before after num n nb with")


def _after_lead(first: str, rest: tuple[str, ...], declaration: Declaration) -> str:
    """Return the sentence of a name that begins with a preposition, or with "num"."""
    if first in ("to", "as", "into"):
        return f"convert the {_subject(declaration)} to {plain(rest, with_articles=True)}"
    if first == "from":
        return f"create {with_article(_owner(declaration))} from {plain(rest, with_articles=True)}"
    if first in ("on", "when"):
        return f"handle the {plain(rest)} event"
    if first in ("num", "n", "nb"):
        return f"return the number of {plain(rest)}{_tail('return', rest, declaration)}"
    return (
        f"return a copy with the given {plain(rest)}" if first == "with" else f"run {first} the {plain(rest)}"
    )


def _is_noun(words: tuple[str, ...], declaration: Declaration) -> bool:
    """Whether a word that may be a verb is a noun here: a property, or the first half of `index_of`."""
    if words[0] not in EITHER:
        return False
    if any(one.endswith(("property", "getter")) for one in declaration.decorators):
        return True
    return len(words) > 1 and words[1] == "of"


def _question(first: str, rest: tuple[str, ...], declaration: Declaration) -> str:
    about = _subject(declaration)
    subject = f"the {about}"
    if len(rest) > 1 and rest[-1] == about.rpartition(" ")[2]:
        rest = rest[:-1]
    verb = PREDICATES[first]
    if first in ("is", "are", "was") and rest[0] in PREPOSITIONS:
        return f"return True if {subject} {verb} {_objects(rest)}"
    if first == "has" and not rest[-1].endswith("ed"):
        return f"return True if {subject} has {_counted(rest)}"
    if first in ("is", "are", "was"):
        predicate = plain(rest)
        if _is_noun_word(rest[-1]):
            predicate = with_article(predicate)
        return f"return True if {subject} {verb} {predicate}"
    return f"return True if {subject} {verb} {plain(rest)}"


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
    "real integer square regular planar direct absolute relative abstract static hidden visible frozen"
)


def _is_noun_word(word: str) -> bool:
    return word not in _ADJECTIVES and not word.endswith(_ADJECTIVE_ENDS) and takes_article(word)


def _action(verb: str, rest: tuple[str, ...], declaration: Declaration) -> str:
    said = _RETURNING.get(verb, "").lower() or _SYNONYMS.get(verb, verb)
    if not rest:
        return f"{said} {_default_object(declaration)}".rstrip()
    if verb == "ensure":
        return f"ensure that {plain(rest[:-1]) + ' is ' if len(rest) > 1 else ''}{rest[-1]}"
    if rest[0] in PREPOSITIONS:
        return _with_preposition(said, rest, declaration)
    if rest[-1] in PREPOSITIONS:
        target = _parameter(declaration)
        return f"{said} {_objects(rest)} the {target}" if target else f"{said} {_objects(rest[:-1])}"
    objects = _objects(rest) if said in _DEFINITE else _created(rest)
    return f"{said} {objects}{_tail(said, rest, declaration)}"


_DEFINITE: Final = word_set("set return fetch retrieve close open delete remove")


def _with_preposition(said: str, rest: tuple[str, ...], declaration: Declaration) -> str:
    """Return the sentence of a name such as `load_from_file` or `fill_in`."""
    if len(rest) == 1:
        return f"{said} {rest[0]} {_default_object(declaration)}".rstrip()
    if rest[0] in _PARTICLES:
        return f"{said} {rest[0]} {_objects(rest[1:])}"
    return f"{said} {_default_object(declaration)} {_objects(rest)}".replace("  ", " ")


_PARTICLES: Final = word_set("up down out off in on back over")


def _tail(verb: str, rest: tuple[str, ...], declaration: Declaration) -> str:
    """Return "of the graph", "from the line": a telling parameter that the name does not mention."""
    parameter = _parameter(declaration)
    if PREPOSITIONS & set(rest):
        return ""
    if not parameter:
        if declaration.parameters and len(declaration.parameters[0]) < 3 and verb in _MATHEMATICAL:
            return f" of {declaration.parameters[0]}"
        return " of the object" if declaration.is_method and verb in ("return", "yield", "set", "get") else ""
    if set(parameter.lower().split()) & set(rest):
        return ""
    if parameter.rpartition(" ")[2] in _KEYS and verb not in _BETWEEN:
        return f" for the given {parameter}"
    return f" {_BETWEEN.get(verb, 'of')} the {parameter}"


_KEYS: Final = word_set("name key id ID index path type kind label filename code")


_MATHEMATICAL: Final = word_set("return yield compute calculate find solve evaluate simplify factor")
_BETWEEN: Final = {
    "add": "to",
    "append": "to",
    "register": "for",
    "create": "from",
    "make": "from",
    "build": "from",
    "generate": "from",
    "remove": "from",
    "extract": "from",
    "parse": "from",
    "read": "from",
    "load": "from",
    "write": "to",
    "send": "to",
    "save": "to",
    "apply": "to",
    "find": "in",
    "search": "in",
    "replace": "in",
    "insert": "into",
    "delete": "from",
    "fetch": "from",
    "merge": "with",
    "update": "with",
}


def _noun_phrase(words: tuple[str, ...], declaration: Declaration) -> str:
    yields = (
        "yield " in declaration.body
        or "Iterator" in declaration.returns
        or "Generator" in declaration.returns
    )
    verb = "yield" if yields and "contextmanager" not in "".join(declaration.decorators) else "return"
    if words[-1] in PREPOSITIONS and len(words) > 1:
        target = _parameter(declaration)
        return f"{verb} {_objects(words)} the {target}" if target else f"{verb} {_objects(words[:-1])}"
    return f"{verb} {_objects(words)}{_tail(verb, words, declaration)}"


def _objects(words: tuple[str, ...]) -> str:
    """Write the rest of a name with articles: "the header of the request"."""
    segments: list[list[str]] = [[]]
    for word in words:
        if word in PREPOSITIONS or word in ("and", "or"):
            segments.append([word])
        else:
            segments[-1].append(word)
    return " ".join(_segment(segment) for segment in segments if segment)


def _segment(words: list[str]) -> str:
    lead = ""
    if words[0] in PREPOSITIONS or words[0] in ("and", "or"):
        lead, words = words[0] + " ", words[1:]
    if not words:
        return lead.strip()
    if words[0] in ("all", "each", "every", "any", "no", "its", "this", "the", "a", "an", "other"):
        return lead + plain(tuple(words))
    return f"{lead}the {plain(tuple(words))}"


def _created(words: tuple[str, ...]) -> str:
    at = next((at for at, word in enumerate(words) if word in PREPOSITIONS), len(words))
    head = _counted(words[:at]) if at else ""
    return f"{head} {_objects(words[at:])}".strip()


def _counted(words: tuple[str, ...]) -> str:
    text = plain(words)
    return with_article(text) if words and takes_article(words[-1]) else text


def _owner(declaration: Declaration) -> str:
    return noun(declaration.owner) if declaration.owner else "instance" if declaration.is_method else "object"


def _parameter(declaration: Declaration) -> str:
    """Return the first parameter that says something, as words."""
    for at, name in enumerate(declaration.parameters[:2]):
        if at == 0 and name in _FAMILIAR:
            return _FAMILIAR[name]
        if name.lower() not in _VAGUE_PARAMETERS and len(name) > 2:
            return noun(name)
    return ""


_FAMILIAR: Final = {
    "G": "graph",
    "df": "data frame",
    "fd": "file descriptor",
    "fp": "file",
    "fn": "function",
    "func": "function",
    "cb": "callback",
    "callback": "callback",
    "db": "database",
    "s": "string",
    "id": "ID",
    "e": "error",
    "err": "error",
    "el": "element",
    "dt": "date and time",
    "lst": "list",
    "arr": "array",
    "xs": "list",
    "req": "request",
    "ctx": "context",
    "tz": "time zone",
    "nums": "numbers",
}


def _subject(declaration: Declaration) -> str:
    """Return what a question is about: the parameter of a function, the instance of a method."""
    if not declaration.is_method and declaration.parameters:
        name = declaration.parameters[0]
        return _SUBJECTS.get(name.lower()) or noun(name)
    return _owner(declaration) if declaration.owner else "object"


def _default_object(declaration: Declaration) -> str:
    """Return the object of a verb on its own: `parse(text)` parses the text, `close(self)` closes the instance."""
    parameter = _parameter(declaration)
    if parameter:
        return f"the {parameter}"
    return f"the {_owner(declaration)}" if declaration.is_method and declaration.owner else ""


def _test(words: tuple[str, ...]) -> str:
    rest = words[1:] if words[0] == "test" else words
    return f"Test {plain(rest)}" if rest else "Test"
