"""docs/guides/commands.md: the examples print the output shown, and the tables are complete."""

from pathlib import Path

import pytest
from tests.support.guide_examples import differences, examples

from satchel.cli.environment import VARIABLES
from satchel.cli.registry import COMMANDS
from satchel.cli.settings_file import SETTINGS
from satchel.errors import SatchelError
from satchel.exchange.detection import KINDS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "commands.md"


@pytest.mark.tool("bash", "age", "unzip")
def test_every_example_prints_the_output_shown(tmp_path: Path) -> None:
    shown = examples(PAGE.read_text())
    assert "\n\n".join(differences(shown, tmp_path)) == ""
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
