"""The same questions to a real server, which SATCHEL_TEST_ENDPOINT names (docs/reference/processing.md, section 6)."""

import os
from pathlib import Path
from typing import Final

import pytest
from tests.cli.conftest import Cli

from satchel.ledger import Ledger

WHERE: Final = os.environ.get("SATCHEL_TEST_ENDPOINT", "")
MODEL: Final = os.environ.get("SATCHEL_TEST_MODEL", "")
KEY_FROM: Final = os.environ.get("SATCHEL_TEST_KEY_FROM", "")
CODE: Final = b"def parse(line):\n    # Split a header line into its name and its value.\n    return line.split(':', 1)\n"

pytestmark = pytest.mark.skipif(not (WHERE and MODEL), reason="SATCHEL_TEST_ENDPOINT names no server")


@pytest.fixture
def pointed(cli: Cli) -> Cli:
    """A home whose endpoint is the server."""
    cli.ok("endpoint", "set", WHERE, "--model", MODEL, *(["--key-from", KEY_FROM] if KEY_FROM else []))
    return cli


def test_it_lists_the_model_and_answers(pointed: Cli) -> None:
    assert MODEL in {each["name"] for each in pointed.json("endpoint", "models")["models"]}
    answer = pointed.json("endpoint", "test")
    assert answer["finish"] in {"stop", "length"}
    assert answer["answer"]


def test_an_unknown_model_is_told(cli: Cli) -> None:
    cli.ok(
        "endpoint", "set", WHERE, "--model", "no-such-model", *(["--key-from", KEY_FROM] if KEY_FROM else [])
    )
    answer = cli.run("endpoint", "test")
    assert (answer.code, "no-such-model" in answer.err) == (3, True)


def test_a_blended_model_suggests_a_title(pointed: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(CODE)
    pointed.ok("processing", "set", "titles", "blended")
    piece = pointed.ok("save", "-", "--no-suggest", stdin=CODE).text.strip()
    pointed.ok("suggest", piece)
    [title] = [one for one in pointed.json("show", piece)["suggested"] if one["field"] == "title"]
    assert title["model"].startswith(f"titles:{MODEL[:20]}")
    with Ledger.open(pointed.home) as ledger:
        ledger.verify()
        assert ledger.entries()[-1].sent.pieces == (piece,)
