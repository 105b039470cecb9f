"""Placeholders and the values that they replace, so that each value can be put back.

A placeholder looks like `<SECRET_1>`. A number whose placeholder occurs in a text already is not used, so a text
that has one of its own keeps it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from satchel.prompts.findings import KINDS, Finding, Kind

PLACEHOLDER: Final = re.compile(r"<(?:SECRET|EMAIL|HOST|HOME)_[1-9][0-9]{0,6}>")
LEAST_CHARS: Final = 6
"""Of a value that is replaced wherever it occurs, and not only where it was found."""
_SAME_END: Final = 50  # values of different lengths that end alike, which are looked for
_TELLING: Final = re.compile(r"[0-9.-]")  # in the name of a host; others may be words
_NAME_CHARS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")


class Placeholders:
    """The placeholders of one prompt. The same value always gets the same one."""

    def __init__(self, foreign: Iterable[str] = ()) -> None:
        self.values: dict[str, str] = {}
        self.kinds: dict[str, tuple[Kind, str]] = {}
        self._foreign = frozenset(foreign)
        self._by_value: dict[str, str] = {}
        self._numbers: dict[Kind, int] = {}
        self._ends: dict[str, dict[int, dict[str, str]]] = {}

    def copy(self) -> "Placeholders":
        """Return placeholders that can grow on their own."""
        other = Placeholders(self._foreign)
        other.values, other.kinds = dict(self.values), dict(self.kinds)
        other._by_value, other._numbers = dict(self._by_value), dict(self._numbers)
        other._ends = {
            end: {size: dict(values) for size, values in sizes.items()} for end, sizes in self._ends.items()
        }
        return other

    def put(self, text: str, findings: Sequence[Finding]) -> str:
        """Return a text with placeholders at the places of findings, which may overlap."""
        shown: list[str] = []
        at = 0
        for one in self._apart(text, findings):
            shown += (text[at : one.start], self._of(text[one.start : one.end], one))
            at = one.end
        return "".join([*shown, text[at:]])

    def put_known(self, text: str) -> str:
        """Return a text with placeholders wherever a known value stands."""
        if not self._ends:
            return text
        shown: list[str] = []
        at = 0
        for start, end in (*self.places(text), (len(text), len(text))):
            shown += (self._put_known(text[at:start]), text[start:end])
            at = end
        return "".join(shown)

    def put_whole(self, text: str) -> str:
        """Return a placeholder for a whole text."""
        return self._of(text, Finding(0, len(text), "secret", "text that holds secrets"))

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where placeholders of ours stand in a text."""
        for found in PLACEHOLDER.finditer(text):
            if found[0] in self.values:
                yield found.span()

    def restore(self, text: str) -> str:
        """Return a text with the values in place of their placeholders."""
        return restored(text, self.values)

    def _apart(self, text: str, findings: Sequence[Finding]) -> list[Finding]:
        """Return findings that touch no part of a placeholder and do not overlap; the first kind wins."""
        ours = list(self.places(text))
        widened: list[Finding] = []
        at = 0
        for one in sorted(findings):
            start, end = one.start, one.end
            while at < len(ours) and ours[at][1] <= start:
                at += 1
            if at < len(ours) and ours[at][0] <= start and end <= ours[at][1]:
                continue  # nothing but a placeholder
            beyond = at
            while beyond < len(ours) and ours[beyond][0] < end:
                beyond += 1
            if beyond > at:
                start, end = min(start, ours[at][0]), max(end, ours[beyond - 1][1])
            widened.append(Finding(start, end, one.kind, one.what))
        return _merged(widened)

    def _of(self, part: str, finding: Finding) -> str:
        value = self.restore(part)
        if value not in self._by_value:
            placeholder = self._next(finding.kind)
            self._by_value[value] = placeholder
            self.values[placeholder] = value
            self.kinds[placeholder] = finding.kind, finding.what
            self._remember(value, finding.kind, placeholder)
        return self._by_value[value]

    def _next(self, kind: Kind) -> str:
        while True:
            number = self._numbers[kind] = self._numbers.get(kind, 0) + 1
            placeholder = f"<{kind.upper()}_{number}>"
            if placeholder not in self._foreign:
                return placeholder

    def _remember(self, value: str, kind: Kind, placeholder: str) -> None:
        is_sought = kind == "secret" or (kind == "host" and _TELLING.search(value))
        if not is_sought or len(value) < LEAST_CHARS:
            return
        sizes = self._ends.setdefault(value[-LEAST_CHARS:], {})
        if len(value) in sizes or len(sizes) < _SAME_END:
            sizes.setdefault(len(value), {})[value] = placeholder

    def _put_known(self, text: str) -> str:
        shown: list[str] = []
        at = 0
        for place in range(LEAST_CHARS, len(text) + 1):
            sizes = self._ends.get(text[place - LEAST_CHARS : place])
            if sizes is None:
                continue
            for size in sorted(sizes, reverse=True):
                start = place - size
                placeholder = sizes[size].get(text[start:place]) if start >= at else None
                if placeholder and (self.kinds[placeholder][0] == "secret" or _is_word(text, start, place)):
                    shown += (text[at:start], placeholder)
                    at = place
                    break
        return "".join([*shown, text[at:]])


def restored(text: str, values: Mapping[str, str]) -> str:
    """Return a text with values in place of their placeholders; others stay."""
    return PLACEHOLDER.sub(lambda found: values.get(found[0], found[0]), text)


def _merged(findings: list[Finding]) -> list[Finding]:
    """Return findings that do not overlap. Where some do, one covers them all, of the kind that comes first."""
    kept: list[Finding] = []
    for one in sorted(findings):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
            continue
        last = kept[-1]
        first = min(last, one, key=lambda each: KINDS.index(each.kind))
        kept[-1] = Finding(last.start, max(last.end, one.end), first.kind, first.what)
    return kept


def _is_word(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return before not in _NAME_CHARS and (after not in _NAME_CHARS or after == ".")
