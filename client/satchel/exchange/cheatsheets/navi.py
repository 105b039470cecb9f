"""navi's cheatsheets: `% tags`, `# description`, commands, `$ name: suggestions`, `; comments`, `@ other tags`.

Format: https://github.com/denisidoro/navi/blob/master/docs/cheatsheet/syntax/README.md. A suggestion is a command
that navi runs. None is run here: one that prints a fixed list becomes choices, any other stays in the description.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from satchel.exchange.cheatsheets.commands import command_draft, read_sheets, sheets_in
from satchel.exchange.items import Item
from satchel.placeholders import placeholders_of, written

KIND: Final = "navi"
_SUFFIXES: Final = (".cheat", ".cheat.md")
_SUGGESTION: Final = re.compile(r"\$\s*([A-Za-z0-9_]+)\s*:\s*(.*)")
_VARIABLE: Final = re.compile(r"<([A-Za-z0-9_]{1,64})>")
_LIST_BY_TR: Final = re.compile(
    r"""echo\s+(?:-e\s+)?(?:"([^"$`\\]*)"|'([^']*)')\s*\|\s*tr\s+(['"])(.)\3\s+(['"])\\n\5"""
)
_LIST_BY_LINES: Final = re.compile(r"""(?:echo\s+-e|printf)\s+(?:"([^"$`%]*)"|'([^'%]*)')""")
_MAX_CHOICES: Final = 50


@dataclass(slots=True)
class _Sheet:
    """The part of a file below one line of tags."""

    tags: tuple[str, ...] = ()
    extended: list[tuple[str, ...]] = field(default_factory=list)
    suggestions: dict[str, str] = field(default_factory=dict)
    commands: list[tuple[str, str]] = field(default_factory=list)  # description and command


def is_navi(path: Path) -> bool:
    """Whether a file is a sheet of navi, by its name."""
    return path.name.lower().endswith(_SUFFIXES)


def is_navi_folder(folder: Path) -> bool:
    """Whether at least half of the files of a folder are sheets of navi, by the first of them."""
    paths = [path for path, _ in zip(sheets_in(folder), range(1_000), strict=False)]
    return bool(paths) and 2 * sum(map(is_navi, paths)) >= len(paths)


def read_navi(path: Path, text: str) -> Iterator[Item]:
    """Yield each command of a sheet."""
    sheets = list(_sheets(text))
    by_tags = {sheet.tags: sheet for sheet in sheets}
    number = 0
    for sheet in sheets:
        suggestions = dict(sheet.suggestions)
        for tags in sheet.extended:
            suggestions = by_tags.get(tags, _Sheet()).suggestions | suggestions
        for about, command in sheet.commands:
            number += 1
            text, notes = _converted(command, suggestions)
            yield command_draft(
                text, path=path, kind=KIND, title=about, number=number, tags=sheet.tags, description=notes
            )


def read_navi_folder(folder: Path) -> Iterator[Item]:
    """Yield each command of a folder's sheets."""
    return read_sheets(folder, is_navi, read_navi)


def _sheets(text: str) -> Iterator[_Sheet]:
    sheet, about, lines, is_fenced = _Sheet(), "", list[str](), False
    for line in [*text.split("\n"), "", "%"]:
        is_fence = line.startswith("```")
        if lines and (is_fence or (not is_fenced and (not line.strip() or line[0] in "%#$;@"))):
            sheet.commands.append((about, "\n".join(lines)))
            about, lines = "", []
        if is_fence:
            is_fenced = not is_fenced
        elif is_fenced:
            lines.append(line)
        elif line.startswith("%"):
            yield sheet
            sheet, about = _Sheet(_tags(line)), ""
        elif line.startswith("#"):
            about = f"{about} {line[1:].strip()}".strip()
        elif line.startswith("@"):
            sheet.extended.append(_tags(line))
        elif line.startswith("$") and (match := _SUGGESTION.match(line)):
            sheet.suggestions[match[1]] = match[2].strip()
        elif line.strip() and not line.startswith(";"):
            lines.append(line)


def _tags(line: str) -> tuple[str, ...]:
    return tuple(tag for each in line[1:].split(",") if (tag := each.strip()))


def _converted(command: str, suggestions: dict[str, str]) -> tuple[str, str]:
    """Return a command with our placeholders, and the suggestions that are none of their choices, one a line."""
    choices = {name: _choices(source) for name, source in suggestions.items()}
    text = _VARIABLE.sub(lambda match: written(match[1], choices=choices.get(match[1], ())), command)
    names = {one.name for one in placeholders_of(text)}
    notes = [
        f"{name}: {source}" for name, source in suggestions.items() if name in names and not choices[name]
    ]
    return text, "\n".join(notes)


def _choices(source: str) -> tuple[str, ...]:
    """Return the values of a suggestion that prints a fixed list; none for any other."""
    plain = source.partition(" ---")[0].strip()
    match = _LIST_BY_TR.fullmatch(plain)
    if match is not None:
        found = (match[1] or match[2] or "").split(match[4])
    elif match := _LIST_BY_LINES.fullmatch(plain):
        found = (match[1] or match[2] or "").split("\\n")
    else:
        return ()
    return tuple(dict.fromkeys(each.strip() for each in found if each.strip()))[:_MAX_CHOICES]
