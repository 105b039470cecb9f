"""Every line of the window's server that an owner can see is in every language of the page."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, get_args, get_type_hints

import pytest
from tests.support import server_messages as lines
from tests.support.window import Page

from satchel.cloud.problems import REACTIONS
from satchel.exchange.detection import KINDS
from satchel.exchange.importing import ALREADY_HERE
from satchel.keys.vault import Description
from satchel.ledger import ACCESS_KINDS
from satchel.outgoing import recording
from satchel.window.endpoints.remembering import WHAT
from satchel_wire.audit import Actor, Event, Outcome
from satchel_wire.messages import ReportReason

MESSAGES: Final = Path(__file__).parents[3] / "client/window/messages"
LANGUAGES: Final = ("ar", "de", "es", "fr", "ja", "zh")
# What the memory adds to the owner's words, by the parts that the code puts together.
OF_THE_MEMORY: Final = {
    " ({0} failed)": {"{0} ({1} failed)"},
    "; {0} more": {"{0}; {1} more"},
    "{0} (and {1} more)": {"{0} (and {1} more)"},
    "failed {0}{1}: {2}": {"failed once: {0}", "failed {0} times: {1}"},
    ", then succeeded": {"failed once, then succeeded: {0}", "failed {0} times, then succeeded: {1}"},
    "noted: {0}": {"noted: {0}"},
    "ran: {0}": set(),  # the page leaves the mark out
}
# What `satchel.store.revision_diff` says of a difference that is too long to show.
TOO_LONG: Final = {"1 line replaced by {0}, from line {1}", "{0} lines replaced by {1}, from line {2}"}
# Codes that the page has names for, by the beginning of the names.
CODES: Final[dict[str, set[str]]] = {
    "event_": {event.code for event in Event},
    "actor_": {actor.value for actor in Actor},
    "outcome_": {outcome.value for outcome in Outcome},
    "left_": {*recording.KINDS, *ACCESS_KINDS},
    "reason_": set(get_args(ReportReason)),
    "keys_": set(get_args(get_type_hints(Description)["kept"])),
    "memory_of_": set(WHAT),
}


def translations(code: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((MESSAGES / f"server/{code}.json").read_text(encoding="utf-8"))
    return found


def asked(page: Page) -> Iterator[str]:
    """Yield the lines of the views that show a table of satchel's own."""
    for model in page.ask("processing")["models"]:
        yield from (model[name] for name in ("purpose", "where", "sends", "only_here") if model[name])
    yield from (setting["help"] for setting in page.ask("settings")["settings"])


@pytest.fixture
def visible(page: Page) -> set[str]:
    """All lines that an owner can see."""
    told = lines.phases() | lines.failures() | lines.notices() | lines.findings() | lines.reasons()
    imports = {text for text in KINDS.values() if text != KINDS["pet"]} | {ALREADY_HERE}  # a name alone
    cloud = {reaction.message for reaction in REACTIONS.values()}
    found = told | cloud | imports | set(asked(page)) | set(WHAT.values()) | TOO_LONG | {recording.STOPPED}
    placed = {f"secret: {kind}" for kind in lines.secrets()}
    placed |= {f"memory: {line}" for part in OF_THE_MEMORY.values() for line in part}
    return {line for line in found if not lines.is_command(line)} | placed


def test_the_lines_are_found_in_the_code() -> None:
    assert {"sealing", "restoring"} <= lines.phases()
    assert {"{0} is not a whole path", "begin it with / or ~"} <= lines.failures()
    assert {"there is no backup", "the run of {0} failed: {1}"} <= lines.findings()
    assert {"similar meaning", "uses {0}", "calls {0}"} <= lines.reasons()
    assert {"signing in decrypts nothing: only your recovery words do"} <= lines.notices()
    assert {"{0} personal access token", "password in a URL", "{0} in base64"} <= lines.secrets()


def test_the_words_that_the_memory_adds_are_known() -> None:
    assert lines.summaries() == OF_THE_MEMORY.keys()


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


@pytest.mark.parametrize("beginning", CODES)
def test_every_code_of_the_server_has_a_name(beginning: str) -> None:
    """The other languages have the same messages as English (`tests/browser/window/test_build.py`)."""
    english = json.loads((MESSAGES / "en.json").read_text(encoding="utf-8"))
    named = {key.removeprefix(beginning) for key in english if key.startswith(beginning)}
    assert named == CODES[beginning]
