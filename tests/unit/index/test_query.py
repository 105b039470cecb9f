"""Queries are parsed, or refused in one line."""

import pytest

from satchel.errors import UsageError
from satchel.index.query import MAX_ITEMS, MAX_QUERY_CHARS, Either, Filter, Phrase, parse


def _words(query: str) -> list[tuple[str, ...]]:
    return [phrase.words for phrase in parse(query).phrases]


def test_each_word_is_a_phrase() -> None:
    assert _words("Parse  header") == [("parse",), ("header",)]


def test_a_code_name_matches_as_its_parts_in_order_or_as_one_word() -> None:
    [phrase] = parse("parseHttpHeaders").phrases
    assert (phrase.words, phrase.whole) == (("parse", "http", "header"), "parsehttpheader")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("std::vector", ("std", "vector")),
        ("os.path.join", ("os", "path", "join")),
        ("utf-8", ("utf", "8")),
        ("https://example.org/x", ("http", "example", "org", "x")),
        ("lang-py", ("lang", "py")),
        ("note:this", ("note", "this")),
    ],
)
def test_joined_words_are_one_phrase(query: str, words: tuple[str, ...]) -> None:
    assert _words(query) == [words]


def test_a_phrase_keeps_its_order() -> None:
    assert _words('"http header" x') == [("http", "header"), ("x",)]


def test_a_phrase_is_not_one_whole_word() -> None:
    assert parse('"java script"').phrases[0].whole == ""


@pytest.mark.parametrize("query", ["pars*", '"pars"*', '"pars*"'])
def test_a_star_makes_a_prefix(query: str) -> None:
    assert parse(query).must == (Phrase(("pars",), ("pars",), is_prefix=True),)


def test_a_prefix_is_not_made_singular() -> None:
    assert parse("headers*").phrases[0].words == ("headers",)


def test_filters_are_normalized_like_fields() -> None:
    assert parse("lang:PY tag:'x").must == (Filter("lang", "python"), Filter("tag", "'x"))
    assert parse('language:"visual basic" tag:"#Old Stuff"').must == (
        Filter("lang", "vb.net"),
        Filter("tag", "old-stuff"),
    )
    assert parse("LANG:c++").must == (Filter("lang", "cpp"),)
    assert parse("tag:ht*").must == (Filter("tag", "ht", is_prefix=True),)


def test_exclusions_are_separate() -> None:
    query = parse('x -draft -"two words" -lang:go -tag:old')
    assert query.must == (Phrase(("x",), ("x",)),)
    assert query.must_not == (
        Phrase(("draft",), ("draft",)),
        Phrase(("two", "word"), ("two", "words")),
        Filter("lang", "go"),
        Filter("tag", "old"),
    )


def test_a_quoted_filter_is_a_phrase() -> None:
    assert _words('"lang:py"') == [("lang", "py")]


def test_repeated_items_count_once() -> None:
    assert len(parse("x x tag:y tag:y").must) == 2


def test_punctuation_alone_is_ignored() -> None:
    assert _words("a -> b - => *") == [("a",), ("b",)]


def test_an_unspaced_script_is_searched_by_pairs() -> None:
    assert parse("文件读取").must == (Phrase(("文件", "件读", "读取"), ("文件读取",)),)
    assert parse("文").must == (Phrase(("文",), ("文",), is_prefix=True),)
    assert parse("Python入門").must == (Phrase(("python", "入門"), ("python", "入門")),)
    assert parse("入門abc").must == (Phrase(("入門", "門", "abc"), ("入門", "abc")),)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "the query is empty"),
        (" \t\n", "the query is empty"),
        ("-x", "nothing but exclusions"),
        ("-tag:x -y", "nothing but exclusions"),
        ("=> *", "no letter or digit"),
        ('"', "character 1 is not closed"),
        ('a "b c', "character 3 is not closed"),
        ('a"b', "character 2 is not closed"),
        ('-"a', "is not closed"),
        ('tag:"a', "is not closed"),
        ("lang:", "'lang:' needs a value"),
        ("tag: x", "'tag:' needs a value"),
        ('tag:"#"', "'tag:' needs a value"),
        ("a*", "is too short"),
        ('"foo b*"', "is too short"),
        ("x " * MAX_QUERY_CHARS, "characters"),
        (" ".join(f"w{number}" for number in range(MAX_ITEMS + 1)), f"more than {MAX_ITEMS} words"),
    ],
)
def test_an_invalid_query_is_refused_in_one_line(query: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(query)
    assert message in caught.value.message
    assert caught.value.hint
    assert "\n" not in caught.value.message + caught.value.hint


def test_or_joins_alternatives() -> None:
    http, ftp, parse_ = parse("http ftp parse").phrases
    assert parse("http OR ftp parse").must == (Either((http, ftp)), parse_)
    assert parse("parse http OR ftp OR parse").must == (parse_, Either((http, ftp, parse_)))
    assert parse("lang:py OR lang:go").must == (Either((Filter("lang", "python"), Filter("lang", "go"))),)
    assert parse("http OR http").must == (http,)


def test_or_in_lower_case_or_quotes_is_a_word() -> None:
    assert _words("http or ftp") == [("http",), ("or",), ("ftp",)]
    assert _words('http "OR" ftp') == [("http",), ("or",), ("ftp",)]


@pytest.mark.parametrize("query", ["OR", "OR http", "http OR", "http OR OR ftp", "a OR b OR"])
def test_or_needs_both_sides(query: str) -> None:
    with pytest.raises(UsageError, match="both sides"):
        parse(query)


@pytest.mark.parametrize("query", ["http OR -ftp", "-http OR ftp"])
def test_or_cannot_join_exclusions(query: str) -> None:
    with pytest.raises(UsageError, match="OR cannot join exclusions"):
        parse(query)


@pytest.mark.parametrize("query", ["--force-with-lease", "git --force-with-lease", "--force-with-lease git"])
def test_an_option_is_not_an_exclusion(query: str) -> None:
    assert ("force", "with", "lease") in _words(query)
    assert parse(query).must_not == ()


def test_an_exclusion_of_nothing_else_explains_how_to_find_it() -> None:
    with pytest.raises(UsageError) as caught:
        parse("-f")
    assert '"-f"' in caught.value.hint
    assert _words('"-f"') == [("f",)]
