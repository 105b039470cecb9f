"""Which Pieces are offered, in which order, and as which text."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from satchel.editor.proposals import by_meaning, by_prefix, fits, languages_for, matched_by, ranked
from satchel.editor.typed import read_typed
from satchel.pieces.model import Piece, Source

START = datetime(2026, 1, 1, tzinfo=UTC)


def piece(
    title: str,
    *tags: str,
    language: str | None = "python",
    kind: str = "file",
    age: int = 0,
    **more: Any,  # noqa: ANN401  a Piece's
) -> Piece:
    at = START - timedelta(days=age)
    fields: dict[str, Any] = {"media_type": "text/plain", "size_bytes": 10} | more
    return Piece(
        id=title, title=title, description="", language=language, tags=tags, links=(),
        source=Source(kind), created=at, updated=at, revision=1, **fields,
    )  # fmt: skip


def test_snippets_named_exactly_come_first_then_other_snippets_then_titles() -> None:
    found = [
        piece("a parse of words"),
        piece("parser", age=9),
        piece("parse it", age=1),
        piece("tagged", "parsing"),
        piece("snippet", "parse-all", kind="vscode"),
        piece("exact", "parse", kind="vscode", age=5),
        piece("nothing"),
    ]
    order = [one.title for one, _ in ranked(found, "parse", "python")]
    assert order == ["exact", "snippet", "parse it", "parser", "a parse of words"]
    assert [one.title for one, _ in ranked(found, "pars", "python")][-1] == "tagged"


def test_the_document_s_language_comes_before_the_time() -> None:
    found = [piece("parse now", language="c"), piece("parse then", language="cpp", age=100)]
    assert [one.title for one, _ in ranked(found, "par", "cpp")] == ["parse then", "parse now"]


@pytest.mark.parametrize(
    ("title", "prefix", "matched"),
    [
        ("Read a header", "hea", "header"),
        ("parseHTTPHeader", "HTT", "HTTPHeader"),
        ("parseHTTPHeader", "parse_http", "parse_httpparseHTTPHeader"),
        ("Read a header", "ead", ""),
        ("Größe messen", "größ", "Größe messen"),
    ],
)
def test_a_prefix_matches_words_of_a_title(title: str, prefix: str, matched: str) -> None:
    assert matched_by(piece(title), prefix) == matched


def test_pieces_fit_into_documents_of_related_languages() -> None:
    languages = languages_for("typescript")
    assert fits(piece("x", language="javascript"), languages)
    assert fits(piece("x", language=None), languages)
    assert not fits(piece("x", language="go"), languages)
    assert fits(piece("x", language="go"), languages_for("markdown"))
    assert not fits(piece("x", media_type="image/png"), languages_for(None))
    assert not fits(piece("x", size_bytes=65_537), languages_for(None))


def test_a_prefix_is_replaced_and_a_comment_stays() -> None:
    typed = read_typed("    x = par", "python")
    proposal = by_prefix(piece("parse"), "parse", "a\nb\n", typed, "par")
    assert (proposal.start, proposal.text, proposal.label) == (8, "a\nb", "parse")
    typed = read_typed("    # cost in $ now", "python")
    assert typed.question is not None
    plain = by_meaning(piece("parse"), "a\n", typed, typed.question)
    assert (plain.start, plain.text, plain.matched) == (4, "# cost in $ now\na", "# cost in $ now")
    stops = by_meaning(piece("parse", kind="vscode"), "$1\n", typed, typed.question)
    assert stops.text == "# cost in \\$ now\n$1"
    asked = read_typed("? parse it now", "python")
    assert asked.question is not None
    assert by_meaning(piece("parse"), "a\n", asked, asked.question).text == "a"
