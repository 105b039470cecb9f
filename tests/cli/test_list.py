"""`satchel list`."""

import pytest
from tests.cli.conftest import Cli

FIELDS = {"id", "title", "language", "tags", "created", "updated", "size_bytes"}


@pytest.fixture
def full(cli: Cli) -> Cli:
    cli.save("one", "--title", "One", "--language", "py", "--tag", "a", "--tag", "b")
    cli.save("two", "--title", "Two", "--language", "go", "--tag", "a")
    cli.save("three", "--title", "Three")
    return cli


def titles(cli: Cli, *arguments: str) -> list[str]:
    return [piece["title"] for piece in cli.json("list", *arguments)["pieces"]]


def test_pieces_are_listed_newest_first_with_their_fields(full: Cli) -> None:
    document = full.json("list")
    assert [piece["title"] for piece in document["pieces"]] == ["Three", "Two", "One"]
    assert all(piece.keys() == FIELDS for piece in document["pieces"])
    assert document["pieces"][2]["created"].endswith("Z")


def test_filters_narrow_the_list(full: Cli) -> None:
    assert titles(full, "--language", "python") == ["One"]
    assert titles(full, "--language", "PY") == ["One"]
    assert titles(full, "--tag", "a") == ["Two", "One"]
    assert titles(full, "--tag", "a", "--tag", "B") == ["One"]
    assert titles(full, "--tag", "a", "--language", "go") == ["Two"]
    assert titles(full, "--tag", "none") == []


def test_a_limit_that_cuts_the_list_is_noted(full: Cli) -> None:
    assert full.json("list", "--limit", "2")["has_more"] is True
    assert full.json("list", "--limit", "3")["has_more"] is False
    assert "--all" in full.ok("list", "--limit", "2").err
    assert full.ok("list", "--limit", "3").err == ""
    assert len(full.ok("list", "--all").lines) == 3


def test_a_pipe_gets_tab_separated_lines_without_headings(full: Cli) -> None:
    lines = [line.split("\t") for line in full.ok("list").lines]
    assert [len(line) for line in lines] == [6, 6, 6]
    assert lines[2][1:4] == ["One", "python", "a,b"]
    assert len(lines[2][0]) == 26
    assert lines[2][5] == "3"


def test_a_terminal_gets_headings_and_short_ids(full: Cli) -> None:
    text = full.ok("list", terminal=True).text
    assert "TITLE" in text
    assert "One" in text
    assert max(len(word) for word in text.split()) < 26


def test_control_characters_in_a_title_are_never_printed(cli: Cli) -> None:
    cli.save("x", "--title", "evil\x1b]0;owned\x07\x1b[31mred\ttab\u202egnp.exe")
    for answer in (
        cli.ok("list"),
        cli.ok("list", terminal=True),
        cli.ok("search", "evil"),
        cli.ok("rm", "01", "--yes"),
    ):
        assert "\x1b]" not in answer.text
        assert "\x1b[31m" not in answer.text
        assert "\u202e" not in answer.text


def test_an_empty_store_prints_a_hint(cli: Cli) -> None:
    answer = cli.ok("list")
    assert answer.out == b""
    assert "satchel save" in answer.err


def test_all_and_a_limit_contradict_each_other(cli: Cli) -> None:
    assert cli.run("list", "--all", "--limit", "3").code == 2
    cli.ok("settings", "set", "list.limit", "3")
    cli.ok("list", "--all")
