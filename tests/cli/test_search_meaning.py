"""`satchel search` by meaning: the answer says what found a Piece, and both options work."""

import pytest
from tests.cli.conftest import Cli
from tests.support.minilm import require_weights

UNIQUE = "def unique(items):\n    return list(dict.fromkeys(items))"
QUERY = ("remove", "duplicates", "while", "keeping", "their", "order")


@pytest.fixture(autouse=True)
def weights() -> None:
    require_weights()


def test_json_says_what_found_each_piece(cli: Cli) -> None:
    cli.save(UNIQUE, "--title", "unique")
    document = cli.json("search", *QUERY)
    assert [(piece["title"], piece["found_by"]) for piece in document["pieces"]] == [("unique", "meaning")]
    assert document["waiting"] == 0
    assert cli.json("search", "unique")["pieces"][0]["found_by"] == "words"


def test_without_meaning_only_words_find(cli: Cli) -> None:
    cli.save(UNIQUE)
    assert cli.json("search", "--no-meaning", *QUERY)["pieces"] == []
    assert cli.run("search", "--no-meaning", "--catch-up", "x").code == 2


def test_without_the_weights_search_uses_words(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.save(UNIQUE)
    monkeypatch.setattr("satchel.cli.commands.pieces.search.is_available", lambda: False)
    assert cli.json("search", *QUERY)["pieces"] == []
    assert len(cli.json("search", "unique items")["pieces"]) == 1


def test_catching_up_leaves_nothing_waiting(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("satchel.cli.commands.pieces.search.BUDGET_S", 0)
    cli.save(UNIQUE)
    answer = cli.run("search", *QUERY)
    assert "1 Piece cannot be found by meaning yet" in answer.err
    assert len(cli.json("search", "--catch-up", *QUERY)["pieces"]) == 1
