"""`satchel mcp` before it serves: options, and what is missing."""

import importlib.util

import pytest
from tests.cli.conftest import Cli


def test_without_the_extra_there_is_a_line_that_installs_it(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("satchel.cli.commands.agents.mcp.find_spec", lambda _name: None)
    answer = cli.run("mcp")
    assert answer.code == 1
    assert "pipx install --force 'satchel[mcp]'" in answer.err


@pytest.mark.parametrize("name", ["x" * 61, "two\nlines", "\x1b[31m"])
def test_a_name_that_is_no_name_is_refused(cli: Cli, name: str) -> None:
    assert cli.run("mcp", "--agent", name).code == 2


def test_the_sdk_is_of_an_extra_and_here() -> None:
    assert importlib.util.find_spec("mcp") is not None
