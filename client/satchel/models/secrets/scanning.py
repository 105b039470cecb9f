"""Scanning a text for secrets. Time and memory grow with the length of the text and not with its content."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from satchel.models.secrets import named, passwords, phrases, structures
from satchel.models.secrets.formats import Matcher, matcher
from satchel.models.secrets.found import Candidate, Secret
from satchel.models.secrets.texts import Joined, Lines, plain, text_of

MAX_FINDINGS: Final = 1_000
"""In one text; more say nothing new."""
ALLOW_MARK: Final = "satchel:allow"
_MARKED_LINE_CHARS: Final = 4_000
_RUN: Final = re.compile(r"[A-Za-z0-9_-]{16,}")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{22,20000}={0,2}")
_LEAST_HIDDEN: Final = 16
_DIGIT: Final = re.compile(r"[0-9]")
_REPORTED_CHARS: Final = 1 << 16
"""How far a scan goes between two reports."""
_BEFORE_CHARS: Final = 40  # of a run, where a prefix with other characters may begin


def scan(
    content: bytes, media_type: str = "", *, advance: Callable[[int], None] | None = None
) -> list[Secret]:
    """Return what looks like a secret in content, in the order of lines. Images and archives are not searched.

    `advance` is called with numbers of bytes, whose sum is at most the content's size: a scan takes 0.1 to 1.5 s a
    MiB.
    """
    return scan_plain(text_of(content, media_type), advance=advance)


def scan_text(text: str) -> list[Secret]:
    """Return what looks like a secret in a text."""
    return scan_plain(plain(text))


def scan_plain(
    text: str, used: Matcher | None = None, *, advance: Callable[[int], None] | None = None
) -> list[Secret]:
    """Return the secrets of a text whose line ends and look-alikes are settled (`texts.plain`)."""
    lines, allows = Lines(text), ALLOW_MARK in text
    return [
        Secret(one.rule, one.what, lines.number(one.start), one.confidence, one.shown, one.value)
        for one in _distinct(candidates_of(text, used, advance=advance))
        if not (allows and ALLOW_MARK in lines.around(one.start, _MARKED_LINE_CHARS))
    ]


def find_spans(text: str) -> list[tuple[int, int]]:
    """Return where the secrets of a plain text (`texts.Plain`) are, including those in lines marked as allowed."""
    return [(one.start, _end(text, one)) for one in _distinct(candidates_of(text))]


def _end(text: str, found: Candidate) -> int:
    """Return where a secret ends; a private key, found by its first line, ends with its last line or the text."""
    if found.rule != "private-key":
        return max(found.end, found.start + len(found.value))
    last = text.find("-----END", found.end)
    line = text.find("\n", last) if last >= 0 else -1
    return line if line >= 0 else len(text)


def candidates_of(
    text: str, used: Matcher | None = None, *, advance: Callable[[int], None] | None = None
) -> Iterator[Candidate]:
    """Yield the candidates of every kind in a plain text (`texts.Plain`); the same place may occur several times.

    The candidate for a private key is its first line.
    """
    used = used or matcher()
    yield from _plain_secrets(text, used, advance=advance)
    yield from used.with_infixes(text)
    yield from phrases.candidates(text)
    joined = Joined(text)
    if joined.text:
        yield from _across(joined, used)


def _in_runs(
    text: str, used: Matcher, *, decodes: bool = True, advance: Callable[[int], None] | None = None
) -> Iterator[Candidate]:
    """Yield tokens with a prefix, and values that look random, around every run of 16 characters and more."""
    done = reported = 0
    for run in _RUN.finditer(text):
        if advance and run.start() - reported >= _REPORTED_CHARS:
            advance(run.start() - reported)
            reported = run.start()
        if not _DIGIT.search(text, run.start(), run.end()):  # a name
            yield from used.with_prefix_at(text, run.start())
            continue
        yield from used.with_prefixes(text, max(done, run.start() - _BEFORE_CHARS), run.end())
        if run.start() >= done:
            value = named.value_at(text, run.start(), run.end())
            yield from named.candidates(value, used)
            done = max(run.end(), value.end)
            if decodes:
                yield from _encoded(text, value.start, used)


def _encoded(text: str, start: int, used: Matcher) -> Iterator[Candidate]:
    """Yield a value in base64 that hides a secret."""
    run = _BASE64.match(text, start)
    hidden = structures.decoded(run[0]) if run else ""
    if run and len(hidden) >= _LEAST_HIDDEN:
        inner = next(_plain_secrets(hidden, used, decodes=False), None)
        if inner is not None:
            what = f"{inner.what} in base64"
            yield Candidate(inner.rule, what, run.start(), run.end(), inner.confidence, value=run[0])


def _plain_secrets(
    text: str, used: Matcher, *, decodes: bool = True, advance: Callable[[int], None] | None = None
) -> Iterator[Candidate]:
    lower = lowered(text)
    yield from structures.candidates(text, lower)
    if advance:
        advance(0)
    yield from _in_runs(text, used, decodes=decodes, advance=advance)
    if advance:
        advance(0)
    yield from passwords.candidates(text, lower)


def lowered(text: str) -> str:
    """Return a text in lower case, each character in its place."""
    lower = text.replace("\u0130", "i").lower()  # the only character whose lower case has two
    return lower if len(lower) == len(text) else text


def _across(joined: Joined, used: Matcher) -> Iterator[Candidate]:
    """Yield tokens that are split over string literals or lines."""
    for one in _in_runs(joined.text, used):
        if joined.crosses(one.start, one.end):
            start = joined.original(one.start)
            yield Candidate(
                one.rule,
                one.what,
                start,
                joined.original(one.end - 1) + 1,
                one.confidence,
                one.shown,
                one.value,
            )


def _distinct(found: Iterable[Candidate]) -> list[Candidate]:
    """Return the surest of the candidates that overlap, in the order of places."""
    limited = [one for one, _ in zip(found, range(MAX_FINDINGS * 4), strict=False)]
    kept: list[Candidate] = []
    for one in sorted(limited, key=lambda each: (each.start, -each.confidence)):
        if kept and one.start < kept[-1].end:
            if one.confidence > kept[-1].confidence:
                kept[-1] = one
        else:
            kept.append(one)
    return kept[:MAX_FINDINGS]
