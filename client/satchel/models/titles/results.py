"""What a function gives back, as far as its text tells: a value, a boolean, a function, or nothing."""

import re
from typing import Final

from satchel.models.parsing.declarations import Declaration
from satchel.models.titles.lexicon import word_set

NOTHING: Final = frozenset(
    {"None", "void", "Void", "Unit", "()", "unit", "never", "NoReturn", "error", "Task", "err"}
)
_BOOLEANS: Final = frozenset({"bool", "boolean", "Boolean", "Bool"})
_UNTYPED: Final = frozenset(
    {"python", "javascript", "php", "lua", "c", "cpp", "go", "rust", "java", "csharp"}
)
_VALUE: Final = re.compile(r"\breturn\b[ (]{1,4}(?!None\b|null\b|nil\b|undefined\b)[^\s;})]|\byield\b")
_TRUTH: Final = re.compile(
    r"\breturn\b[ ](?:True|False|true|false|not[ ]|!|[^\n]{1,80}[ ](?:==|!=|in|is|not|and|or|>|<|>=|<=|===|&&|\|\|)[ ]|"
    r"(?:isinstance|hasattr|issubclass|bool|any|all|callable)\(|"
    r"[\w.]{1,60}\.(?:startswith|endswith|starts_with|startsWith|endsWith|exists|contains|includes|issubset|is\w{1,30})\()"
)
_ANY_VALUE: Final = re.compile(r"\breturn\b[ ]\S")
_INNER: Final = re.compile(
    r"^[ \t]{1,40}(?:async[ ]+)?def[ ]+(?P<name>\w{1,60})\((?P<first>\w{0,40})", re.MULTILINE
)
_FUNCTIONS: Final = word_set(
    "f fn func function method meth view callback cb wrapped handler callable obj cls view_func"
)


_WRAPPED: Final = re.compile(
    r"(?:Task|ValueTask|Promise|Result|Option|Optional|Maybe|Future|Awaitable|Coroutine|CompletableFuture|Mono|Box|Arc|"
    r"ActionResult|ResponseEntity|Annotated)[<\[](?P<inner>[^,]{1,80}?)(?:,[^\n]{0,120})?[>\]]"
)
_NAMESPACES: Final = re.compile(r"(?:[a-z_]\w{0,30}(?:\.|::)){1,4}(?=[A-Za-z_])")


def plain_type(declared: str) -> str:
    """Return a declared type without its wrapper, namespaces, pointers, and "or nothing": `io::Result<Page>` is Page."""
    text = declared.strip().strip("\"' *&?").removesuffix("| None").removesuffix("| null").strip()
    for word in ("public", "private", "static", "async", "const", "final", "mut", "virtual", "override"):
        text = text.removeprefix(f"{word} ")
    for _ in range(3):
        text = _NAMESPACES.sub("", text)
        match = _WRAPPED.fullmatch(text)
        if match is None:
            break
        text = match["inner"].strip()
    return text.strip("*&? ")


def gives_value(declaration: Declaration) -> bool | None:
    """Tell whether a function gives back a value; None if its text does not tell."""
    declared = plain_type(declaration.returns)
    if declared:
        return declared not in NOTHING
    body = declaration.body
    if _VALUE.search(body):
        return True
    if declaration.language not in _UNTYPED or body.strip() in ("", "...", "pass") or body.count("\n") == 0:
        return None
    return False


def gives_boolean(declaration: Declaration) -> bool | None:
    """Tell whether a function gives back True or False; None if its text does not tell."""
    declared = plain_type(declaration.returns)
    if declared:
        return declared in _BOOLEANS
    values = len(_ANY_VALUE.findall(declaration.body))
    if not values:
        return None
    return len(_TRUTH.findall(declaration.body)) == values


def is_decorator(declaration: Declaration) -> bool:
    """Tell whether a Python function takes a function and gives back another one."""
    if declaration.language != "python" or declaration.is_method:
        return False
    inner = {match["name"]: match["first"] for match in _INNER.finditer(declaration.body)}
    returned = {
        name for name in inner if re.search(rf"\breturn {name}[ \t]*$", declaration.body, re.MULTILINE)
    }
    if not returned:
        return False
    takes_function = any(one in _FUNCTIONS for one in declaration.parameters[:1])
    return (
        takes_function or "wraps(" in declaration.body or any(inner[name] in _FUNCTIONS for name in returned)
    )
