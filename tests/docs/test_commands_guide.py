"""docs/guides/commands.md: the examples print the output shown, and the tables are complete."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from tests.cli.conftest import PROGRAM

from satchel.cli.environment import VARIABLES
from satchel.cli.registry import COMMANDS
from satchel.cli.settings_file import SETTINGS
from satchel.errors import SatchelError
from satchel.exchange.detection import KINDS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "commands.md"
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
MARK = "\x01"


def examples(page: str) -> list[tuple[str, list[str]]]:
    """Return every command line of the page with its expected output lines."""
    found: list[tuple[str, list[str]]] = []
    for block in BLOCK.findall(page):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


def pattern_of(lines: list[str]) -> str:
    """Return a pattern for expected output, in which … matches any text on a line."""
    return "\n".join(".*".join(map(re.escape, line.split("…"))) for line in lines)


def run_in_one_shell(lines: list[str], folder: Path) -> list[str]:
    """Run lines in one shell, and return the output of each, including errors."""
    script = "\n".join(f"printf '{MARK}'\n{line}" for line in lines)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SATCHEL_")}
    environ |= {"SATCHEL_HOME": str(folder / "home"), "SATCHEL_KEYRING": "off"}
    environ["PATH"] = f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return [output.strip("\n") for output in done.stdout.decode().split(MARK)[1:]]


@pytest.mark.tool("bash", "age", "unzip")
def test_every_example_prints_the_output_shown(tmp_path: Path) -> None:
    shown = examples(PAGE.read_text())
    printed = run_in_one_shell([line for line, _ in shown], tmp_path)
    wrong = [
        f"$ {line}\nprints   {output!r}\nexpected {expected!r}"
        for (line, expected), output in zip(shown, printed, strict=True)
        if not re.fullmatch(pattern_of(expected), output)
    ]
    assert "\n\n".join(wrong) == ""
    assert len(shown) > 30


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_on_the_page(name: str) -> None:
    assert f"`{name}`" in PAGE.read_text()


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_on_the_page_with_its_default(name: str) -> None:
    setting = SETTINGS[name]
    assert f"| `{name}` | {setting.default} | {setting.help} |" in PAGE.read_text()


@pytest.mark.parametrize("name", VARIABLES)
def test_every_environment_variable_is_on_the_page(name: str) -> None:
    assert f"`{name}`" in PAGE.read_text().partition("## Environment")[2]


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_import_is_on_the_page(name: str) -> None:
    assert f"`{name}`" in PAGE.read_text()


def test_every_exit_code_is_on_the_page() -> None:
    table = PAGE.read_text().partition("## Exit codes")[2]
    kinds: list[type[SatchelError]] = [SatchelError, *SatchelError.__subclasses__()]
    for kind in kinds:
        assert f"| {kind.exit_code} |" in table
