"""Every command that a hint names exists."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import satchel
from satchel.cli.registry import COMMANDS
from satchel.cli.root import root

SOURCES = sorted(Path(satchel.__file__).parent.rglob("*.py"))
NAMED = re.compile(r"\bsatchel ([a-z]+)(?: ([a-z]+))?((?: --[a-z-]+)*)")
NOT_COMMANDS = {"and", "cannot", "may", "to"}  # as in "update satchel to read it"


def hints(source: Path) -> Iterator[str]:
    """Yield the text of every hint in a file."""
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg == "hint":
                    yield "".join(
                        str(part.value) for part in ast.walk(keyword.value) if isinstance(part, ast.Constant)
                    )


def exists(name: str, inner: str | None, options: str) -> bool:
    found = root.get_command(click.Context(root), name) if name in COMMANDS else None
    if isinstance(found, click.Group) and inner is not None and inner in found.commands:
        found = found.commands[inner]
    if found is None:
        return False
    known = {"--help"} | {spelled for param in found.params for spelled in param.opts}
    return set(options.split()) <= known


@pytest.mark.parametrize(
    "source", SOURCES, ids=lambda path: str(path.relative_to(Path(satchel.__file__).parent))
)
def test_every_command_that_a_hint_names_exists(source: Path) -> None:
    missing = [
        match[0]
        for hint in hints(source)
        for match in NAMED.finditer(hint)
        if match[1] not in NOT_COMMANDS and not exists(match[1], match[2], match[3])
    ]
    assert missing == []
