"""The picker without a terminal: what matches, what the keys do, and what is drawn."""

import time
from datetime import UTC, datetime

import pytest

from satchel.cli.picking.fuzzy import SURE, score
from satchel.cli.picking.outlines import Outlines, typed_of
from satchel.cli.picking.results import Results
from satchel.cli.picking.screen import Screen
from satchel.cli.picking.values import Question
from satchel.cli.terminal.tables import cell_width
from satchel.pieces.model import Outline, Piece
from satchel.placeholders import Placeholder

NOW = datetime(2026, 1, 31, tzinfo=UTC)


def piece(number: int, title: str = "", tags: tuple[str, ...] = ()) -> Piece:
    return Piece(
        f"01KB3{number:021}", title or f"title {number}", "", "bash", "text/plain", tags, (), None, NOW, NOW, 9, 1
    )  # fmt: skip


def shown(screen: Screen, columns: int, lines: int) -> list[str]:
    import re

    return [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", row) for row in screen.draw(columns, lines).split("\r\n")]


def test_words_rank_above_parts_and_these_above_scattered_characters() -> None:
    texts = ("header of http", "an http-header", "anhttpheader", "h t t p h e a d", "nothing")
    scores = [score(["header"], text) for text in texts[:3]]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) >= SURE
    assert 0 < score(["hdr"], "header") < SURE
    assert score(["header"], "nothing") == 0
    assert score(["http", "nothing here"], "http") == 0


def test_a_match_that_is_spread_too_far_is_none() -> None:
    assert score(["abc"], "a" + "x" * 100 + "b" + "x" * 100 + "c") == 0


def test_filters_are_taken_out_of_what_was_typed() -> None:
    typed = typed_of('Parse lang:py tag:"Old Stuff" collection:release is:pinned x')
    assert typed.words == ("parse", "x")
    assert typed.languages == ("python",)
    assert typed.tags == ("old-stuff", "collection:release", "pinned")
    assert typed.is_plain
    for text in ("-draft", '"a phrase"', "a OR b", "is:odd", "-tag:x a"):
        assert not typed_of(text).is_plain


@pytest.fixture(scope="module")
def outlines() -> Outlines:
    rows = [
        Outline(str(n), f"title number {n} of {n % 97}", "bash" if n % 2 else None, "[]")
        for n in range(100_000)
    ]
    rows.append(Outline("pinned", "an old title", "bash", '["pinned"]'))
    rows.append(Outline("odd", "100%_\\ sure", "sql", '["http"]'))
    return Outlines(rows)


def test_a_hundred_thousand_titles_are_matched_while_typing(outlines: Outlines) -> None:
    took = []
    for text in ("t", "ti", "ttl 99", "number 12345", "zzz", "nmbr of 96"):
        started = time.process_time()
        outlines.find(typed_of(text), (), 200)
        took.append(time.process_time() - started)
    assert sorted(took)[len(took) // 2] < 0.5, took
    assert outlines.find(typed_of("number 12345"), (), 5)[0][0] == "12345"


def test_favourites_come_first_and_filters_hold(outlines: Outlines) -> None:
    assert [ulid for ulid, _ in outlines.find(typed_of("title is:pinned"), (), 5)] == ["pinned"]
    assert [ulid for ulid, _ in outlines.find(typed_of("an old title"), (), 1)] == ["pinned"]
    assert [ulid for ulid, _ in outlines.find(typed_of("%_\\"), (), 5)] == ["odd"]
    assert [ulid for ulid, _ in outlines.find(typed_of("tag:http"), ("sql",), 5)] == ["odd"]
    assert outlines.find(typed_of("tag:http"), ("bash",), 5) == []
    assert outlines.count(("bash",)) == 50_001


@pytest.mark.parametrize(("columns", "lines"), [(160, 50), (60, 20), (30, 8), (11, 3), (91, 3)])
def test_every_row_fits_the_terminal(columns: int, lines: int) -> None:
    found = [piece(number, "日本語 title " * 10, ("http", "pinned", "collection:x")) for number in range(100)]
    screen = Screen("copies", typed="x" * 200, pieces=found, total=1_000, selected=70)
    screen.preview = "\n".join(f"\x1b[31m日本\x1b[0m\t{'y' * 300}" for _ in range(100))
    rows = shown(screen, columns, lines)
    assert len(rows) == lines
    assert all(cell_width(row) <= columns for row in rows)


def test_the_selected_piece_is_drawn_and_kept_when_more_is_found() -> None:
    screen = Screen("copies", pieces=[piece(n) for n in range(50)])
    for _ in range(30):
        assert screen.press("\x1b[B") == ""
    assert any("title 30" in row for row in shown(screen, 60, 12))
    screen.take(Results("", [piece(n) for n in range(100, 0, -1)], 100))
    assert screen.pieces[screen.selected].title == "title 30"
    screen.take(Results("", [], 100))
    assert not screen.pieces
    assert screen.press("\x1b[B") == ""


def test_typing_changes_the_text_and_selects_the_best() -> None:
    screen = Screen("copies", pieces=[piece(n) for n in range(5)], selected=3)
    assert screen.press("ü") == "search"
    assert (screen.typed, screen.selected) == ("ü", 0)
    assert screen.press("two words ") == "search"  # pasted
    assert screen.press("\x17") == "search"
    assert screen.typed == "ütwo "
    assert screen.press("\x15") == "search"
    assert screen.typed == ""
    assert screen.press("\x7f") == "", "there is nothing to erase"
    assert screen.press("\x1b[99~") == "", "an unknown key"
    assert [screen.press(key) for key in ("\r", "\x0f", "\x1b")] == ["accept", "open", "leave"]


def test_searches_are_offered_if_nothing_is_found() -> None:
    screen = Screen("copies")
    screen.take(Results("parse quux", [], 9, nearby=("parse header", "parse line")))
    assert shown(screen, 80, 10)[-1] == "nothing found; try: parse header · parse line"


def test_a_question_takes_choices_by_arrows_and_by_typing() -> None:
    question = Question(Placeholder("unit", None, ("nginx", "postgresql", "")))
    assert question.value == "nginx"
    question.press("\x1b[B")
    assert question.value == "postgresql"
    question.press("n")
    assert question.value == "nginx"
    assert question.press("\r") == "accept"
    question.press("z")
    assert question.press("\r") == "", "no choice"
    assert "none of" in question.draw("cmd", 80, 20)


def test_a_question_takes_a_default_or_what_is_typed() -> None:
    question = Question(Placeholder("port", "8080"))
    assert question.value == "8080"
    for key in "90":
        question.press(key)
    question.press("\x7f")
    assert question.value == "9"
    assert question.press("\x03") == "leave"
    drawn = question.draw("a\x1b[31m command\n" * 20, 20, 6)
    assert "\x1b[31m" not in drawn
