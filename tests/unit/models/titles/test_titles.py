"""Titles and descriptions: what they say of each kind of content, and the rules of their form."""

import time

import pytest
from tests.unit.models.titles.samples import SAMPLES

from satchel.models.interface import Subject
from satchel.models.registry import open_model
from satchel.models.titles import Outline, outline_of
from satchel.models.titles.outline import DESCRIPTION_CHARS, TITLE_CHARS, titled


def outlined(text: str, file_name: str = "", language: str | None = None) -> Outline:
    found = outline_of(Subject(text, file_name=file_name, language=language))
    assert found is not None
    return found


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_the_title_says_what_the_content_is(sample: "object") -> None:
    found = outlined(sample.text, sample.file_name)  # type: ignore[attr-defined]
    assert (found.title, found.description) == (sample.title, sample.description)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("def parse_header(line): ...", "Parse a header from the line"),
        ("def is_valid_name(name): ...", "Return True if the name is valid"),
        ("def get_user(user_id): ...", "Return the user"),
        ("def to_json(self): ...", "Convert the object to JSON"),
        ("def celsius_to_fahrenheit(c): ...", "Convert a celsius to a fahrenheit"),
        ("def on_click(event): ...", "Handle the click event"),
        ("def remove_nodes_from(graph): ...", "Remove the nodes from the graph"),
        ("def __repr__(self): ...", "Return the representation of the instance"),
        ("def getvalue(self): ...", "Return the value of the object"),
        ("function loadUsersFromFile(path) {}", "Load users from the file"),
        ("fn read_config(path: &str) -> Config {}", "Read a configuration from the path"),
        ("func (s *Server) Close() error {}", "Close the server"),
        ("public static int countWords(String text) {\n}", "Count words of the text"),
    ],
)
def test_a_name_becomes_a_sentence(code: str, title: str) -> None:
    assert outlined(code).title == title


@pytest.mark.parametrize(
    "code",
    [
        'def f(x):\n    """Add the tax to a price.\n\n    More.\n    """\n',
        "# Add the tax to a price.\ndef f(x):\n    return x\n",
        "/**\n * Add the tax to a price.\n * @param x the price\n */\nfunction f(x) { return x; }\n",
        "// Copyright 2020 Example\n// Licensed under X\n\n// Add the tax to a price.\nfunc f(x int) int {\n\treturn x\n}\n",
        "/// Add the tax to a price.\nfn f(x: u32) -> u32 {\n    x\n}\n",
    ],
    ids=["docstring", "comment", "jsdoc", "licence", "rust"],
)
def test_a_comment_for_readers_is_the_title(code: str) -> None:
    found = outlined(code)
    assert found.title == "Add the tax to a price"
    assert found.description.startswith("Add the tax to a price.")


def test_an_image_and_binary_content_have_no_title() -> None:
    assert outline_of(Subject("", content=b"\x89PNG\r\n", media_type="image/png")) is None
    assert outline_of(Subject("a\0b")) is None


@pytest.mark.parametrize(
    "text", ["x" * 5_000, "def " + "very_" * 400 + "long(): ...", "# " + "wörd " * 900, "a\n" * 9_000]
)
def test_titles_and_descriptions_keep_their_limits(text: str) -> None:
    for name in ("titles", "descriptions"):
        for one in open_model(name).suggest(Subject(text)):
            assert len(one.value) <= (TITLE_CHARS if one.field == "title" else DESCRIPTION_CHARS)
            assert one.value == one.value.strip()
            assert one.value.isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "(" * 65_536,
        "def f(" + "[" * 60_000,
        "{" * 65_536,
        "[" * 65_536,
        '{"a":' * 13_000,
        "a " * 32_768,
        " " * 65_536 + "x",
        "<" * 65_536,
        "<a " * 21_000,
        "# " * 32_768,
        "select " * 9_000,
        "select a, " * 6_000,
        "/*" * 32_000,
        "services:\n" + "  a:\n" * 12_000,
        "class A:\n" + "    def f(self): pass\n" * 2_900,
        "at a.b(c)\n" * 6_000,
        "A=1 " * 16_000,
        "public static " * 4_600,
    ],
    ids=range(18),
)
def test_hostile_text_takes_bounded_time(text: str) -> None:
    started = time.process_time()
    outline_of(Subject(text))
    assert time.process_time() - started < 1


def test_a_title_is_cut_between_words() -> None:
    assert titled("word " * 40).endswith("word…")
    assert titled("hello world.") == "Hello world"
    assert titled("iOS apps") == "iOS apps"


def test_a_note_of_one_line_is_its_own_title() -> None:
    assert outlined("todo: buy milk").title == "Todo: buy milk"
