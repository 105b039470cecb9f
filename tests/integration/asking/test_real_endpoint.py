"""Questions to a real language model, if SATCHEL_ENDPOINT and SATCHEL_MODEL name one; else to a server of the tests."""

import os
from collections.abc import Iterator

import pytest
from tests.cli.conftest import Cli
from tests.support.language_models import LanguageModels

from satchel.ledger import Ledger

QUESTION = "which port does the staging database use?"
PORT = "6432"


@pytest.fixture
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cli]:
    """A home with three Pieces and an endpoint."""
    cli = Cli(tmp_path_factory.mktemp("asking") / "home")
    cli.ok("init")
    cli.save(
        f"The staging database listens on port {PORT} behind pgbouncer.",
        "--title",
        "Databases",
        "--no-suggest",
    )
    cli.save("Restart the web server after a release.", "--title", "Release", "--no-suggest")
    url, model = os.environ.get("SATCHEL_ENDPOINT", ""), os.environ.get("SATCHEL_MODEL", "")
    if url:
        cli.ok("endpoint", "set", url, "--model", model, "--no-key")
        yield cli
        return
    with LanguageModels("ollama") as server:
        server.say("It listens on port ", PORT, " [1].")
        cli.ok("endpoint", "set", server.url, "--model", "tiny")
        yield cli


def test_the_answer_is_from_the_piece_and_the_ledger_has_the_prompt(asking: Cli) -> None:
    shown = asking.ok("ask", QUESTION, "--show").out
    answer = asking.json("ask", QUESTION, "--yes")
    assert PORT in answer["answer"]
    assert answer["is_complete"]
    with Ledger.open(asking.home) as ledger:
        assert ledger.entries()[-1].text == shown


def test_an_answer_is_kept(asking: Cli) -> None:
    saved = asking.json("ask", QUESTION, "--yes", "--save")["saved"]
    assert PORT in asking.json("show", saved)["content"]


def test_the_estimate_of_tokens_is_not_too_low(asking: Cli) -> None:
    asking.ok("ask", QUESTION, "--yes", "--budget", "600", "--answer-tokens", "300")
    assert asking.json("ask", QUESTION, "--show", "--budget", "600")["prompt"]["tokens_at_most"] <= 600
