"""`satchel search`; tests of the index cover what is found."""

import pytest
from tests.cli.conftest import Cli

from satchel.store import Piece, Store


@pytest.fixture
def full(cli: Cli) -> Cli:
    cli.save("def parseHttpHeader(): ...", "--title", "parser", "--language", "python", "--tag", "http")
    cli.save("func parse_http_header() {}", "--title", "other", "--language", "go")
    cli.save("a note about cats", "--title", "cats", "--tag", "draft")
    return cli


def titles(cli: Cli, *arguments: str) -> set[str]:
    return {piece["title"] for piece in cli.json("search", *arguments)["pieces"]}


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["http", "header"], {"parser", "other"}),
        (["http header lang:py"], {"parser"}),
        (["http", "--language", "go"], {"other"}),
        (["parse*"], {"parser", "other"}),
        (["tag:http"], {"parser"}),
        (["--tag", "draft", "cats"], {"cats"}),
        (['"about cats"'], {"cats"}),
        (["parse", "-func"], {"parser"}),
        (["--", "-func", "parse"], {"parser"}),
        (["zebra"], set()),
    ],
)
def test_queries_and_filters_find_pieces(full: Cli, arguments: list[str], found: set[str]) -> None:
    assert titles(full, *arguments) == found


def test_the_document_has_a_score_and_the_matching_line(full: Cli) -> None:
    (piece,) = full.json("search", "cats")["pieces"]
    assert {
        "score",
        "snippet",
        "found_by",
        "id",
        "title",
        "language",
        "tags",
        "created",
        "updated",
        "size_bytes",
    } == piece.keys()
    assert piece["snippet"] == "a note about cats"


def test_the_limit_applies(full: Cli) -> None:
    assert len(full.json("search", "parse", "--limit", "1")["pieces"]) == 1


def test_a_pipe_gets_tab_separated_lines(full: Cli) -> None:
    (line,) = full.ok("search", "cats").lines
    piece_id, title, language, snippet = line.split("\t")
    assert (len(piece_id), title, language, snippet) == (26, "cats", "", "a note about cats")


def test_finding_nothing_is_noted_and_succeeds(full: Cli) -> None:
    answer = full.ok("search", "zebra")
    assert (answer.out, answer.err) == (b"", "nothing found\n")


def test_finding_nothing_offers_searches_that_find_something(full: Cli) -> None:
    answer = full.ok("search", "--no-meaning", "cats", "header")
    assert answer.err.startswith("nothing found; try: ")
    query = answer.err.removeprefix("nothing found; try: ").split(" · ")[0].strip()
    assert full.json("search", *query.split())["pieces"]


@pytest.mark.parametrize("query", ["lang:", '"open', "-only", "*"])
def test_an_invalid_query_is_a_usage_error(full: Cli, query: str) -> None:
    answer = full.run("search", query)
    assert answer.code == 2
    assert answer.err.startswith("satchel: ")


def test_a_piece_that_another_process_removes_during_the_search_is_skipped(
    full: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The removal happens after the index has found the Piece, before the store is read."""
    (parser,) = full.json("search", "parser")["pieces"]
    read = Store.readable

    def readable_after_removal(store: Store, piece_id: str, max_bytes: int) -> tuple[Piece, str]:
        if piece_id == parser["id"]:
            answer = full.process("rm", piece_id, "--yes")
            assert answer.code == 0, answer.err
        return read(store, piece_id, max_bytes)

    monkeypatch.setattr(Store, "readable", readable_after_removal)
    assert titles(full, "parse") == {"other"}


def test_a_damaged_or_missing_index_is_rebuilt(full: Cli) -> None:
    index = full.home / "index.db"
    for damage in (index.unlink, lambda: index.write_bytes(b"rubbish" * 1000)):
        damage()
        assert titles(full, "cats") == {"cats"}
