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
        # verbs with an object, and the parameter that tells more
        ("def parse_header(line): ...", "Parse a header from the line"),
        ("def add_hook(self, name, func): ...", "Add a hook with the given name"),
        ("def remove_arg(self, arg_name): ...", "Remove the argument with the given name"),
        ("def get_user(user_id): ...", "Return the user for the given ID"),
        ("def get(self, key): ...", "Return the value for the given key"),
        ("def load_config(filename): ...", "Load a configuration from the file"),
        ("def compile_and_eval(script): ...", "Compile and evaluate the script"),
        ("def make_config(self, instance_relative=False): ...", "Make a configuration"),
        ("def celsius_to_fahrenheit(c): ...", "Convert a celsius to a fahrenheit"),
        ("def bytes2human(count): ...", "Convert bytes to human"),
        ("def remove_nodes_from(graph): ...", "Remove the nodes from the graph"),
        (
            "def copyfileobj(fsrc, fdst):\n    while buf := fsrc.read():\n        fdst.write(buf)",
            "Copy a file object",
        ),
        ("def singularize(word): ...", "Singularize the word"),
        ("def put(url, data=None): ...", "Send a PUT request to the URL"),
        # nouns, and functions that give nothing back
        (
            "def default_locale(name):\n    return LOCALES[name]",
            "Return the default locale for the given name",
        ),
        ("def getvalue(self): ...", "Return the value"),
        ("def copy(self):\n    return Page(self)", "Return a copy of the instance"),
        ("def bulk_discard(items):\n    for one in items:\n        drop(one)", "Bulk discard the items"),
        ("def cache_clear(self):\n    self.cache = {}\n    self.hits = 0", "Clear the cache"),
        ("def build() -> Address: ...", "Build an address"),
        # questions
        ("def is_valid_name(name): ...", "Return True if the name is valid"),
        ("def is_valid_args(func, args): ...", "Return True if the arguments are valid"),
        (
            "def isdistinct(items):\n    return len(items) == len(set(items))",
            "Return True if the items are distinct",
        ),
        (
            "def cookie_is_encoded(data):\n    return data.startswith(b'!')",
            "Return True if the cookie is encoded",
        ),
        (
            "@property\ndef closed(self):\n    return self._file is None",
            "Return True if the object is closed",
        ),
        ("def matches_re(pattern):\n    return Validator(pattern)", "Return the matches re of the pattern"),
        # conversions, constructors, methods with a fixed meaning
        ("def to_json(self): ...", "Convert the object to JSON"),
        ("def as_dict(self): ...", "Return the object as a dictionary"),
        ("@classmethod\ndef from_path(cls, path) -> 'Syntax': ...", "Create a syntax from a path"),
        ("def __repr__(self): ...", "Return the representation of the instance"),
        ("def __le__(self, other): ...", "Return True if the instance is less than or equal to the other"),
        ("class Pool:\n    def __init__(self, size): ...\n", "Pool class"),
        # callbacks, context managers, decorators, generators, coroutines
        ("def on_click(event): ...", "Handle the click event"),
        (
            "def connection_lost(self, exc):\n    self.a = 1\n    self.b = 2",
            "Handle the connection lost event",
        ),
        ("def error_callback(err):\n    log(err)\n    stop()", "Handle the error"),
        ("@contextmanager\ndef temporary_directory():\n    yield make()", "Provide a temporary directory"),
        (
            "def timed(func):\n    def inner(*args):\n        return func(*args)\n    return inner",
            "Decorate a function as timed",
        ),
        ("def nodes_iter(graph):\n    yield from graph.nodes", "Iterate over the nodes"),
        ("async def fetch_async(url): ...", "Fetch the URL asynchronously"),
        ("def maybe_close(stream): ...", "Close the stream if needed"),
        ("def create_if_missing(table): ...", "Create the table if it is missing"),
        # tests
        ("def test_parse_returns_none(): ...", "Test that parse returns None"),
        ("def test_url_for_a_route_that_does_not_exist(): ...", "Test URL for a route that does not exist"),
        # other languages
        ("function loadUsersFromFile(path) {}", "Load users from the file"),
        ("fn read_config(path: &str) -> Config {}", "Read a configuration from the path"),
        ("pub fn new(frame: Frame) -> Shutdown {\n    Shutdown { frame }\n}", "Create a new shutdown"),
        ("func (s *Server) Close() error {}", "Close the server"),
        (
            "func NewClient(ctx context.Context, cfg Config) *Client {\n\treturn nil\n}",
            "Create a new client from the configuration",
        ),
        ("public static int countWords(String text) {\n}", "Count words of the text"),
        ("@Override public int depth() {\n  return 1;\n}", "Return the depth"),
        ("[Fact]\npublic async Task ReturnsHomePage()\n{\n    Go();\n}", "Test that it returns home page"),
        ("describe('the parser', () => {\n  it('reads', () => {});\n});", "Tests of the parser"),
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


@pytest.mark.parametrize(
    ("text", "file_name", "title"),
    [
        (
            "/*\n * Copyright 2020 X\n *\n * You may obtain a copy of the License at\n */\nint depth(void) {\n  return 1;\n}\n",
            "a.c",
            "Return the depth",
        ),
        ("# frozen_string_literal: true\n\ndef close(door)\n  door.shut\nend\n", "a.rb", "Close the door"),
        ("#ifndef A_H\n#define A_H\nint depth(void) {\n  return 1;\n}\n#endif\n", "a.c", "Return the depth"),
        (
            "create table users (id int);\ncreate table orders (id int);\n",
            "a.sql",
            "Create the tables users and orders",
        ),
        ("name: Build\non: push\njobs:\n  test: {}\n", "ci.yml", "GitHub Actions workflow: Build"),
        ("def a(): ...\ndef b(): ...\ndef c(): ...\n", "tokenizer.py", "Tokenizer: a, b and 1 more"),
    ],
    ids=["licence", "magic-comment", "preprocessor", "tables", "workflow", "declarations"],
)
def test_a_file_is_told_by_what_it_holds(text: str, file_name: str, title: str) -> None:
    assert outlined(text, file_name).title == title


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
