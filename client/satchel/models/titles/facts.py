"""Facts about a code for its description: parameters, results, errors, libraries, calls."""

import re
from typing import Final

from satchel.models.parsing.declarations import MAX_LINE_CHARS, MAX_LINES, Declaration
from satchel.models.titles.lexicon import with_article, word_set
from satchel.models.titles.outline import listed
from satchel.models.titles.results import plain_type

_RAISED: Final = re.compile(r"\b(?:raise|throw(?:[ ]+new)?|panic!?\()[ ]+(?P<name>[A-Z]\w{1,60})")
_TYPES: Final = {
    "str": "a string",
    "string": "a string",
    "String": "a string",
    "&str": "a string",
    "int": "an integer",
    "i32": "an integer",
    "i64": "an integer",
    "u32": "an integer",
    "u64": "an integer",
    "usize": "an integer",
    "long": "an integer",
    "Int": "an integer",
    "Integer": "an integer",
    "number": "a number",
    "float": "a number",
    "double": "a number",
    "f64": "a number",
    "bytes": "bytes",
    "bool": "a boolean",
    "boolean": "a boolean",
    "Boolean": "a boolean",
    "Bool": "a boolean",
    "dict": "a dictionary",
    "list": "a list",
    "tuple": "a tuple",
    "set": "a set",
}
_NOTHING: Final = frozenset(
    {
        "None",
        "error",
        "void",
        "Void",
        "Unit",
        "()",
        "unit",
        "never",
        "NoReturn",
        "Task",
        "auto",
        "any",
        "Any",
        "Self",
        "self",
        "this",
    }
)
_GO_IMPORT: Final = re.compile(
    r"[ \t]*(?:import[ ]+)?(?:\w{1,30}[ ]+)?\"(?:[\w.-]{1,60}/){0,4}(?P<name>(?!v\d)[A-Za-z][\w.-]{1,60})(?:/v\d{1,2})?\"$"
)
_IMPORTS: Final = (
    re.compile(r"[ \t]*from[ ]+(?P<name>[A-Za-z_]\w{0,60})[\w.]{0,80}[ ]+import\b"),
    re.compile(
        r"[ \t]*import\b[^'\"\n]{0,160}['\"](?:node:)?(?P<name>@?[\w-]{1,60}(?:/[\w.-]{1,60})?)['\"/]"
    ),
    re.compile(r"[ \t]*import[ ]+(?:static[ ]+)?(?:com|org|net|io|de|dev)\.(?P<name>[a-z_]\w{0,60})\."),
    re.compile(r"[ \t]*import[ ]+(?:static[ ]+)?(?P<name>[a-z_]\w{0,60})(?:[.,\s]|$)"),
    re.compile(r"[^\n]{0,120}\brequire[ (]+['\"](?P<name>@?[\w-]{1,60}(?:/[\w.-]{1,60})?)['\"/]"),
    _GO_IMPORT,
    re.compile(r"[ \t]*(?:pub[ ]+)?use[ ]+(?P<name>[a-z]\w{1,60})::"),
    re.compile(r"[ \t]*(?:library|require)\((?P<name>\w{1,60})\)"),
    re.compile(r"[ \t]*using[ ]+(?P<name>[A-Z]\w{0,60}(?:\.[A-Z]\w{0,60})?)"),
    re.compile(r"[ \t]*#[ ]*include[ ]+[<\"](?P<name>[\w./-]{1,60})[>\"]"),
    re.compile(r"[ \t]*use[ ]+(?P<name>[A-Z][\w:]{1,60})"),
)
_OWN: Final = word_set(
    "__future__ typing collections abc crate super self std java system types common utils src app lib strict"
)
_CALL: Final = re.compile(r"\b(?P<name>[A-Za-z_]\w{1,40}(?:(?:\.|::|->)[A-Za-z_]\w{1,40}){0,3})[ ]?\(")
_NO_CALLS: Final = word_set(
    "if for while switch catch return function print println printf len str int range list dict super require sizeof int float type elif and or not in console.log self this isinstance"
)


def facts_of(declaration: Declaration, language: str, said: str = "") -> str:
    """Return a sentence on the result and the errors of a function; empty if nothing is known.

    Parameters stand in the sentence `said` before, as far as they say something; so does the result after "Return".
    """
    is_said = said.startswith(("Return ", "Returns ", "Yield ", "Iterate ", "Decorate ", "Decorator "))
    returns = "" if is_said else returned(declaration.returns, declaration.body, language)
    raises = listed(_raised(declaration.body), 2)
    parts = [f"returns {returns}"] if returns else []
    if raises:
        parts.append(f"raises {raises}")
    text = listed(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def returned(declared: str, body: str, language: str) -> str:
    """Return what a function returns, from the declared type or else the return statements; empty if unknown."""
    declared = plain_type(declared)
    if declared in _NOTHING or not declared:
        return (
            _from_body(body)
            if language in ("python", "javascript", "ruby", "php", "lua") and not declared
            else ""
        )
    if declared in _TYPES:
        return _TYPES[declared]
    inner = re.fullmatch(
        r"(?:list|List|Sequence|Iterable|Vec|Array|IEnumerable)[\[<](\w{1,40})[\]>]|(\w{1,40})\[\]|\[\](\w{1,40})",
        declared,
    )
    if inner:
        kind = next(filter(None, inner.groups()))
        named = _TYPES.get(kind, "").partition(" ")[2]
        return f"a list of {named + 's' if named else kind}"
    return (
        with_article(declared)
        if re.fullmatch(r"[A-Z]\w{2,40}", declared)
        else declared
        if re.fullmatch(r"\w{2,30}", declared)
        else ""
    )


_RETURNED: Final = re.compile(r"^[ \t]{0,40}return[ ]+(?P<value>[^\n;]{1,80})", re.MULTILINE)


def _from_body(body: str) -> str:
    if re.search(r"^[ \t]{0,40}yield\b", body, re.MULTILINE):
        return "an iterator"
    return _kind_of_value(values_returned(body))


def values_returned(body: str) -> list[str]:
    """Return what the return statements of a body return, as text."""
    return [match["value"].strip() for match in _RETURNED.finditer(body)]


def _kind_of_value(values: list[str]) -> str:
    if not values:
        return ""
    if all(
        value in ("True", "False", "true", "false") or re.search(r" (?:==|!=|in|is|not|and|>|<|===) ", value)
        for value in values
    ):
        return "a boolean"
    last = values[-1]
    if last[0] == "[" or last.startswith("list("):
        return "a list"
    if last[0] == "{" and (":" in last or last in {"{}", "{"}):
        return "a dictionary"
    if last[0] in "\"'" or last.startswith(('f"', "f'", "str(", "`")) or ".join(" in last:
        return "a string"
    return ""


def _raised(body: str) -> list[str]:
    return [match["name"] for match in _RAISED.finditer(body) if match["name"][:1].isupper()]


def libraries_in(text: str, language: str = "") -> list[str]:
    """Return the libraries that a code imports, in their order, each once; those of the language itself included."""
    found: list[str] = []
    for line in text.splitlines()[:MAX_LINES]:
        short = line[:MAX_LINE_CHARS]
        if not any(
            word in short for word in ("import", "require", "use ", "using ", "include", "library(", '"')
        ):
            continue
        for rule in _IMPORTS:
            if rule is _GO_IMPORT and language != "go":
                continue
            match = rule.match(short)
            if match:
                found.append(match["name"].removesuffix(".h"))
                break
    return list(dict.fromkeys(found))


def libraries_sentence(text: str, language: str) -> str:
    """Return "Uses re and json."; empty if nothing is imported."""
    found = [
        name
        for name in libraries_in(text, language)
        if name.lower() not in _OWN and not name.startswith((".", "_"))
    ]
    return f"Uses {listed(found)}." if found else ""


def calls_in(text: str) -> list[str]:
    """Return the names of the functions that a code calls, in their order, each once."""
    found: list[str] = []
    for line in text.splitlines()[:MAX_LINES]:
        short = line[:MAX_LINE_CHARS]
        if short.lstrip().startswith(("#", "//", "*", "import ", "from ")):
            continue
        found += [match["name"] for match in _CALL.finditer(short) if match["name"] not in _NO_CALLS]
    return list(dict.fromkeys(found))[:20]
