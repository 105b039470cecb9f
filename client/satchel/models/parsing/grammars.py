"""The grammars: what each calls imports, declarations and calls. Loading one imports its package."""

import re
import time
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from satchel.models.parsing.outline import Kind

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Query


@dataclass(frozen=True, slots=True)
class Grammar:
    """One grammar: its package, its function there, and the kinds of its nodes.

    `imports`, `comments`, `decorators` and `docs` are patterns of queries. `calls` maps a kind to the field with
    the callee (empty: the first child).
    """

    package: str
    declarations: dict[str, Kind]
    imports: tuple[str, ...] = ()
    calls: dict[str, str] = field(default_factory=dict)
    comments: tuple[str, ...] = ("(comment)",)
    decorators: tuple[str, ...] = ()
    docs: tuple[str, ...] = ()
    function: str = "language"

    @property
    def query(self) -> str:
        """The query that captures all parts."""
        captures = {
            "declaration": [one if one.startswith("(") else f"({one})" for one in self.declarations],
            "call": [f"({kind})" for kind in self.calls],
            "import": self.imports,
            "comment": self.comments,
            "decorator": self.decorators,
        }
        lists = [f"[{' '.join(patterns)}] @{name}" for name, patterns in captures.items() if patterns]
        return "\n".join([*lists, *self.docs])


_PYTHON_DOCS: Final = (
    "(module . (expression_statement (string) @module_doc))",
    "(function_definition body: (block . (expression_statement (string) @doc)))",
    "(class_definition body: (block . (expression_statement (string) @doc)))",
)
_JAVASCRIPT: Final[dict[str, Kind]] = {
    "function_declaration": "function",
    "generator_function_declaration": "function",
    "class_declaration": "class",
    "method_definition": "method",
    "(variable_declarator name: (identifier) value: [(arrow_function) (function_expression)])": "function",
}
_TYPESCRIPT: Final[dict[str, Kind]] = {
    **_JAVASCRIPT,
    "abstract_class_declaration": "class",
    "interface_declaration": "interface",
    "type_alias_declaration": "type",
    "enum_declaration": "enum",
    "internal_module": "module",
}
_JAVASCRIPT_IMPORTS: Final = ("(import_statement)", "(export_statement source: (string))")
_JAVASCRIPT_CALLS: Final = {"call_expression": "function", "new_expression": "constructor"}
_C: Final[dict[str, Kind]] = {
    "function_definition": "function",
    "(struct_specifier body: (_))": "struct",
    "(enum_specifier body: (_))": "enum",
    "(union_specifier body: (_))": "struct",
    "type_definition": "type",
    "preproc_function_def": "macro",
}

# Code that people write takes 0.1 s for 64 KiB. After an error, a parser looks for the best way on, in time that grows
# with the square of what it has read: hours for some texts that are no code at all. So nothing is parsed with lines
# or brackets that no person writes, and a long text only if its first part was parsed fast.
_BRACKET: Final = re.compile(rb"[()\[\]{}]")
_LONG_LINE: Final = re.compile(rb"[^\n]{4000}")
_MAX_NESTING: Final = 100
_FIRST_PART_BYTES: Final = 4_096
_BYTES_PER_ERROR: Final = 60
_MAX_CPU_S: Final = 0.15
_CHUNK_BYTES: Final = 65_536 * 4

GRAMMARS: Final[dict[str, Grammar]] = {
    "python": Grammar(
        "tree_sitter_python",
        {"function_definition": "function", "class_definition": "class"},
        ("(import_statement)", "(import_from_statement)", "(future_import_statement)"),
        {"call": "function"},
        decorators=("(decorator)",),
        docs=_PYTHON_DOCS,
    ),
    "javascript": Grammar(
        "tree_sitter_javascript",
        _JAVASCRIPT,
        _JAVASCRIPT_IMPORTS,
        _JAVASCRIPT_CALLS,
        decorators=("(decorator)",),
    ),
    "typescript": Grammar(
        "tree_sitter_typescript",
        _TYPESCRIPT,
        _JAVASCRIPT_IMPORTS,
        _JAVASCRIPT_CALLS,
        decorators=("(decorator)",),
        function="language_typescript",
    ),
    "tsx": Grammar(
        "tree_sitter_typescript",
        _TYPESCRIPT,
        _JAVASCRIPT_IMPORTS,
        _JAVASCRIPT_CALLS,
        decorators=("(decorator)",),
        function="language_tsx",
    ),
    "java": Grammar(
        "tree_sitter_java",
        {
            "class_declaration": "class",
            "interface_declaration": "interface",
            "enum_declaration": "enum",
            "record_declaration": "class",
            "annotation_type_declaration": "interface",
            "method_declaration": "method",
            "constructor_declaration": "method",
        },
        ("(import_declaration)",),
        {"method_invocation": "name", "object_creation_expression": "type"},
        comments=("(line_comment)", "(block_comment)"),
        decorators=("(marker_annotation)", "(annotation)"),
    ),
    "c": Grammar("tree_sitter_c", _C, ("(preproc_include)",), {"call_expression": "function"}),
    "cpp": Grammar(
        "tree_sitter_cpp",
        {**_C, "(class_specifier body: (_))": "class", "namespace_definition": "module"},
        ("(preproc_include)",),
        {"call_expression": "function", "new_expression": "type"},
    ),
    "csharp": Grammar(
        "tree_sitter_c_sharp",
        {
            "class_declaration": "class",
            "interface_declaration": "interface",
            "struct_declaration": "struct",
            "enum_declaration": "enum",
            "record_declaration": "class",
            "delegate_declaration": "type",
            "method_declaration": "method",
            "constructor_declaration": "method",
            "local_function_statement": "function",
        },
        ("(using_directive)",),
        {"invocation_expression": "function", "object_creation_expression": "type"},
        decorators=("(attribute)",),
    ),
    "go": Grammar(
        "tree_sitter_go",
        {"function_declaration": "function", "method_declaration": "method", "type_spec": "type"},
        ("(import_spec)",),
        {"call_expression": "function"},
    ),
    "ruby": Grammar(
        "tree_sitter_ruby",
        {"method": "function", "singleton_method": "method", "class": "class", "module": "module"},
        (),
        {"call": "method"},
    ),
    "rust": Grammar(
        "tree_sitter_rust",
        {
            "function_item": "function",
            "struct_item": "struct",
            "enum_item": "enum",
            "union_item": "struct",
            "trait_item": "interface",
            "impl_item": "class",
            "mod_item": "module",
            "type_item": "type",
            "macro_definition": "macro",
        },
        ("(use_declaration)", "(extern_crate_declaration)"),
        {"call_expression": "function", "macro_invocation": "macro"},
        comments=("(line_comment)", "(block_comment)"),
        decorators=("(attribute_item)",),
    ),
    "php": Grammar(
        "tree_sitter_php",
        {
            "function_definition": "function",
            "class_declaration": "class",
            "interface_declaration": "interface",
            "trait_declaration": "class",
            "enum_declaration": "enum",
            "method_declaration": "method",
        },
        (
            "(namespace_use_declaration)",
            "(require_expression)",
            "(require_once_expression)",
            "(include_expression)",
            "(include_once_expression)",
        ),
        {
            "function_call_expression": "function",
            "member_call_expression": "name",
            "scoped_call_expression": "name",
            "object_creation_expression": "",
        },
        decorators=("(attribute)",),
        function="language_php",
    ),
    "bash": Grammar("tree_sitter_bash", {"function_definition": "function"}, (), {"command": "name"}),
    "kotlin": Grammar(
        "tree_sitter_kotlin",
        {"function_declaration": "function", "class_declaration": "class", "object_declaration": "class"},
        ("(import)",),
        {"call_expression": ""},
        comments=("(line_comment)", "(block_comment)"),
        decorators=("(annotation)",),
    ),
    "scala": Grammar(
        "tree_sitter_scala",
        {
            "function_definition": "function",
            "function_declaration": "function",
            "class_definition": "class",
            "object_definition": "class",
            "trait_definition": "interface",
            "enum_definition": "enum",
        },
        ("(import_declaration)",),
        {"call_expression": "function"},
        comments=("(comment)", "(block_comment)"),
        decorators=("(annotation)",),
    ),
    "lua": Grammar("tree_sitter_lua", {"function_declaration": "function"}, (), {"function_call": "name"}),
}


def is_installed(name: str) -> bool:
    """Tell whether the packages of a grammar are installed, importing none of them."""
    return _is_package("tree_sitter") and _is_package(GRAMMARS[name].package)


@cache
def opened(name: str) -> "tuple[Language, Query]":
    """Load a grammar: its language and the query of its parts. Loaded once and shared by all threads."""
    from tree_sitter import Language, Query  # noqa: PLC0415  an extra

    grammar = GRAMMARS[name]
    language = Language(getattr(import_module(grammar.package), grammar.function)())
    return language, Query(language, grammar.query)


def parsed_root(data: bytes, name: str) -> "Node | None":
    """Return the syntax tree of UTF-8 text; None for a text that is no code and would take too long."""
    if _LONG_LINE.search(data) or _nesting(data) > _MAX_NESTING:
        return None
    size = _FIRST_PART_BYTES
    while size < len(data):
        part = _parsed_part(data[:size], name)
        if part is None or _is_mostly_errors(part):
            return None
        size *= 2
    return _parsed_part(data, name)


def _parsed_part(data: bytes, name: str) -> "Node | None":
    from tree_sitter import Parser  # noqa: PLC0415  an extra

    language, _ = opened(name)
    parser = Parser(language)  # never shared: two threads that use one parser crash the process
    end = time.thread_time() + _MAX_CPU_S
    try:
        root = parser.parse(
            lambda offset, _point: data[offset : offset + _CHUNK_BYTES],
            progress_callback=lambda _offset, _has_error: time.thread_time() > end,
        ).root_node
    except ValueError:
        return None
    return root if time.thread_time() < end or not root.has_error else None


def _is_mostly_errors(root: "Node") -> bool:
    """Tell whether the text is in another language, or in none."""
    if root.is_error:
        return True
    errors = [child for child in root.children if child.is_error]
    size = sum(child.end_byte - child.start_byte for child in errors)
    return 2 * size > root.end_byte or len(errors) * _BYTES_PER_ERROR > root.end_byte


def _nesting(data: bytes) -> int:
    """Return how deep the brackets of a text are nested, about: brackets in texts and comments count too."""
    depth = deepest = 0
    for bracket in _BRACKET.finditer(data):
        depth = max(0, depth + (1 if bracket[0] in b"([{" else -1))
        deepest = max(deepest, depth)
    return deepest


@cache
def _is_package(name: str) -> bool:
    return find_spec(name) is not None
