"""Manual pages in the language of man(7)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from docs_site.commands import Entry, Manual
from satchel.cli import main

_EXIT_CODE: Final = re.compile(r"^    (\d+) +(.+?)(?: {2,}\(\w+Error.*\))?$", re.MULTILINE)
EXIT_CODES: Final[tuple[Entry, ...]] = tuple(_EXIT_CODE.findall(main.__doc__ or ""))
"""The exit codes of every command, from the docstring of satchel.cli.main."""
_CODE: Final = re.compile(r"\\\(ga(.+?)\\\(ga")  # between escaped backquotes
_ESCAPES: Final = {"\\": "\\e", "-": "\\-", "'": "\\(aq", "^": "\\(ha", "~": "\\(ti", "`": "\\(ga"}


def page_of(manual: Manual) -> str:
    """Return the page of a command and its subcommands."""
    lines = [*_head(manual), *_body(manual)]
    for each in manual.subcommands:
        lines += [f".SH {_quoted(each.name.upper())}", *_synopsis(each), *_paragraphs(each.paragraphs)]
        lines += [*_list(each.options), *_examples(each.examples)]
    lines += [*_section("GLOBAL OPTIONS", _list(manual.global_options)), *_tail()]
    return "\n".join(lines) + "\n"


def overview_page(manual: Manual, commands: Sequence[Manual]) -> str:
    """Return the page `satchel(1)`, which lists every command."""
    listed = [(f"{each.page}(1)", each.summary) for each in commands]
    lines = [*_head(manual), *_body(manual), *_section("COMMANDS", _list(listed))]
    lines += [*_section("GLOBAL OPTIONS", _list(manual.global_options)), *_tail()]
    return "\n".join(lines) + "\n"


def _head(manual: Manual) -> Iterator[str]:
    yield f'.TH {_quoted(manual.page.upper())} 1 "" "satchel" "satchel"'
    yield ".SH NAME"
    yield f"{_text(manual.page)} \\- {_text(manual.summary)}"
    yield ".SH SYNOPSIS"
    yield from _synopsis(manual)


def _body(manual: Manual) -> Iterator[str]:
    yield from _section("DESCRIPTION", _paragraphs(manual.paragraphs))
    yield from _section("OPTIONS", _list(manual.options))
    yield from _section("EXAMPLES", _examples(manual.examples))


def _tail() -> Iterator[str]:
    yield from _section("EXIT STATUS", _list(EXIT_CODES))
    yield ".SH SEE ALSO"
    yield ".BR satchel (1)"


def _section(heading: str, lines: Iterable[str]) -> Iterator[str]:
    content = list(lines)
    if content:
        yield f".SH {heading}"
        yield from content


def _synopsis(manual: Manual) -> Iterator[str]:
    yield f".B {_text(manual.name)}"
    if rest := manual.usage.removeprefix(manual.name).strip():
        yield _text(rest)


def _paragraphs(paragraphs: Iterable[str]) -> Iterator[str]:
    for paragraph in paragraphs:
        yield ".PP"
        yield _CODE.sub(lambda match: f"\\fB{match[1]}\\fR", _text(paragraph))


def _list(entries: Iterable[Entry]) -> Iterator[str]:
    for term, meaning in entries:
        yield ".TP"
        yield f".B {_text(term)}"
        yield _text(meaning)


def _examples(examples: Iterable[Entry]) -> Iterator[str]:
    for line, meaning in examples:
        yield ".PP"
        yield _text(f"{meaning[:1].upper()}{meaning[1:]}:")
        yield from (".PP", ".RS 4", ".nf", _text(line), ".fi", ".RE")


def _text(text: str) -> str:
    """Return text without the characters that roff interprets; `-` stays a hyphen-minus that can be copied."""
    escaped = "".join(
        _ESCAPES.get(each) or (each if each.isascii() else f"\\[u{ord(each):04X}]") for each in text
    )
    return f"\\&{escaped}" if escaped.startswith(".") else escaped


def _quoted(text: str) -> str:
    return f'"{_text(text)}"'
