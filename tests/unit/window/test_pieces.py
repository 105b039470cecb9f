"""The views Find, Read and Edit."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support.window import Page

from satchel.pieces.model import Changes, SuggestedValue, WholeFile
from satchel.store import Store

Save = Callable[..., str]


def titles(answer: dict) -> list[str]:  # type: ignore[type-arg]
    return [piece["title"] for piece in answer["pieces"]]


def test_a_list_is_paged_newest_first(page: Page, save: Save) -> None:
    for number in range(7):
        save(f"text {number}", title=f"piece {number}")
    first = page.ask("find", limit=3)
    assert titles(first) == ["piece 6", "piece 5", "piece 4"]
    assert (first["total"], first["has_more"]) == (7, True)
    last = page.ask("find", limit=3, offset=6)
    assert titles(last) == ["piece 0"]
    assert last["has_more"] is False
    assert titles(page.ask("find", limit=2, order="oldest")) == ["piece 0", "piece 1"]


def test_filters_apply_to_lists_and_to_searches(page: Page, save: Save) -> None:
    save("def parse(): pass", title="one", language="python", tags=("http",))
    save("func parse() {}", title="two", language="go", tags=("http", "cli"))
    save("parse the header", title="three")
    assert titles(page.ask("find", language="py")) == ["one"]
    assert titles(page.ask("find", tags=["http", "cli"])) == ["two"]
    assert titles(page.ask("find", kind="text")) == ["three"]
    assert titles(page.ask("find", query="parse", kind="text")) == ["three"]
    assert sorted(titles(page.ask("find", query="par", kind="code"))) == ["one", "two"]
    assert titles(page.ask("find", query="parse", language="go")) == ["two"]
    assert titles(page.ask("find", since="2999-01-01T00:00:00Z")) == []
    assert len(titles(page.ask("find", before="2999-01-01T00:00:00Z"))) == 3
    found = page.ask("filters")
    assert found["pieces"] == 3
    assert {each["name"]: each["count"] for each in found["kinds"]} == {"code": 2, "text": 1}
    assert found["tags"][0] == {"name": "http", "count": 2}


@pytest.mark.parametrize(
    "typed",
    ["pa", "pars", "parse", 'parse "hea', "parse header", "parse -", "parse_h", "parse_hea", "Parse_header", "parse."],
)  # fmt: skip
def test_a_query_finds_while_it_is_typed(page: Page, save: Save, typed: str) -> None:
    save("def parse_header(line): ...", title="headers")
    answer = page.ask("find", query=typed, lines=2)
    assert titles(answer) == ["headers"]
    assert answer["total"] == 1


def test_the_first_rows_while_typing_are_not_counted_and_then_all_are(page: Page, save: Save) -> None:
    for number in range(7):
        save(f"parse {number}", title=f"piece {number}", language="python" if number % 2 else None)
    quick = page.ask("find", query="pars", limit=3, is_counted=False)
    assert (len(quick["pieces"]), quick["total"], quick["has_more"]) == (3, None, True)
    whole = page.ask("find", query="pars", limit=5)
    assert (whole["total"], titles(whole)[:3]) == (7, titles(quick))
    few = page.ask("find", query="pars", limit=10, is_counted=False)
    assert (len(few["pieces"]), few["total"], few["has_more"]) == (7, 7, False)
    some: tuple[dict[str, Any], ...] = (
        {"kind": "code"},
        {"kind": "code", "since": "2020-01-01T00:00:00Z"},
    )
    for more in some:
        quick = page.ask("find", query="parse", limit=2, is_counted=False, **more)
        assert (titles(quick), quick["has_more"]) == (["piece 5", "piece 3"], True)
        whole = page.ask("find", query="parse", limit=2, **more)
        assert (titles(whole), whole["total"], whole["has_more"]) == (["piece 5", "piece 3"], 3, True)
    assert titles(page.ask("find", query="parse", since="2999-01-01T00:00:00Z")) == []
    assert len(titles(page.ask("find", query="parse", before="2999-01-01T00:00:00Z"))) == 7


def test_similar_words_are_searched_once_the_typing_rests(page: Page, save: Save) -> None:
    save("the configuration of a server", title="wanted")
    quick = page.ask("find", query="confguration server", is_counted=False)
    assert (quick["pieces"], quick["total"], quick["corrections"]) == ([], 0, [])
    whole = page.ask("find", query="confguration server")
    assert titles(whole) == ["wanted"]
    assert whole["corrections"] == [{"typed": "confguration", "used": ["configuration"]}]


def test_a_matching_line_is_cut_to_what_a_row_shows_and_its_places_fit_the_page(
    page: Page, save: Save
) -> None:
    save(f"{'x ' * 90_000}😀 needle {'y ' * 90_000}", title="minified")
    save("😀😀 the needle here", title="emoji")
    found = {each["title"]: each["lines"][0] for each in page.ask("find", query="needle", lines=1)["pieces"]}
    assert len(found["minified"]["text"]) < 500
    for line in found.values():
        (place,) = line["spans"]
        text = line["text"].encode("utf-16-le")  # JavaScript counts in units of UTF-16
        assert text[2 * place[0] : 2 * place[1]].decode("utf-16-le") == "needle"


def test_lists_follow_changes_of_other_programs(page: Page, save: Save, home: Path) -> None:
    first = save("one", title="one", language="python")
    second = save("two", title="two", language="python")
    assert titles(page.ask("find", language="python")) == ["two", "one"]
    with Store.open(home) as store:
        store.edit(first, Changes(title="edited"))
        store.remove(second)
    assert titles(page.ask("find", language="python")) == ["edited"]
    assert page.ask("filters")["pieces"] == 1


def test_a_piece_is_read_with_its_files(page: Page, save: Save) -> None:
    piece = save(
        "main",
        title="several",
        files=(WholeFile("a.py", b"print(1)"), WholeFile("b.png", b"\x89PNG\r\n\x1a\n")),
    )
    view = page.ask("read_piece", id=piece[:12])
    assert view["id"] == piece
    assert [file["text"] for file in view["files"]] == ["main", "print(1)", None]
    status, headers, body = page.send("/api/read_file", b'{"id":"%s","number":2}' % piece.encode())
    assert (status, body) == (200, b"\x89PNG\r\n\x1a\n")
    assert headers["content-type"] == "application/octet-stream"
    page.ask("read_file", status=404, id=piece, number=3)
    page.ask("read_piece", status=404, id="01KB3QZZZZ")


def test_an_edit_keeps_history_and_can_be_compared_and_restored(page: Page, save: Save) -> None:
    piece = save("a\nb\nc\n", title="letters")
    edited = page.ask(
        "edit_piece",
        id=piece,
        base=1,
        text="a\nB\nc\n",
        tags=["x"],
        put_files=[{"name": "n.md", "text": "# n"}],
    )
    assert edited["is_changed"] is True
    assert edited["piece"]["revision"] == 2
    found = page.ask("history", id=piece)["revisions"]
    assert [each["revision"] for each in found] == [2, 1]
    assert found[0]["changed"] == ["tags", "files"]
    compared = page.ask("compare", id=piece, before=1, after=2)
    assert [each["field"] for each in compared["fields"]] == ["tags"]
    assert [(line["kind"], line["text"]) for line in compared["files"][0]["lines"]] == [
        ("same", "a"), ("removed", "b"), ("added", "B"), ("same", "c"),
    ]  # fmt: skip
    restored = page.ask("restore_revision", id=piece, revision=1, base=2)
    assert restored["piece"]["files"][0]["text"] == "a\nb\nc\n"
    assert restored["piece"]["revision"] == 3


def test_a_conflicting_edit_changes_nothing_and_shows_both(page: Page, save: Save, home: Path) -> None:
    piece = save("mine", title="shared")
    with Store.open(home) as store:
        store.edit(piece, Changes(content=b"of the command line"))
    answer = page.ask("edit_piece", status=409, id=piece, base=1, text="of the page")
    assert answer["base"]["files"][0]["text"] == "mine"
    assert answer["current"]["files"][0]["text"] == "of the command line"
    page.ask("restore_revision", status=409, id=piece, revision=1, base=1)
    again = page.ask("edit_piece", id=piece, base=answer["current"]["revision"], text="of the page")
    assert again["piece"]["revision"] == 3
    with Store.open(home) as store:
        assert store.content(piece, 2) == b"of the command line"


def test_an_empty_text_is_refused(page: Page, save: Save) -> None:
    piece = save("text")
    assert page.ask("edit_piece", status=400, id=piece, base=1, text=" \n")["code"] == "usage"


def test_a_piece_is_removed_by_the_command(page: Page, save: Save, home: Path) -> None:
    piece = save("gone soon")
    assert page.ask("remove_pieces", ids=[piece])["removed"] == [piece]
    page.ask("read_piece", status=404, id=piece)


def test_an_accepted_suggestion_is_the_owners(page: Page, save: Save, home: Path) -> None:
    suggested = (SuggestedValue("tags", "http", "tags/1"), SuggestedValue("title", "Parse", "titles/1"))
    piece = save("def f(): pass", title="Parse", tags=("http",), suggested=suggested)
    assert {one["field"] for one in page.ask("suggestions", id=piece)["suggested"]} == {"tags", "title"}
    view = page.ask("accept_suggestion", id=piece, base=1, field="tags", value="http")["piece"]
    assert [one["field"] for one in view["suggested"]] == ["title"]
    assert view["tags"] == ["http"]
    refused = page.ask("refuse_suggestion", id=piece, base=2, field="title", value="Parse")["piece"]
    assert refused["title"] == ""
    assert refused["suggested"] == [
        {"field": "title", "value": "Parse", "model": "titles/1", "is_taken": False}
    ]


def test_an_offered_suggestion_is_refused_for_good(page: Page, save: Save) -> None:
    piece = save(
        'def load(path):\n    """Load a JSON file."""\n    return json.load(open(path))\n', language="python"
    )
    offered = page.ask("suggestions", id=piece)["offered"]
    assert [one["field"] for one in offered].count("title") == 1
    title = next(one for one in offered if one["field"] == "title")
    wanted = {name: title[name] for name in ("field", "value", "model")}
    refused = page.ask("refuse_suggestion", id=piece, base=1, **wanted)["piece"]
    assert refused["suggested"] == [{**wanted, "is_taken": False}]
    again = page.ask("suggestions", id=piece)["offered"]
    assert title["value"] not in [one["value"] for one in again]


def test_what_the_owner_wrote_is_not_refused(page: Page, save: Save) -> None:
    piece = save("print(1)\n", title="Mine", tags=("title",))
    assert not [one for one in page.ask("suggestions", id=piece)["offered"] if one["field"] == "title"]
    for field, value in [("title", "Mine"), ("tags", "title")]:
        page.ask("refuse_suggestion", status=404, id=piece, base=1, field=field, value=value)
    assert page.ask("read_piece", id=piece)["title"] == "Mine"


def test_tags_are_suggested_by_prefix(page: Page, save: Save) -> None:
    save("one", tags=("http", "cli"))
    piece = save("two", tags=("http",))
    found = page.ask("suggest_tags", prefix="c")["tags"]
    assert [one["tag"] for one in found] == ["cli"]
    assert "http" not in [one["tag"] for one in page.ask("suggest_tags", id=piece)["tags"]]


def test_similar_and_related_pieces_are_found(page: Page, save: Save) -> None:
    code = "import requests\n\ndef fetch(url):\n    reply = requests.get(url)\n    reply.raise_for_status()\n    return reply.json()\n"
    piece = save(code, title="one", language="python", tags=("http",))
    other = save(
        code.replace("fetch", "load").replace("reply", "answer"),
        title="two",
        language="python",
        tags=("http",),
    )
    similar = page.ask("similar", id=piece)["pieces"]
    assert [one["piece"]["id"] for one in similar] == [other]
    related = page.ask("related", id=piece)
    assert [one["piece"]["id"] for one in related["pieces"]] == [other]
    assert any("requests" in one["address"] for one in related["links"])
