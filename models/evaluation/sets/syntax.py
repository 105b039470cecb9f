"""Functions of many languages, cut out of files by tree-sitter, and the same functions with other names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Final

from tree_sitter import Language, Node, Parser

from models.evaluation.metrics import words
from models.evaluation.sampling import number

GRAMMARS: Final[Mapping[str, tuple[str, str]]] = {
    "python": ("tree_sitter_python", "language"),
    "javascript": ("tree_sitter_javascript", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "java": ("tree_sitter_java", "language"),
    "csharp": ("tree_sitter_c_sharp", "language"),
    "go": ("tree_sitter_go", "language"),
    "rust": ("tree_sitter_rust", "language"),
    "cpp": ("tree_sitter_cpp", "language"),
    "php": ("tree_sitter_php", "language_php"),
}
SUFFIXES: Final[Mapping[str, str]] = {
    ".py": "python",
    ".js": "javascript",
    ".mjs": "javascript",
    ".ts": "typescript",
    ".java": "java",
    ".cs": "csharp",
    ".go": "go",
    ".rs": "rust",
    ".cpp": "cpp",
    ".php": "php",
}
_FUNCTIONS: Final = frozenset(
    {
        "function_declaration",
        "function_definition",
        "function_item",
        "method_declaration",
        "method_definition",
    }
)
_SYLLABLES: Final = (
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "ha",
    "ke",
    "li",
    "mo",
    "nu",
    "pa",
    "re",
    "si",
    "to",
    "vu",
    "ze",
)


@dataclass(frozen=True, slots=True)
class Cut:
    """A function as it stands in its file, at the left margin."""

    name: str
    line: int
    code: str


def functions_in(language: str, text: str) -> Iterator[Cut]:
    """Yield the functions and methods of a file that have a name and a body."""
    content = text.encode()
    waiting = [_parser(language).parse(content).root_node]
    while waiting:
        node = waiting.pop()
        waiting.extend(reversed(node.children))
        found = _named(node)
        if found is not None:
            line = node.start_point.row
            yield Cut(found, line + 1, _at_margin(content, node))


def renamed(language: str, code: str, salt: str) -> str:
    """Return code in which every name is another, the same in all its places, and comments are gone."""
    content = code.encode()
    parts: list[bytes] = []
    done = 0
    for node in _leaves(_parser(language).parse(content).root_node):
        if node.type.endswith("identifier") or "comment" in node.type:
            parts.append(content[done : node.start_byte])
            name = content[node.start_byte : node.end_byte].decode()
            parts.append(b"" if "comment" in node.type else other_name(name, salt).encode())
            done = node.end_byte
    text = b"".join([*parts, content[done:]]).decode()
    return "\n".join(line.rstrip() for line in text.split("\n") if line.strip()) + "\n"


def other_name(name: str, salt: str) -> str:
    """Return a name without meaning that depends on the name and the salt; `self` and `this` stay."""
    if name in {"self", "this", "cls"}:
        return name
    chance = number(name, salt)
    return "".join(_SYLLABLES[chance >> shift & 15] for shift in (0, 4, 8, 12)) + str(chance >> 16 & 7)


@cache
def _parser(language: str) -> Parser:
    module, function = GRAMMARS[language]
    return Parser(Language(getattr(import_module(module), function)()))


def _leaves(root: Node) -> Iterator[Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if "comment" in node.type or not node.children:
            yield node
        else:
            waiting.extend(reversed(node.children))


def _named(node: Node) -> str | None:
    """Return the name of a function; None for other nodes. Prototypes of JavaScript count."""
    if (
        node.type == "expression_statement"
        and node.children
        and node.children[0].type == "assignment_expression"
    ):
        value = node.children[0].child_by_field_name("right")
        target = node.children[0].child_by_field_name("left")
        if value is not None and target is not None and value.type == "function_expression":
            return _text(target).split(".")[-1]
        return None
    if node.type not in _FUNCTIONS or node.child_by_field_name("body") is None:
        return None
    name = node.child_by_field_name("name") or _declared(node)
    return None if name is None else _text(name)


def _declared(node: Node) -> Node | None:
    """Return the name inside a declarator of C++."""
    inner = node.child_by_field_name("declarator")
    while inner is not None and (deeper := inner.child_by_field_name("declarator")) is not None:
        inner = deeper
    if inner is not None and inner.type == "qualified_identifier":
        return inner.child_by_field_name("name")
    return inner


def _text(node: Node) -> str:
    return (node.text or b"").decode()


def _at_margin(content: bytes, node: Node) -> str:
    start = content.rfind(b"\n", 0, node.start_byte) + 1
    lines = content[start : node.end_byte].decode(errors="replace").split("\n")
    margin = len(lines[0]) - len(lines[0].lstrip())
    return "\n".join(line[margin:] if not line[:margin].strip() else line for line in lines) + "\n"


def key(name: str) -> str:
    """Return a name as ports share it: `readI32`, `read_i32` and `ReadI32` are one."""
    return "".join(words(name))
