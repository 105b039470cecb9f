"""pet's snippet.toml: a list of tables with a description, a command, tags and an example of its output.

Format: https://github.com/knqyf263/pet. A parameter is `<name>`, `<name=default>` or `<name=|_a_||_b_|>`.
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from satchel.exchange.cheatsheets.commands import command_draft
from satchel.exchange.items import Item, Problem
from satchel.exchange.reading import RejectedError
from satchel.placeholders import written

KIND: Final = "pet"
SUFFIX: Final = ".toml"
_LISTS: Final = ("snippets", "Snippets")
_PARAMETER: Final = re.compile(r"(?<![<\\])<([A-Za-z_][^<>=|\n]{0,63})(?:=([^<>\n]*))?>(?!>)")
_CHOICES: Final = re.compile(r"\|_(.*)_\|", re.DOTALL)
_NOT_TOML: Final = "it is not valid TOML"


def is_pet(text: str) -> bool:
    """Whether a TOML text holds a list of pet's snippets. RejectedError if it seems to, and is damaged."""
    if not re.search(r"^\[\[[ \t]*[Ss]nippets[ \t]*\]\]", text, re.MULTILINE):
        return False
    return any(isinstance(each, dict) and "command" in _lowered(each) for each in _snippets(text))


def read_pet(path: Path, text: str) -> Iterator[Item]:
    """Yield each snippet. RejectedError for a text that is no TOML."""
    for number, each in enumerate(_snippets(text), 1):
        fields = _lowered(each) if isinstance(each, dict) else {}
        if not isinstance(fields.get("command"), str):
            yield Problem(f"{path.name} {number}", "it has no command")
            continue
        tags = fields.get("tag")
        output = _string(fields.get("output")).strip()
        yield command_draft(
            _PARAMETER.sub(_placeholder, fields["command"]),
            path=path,
            kind=KIND,
            title=_string(fields.get("description")),
            number=number,
            tags=[tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else (),
            description=f"Output:\n{output}" if output else "",
        )


def _snippets(text: str) -> list[Any]:
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as exc:
        raise RejectedError(_NOT_TOML) from exc
    found = next((document[name] for name in _LISTS if name in document), None)
    return found if isinstance(found, list) else []


def _lowered(table: dict[str, Any]) -> dict[str, Any]:
    return {name.lower(): value for name, value in table.items()}


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _placeholder(match: re.Match[str]) -> str:
    name, default = match[1], match[2]
    choices = None if default is None else _CHOICES.fullmatch(default)
    if choices is not None:
        values = tuple(choices[1].split("_||_"))
        return written(name, choices=values) if len(set(values)) > 1 else written(name, default=values[0])
    return written(name, default=default)
