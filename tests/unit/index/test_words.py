"""Names and text yield the same words in the index and in queries."""

import pytest

from satchel.index import words
from satchel.index.words import Words, indexed, parts_of, singular, whole_of


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("parse", ["parse"]),
        ("parseHttpHeader", ["parse", "http", "header"]),
        ("parse_http_header", ["parse", "http", "header"]),
        ("ParseHTTPHeader", ["parse", "http", "header"]),
        ("HTTPServer2", ["http", "server", "2"]),
        ("PARSE_HTTP", ["parse", "http"]),
        ("__init__", ["init"]),
        ("sha256", ["sha", "256"]),
        ("utf8", ["utf", "8"]),
        ("x", ["x"]),
        ("X", ["x"]),
        ("getURLs", ["get", "urls"]),
        ("URLsFor", ["urls", "for"]),
        ("iPhone", ["i", "phone"]),
        ("SQLite3", ["sq", "lite", "3"]),
        ("deadbeef01", ["deadbeef01"]),
        ("3F2A9C1D77", ["3f2a9c1d77"]),
        ("deadbeef", ["deadbeef"]),
        ("20251122", ["20251122"]),
        ("___", []),
        ("größeÄndern", ["grosse", "andern"]),
        ("naïveCafé", ["naive", "cafe"]),
        ("ΑθήναΝέα", ["αθηνα", "νεα"]),
        ("ﬁle", ["file"]),
        ("\uff30\uff59\uff54hon", ["python"]),
        ("Python入門3", ["python", "入門", "3"]),
        ("ver2ß", ["ver", "2", "ss"]),
    ],
)
def test_a_name_is_split_into_its_parts(name: str, parts: list[str]) -> None:
    assert parts_of(name) == parts


@pytest.mark.parametrize(
    ("plural", "word"),
    [
        ("headers", "header"),
        ("queries", "query"),
        ("files", "file"),
        ("classes", "class"),
        ("boxes", "box"),
        ("branches", "branch"),
        ("caches", "cache"),
        ("hashes", "hash"),
        ("trees", "tree"),
        ("class", "class"),
        ("status", "status"),
        ("this", "this"),
        ("css", "css"),
        ("is", "is"),
        ("js", "js"),
        ("import", "import"),
        ("important", "important"),
    ],
)
def test_only_plurals_become_singular(plural: str, word: str) -> None:
    assert singular(plural) == word


def test_an_unspaced_script_is_indexed_by_pairs_and_its_last_character() -> None:
    assert indexed("文件读取") == ["文件", "件读", "读取", "取"]
    assert indexed("文") == ["文"]


def test_a_name_of_several_parts_is_also_a_whole_word() -> None:
    assert whole_of(["java", "scripts"]) == "javascript"
    assert whole_of(["java"]) == ""
    assert whole_of(["python", "入門"]) == ""
    assert whole_of(["x" * 40, "y" * 40]) == ""


def test_a_text_yields_its_words_in_order_and_separately_whole_names_and_plurals() -> None:
    body, beside = Words().of_text("def parseHeaders(self): return URLs + parseHeaders")
    assert body == "def parse header self return url parse header"
    assert sorted(beside.split()) == ["headers", "parseheader", "urls"]


def test_ascii_bytes_and_text_yield_the_same_words() -> None:
    code = "for (int i = 0; i < size_bytes; ++i) { sumOf[i] += x->values[i]; }"
    assert Words().of_ascii(code.encode()) == Words().of_text(code)


def test_text_in_several_scripts_is_split() -> None:
    body, _ = Words().of_text("naïve_größe 文件 parseURL مرحبا हिन्दी")
    assert body.split()[:6] == ["naive", "grosse", "文件", "件", "parse", "url"]
    assert len(body.split()) == 8


def test_very_long_words_are_truncated() -> None:
    body, beside = Words().of_text("x" + "A" * 100_000)
    assert body == "x" + "a" * (words.MAX_WORD_CHARS - 1)
    assert beside == ""


def test_long_names_of_short_parts_are_split() -> None:
    body, _ = Words().of_text("_".join(["test", "that", "this", "works"] * 10))
    assert body.split() == ["test", "that", "this", "work"] * 10


def test_evicting_cached_names_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"name_{number} otherNames{number % 7} plain" for number in range(200)]
    expected = [Words().of_text(text) for text in texts]
    monkeypatch.setattr(words, "CACHED_NAMES", 10)
    evicting = Words()
    for _ in range(2):
        assert [(body, set(beside.split())) for body, beside in map(evicting.of_text, texts)] == [
            (body, set(beside.split())) for body, beside in expected
        ]
