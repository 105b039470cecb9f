"""Canaries in exceptions: whatever fails in a command, no message, report or count has what a person typed."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Final
from unittest import mock

import pytest
from tests.cli.conftest import Cli
from tests.security.canaries.planted import Canaries
from tests.support.window import served

from satchel.store import Store
from satchel.window.drafts import DraftFolder

CANARIES: Final = Canaries()
# A command with canaries in it, and what fails with canaries in its message.
COMMANDS: Final = {
    "save": (["save", "-", "--title", CANARIES.title, "--tag", CANARIES.tag, "--link", CANARIES.link], "add"),
    "edit": (
        ["edit", "@last", "--title", CANARIES.edited_title, "--description", CANARIES.description],
        "edit",
    ),
    "show": (["show", "@last"], "content"),
    "list": (["list", "--tag", CANARIES.tag], "pieces"),
    "tag": (["tag", "@last", CANARIES.tag], "edit"),
}


class HeavyError(Exception):
    """An exception that holds a canary wherever an exception can hold one."""

    def __init__(self, text: str) -> None:
        super().__init__(text, {"text": text})
        self.text = text
        self.add_note(text)
        self.__cause__ = ValueError(text)


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("option", ["--quiet", "--debug"])
def test_no_canary_reaches_a_report_or_a_message(tmp_path: Path, name: str, option: str) -> None:
    cli = Cli(tmp_path / "home")
    cli.ok("init")
    cli.ok("save", "-", "--title", CANARIES.title, "--no-suggest", stdin=CANARIES.content.encode())
    cli.ok("telemetry", "on")
    arguments, method = COMMANDS[name]
    everything = " ".join(getattr(CANARIES, each.name) for each in fields(CANARIES))
    with mock.patch.object(Store, method, side_effect=HeavyError(everything)):
        answer = cli.run(*arguments, option, stdin=CANARIES.further_content.encode())
    assert answer.code == 1
    [report] = [path.read_bytes() for path in cli.home.rglob("crashes/*.json")]
    assert json.loads(report)["command"] == name
    document = cli.ok("telemetry", "show").out
    counted = (cli.home / "telemetry/counts").read_bytes()
    for canary, text in CANARIES.secrets().items():
        assert text not in report + document + counted + answer.err.encode() + answer.out, canary


def test_no_canary_reaches_what_the_window_says_when_a_draft_fails(tmp_path: Path) -> None:
    cli = Cli(tmp_path / "home")
    cli.ok("init")
    cli.ok("telemetry", "on")
    everything = " ".join(getattr(CANARIES, each.name) for each in fields(CANARIES))
    draft = {
        "id": "1" * 32, "version": 1, "piece": None, "base": 0, "title": CANARIES.draft_fields, "description": "",
        "language": "", "tags": [], "links": [], "texts": [{"number": 0, "name": "", "text": CANARIES.draft}],
        "source": "", "typed": "",
    }  # fmt: skip
    with served(cli.home) as page, mock.patch.object(DraftFolder, "keep", side_effect=HeavyError(everything)):
        status, headers, body = page.send("/api/keep_draft", json.dumps({"draft": draft}).encode())
    assert status == 500
    left = [path.read_bytes() for path in cli.home.rglob("*") if path.is_file() and "keys" not in path.parts]
    for canary, text in CANARIES.secrets().items():
        assert text not in b"".join((str(headers).encode(), body, *left)), canary
