"""Every line of the window's server that an owner can see is in every language of the page."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from tests.support import server_messages as lines
from tests.support.window import Page

from satchel.cloud.problems import REACTIONS
from satchel.exchange.detection import KINDS
from satchel.exchange.importing import ALREADY_HERE
from satchel.window.endpoints.remembering import WHAT

MESSAGES: Final = Path(__file__).parents[3] / "client/window/messages/server"
LANGUAGES: Final = ("ar", "de", "es", "fr", "ja", "zh")


def translations(code: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((MESSAGES / f"{code}.json").read_text(encoding="utf-8"))
    return found


def asked(page: Page) -> Iterator[str]:
    """Yield the lines of the views that show a table of satchel's own."""
    for model in page.ask("processing")["models"]:
        yield from (model[name] for name in ("purpose", "where", "sends", "only_here") if model[name])
    yield from (setting["help"] for setting in page.ask("settings")["settings"])


@pytest.fixture
def visible(page: Page) -> set[str]:
    """All lines that an owner can see."""
    told = lines.phases() | lines.failures() | lines.findings() | lines.reasons()
    imports = {text for text in KINDS.values() if text != KINDS["pet"]} | {ALREADY_HERE}  # a name alone
    cloud = {reaction.message for reaction in REACTIONS.values()}
    found = told | cloud | imports | set(asked(page)) | set(WHAT.values())
    return {line for line in found if not lines.is_command(line)}


def test_the_lines_are_found_in_the_code() -> None:
    assert {"sealing", "restoring"} <= lines.phases()
    assert {"{0} is not a whole path", "begin it with / or ~"} <= lines.failures()
    assert {"there is no backup", "the run of {0} failed: {1}"} <= lines.findings()
    assert {"similar meaning", "uses {0}", "calls {0}"} <= lines.reasons()


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_every_line_and_no_other(visible: set[str], code: str) -> None:
    found = translations(code)
    assert sorted(visible - found.keys()) == []
    assert sorted(found.keys() - visible) == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_translation_has_the_same_values_and_says_something_else(code: str) -> None:
    for line, words in translations(code).items():
        assert sorted(re.findall(r"\{\d\}", line)) == sorted(re.findall(r"\{\d\}", words)), line
        assert words.strip() == words != line, line


def test_no_line_is_nothing_but_a_value() -> None:
    assert all(re.search("[A-Za-z]{3}", line) for line in translations("de"))
