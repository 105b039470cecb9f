"""Every command and option that satchel names in a message, a docstring, its help or its documentation exists."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import satchel
from satchel.cli.options import CommandWithSubcommands
from satchel.cli.registry import ALIASES, COMMANDS
from satchel.cli.root import root

CLIENT = Path(satchel.__file__).parent
ROOT = CLIENT.parents[1]
SOURCES = sorted(CLIENT.rglob("*.py"))
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NAMED = re.compile(r"\bsatchel ([a-z]+)\b(?![.:/-])(?: ([a-z]+)\b)?((?:(?!\bsatchel\b)[^`\n;|>)])*)")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
# Words that follow the program's name in sentences, as in "update satchel to read it".
SENTENCES = frozenset(
    [
        "a",
        "accepts",
        "added",
        "adds",
        "also",
        "and",
        "answers",
        "ask",
        "asks",
        "at",
        "be",
        "before",
        "build",
        "calls",
        "can",
        "cannot",
        "checks",
        "client",
        "cloud",
        "compares",
        "contains",
        "could",
        "count",
        "counts",
        "database",
        "deletes",
        "did",
        "does",
        "every",
        "expects",
        "exported",
        "fetches",
        "finds",
        "for",
        "forgets",
        "formats",
        "from",
        "gives",
        "groups",
        "had",
        "has",
        "have",
        "home",
        "if",
        "import",
        "imports",
        "in",
        "into",
        "is",
        "it",
        "its",
        "itself",
        "keeps",
        "knows",
        "list",
        "lists",
        "looks",
        "makes",
        "may",
        "must",
        "needs",
        "never",
        "no",
        "not",
        "of",
        "on",
        "only",
        "opens",
        "or",
        "overwrites",
        "owns",
        "page",
        "prints",
        "program",
        "proves",
        "provisioner",
        "raises",
        "reads",
        "records",
        "refuses",
        "removes",
        "runs",
        "says",
        "searches",
        "sees",
        "sends",
        "serves",
        "shall",
        "share",
        "shares",
        "should",
        "shows",
        "so",
        "starts",
        "stops",
        "stores",
        "supports",
        "takes",
        "tells",
        "that",
        "the",
        "then",
        "to",
        "treats",
        "tries",
        "uses",
        "verifies",
        "waits",
        "warns",
        "was",
        "when",
        "where",
        "while",
        "whose",
        "will",
        "with",
        "without",
        "writes",
        "wrote",
    ]
)


def texts_of(source: Path) -> Iterator[str]:
    """Yield every string of a module, its docstrings included. Parts of f-strings are joined by a blank."""
    tree = ast.parse(source.read_text())
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.value


def missing_names(text: str) -> list[str]:
    """Return what a text names but satchel does not have."""
    wrong = []
    for match in NAMED.finditer(text):
        name = ALIASES.get(match[1], match[1])
        if name not in COMMANDS:
            wrong += [match[0].strip()] if name not in SENTENCES else []
            continue
        if name in SENTENCES and not match[3].strip():
            continue
        found = root.get_command(click.Context(root), name)
        if isinstance(found, click.Group | CommandWithSubcommands) and match[2] in found.commands:
            found = found.commands[match[2]]
        assert found is not None
        known = {"--help"} | {
            spelled
            for param in [*found.params, *root.params]
            for spelled in param.opts + param.secondary_opts
        }
        wrong += [
            f"{match[0].strip()} ({option})"
            for option in OPTION.findall(match[3].partition(" -- ")[0])
            if option not in known
        ]
    return wrong


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(CLIENT)))
def test_every_command_that_a_message_names_exists(source: Path) -> None:
    assert [name for text in texts_of(source) for name in missing_names(text)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_a_page_names_exists(page: Path) -> None:
    quoted = re.findall(r"`([^`\n]*)`|^\$ (.*)$", page.read_text(), flags=re.MULTILINE)
    assert [name for pair in quoted for text in pair for name in missing_names(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "satchel show ID --history",
        "satchel backups prune --nowhere",
        "satchel nothing ID",
        "run satchel frobnicate",
    ],
)
def test_a_command_that_does_not_exist_is_noticed(text: str) -> None:
    assert missing_names(text) != []
