"""The layout of a text in any language: which lines belong to which, by indentation, brackets and blank lines.

    layout = layout_of(text.splitlines())
    for item in layout.root.items:
        item.lead_line, item.first_line, item.last_line, item.items

An item is a line with the lines that belong to it: the deeper lines below, the line that closes them, and the
comments and decorators directly above. No grammar is needed, so that it works for languages that satchel does not
parse, and for broken code. Lines count from 1.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

MAX_ITEMS: Final = 8_000
TAB_COLUMNS: Final = 4

LineKind = Literal["code", "comment", "decorator", "import", "rule", "package"]

_CLOSES: Final = re.compile(
    r"(?:[)\]}>]|</|/>|\{$|\{ *//|(?:else|elif|elsif|except|rescue|ensure|catch|finally|then|end|done|fi|esac|endif"
    r"|endforeach|endfor|endwhile)\b|while *\(.*\) *;|(?:public|private|protected|signals|Q_SIGNALS)(?: slots)?: *$"
    r"|(?:case\b.*|default) *:|<%-? *(?:end|else)\b)"
)
_COMMENT: Final = re.compile(
    r"//|/\*|\*/|\* |\*$|--(?!-)\s|#(?:[\s#*!:=-]|$)|;;|<!--|%\s|<%#|\{/\*|\"\"\"|'''|/// "
)
_DECORATOR: Final = re.compile(r"@[A-Za-z]|#!?\[|\[(?:[A-Z]\w*)|template *<|\[assembly")
_IMPORT: Final = re.compile(
    r"import\b|from +[\w.]+ +import\b|#include\b|use +[\w\\:]+|using +[\w.= ]+;|(?:const|let|var) .{1,200}= *require\("
    r"|require(?:_relative|_once)?\b[ (]|@(?:use|import|forward)\b|load\(|library\(|#import\b|open +[A-Z][\w.]*$"
    r"|alias +[A-Z]|extern crate\b|require_once\b|include\b"
)
_PACKAGE: Final = re.compile(
    r"package +[\w.]+;?$|namespace [\w\\.]+;$|module [\w.]+$|<\?php|pragma |\"use strict\"|'use strict'|library [\w.]+;|part of "
)
_RULE: Final = re.compile(r"(?:-{3,}|={3,}|\*{3,}|#{4,}|/{4,})\s*$")


@dataclass(slots=True)
class Item:
    """A line with what belongs to it. `lead_line` is the first comment or decorator above, else `first_line`."""

    column: int
    first_line: int
    last_line: int
    kind: LineKind = "code"
    lead_line: int = 0
    items: "list[Item]" = field(default_factory=list)

    def paragraphs(self) -> "list[list[Item]]":
        """Return the items of this one in groups between which there are blank lines."""
        groups: list[list[Item]] = []
        for item in self.items:
            if groups and item.lead_line <= groups[-1][-1].last_line + 1:
                groups[-1].append(item)
            else:
                groups.append([item])
        return groups


@dataclass(frozen=True, slots=True)
class Layout:
    """The items of a text below a root without a line of its own, and the kind of each line; "" if it is blank."""

    root: Item
    kinds: tuple[LineKind | Literal[""], ...]

    def items(self) -> Iterator[tuple[Item, int]]:
        """Yield the root and all items, each with its depth: 0 for the root."""
        waiting = [(self.root, 0)]
        while waiting:
            item, depth = waiting.pop()
            yield item, depth
            waiting += [(one, depth + 1) for one in item.items]


def layout_of(lines: list[str]) -> Layout:
    """Return the layout of a text; at most its first MAX_ITEMS items."""
    root = Item(-1, 0, len(lines), lead_line=0)
    opened = [root]
    made = 0
    kinds: list[LineKind | Literal[""]] = [""] * len(lines)
    for number, column, text, kind in _read(lines):
        kinds[number - 1] = kind
        while opened[-1].column > column:
            opened.pop()
        top = opened[-1]
        if top.column == column and kind == "code" and _CLOSES.match(text) and top.kind == "code":
            _extend(opened, number)
            continue
        if top.column == column:
            opened.pop()
        if made == MAX_ITEMS:
            break
        made += 1
        item = Item(column, number, number, kind, number)
        _extend(opened, number)
        opened[-1].items.append(item)
        opened.append(item)
    _attach(root)
    return Layout(root, tuple(kinds))


def _extend(opened: list[Item], number: int) -> None:
    for item in opened[1:]:
        item.last_line = number


def _read(lines: list[str]) -> Iterator[tuple[int, int, str, LineKind]]:
    """Yield the number, column, text and kind of each line that is not blank."""
    is_comment, column = False, 0
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text:
            continue
        if is_comment:
            is_comment = "*/" not in text and "-->" not in text
            yield number, column, text, "comment"
            continue
        column = _column(line)
        if text.startswith("- "):
            column += 1  # an entry of a list stands below a key of the same column
        kind = _kind(text)
        if kind == "comment" and text.startswith(("/*", "<!--", "{/*")):
            is_comment = "*/" not in text and "-->" not in text
        yield number, column, text, kind


def _column(line: str) -> int:
    column = 0
    for char in line:
        if char == "\t":
            column += TAB_COLUMNS
        elif char == " ":
            column += 1
        else:
            break
    return column


def _kind(text: str) -> LineKind:
    if _RULE.match(text):
        return "rule"
    if _COMMENT.match(text) and not text.startswith(("#include", "#import", "#define")):
        return "comment"
    if _IMPORT.match(text):
        return "import"
    if _PACKAGE.match(text):
        return "package"
    return "decorator" if _DECORATOR.match(text) else "code"


def _attach(root: Item) -> None:
    """Join comments and decorators with the item directly below them."""
    waiting = [root]
    while waiting:
        parent = waiting.pop()
        kept: list[Item] = []
        lead: Item | None = None
        for item in parent.items:
            if lead is not None and item.first_line == lead.last_line + 1:
                if item.kind in ("comment", "decorator"):
                    item.lead_line = lead.lead_line
                    lead = item
                    continue
                item.lead_line = lead.lead_line
            elif lead is not None:
                kept.append(lead)
            lead = item if item.kind in ("comment", "decorator") else None
            if lead is None:
                kept.append(item)
        if lead is not None:
            kept.append(lead)
        parent.items = kept
        waiting.extend(kept)
