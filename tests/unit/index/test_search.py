"""Queries find the right Pieces, in the right order."""

import pytest
from tests.unit.index.conftest import Find, Save

from satchel.errors import UsageError
from satchel.index import Index, updates
from satchel.store import Changes, Draft, Source, Store, WholeFile, digest_of


@pytest.mark.parametrize(
    "query",
    [
        "http header",
        "parseHttpHeader",
        "parse_http_header",
        "parsehttpheader",
        "HTTP headers",
        '"http header"',
        '"parse http"',
        "pars*",
        "parseHttpH*",
        "parse_h*",
        "head*",
        "PARSE http HEADER",
        "def header",
        "parse.http.header",
        "parse -footer",
        "title",
        '"a title"',
        "tag:net",
        "tag:NE*",
        "lang:py",
        "lang:python http",
        "language:py3 -lang:go -tag:other",
        "describes",
        "example.org",
        "wire.py",
        "net",
    ],
)
def test_a_piece_is_found_by(query: str, save: Save, find: Find) -> None:
    piece = save(
        "def parseHttpHeader(line):\n    return line.split()",
        title="A title",
        description="what it describes",
        language="python",
        tags=("net",),
        links=("https://example.org/page",),
        source=Source("file", "/src/wire.py", "wire.py"),
    )
    save("nothing of the sort", language="go", tags=("other",))
    assert find(query) == [piece.id]


@pytest.mark.parametrize(
    "query",
    [
        '"header http"',
        "http footer",
        "ttp",
        "header -parse",
        '-"http header" parse',
        "lang:go header",
        "tag:ne",
        "tag:net-work",
        "headers_parse",
        "wholly*",
        "\ue001python",
        "facets",
    ],
)
def test_a_piece_is_not_found_by(query: str, save: Save, find: Find) -> None:
    save("def parseHttpHeader(line): pass", language="python", tags=("net",))
    try:
        assert find(query) == []
    except UsageError as error:  # signs only
        assert "no letter" in error.message  # noqa: PT017


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("const x = new JavaScript()", "javascript"),
        ("const x = new JavaScript()", "java script"),
        ("see GitHub", "github"),
        ("uses sha256 and utf-8", "sha256"),
        ("uses sha256 and utf-8", "utf8"),
        ("commit 3f2a9c1d7788", "3f2a9c1*"),
        ("HTTPServer2 listens", "http server"),
        ("all the URLs", "url"),
        ("all the URLs", "urls"),
        ("one query", "queries"),
        ("many queries", "query"),
        ("many queries", "queries*"),
        ("naïve café", "naive cafe"),
        ("naive cafe", "naïve café"),
        ("die Größe", "grosse"),
        ("读取文件内容", "文件"),
        ("读取文件内容", "件"),
        ("读取文件内容", "容"),
        ("读取文件内容", "读取文件"),
        ("これはテストです", "テスト"),
        ("Python入門ガイド", "python 入門"),
        ("Python入門ガイド", "Python入門"),
        ("한국어 문서를 검색", "문서"),
        ("ภาษาไทยง่าย", "ไทย"),
        ("हिन्दी पाठ", "हिन्दी"),
        ("पाठ।", "पाठ"),
        ("مُحَمَّد", "محمد"),
        ("שָׁלוֹם עולם", "שלום"),
        ("\u037a \ufdfa x", "x"),
        ("Привет мир", "привет"),
        ("مرحبا بالعالم", "مرحبا"),
        ("emoji 🎉 party", "party"),
    ],
)
def test_text_in_any_script_is_found(text: str, query: str, save: Save, find: Find) -> None:
    piece = save(text)
    save("something else entirely 其他東西")
    assert find(query) == [piece.id]


@pytest.mark.parametrize(("text", "query"), [("取读", "读取"), ("import os", "important"), ("parse", "pars")])
def test_similar_text_is_not_found(text: str, query: str, save: Save, find: Find) -> None:
    save(text)
    assert find(query) == []


def test_titles_weigh_more_than_tags_and_tags_more_than_text(save: Save, find: Find) -> None:
    in_text = save("needle in a text")
    in_tags = save("some text here", tags=("needle",))
    in_title = save("some text here", title="the needle")
    assert find("needle") == [in_title.id, in_tags.id, in_text.id]


def test_equal_matches_are_listed_newest_first(save: Save, find: Find) -> None:
    ids = [save("same words").id for _ in range(5)]
    assert find("words") == ids[::-1]
    assert find("tag:x") == []


def test_filters_alone_list_newest_first(save: Save, index: Index) -> None:
    ids = [save(f"text {number}", tags=("x",)).id for number in range(5)]
    hits = index.search("tag:x")
    assert [hit.piece.id for hit in hits] == ids[::-1]
    assert {hit.score for hit in hits} == {0.0}


def test_pages_of_hits_are_consecutive(save: Save, index: Index) -> None:
    for number in range(25):
        save("word " * (number + 1))
    everything = [hit.piece.id for hit in index.search("word", limit=100)]
    pages = [hit.piece.id for offset in range(0, 30, 10) for hit in index.search("word", 10, offset)]
    assert len(everything) == 25
    assert pages == everything


def test_a_better_hit_has_a_higher_score(save: Save, index: Index) -> None:
    save("needle " + "hay " * 500)
    save("needle", title="needle")
    scores = [hit.score for hit in index.search("needle")]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[1] > 0


def test_a_hit_has_the_matching_line_as_its_snippet(save: Save, index: Index) -> None:
    save("import os\nreturn parse_header(x)\n")
    [hit] = index.search("header")
    assert hit.snippet == "return parse_header(x)"


def test_an_image_is_found_by_its_metadata(store: Store, index: Index) -> None:
    image = b"\x89PNG\r\n\x1a\n" + b"needle" * 10 + b"\xff"
    piece = store.add(Draft(image, title="Login page", description="the new design", tags=("ui",)))
    assert [hit.piece.id for hit in index.search("login design tag:ui")] == [piece.id]
    assert index.search("login")[0].snippet == "the new design"
    assert index.search("needle") == []


def test_text_in_other_encodings_is_found(store: Store, index: Index) -> None:
    latin = store.add(Draft("größe eins".encode("latin-1")))
    wide = store.add(Draft("größe zwei".encode("utf-16")))
    assert {hit.piece.id for hit in index.search("grosse")} == {latin.id, wide.id}
    assert [hit.piece.id for hit in index.search("zwei")] == [wide.id]


def test_only_the_start_of_very_long_text_is_searched(store: Store, index: Index) -> None:
    piece = store.add(Draft(b"early " + b"filler " * 200_000 + b" late"))
    assert [hit.piece.id for hit in index.search("early")] == [piece.id]
    assert index.search("late") == []


def test_an_edit_replaces_the_old_text_at_once(store: Store, save: Save, find: Find) -> None:
    piece = save("old words", title="x", language="go", tags=("old",))
    assert find("old") == [piece.id]
    store.edit(piece.id, Changes(content=b"new words", language="python", tags=("new",)))
    assert find("old") == find("lang:go") == find("tag:old") == []
    assert find("new words lang:python tag:new") == [piece.id]


def test_a_removed_piece_is_no_longer_found(store: Store, save: Save, find: Find) -> None:
    piece = save("needle")
    assert find("needle") == [piece.id]
    store.remove(piece.id)
    assert find("needle") == []


def test_content_is_found_by_its_hash(store: Store, index: Index) -> None:
    first = store.add(Draft(b"same"))
    store.add(Draft(b"same"))
    [batch] = store.changed_since(0, text_bytes=10)
    digest = batch.changed[0].digest
    assert index.find_content(digest) == first.id
    store.edit(first.id, Changes(content=b"different"))
    assert index.find_content(digest) != first.id
    assert index.find_content(b"\0" * 32) is None


@pytest.mark.parametrize(
    "query",
    ["testRunner", "sleep*", "notes.md", "größe", '"def sleep"', "main tests lang:python", "文件", "altes"],
)
def test_a_piece_is_found_by_the_names_and_texts_of_all_its_files(
    query: str, store: Store, index: Index
) -> None:
    files = (
        WholeFile("test_runner.py", b"def sleep_tests(): ..."),
        WholeFile("notes.md", "größe 文件".encode()),
        WholeFile("old.txt", "altes für".encode("latin-1")),
        WholeFile("shot.png", b"\x89PNG\r\n\x1a\n\x00"),
    )
    piece = store.add(Draft(b"def main(): ...", title="t", language="python", files=files))
    store.add(Draft(b"another", title="u"))
    assert [hit.piece.id for hit in index.search(query)] == [piece.id]


def test_the_snippet_comes_from_the_matching_file(store: Store, index: Index) -> None:
    files = (WholeFile("a.py", b"one\ntwo needles\n"),)
    store.add(Draft(b"main\n", description="described", files=files))
    assert index.search("needle")[0].snippet == "two needles"
    assert index.search("described")[0].snippet == "described"


def test_a_removed_file_is_no_longer_found(store: Store, index: Index) -> None:
    piece = store.add(Draft(b"main", files=(WholeFile("a.py", b"needle"),)))
    assert len(index.search("needle")) == 1
    store.edit(piece.id, Changes(remove_files=("a.py",)))
    assert index.search("needle") == []


def test_one_limit_applies_to_the_searched_text_of_all_files(
    store: Store, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(updates, "INDEXED_TEXT_BYTES", 20)
    files = (WholeFile("a", b"within beyond"), WholeFile("b", b"never"))
    piece = store.add(Draft(b"0123456789 ", files=files))
    assert [hit.piece.id for hit in index.search("within")] == [piece.id]
    assert index.search("beyond") == index.search("never") == []


def test_contents_are_equal_only_if_all_files_are(store: Store, index: Index) -> None:
    files = (WholeFile("a.py", b"1"), WholeFile("b.py", b"2"))
    several = store.add(Draft(b"main", files=files))
    assert index.find_content(digest_of(b"main", files)) == several.id
    assert index.find_content(digest_of(b"main", ())) is None
    assert index.find_content(digest_of(b"main", files[:1])) is None
    assert index.find_content(digest_of(b"main", files[::-1])) is None
    assert index.find_content(digest_of(b"main", (WholeFile("c.py", b"1"), files[1]))) is None
    single = store.add(Draft(b"main"))
    assert index.find_content(digest_of(b"main", ())) == single.id
    store.edit(several.id, Changes(add_files=(WholeFile("a.py", b"changed"),)))
    assert index.find_content(digest_of(b"main", files)) is None


@pytest.mark.parametrize("tag", ["c++", "a.b", "a-b", "日本", "it's", "x:y", "é", "two words"])
def test_a_tag_with_special_characters_is_a_filter(tag: str, save: Save, find: Find) -> None:
    piece = save("text", tags=(tag,))
    save("text", tags=("a", "b", "c", "x", "q", "it", "e"))
    assert find(f'tag:"{tag}"') == [piece.id]
