"""The help of every command, word for word. To update it: SATCHEL_UPDATE_GOLDEN=1 pytest tests/golden/help."""

import os
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from tests.cli.conftest import Cli

from satchel.cli.options import CommandWithSubcommands, HelpWithExamples
from satchel.cli.registry import COMMANDS
from satchel.cli.root import root

GOLDEN = Path(__file__).parent


def command_paths() -> Iterator[tuple[str, ...]]:
    """Yield the words of every command and subcommand."""
    yield ()
    for name in COMMANDS:
        yield (name,)
        found = root.get_command(click.Context(root), name)
        if isinstance(found, (click.Group, CommandWithSubcommands)):
            yield from ((name, inner) for inner in found.commands)


PATHS = list(command_paths())


@pytest.mark.parametrize("words", PATHS, ids=lambda words: " ".join(words) or "satchel")
def test_the_help_matches_the_golden_file(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = Cli(tmp_path / "home").ok(*words, "--help").text
    golden = GOLDEN / f"{'-'.join(('satchel', *words))}.txt"
    if os.environ.get("SATCHEL_UPDATE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()


@pytest.mark.parametrize("words", PATHS, ids=lambda words: " ".join(words) or "satchel")
def test_the_help_has_an_example_and_fits_a_narrow_terminal(words: tuple[str, ...], tmp_path: Path) -> None:
    text = Cli(tmp_path / "home").ok(*words, "--help").text
    assert "\nExamples:\n" in text
    assert "  satchel" in text.partition("\nExamples:\n")[2] or "satchel completion" in text
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("name", COMMANDS)
def test_the_short_help_is_one_lowercase_clause(name: str) -> None:
    entry = COMMANDS[name]
    assert entry.help[0].islower()
    assert not entry.help.endswith(".")
    assert len(entry.help) < 60
    found = root.get_command(click.Context(root), name)
    assert isinstance(found, HelpWithExamples)
    assert found.help


def test_every_golden_file_belongs_to_a_command() -> None:
    expected = {f"{'-'.join(('satchel', *words))}.txt" for words in PATHS}
    assert {path.name for path in GOLDEN.glob("*.txt")} == expected


def test_the_help_imports_no_command(tmp_path: Path) -> None:
    answer = Cli(tmp_path / "home").process("--help")
    assert answer.code == 0
    code = "import sys; from satchel.cli.main import main; main(); print([m for m in sys.modules if m.startswith('satchel.cli.commands.') or m in {'apsw', 'rich', 'cryptography', 'msgspec'}], file=sys.stderr)"
    import subprocess
    import sys

    done = subprocess.run([sys.executable, "-c", code, "--help"], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
