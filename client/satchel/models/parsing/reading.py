"""Reading an outline: the parts of a syntax tree, put into order and next to each other."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final

from satchel.models.interface import EXAMINED_CHARS
from satchel.models.parsing.comments import plain
from satchel.models.parsing.grammars import GRAMMARS, Grammar, is_installed, opened, parsed_root
from satchel.models.parsing.imports import brought, required
from satchel.models.parsing.outline import (
    CONTAINERS,
    MAX_CALLS,
    MAX_DECLARATIONS,
    MAX_IMPORTS,
    MAX_NAME_CHARS,
    Call,
    Declaration,
    Import,
    Kind,
    Outline,
)
from satchel.models.parsing.patterns import outline_by_patterns

if TYPE_CHECKING:
    from tree_sitter import Node

_CALLEE_BYTES: Final = 120
_PARTS_OF_A_NAME: Final = 40  # how deep a declarator of C may be nested
MAX_PARAMETERS: Final = 50
# A dotted name, written backwards, since it ends where the call begins.
_REVERSED_NAME: Final = re.compile(r"[\w$!?]+(?:(?:\.|\.\?|::|>-|:|\\)[\w$]+)*")
_GO_TYPES: Final[dict[str, Kind]] = {"struct_type": "struct", "interface_type": "interface"}
_GENERIC: Final = re.compile(r"<[^<>()]{0,80}(?:<[^<>()]{0,80}>[^<>()]{0,80})?>$")
_ARGUMENTS: Final = re.compile(r"<[^<>]{0,100}>")
_DECORATOR: Final = re.compile(r"[\w.:]+")
_IMPORTING: Final[dict[str, frozenset[str]]] = {
    "javascript": frozenset({"require", "import"}),
    "typescript": frozenset({"require", "import"}),
    "ruby": frozenset({"require", "require_relative", "load"}),
    "lua": frozenset({"require"}),
    "bash": frozenset({"source", "."}),
}
_NAME_FIELDS: Final = ("name", "declarator", "type", "pattern", "left")
_IDENTIFIERS: Final = ("identifier", "simple_identifier", "variable_name", "type_identifier", "name", "self")
_WORD: Final = re.compile(r"[\w$]+")


@lru_cache(maxsize=8)  # several models read the same text
def outline_of(text: str, language: str) -> Outline:
    """Return the outline of a text in a canonical language; an empty one for a language without rules.

    Only the first EXAMINED_CHARS characters are read.
    """
    shown = text[:EXAMINED_CHARS]
    if language not in GRAMMARS or not is_installed(language):
        return outline_by_patterns(shown, language)
    outline = _parsed(shown, language, language)
    if outline.has_errors and language == "typescript" and ("</" in shown or "/>" in shown):
        with_markup = _parsed(shown, language, "tsx")
        return outline if with_markup.has_errors and len(outline.imports) else with_markup
    return outline


def _parsed(text: str, language: str, grammar_name: str) -> Outline:
    is_bare_php = language == "php" and "<?" not in text
    data = (f"<?php {text}" if is_bare_php else text).encode("utf-8", "replace")
    _, query = opened(grammar_name)
    root = parsed_root(data, grammar_name)
    if root is None:
        return outline_by_patterns(text, language)
    return _Reading(data, language, GRAMMARS[grammar_name], root, _captures(query, root)).outline()


def _captures(query: object, root: "Node") -> "dict[str, list[Node]]":
    from tree_sitter import QueryCursor  # noqa: PLC0415  an extra

    return QueryCursor(query).captures(root)  # type: ignore[arg-type]


@dataclass(slots=True)
class _Reading:
    """One text and the nodes of its parts. Positions are in bytes, rows from 0."""

    data: bytes
    language: str
    grammar: Grammar
    root: "Node"
    captures: "dict[str, list[Node]]"
    imports: list[Import] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    def outline(self) -> Outline:
        for node in self._nodes("import")[:MAX_IMPORTS]:
            self._add_import(node, self._text(node))
        for node in self._nodes("call")[: MAX_CALLS * 2]:
            self._add_call(node)
        declarations = _Declarations(self).all()
        return Outline(
            self.language,
            tuple(sorted(self.imports, key=lambda one: one.first_line)[:MAX_IMPORTS]),
            tuple(declarations),
            tuple(self.calls[:MAX_CALLS]),
            self._doc(),
            is_parsed=True,
            has_errors=self.root.has_error,
        )

    def _nodes(self, name: str) -> "list[Node]":
        return sorted(self.captures.get(name, ()), key=lambda node: (node.start_byte, -node.end_byte))

    def _text(self, node: "Node") -> str:
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def _add_import(self, node: "Node", text: str) -> None:
        for module, bindings in brought(self.language, text):
            self.imports.append(Import(module, bindings, node.start_point.row + 1, _last_row(node) + 1))

    def _add_call(self, node: "Node") -> None:
        name = self._callee(node)
        if not name:
            return
        if name in _IMPORTING.get(self.language, ()) and len(self.imports) < MAX_IMPORTS:
            self._add_required(node)
        else:
            self.calls.append(Call(name, node.start_point.row + 1))

    def _add_required(self, node: "Node") -> None:
        text = self._text(node)[: MAX_NAME_CHARS * 2]
        for module, bindings in brought(self.language, text):
            found = bindings
            if self.language in ("javascript", "typescript", "lua"):
                before = self.data[max(0, node.start_byte - 900) : node.start_byte].decode("utf-8", "ignore")
                found = required(before, module)[1]
            self.imports.append(Import(module, found, node.start_point.row + 1, _last_row(node) + 1))

    def _callee(self, node: "Node") -> str:
        wanted = self.grammar.calls[node.type]
        callee = node.child_by_field_name(wanted) if wanted else _first_named(node)
        if callee is None:
            return ""
        start = max(node.start_byte, callee.end_byte - _CALLEE_BYTES)
        tail = self.data[start : callee.end_byte].decode("utf-8", "ignore")
        name = _dotted(_GENERIC.sub("", tail) if tail.endswith(">") else tail)
        return f"{name}!" if node.type == "macro_invocation" and name else name

    def _doc(self) -> str:
        docstring = self.captures.get("module_doc")
        if docstring:
            return plain(self._text(docstring[0]))
        first = next(
            (node for node in self._nodes("comment")[:5] if not self._text(node).startswith("#!")), None
        )
        if first is None or (self.data[: first.start_byte].strip() and not self.data.startswith(b"#!")):
            return ""
        return _Declarations(self).comment_from(first)


class _Declarations:
    """The declarations of a text, with the comments and decorators before them."""

    def __init__(self, reading: _Reading) -> None:
        self._reading = reading
        self._nodes = [
            node
            for node in reading._nodes("declaration")  # noqa: SLF001  two halves of one reader
            if node.start_byte < node.end_byte
        ][:MAX_DECLARATIONS]
        self._comments = reading._nodes("comment")  # noqa: SLF001
        self._comment_at = {_last_row(node): node for node in self._comments}
        self._decorators = reading._nodes("decorator")  # noqa: SLF001
        self._docs = {node.start_byte: node for node in reading.captures.get("doc", ())}
        self._doc_starts = sorted(self._docs)

    def all(self) -> Iterator[Declaration]:
        """Yield every declaration, with the name of the one around it."""
        around: list[tuple[int, Declaration]] = []
        before = 0
        for node in self._nodes:
            while around and around[-1][0] <= node.start_byte:
                around.pop()
            parent = around[-1][1] if around else None
            name_node = _name_node(node)
            declaration = None if name_node is None else self._declaration(node, name_node, parent, before)
            if name_node is None or declaration is None:
                continue
            before = name_node.end_byte
            around.append((node.end_byte, declaration))
            yield declaration

    def comment_from(self, first: "Node") -> str:
        """Return the text of the comment that starts with a node and goes on in the lines below."""
        return self._joined(list(self._run_from(first)))

    def _run_from(self, first: "Node") -> "Iterator[Node]":
        row = None
        for node in self._comments[:100]:
            if node.start_byte < first.start_byte:
                continue
            if row is not None and node.start_point.row > row + 1:
                return
            row = _last_row(node)
            yield node

    def _declaration(
        self, node: "Node", name_node: "Node", parent: Declaration | None, before: int
    ) -> Declaration | None:
        name = _ARGUMENTS.sub("", self._reading._text(name_node)[:MAX_NAME_CHARS])  # noqa: SLF001
        if not _WORD.search(name):
            return None
        decorators = self._decorators_of(node, name_node, before)
        lead = min([node.start_point.row, *(one.start_point.row for one in decorators)])
        comments = self._comments_above(lead)
        if comments:
            lead = comments[0].start_point.row
        return Declaration(
            self._kind(node, parent),
            name,
            node.start_point.row + 1,
            _last_row(node) + 1,
            lead + 1,
            parent.name if parent else "",
            tuple(self._parameters(node)),
            self._docstring(node, name_node) or self._joined(comments),
            tuple(dict.fromkeys(self._decorator_name(one) for one in decorators)),
        )

    def _kind(self, node: "Node", parent: Declaration | None) -> Kind:
        declared = self._reading.grammar.declarations
        patterns = (one for one in declared if one == node.type or one.startswith(f"({node.type} "))
        kind = declared[next(patterns)]
        if kind == "function" and parent is not None and parent.kind in CONTAINERS - {"module"}:
            return "method"
        if kind == "type" and node.type == "type_spec":
            body = node.child_by_field_name("type")
            return _GO_TYPES.get(body.type if body else "", "type")
        return kind

    def _decorators_of(self, node: "Node", name_node: "Node", before: int) -> "list[Node]":
        """Return the decorators between the previous declaration's start and the name of this one."""
        start = bisect_left(self._decorators, before, key=lambda one: one.start_byte)
        found = list(islice(self._until(start, name_node.start_byte), 20))
        row = node.start_point.row
        kept: list[Node] = []
        for one in reversed(found):
            if one.start_byte < node.start_byte and _last_row(one) < row - 1:
                break
            row = min(row, one.start_point.row)
            kept.append(one)
        return kept[::-1]

    def _until(self, start: int, end_byte: int) -> "Iterator[Node]":
        for one in islice(self._decorators, start, None):
            if one.start_byte >= end_byte:
                return
            yield one

    def _decorator_name(self, node: "Node") -> str:
        text = self._reading._text(node)[:MAX_NAME_CHARS].lstrip("#![@ ")  # noqa: SLF001
        match = _DECORATOR.match(text)
        return match[0] if match else text.split("(")[0][:60]

    def _comments_above(self, row: int) -> "list[Node]":
        found: list[Node] = []
        while len(found) < 200 and (comment := self._comment_at.get(row - 1)) is not None:
            found.append(comment)
            row = comment.start_point.row
        return found[::-1]

    def _joined(self, comments: "list[Node]") -> str:
        return "\n".join(plain(self._reading._text(one)) for one in comments).strip()  # noqa: SLF001

    def _docstring(self, node: "Node", name_node: "Node") -> str:
        body = node.child_by_field_name("body") if self._doc_starts else None
        if body is None or body.start_byte <= name_node.start_byte:
            return ""
        found = self._docs.get(body.start_byte)
        return plain(self._reading._text(found)) if found is not None else ""  # noqa: SLF001

    def _parameters(self, node: "Node") -> Iterator[str]:
        holder = _parameter_node(node)
        if holder is None:
            return
        for child in islice(holder.named_children, MAX_PARAMETERS):
            for name_node in child.children_by_field_name("name")[:10] or [_innermost(child)]:
                match = _WORD.search(self._reading._text(name_node)[:MAX_NAME_CHARS])  # noqa: SLF001
                if match and not child.is_extra:
                    yield match[0].lstrip("$") or match[0]


def _name_node(node: "Node") -> "Node | None":
    found = None
    for name in _NAME_FIELDS[:3]:
        found = node.child_by_field_name(name)
        if found is not None and not (name == "type" and node.type == "type_definition"):
            break
    if found is None:
        return next((child for child in node.named_children if child.type in _IDENTIFIERS), None)
    for _ in range(_PARTS_OF_A_NAME):
        inner = found.child_by_field_name("declarator") or (
            found.child_by_field_name("name") if found.type.endswith("declarator") else None
        )
        if inner is None and found.type.endswith("declarator"):
            inner = _first_named(found)
        if inner is None:
            break
        found = inner
    return found


def _parameter_node(node: "Node") -> "Node | None":
    for _ in range(_PARTS_OF_A_NAME):
        for name in ("parameters", "class_parameters"):
            found = node.child_by_field_name(name)
            if found is not None:
                return found
        inner = node.child_by_field_name("declarator") or (
            node.child_by_field_name("value") if node.type == "variable_declarator" else None
        )
        if inner is None:
            return next(
                (
                    one
                    for one in node.named_children[:12]
                    if "parameters" in one.type and "type" not in one.type
                ),
                None,
            )
        node = inner
    return None


def _innermost(node: "Node") -> "Node":
    """Return the node with the name of a parameter, or the node itself."""
    for _ in range(_PARTS_OF_A_NAME):
        if node.type in _IDENTIFIERS or not node.named_child_count:
            return node
        fields = (node.child_by_field_name(name) for name in ("declarator", "pattern", "left", "name"))
        inner = next((one for one in fields if one is not None), None)
        if inner is None:
            children = [one for one in node.named_children[:8] if "modifier" not in one.type]
            inner = _likely_name(children)
        if inner is None:
            return node
        node = inner
    return node


def _likely_name(children: "list[Node]") -> "Node | None":
    declarators = (one for one in children if one.type.endswith("declarator"))
    identifiers = (one for one in children if one.type in _IDENTIFIERS)
    return next(declarators, None) or next(identifiers, None) or (children[-1] if children else None)


def _dotted(text: str) -> str:
    """Return the dotted name at the end of a text: "os.path.join", or ".join" after an expression."""
    backwards = text[::-1]
    match = _REVERSED_NAME.match(backwards)
    if match is None:
        return ""
    is_on_value = backwards[match.end() : match.end() + 1] in (".", ":", ">")
    name = match[0][::-1].replace("?.", ".").replace("->", ".")
    if not any(char.isalnum() for char in name):
        return ""
    return f".{name}" if is_on_value or backwards[match.end() :].lstrip()[:1] == "." else name


def _first_named(node: "Node") -> "Node | None":
    return node.named_child(0) if node.named_child_count else None


def _last_row(node: "Node") -> int:
    """Return the last row that has a part of a node: a node that ends with its line's end has none of the next."""
    end = node.end_point
    return end.row - 1 if end.column == 0 and end.row > node.start_point.row else end.row
