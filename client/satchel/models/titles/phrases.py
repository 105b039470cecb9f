"""Parts of sentences from names: what something is done to, and with which parameter."""

from typing import Final

from satchel.models.parsing.declarations import Declaration
from satchel.models.titles.lexicon import PREPOSITIONS, takes_article, with_article, word_set
from satchel.models.titles.names import noun, plain, written

_VAGUE_PARAMETERS: Final = word_set(
    "args kwargs options opts kw x y n i j k f g a b c callback cb fn func p q r s t v _ other default"
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
_KEYS: Final = word_set("name key id ID index type kind label code")
_MATHEMATICAL: Final = word_set("return yield compute calculate find solve evaluate simplify factor")
_SYMBOLS: Final = word_set("n k x y m N G S z f g")
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
    "compare": "with",
    "copy": "to",
    "convert": "to",
    "bind": "to",
    "attach": "to",
    "connect": "to",
    "move": "to",
    "push": "to",
    "pop": "from",
    "download": "from",
    "upload": "to",
    "start": "with",
    "run": "with",
    "open": "with",
    "call": "with",
    "execute": "with",
    "configure": "with",
    "render": "with",
}
_WITH: Final = word_set("add register create remove delete define")


def objects(words: tuple[str, ...]) -> str:
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


def counted(words: tuple[str, ...]) -> str:
    """Write the rest of a name with "a" for what is made: "a header of the request"."""
    at = next(
        (at for at, word in enumerate(words) if word in PREPOSITIONS or word in ("and", "or")), len(words)
    )
    has_article = at and takes_article(words[at - 1]) and not (at == 1 and words[0].endswith("ed"))
    head = with_indefinite(plain(words[:at])) if has_article else plain(words[:at])
    return f"{head} {objects(words[at:])}".strip()


def with_indefinite(text: str) -> str:
    """Put "a" or "an" before a singular noun phrase."""
    last = text.rpartition(" ")[2]
    return (
        with_article(text) if text and takes_article(last) and not text.startswith(("a ", "all ")) else text
    )


def owner_of(declaration: Declaration) -> str:
    """Return what a method belongs to, as words."""
    return noun(declaration.owner) if declaration.owner else "instance" if declaration.is_method else "object"


def first_parameter(declaration: Declaration) -> str:
    """Return the first parameter that says something, as words."""
    for at, numbered in enumerate(telling_parameters(declaration)[:2]):
        name = numbered.rstrip("0123456789")
        if numbered in declaration.switches:
            break
        if at == 0 and name in _FAMILIAR:
            return _FAMILIAR[name]
        if name.lower() not in _VAGUE_PARAMETERS and len(name) > 2:
            return noun(name)
    return ""


def telling_parameters(declaration: Declaration) -> tuple[str, ...]:
    """Return the parameters without those that every function of a kind has, such as a context."""
    return tuple(
        one
        for one in declaration.parameters
        if one not in _CONTEXTS and one.strip("_").lower() not in PREPOSITIONS
    )


_CONTEXTS: Final = word_set("ctx context cancellationToken CancellationToken token_ t")


def is_key(parameter: str) -> bool:
    """Whether a parameter says which one is meant, and not what is worked on."""
    return parameter.rpartition(" ")[2] in _KEYS and not is_place(parameter)


def is_place(parameter: str) -> bool:
    """Whether a parameter says where a file is."""
    return parameter.endswith(("file name", "path", "URL"))


def subject_of(declaration: Declaration) -> str:
    """Return what a question is about: the parameter of a function, the instance of a method."""
    if not declaration.is_method and telling_parameters(declaration):
        name = telling_parameters(declaration)[0].rstrip("0123456789_") or declaration.parameters[0]
        return (
            _FAMILIAR.get(name) or _SUBJECTS.get(name.lower()) or (noun(name) if len(name) > 1 else "value")
        )
    return owner_of(declaration) if declaration.owner else "object"


def default_object(declaration: Declaration) -> str:
    """Return the object of a verb on its own: `parse(text)` parses the text, `close(self)` closes the instance."""
    parameter = first_parameter(declaration)
    if parameter:
        return f"the {parameter}"
    if declaration.is_method:
        return f"the {owner_of(declaration) if declaration.owner else 'object'}"
    return ""


def tail_of(verb: str, rest: tuple[str, ...], declaration: Declaration) -> str:
    """Return "of the graph", "from the line": a telling parameter that the name does not mention."""
    parameter = first_parameter(declaration)
    if PREPOSITIONS & set(rest):
        return ""
    if not parameter:
        return _tail_without_parameter(verb, declaration)
    known = {*rest, *(part for word in rest for part in written(word).split())}
    words = parameter.split()
    if is_key(parameter) and words[-1] not in known:
        said = words[-1] if set(words) & known else parameter
        return f" {'with' if verb in _WITH else 'for'} the given {said}"
    if set(words) & known:
        return ""
    place = "file" if parameter == "file name" else parameter
    if is_place(parameter) and verb not in _BETWEEN:
        return f" for the given {place}"
    return f" {_BETWEEN.get(verb, 'of')} the {place}"


def _tail_without_parameter(verb: str, declaration: Declaration) -> str:
    first = next(iter(telling_parameters(declaration)), "")
    if first in _SYMBOLS and verb in _MATHEMATICAL:
        return f" of {first}"
    return " of the object" if declaration.is_method and verb in ("return", "yield", "set", "get") else ""


def is_participle(word: str) -> bool:
    """Whether a word is a participle, such as "closed"."""
    return word in _IRREGULAR or (word.endswith("ed") and len(word) > 4 and word not in _NO_PARTICIPLES)


_IRREGULAR: Final = word_set("lost sent found built done taken given hidden broken written chosen")
_NO_PARTICIPLES: Final = word_set("embed exceed proceed speed need indeed succeed breed greed steed")
