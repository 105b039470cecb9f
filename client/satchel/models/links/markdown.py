"""The links of a Markdown text, as CommonMark and GitHub define them, without building its tree.

Code, HTML tags and images are no links. A reference counts where its definition is used.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from satchel.models.links.addresses import MAX_ADDRESS_CHARS, addresses_in

_FENCE: Final = re.compile(r" {0,3}(?:[-*+>] +|\d{1,9}[.)] +)*(\s*)(`{3,}[^`]*|~{3,}.*)$")
_LIST_ITEM: Final = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])(?:\s|$)")
_DEFINITION: Final = re.compile(
    r"^ {0,3}\[((?:[^\[\]\\\n]|\\.){1,300})\]:[ \t]*\n?[ \t]*(<[^<>\n]{0,2000}>|[^\s<]\S{0,2000})"
    r"(?:[ \t]+(?:\"[^\"]{0,500}\"|'[^']{0,500}'|\([^()]{0,500}\)))?[ \t]*$",
    re.MULTILINE,
)
_AUTOLINK: Final = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]{0,2000})>")
_TAG: Final = re.compile(r"</?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]{0,3000})?/?>")
_SPACE: Final = re.compile(r"[ \t]*\n?[ \t]*")
_TITLE_END: Final = re.compile(r"(?:\s+(?:\"[^\"]{0,500}\"|'[^']{0,500}'|\([^()]{0,500}\)))?\s*\)")
_ESCAPED: Final = re.compile(r"\\([!-/:-@\[-`{-~])")
_TICKS: Final = re.compile(r"`+")
# Signs in a code span, which mean nothing there. Its letters stay, since it may stand in a label.
_NEUTRAL: Final = str.maketrans(dict.fromkeys("[]()<>!:.\\/", "\ue000"))
_MAX_BRACKETS: Final = 32
_WHITE: Final = re.compile(r"[^\n]")


def links_in_markdown(text: str) -> list[str]:
    """Return the addresses of all links, in order, each once: with http or https, as they resolve in a page."""
    return list(
        dict.fromkeys(address for address in _found(text) if address.startswith(("http://", "https://")))
    )


def _found(text: str) -> Iterator[str]:
    shown = _without_code(text)
    definitions, shown = _definitions(shown)
    links: list[tuple[int, str]] = []
    shown = _take(shown, _AUTOLINK, links)
    shown = _TAG.sub(_blank, _without_comments(shown))
    brackets = _Brackets(shown, definitions)
    links += brackets.links
    links += [
        (at, _resolved(address if "://" in address else f"http://{address}"))
        for at, address in addresses_in(brackets.rest)
    ]
    for _, address in sorted(links, key=lambda one: one[0]):
        yield address


def _without_comments(text: str) -> str:
    parts, at = [], 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        parts += [text[at:start], _WHITE.sub(" ", text[start : end + 3])]
        at = end + 3
    return "".join([*parts, text[at:]])


def _resolved(address: str) -> str:
    return html.unescape(address)


def _blank(match: re.Match[str]) -> str:
    return _WHITE.sub(" ", match[0])


def _take(text: str, pattern: re.Pattern[str], links: list[tuple[int, str]]) -> str:
    links += [(match.start(), match[1]) for match in pattern.finditer(text)]
    return pattern.sub(_blank, text)


def _without_code(text: str) -> str:
    """Return the text with blanks for fenced and indented blocks and for code spans."""
    lines = text.splitlines()
    fence, was_blank, in_list = "", True, False
    for number, line in enumerate(lines):
        match = _FENCE.match(line)
        is_blank = not line.strip()
        if fence:
            bare = line.strip(" \t>")
            if bare.startswith(fence) and not bare.strip(fence[0]):
                fence = ""
            lines[number] = ""
        elif match:
            ticks = match[2]
            fence = ticks[: len(ticks) - len(ticks.lstrip(ticks[0]))]
            lines[number] = ""
        elif line.startswith(("    ", "\t")) and was_blank and not in_list and not is_blank:
            lines[number] = ""
            continue
        elif not is_blank:
            in_list = bool(_LIST_ITEM.match(line)) or (in_list and line[:1] in (" ", "\t"))
        was_blank = is_blank
    return "\n\n".join(_without_spans(block) for block in "\n".join(lines).split("\n\n"))


def _without_spans(block: str) -> str:
    runs = list(_TICKS.finditer(block))
    lengths: dict[int, list[int]] = {}
    for place, run in enumerate(runs):
        lengths.setdefault(len(run[0]), []).append(place)
    parts: list[str] = []
    at = place = 0
    while place < len(runs):
        run = runs[place]
        if block[run.start() - 1 : run.start()] == "\\":
            place += 1
            continue
        same = lengths[len(run[0])]
        while same and same[0] <= place:
            same.pop(0)
        if same:
            end = runs[same[0]]
            parts += [block[at : run.start()], block[run.start() : end.end()].translate(_NEUTRAL)]
            at, place = end.end(), same[0]
        place += 1
    return "".join([*parts, block[at:]])


def _definitions(text: str) -> tuple[dict[str, str], str]:
    found: dict[str, str] = {}
    for match in _DEFINITION.finditer(text):
        found.setdefault(_label(match[1]), _destination(match[2].strip("<>")))
    return found, _DEFINITION.sub(_blank, text)


def _label(text: str) -> str:
    return " ".join(text.split()).casefold()


def _destination(text: str) -> str:
    return html.unescape(_ESCAPED.sub(r"\1", text))


@dataclass(slots=True)
class _Open:
    at: int
    is_image: bool
    is_active: bool = True


class _Brackets:
    """Links with brackets: `[text](address)`, `[text][label]`, `[label]`. `rest` has blanks in their places."""

    def __init__(self, text: str, definitions: dict[str, str]) -> None:
        self._text = text
        self._definitions = definitions
        self.links: list[tuple[int, str]] = []
        self._used: list[tuple[int, int]] = []
        self._scan()
        self.rest = self._rest()

    def _scan(self) -> None:
        text, at = self._text, 0
        stack: list[_Open] = []
        for match in re.finditer(r"\\.|!?\[|\]|\n[ \t]*\n", text):
            token = match[0]
            if match.start() < at or token.startswith("\\"):
                continue
            if token.startswith("\n"):
                stack.clear()
            elif token.endswith("["):
                stack.append(_Open(match.start(), token.startswith("!")))
            elif stack:
                at = self._close(stack.pop(), match.start(), stack) or at

    def _close(self, start: _Open, end: int, around: list[_Open]) -> int:
        """Handle `]`; return the end of the link, or 0 if it is none."""
        found = self._after(start, end)
        if found is None or not start.is_active:
            return 0
        address, stop = found
        self._used.append((start.at, stop))
        if not start.is_image:
            self.links.append((start.at, address))
            for one in around:
                one.is_active = one.is_active and one.is_image
        return stop

    def _after(self, start: _Open, end: int) -> tuple[str, int] | None:
        text = self._text
        follows = text[end + 1 : end + 2]
        if follows == "(" and (inline := self._inline(end + 2)) is not None:
            return inline
        label = text[start.at + 1 + start.is_image : end]
        if follows == "[":
            stop = text.find("]", end + 2, end + 400)
            if stop > 0:
                named = text[end + 2 : stop] or label
                address = self._definitions.get(_label(named))
                return None if address is None else (address, stop + 1)
        address = self._definitions.get(_label(label)) if len(label) < 1_000 else None
        return None if address is None else (address, end + 1)

    def _inline(self, at: int) -> tuple[str, int] | None:
        text = self._text
        space = _SPACE.match(text, at)
        at = space.end() if space else at
        if text[at : at + 1] == "<":
            stop = text.find(">", at, at + MAX_ADDRESS_CHARS)
            if stop < 0 or "\n" in text[at:stop]:
                return None
            address, at = text[at + 1 : stop], stop + 1
        else:
            stop = _balanced_end(text, at)
            address, at = text[at:stop], stop
        end = _TITLE_END.match(text, at)
        return (_destination(address), end.end()) if end else None

    def _rest(self) -> str:
        parts, at = [], 0
        for start, stop in sorted(self._used):
            if start >= at:
                parts += [self._text[at:start], _WHITE.sub(" ", self._text[start:stop])]
            at = max(at, stop)
        return "".join([*parts, self._text[at:]])


def _balanced_end(text: str, at: int) -> int:
    """Return where a bare destination ends: at a space, or at a bracket that it does not open."""
    depth, place = 0, at
    stop = min(len(text), at + MAX_ADDRESS_CHARS)
    while place < stop:
        char = text[place]
        if char == "\\" and place + 1 < stop:
            place += 2
            continue
        if char.isspace() or (char == ")" and depth == 0):
            break
        depth += (char == "(") - (char == ")")
        if depth > _MAX_BRACKETS:
            break
        place += 1
    return min(place, stop)
