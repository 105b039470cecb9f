"""The tools that read: what they return, page by page, within their budgets."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.agents.conftest import CLIENT

from satchel.agents import Answer, Desk, Policy
from satchel.agents.budget import LEAST_TOKENS, MOST_TOKENS, tokens_of
from satchel.errors import NotFoundError, SatchelError, UsageError
from satchel.store import Draft, Store, WholeFile

Save = Callable[..., str]
Call = Callable[..., Answer]


def test_a_search_returns_ids_titles_and_one_line(save: Save, call: Call) -> None:
    piece = save("import re\ndef parse_header(line):\n    pass\n", title="Headers", language="python")
    save("unrelated")
    found = call("search_pieces", query="parse header").document
    [one] = found["pieces"]
    assert (one["id"], one["title"], one["language"]) == (piece, "Headers", "python")
    assert one["line"] == "def parse_header(line):"
    assert (found["total"], found["truncated"], found["next_cursor"]) == (1, False, None)


def test_the_pages_of_a_search_are_all_of_it(save: Save, call: Call) -> None:
    saved = {save(f"needle {number} {'x' * 150}", title=f"number {number}") for number in range(20)}
    seen, cursor, pages = list[str](), "", 0
    while True:
        page = call("search_pieces", query="needle", max_tokens=LEAST_TOKENS, cursor=cursor).document
        assert page["total"] == 20
        seen += [one["id"] for one in page["pieces"]]
        pages += 1
        assert page["truncated"] == (page["next_cursor"] is not None)
        if page["next_cursor"] is None:
            break
        cursor = page["next_cursor"]
    assert pages > 3
    assert (len(seen), set(seen)) == (20, saved)


@pytest.mark.parametrize("cursor", ["1", "3.abc", "-1.000000000000", "²", "9" * 90])
def test_a_cursor_of_something_else_is_refused(save: Save, call: Call, cursor: str) -> None:
    save("needle")
    with pytest.raises(UsageError, match="cursor"):
        call("search_pieces", query="needle", cursor=cursor)


def test_reading_returns_lines_and_where_to_go_on(save: Save, call: Call) -> None:
    text = "".join(f"line {number}\n" for number in range(1, 2_001))
    piece = save(text, title="long", tags=("a", "b"))
    part = call("read_piece", id=piece, first_line=10, last_line=12).document
    assert part["text"] == "line 10\nline 11\nline 12\n"
    assert (part["first_line"], part["last_line"], part["total"], part["truncated"]) == (10, 12, 2_000, False)
    assert (part["title"], part["tags"], part["revision"]) == ("long", ["a", "b"], 1)
    whole, line = "", 1
    while line:
        page = call("read_piece", id=piece, first_line=line).document
        assert page["truncated"] == (page["next_line"] is not None)
        whole, line = whole + page["text"], page["next_line"]
    assert whole == text


def test_a_line_that_is_longer_than_the_budget_is_cut(save: Save, call: Call) -> None:
    piece = save("y" * 100_000 + "\nsecond\n")
    first = call("read_piece", id=piece).document
    assert (first["truncated"], first["next_line"]) == (True, 2)
    assert 0 < len(first["text"]) < 10_000
    assert call("read_piece", id=piece, first_line=2).document["text"] == "second\n"
    with pytest.raises(UsageError, match="ends at line 2"):
        call("read_piece", id=piece, first_line=3)


def test_further_files_are_read_by_name(home: Path, call: Call) -> None:
    with Store.open(home) as store:
        files = (WholeFile("test.py", b"assert 1\n"), WholeFile("shot.png", b"\x89PNG\r\n\x1a\n"))
        piece = store.add(Draft(b"main\n", files=files)).id
    assert call("read_piece", id=piece).document["files"] == ["test.py", "shot.png"]
    assert call("read_piece", id=piece, file="test.py").document["text"] == "assert 1\n"
    with pytest.raises(NotFoundError):
        call("read_piece", id=piece, file="other.py")
    with pytest.raises(UsageError, match="not text"):
        call("read_piece", id=piece, file="shot.png")


def test_recent_pieces_are_listed_page_by_page(save: Save, call: Call) -> None:
    saved = [save(f"{number}", title=f"number {number} {'x' * 100}", tags=("t",)) for number in range(9)]
    first = call("list_recent", max_tokens=LEAST_TOKENS).document
    assert (first["total"], first["truncated"], first["next_cursor"]) == (9, True, first["pieces"][-1]["id"])
    listed = list[str]()
    cursor: str | None = ""
    while cursor is not None:
        page = call("list_recent", max_tokens=LEAST_TOKENS, cursor=cursor).document
        listed += [one["id"] for one in page["pieces"]]
        cursor = page["next_cursor"]
    assert listed == saved[::-1]
    assert call("list_recent", tag="t", language="go").document["total"] == 0
    assert call("list_recent", tag="t").document["total"] == 9


def test_resources_are_pieces(home: Path, save: Save) -> None:
    piece, desk = save("print(1)\n"), Desk(home, Policy(), "tester")
    answer = desk.read_resource(f"satchel://piece/{piece}", CLIENT)
    assert answer.text == "print(1)\n"
    assert answer.document == {"satchel/truncated": False, "satchel/total": 1, "satchel/next_line": None}
    for uri in (f"satchel://piece/{piece}/x", "satchel://piece/", f"file:///{piece}", "satchel://piece/../x"):
        with pytest.raises(NotFoundError):
            desk.read_resource(uri, CLIENT)


@pytest.mark.parametrize(
    "arguments",
    [
        {}, {"query": 7}, {"query": ""}, {"query": "x" * 1_001}, {"query": "x", "max_tokens": 10**9},
        {"query": "x", "max_tokens": True}, {"query": "x", "agent": "owner"}, [], "x", {"query": None},
    ],
)  # fmt: skip
def test_wrong_arguments_are_refused_without_quoting_them(home: Path, arguments: object) -> None:
    with pytest.raises(UsageError) as caught:
        Desk(home, Policy(), "tester").call("search_pieces", arguments, CLIENT)
    assert "xxxx" not in caught.value.message


def test_an_agent_that_may_only_read_has_no_other_tools(home: Path) -> None:
    desk = Desk(home, Policy(), "tester")
    assert {tool.name for tool in desk.tools()} == {"search_pieces", "read_piece", "list_recent"}
    assert not any(tool.writes for tool in desk.tools())
    for name in ("save_piece", "update_piece", "share_piece", "remove_piece", ""):
        with pytest.raises(NotFoundError):
            desk.call(name, {}, CLIENT)


def test_a_caller_that_no_longer_waits_ends_the_work(home: Path, save: Save) -> None:
    save("needle")

    def stop() -> None:
        raise SatchelError("cancelled")

    with pytest.raises(SatchelError, match="cancelled"):
        Desk(home, Policy(), "tester").call("search_pieces", {"query": "needle"}, CLIENT, stop)


WILD = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=3_000)


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)
@given(WILD, WILD, st.integers(LEAST_TOKENS, MOST_TOKENS))
def test_no_result_is_over_its_budget(home: Path, text: str, title: str, tokens: int) -> None:
    with Store.open(home) as store:
        draft = Draft(
            text.encode(),
            title=title[:1_000],
            description=title,
            media_type="text/plain",
            links=(title[:4_000],),
        )
        piece = store.add(draft).id
    desk = Desk(home, Policy(secrets=True), "tester")
    for tool, arguments in (
        ("read_piece", {"id": piece}),
        ("list_recent", {}),
        ("search_pieces", {"query": "lang:x OR a*b"}),
    ):
        try:
            answer = desk.call(tool, {**arguments, "max_tokens": tokens}, CLIENT)
        except UsageError:
            continue
        assert tokens_of(answer.text.encode()) <= tokens
