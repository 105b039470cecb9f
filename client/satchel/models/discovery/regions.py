"""The regions of one text: marked ones first, then the candidates that represent all others."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Final

from satchel.models.discovery.candidates import Candidate, candidates_in
from satchel.models.discovery.documents import cells, code_blocks
from satchel.models.discovery.marks import marked_regions
from satchel.models.discovery.region import Region, dedented
from satchel.models.discovery.representatives import Representative, representatives
from satchel.models.interface import EXAMINED_CHARS
from satchel.models.parsing import Outline, outline_of
from satchel.models.parsing.comments import plain
from satchel.models.saving import worth_of

MAX_REGIONS: Final = 200  # of one file
_MARKED_SCORE: Final = 0.95
_BEST_SCORE: Final = 0.9
_HELPER: Final = 0.95  # for each function of the same text that a region calls
_TITLE_CHARS: Final = 60
_MAX_HELPERS: Final = 10
_PROSE: Final = frozenset({"text", "rst", "latex"})
_WORD: Final = re.compile(r"[\w$]+")
_WORDLESS: Final = re.compile(r"^[\W_]*$")


def regions_in(text: str, language: str, file_name: str = "") -> list[Region]:
    """Return the regions of a text in a canonical language, the best first, without near duplicates.

    Regions may be parts of others; none overlap by 0.8 or more. Any language will do, also an unknown one; prose
    has no regions.
    """
    shown = text[:EXAMINED_CHARS]
    if file_name.endswith(".ipynb"):
        found: Iterable[Region] = _by_score(cells(text))
    elif language == "markdown":
        found = _by_score(code_blocks(shown))
    else:
        found = _not_rising(_of_code(shown, language))
    return list(islice(found, MAX_REGIONS))


def _by_score(regions: Iterable[Region]) -> list[Region]:
    return sorted(regions, key=lambda one: (-one.score, one.first_line))


def _not_rising(regions: Iterable[Region]) -> Iterator[Region]:
    """Yield regions in their order with scores that keep it: none is above that of an earlier one."""
    lowest = 1.0
    for one in regions:
        lowest = min(lowest, one.score)
        yield replace(one, score=lowest)


def _of_code(text: str, language: str) -> Iterator[Region]:
    lines = text.splitlines()
    marked = marked_regions(lines)
    for mark in marked:
        body = dedented(lines[mark.first_line - 1 : mark.last_line])
        if body.strip():
            title = mark.name or "marked region"
            yield Region(
                title, language, mark.first_line, mark.last_line, "its author marked it", _MARKED_SCORE, body
            )
    if language in _PROSE:
        return
    outline = outline_of(text, language)
    describer = _Describer(lines, language, outline)
    taken = {(mark.first_line, mark.last_line) for mark in marked}
    for one in representatives(candidates_in(lines, outline), MAX_REGIONS):
        if (one.candidate.first_line, one.candidate.last_line) not in taken:
            yield describer.region(one)


class _Describer:
    """Makes regions of the candidates of one text: their titles, reasons and scores."""

    def __init__(self, lines: list[str], language: str, outline: Outline) -> None:
        self._lines = lines
        self._language = language
        self._outline = outline
        self._names = {one.name for one in outline.declarations}
        self._by_line = {one.first_line: one for one in outline.declarations}

    def region(self, one: Representative) -> Region:
        """Return the region of a candidate."""
        candidate = one.candidate
        body = dedented(self._lines[candidate.first_line - 1 : candidate.last_line])
        needed = self._needed_imports(candidate, body)
        helpers = sorted(self._called_by(candidate))
        worth = worth_of(body, self._language, _part(self._outline, candidate))
        score = _BEST_SCORE * one.share**0.5 * worth**0.25 * _HELPER ** min(_MAX_HELPERS, len(helpers))
        return Region(
            self._title(candidate),
            self._language,
            candidate.first_line,
            candidate.last_line,
            ", ".join(self._reasons(candidate, needed, helpers)),
            score,
            f"{needed}\n{body}" if needed else body,
        )

    def _title(self, one: Candidate) -> str:
        """Return the name of the declaration that a candidate is, or is the inside of; else its first words."""
        declared = one.declaration
        if declared is None and one.kind == "body":
            declared = self._by_line.get(one.around.first_line)
        if declared is not None:
            return f"{declared.parent}.{declared.name}" if declared.parent else declared.name
        first = self._lines[one.first_line - 1 : one.last_line][:8]
        said = (plain(line).strip() for line in first if not line.startswith("#!"))
        title = next((line for line in said if not _WORDLESS.match(line)), "").rstrip(" {(:;,")
        return f"{title[:_TITLE_CHARS].rstrip()}…" if len(title) > _TITLE_CHARS else title or "lines"

    def _reasons(self, one: Candidate, needed: str, helpers: list[str]) -> Iterator[str]:
        if one.declaration is not None:
            yield f"a {one.declaration.kind}"
            if one.declaration.doc:
                yield "with its documentation"
        elif one.kind == "paragraph":
            yield "a paragraph" if one.count == 1 else f"{one.count} paragraphs"
        else:
            yield "a block" if one.kind == "block" else "what is inside"
        if needed:
            yield "with its imports"
        if helpers:
            yield f"uses {', '.join(helpers[:3])}"

    def _called_by(self, one: Candidate) -> set[str]:
        """Return the functions of the same text that a candidate calls and does not declare."""
        first, last = one.first_line, one.last_line
        calls = {call.name.rpartition(".")[2] for call in self._outline.calls if first <= call.line <= last}
        own = {each.name for each in self._outline.declarations if first <= each.first_line <= last}
        return calls & self._names - own

    def _needed_imports(self, one: Candidate, body: str) -> str:
        """Return the import statements whose names a candidate uses and that it does not contain."""
        words = set(_WORD.findall(body))
        needed: dict[str, None] = {}
        for each in self._outline.imports:
            if one.first_line <= each.first_line <= one.last_line:
                continue
            if any(bound.local.split(".")[0] in words for bound in each.bindings if bound.local != "*"):
                needed["\n".join(self._lines[each.first_line - 1 : each.last_line])] = None
        return "\n".join([*islice(needed, 40), ""]) if needed else ""


def _part(outline: Outline, one: Candidate) -> Outline:
    """Return what an outline has in the lines of a candidate, as if it were a text of its own."""

    def within(first: int) -> bool:
        return one.first_line <= first <= one.last_line

    return replace(
        outline,
        imports=tuple(each for each in outline.imports if within(each.first_line)),
        declarations=tuple(each for each in outline.declarations if within(each.first_line)),
        calls=tuple(each for each in outline.calls if within(each.line)),
        doc="",
        has_errors=False,
    )
