"""Suggestions from the file name, the first line, and a chain of suggesters."""

import pytest

from satchel.store import Draft, Source
from satchel.suggest import DEFAULT, FromFileName, FromFirstLine, Suggestion, chain, fill


def _from_file(location: str, file_name: str = "") -> Draft:
    return Draft(b"x", source=Source("file", location, file_name))


@pytest.mark.parametrize(
    ("location", "title", "language"),
    [
        ("/src/parse_header.py", "parse_header.py", "python"),
        ("parse_header.py", "parse_header.py", "python"),
        (r"C:\src\Program.cs", "Program.cs", "csharp"),
        ("/src/Dockerfile", "Dockerfile", "docker"),
        ("/src/unknown.xyz", "unknown.xyz", None),
        ("/src/", "src", None),
        ("", None, None),
    ],
)
def test_a_file_name_suggests_title_and_language(
    location: str, title: str | None, language: str | None
) -> None:
    assert FromFileName().suggest(_from_file(location)) == Suggestion(title=title, language=language)


def test_the_file_name_of_a_source_precedes_its_location() -> None:
    draft = Draft(b"x", source=Source("gist", "https://gist.example.org/1", "main.rs"))
    assert FromFileName().suggest(draft) == Suggestion(title="main.rs", language="rust")


def test_a_url_is_not_a_file_name() -> None:
    draft = Draft(b"x", source=Source("gist", "https://gist.example.org/1.py"))
    assert FromFileName().suggest(draft) == Suggestion()


def test_a_draft_without_source_has_no_file_name() -> None:
    assert FromFileName().suggest(Draft(b"x")) == Suggestion()


@pytest.mark.parametrize(
    ("content", "title"),
    [
        (b"# Frobnicate the knob\nx = 1", "Frobnicate the knob"),
        (b"#!/bin/sh\n\n  // say hi\n", "say hi"),
        (b"<!-- a page -->", "a page"),
        ('"""Größe."""'.encode(), "Größe."),
        ("\ufeffusing System;".encode(), "using System"),
        ("größer".encode("latin-1"), "größer"),
        (b"\n---\n***\n", None),
        (b"", None),
        (b"\x89PNG\r\n\x1a\nIHDR\xff", None),
    ],
)
def test_the_first_line_with_text_becomes_the_title(content: bytes, title: str | None) -> None:
    assert FromFirstLine().suggest(Draft(content)) == Suggestion(title=title)


def test_a_long_first_line_is_truncated() -> None:
    title = FromFirstLine().suggest(Draft("wörter ".encode() * 2_000)).title
    assert title
    assert len(title) <= 80
    assert title.endswith("…")


def test_given_fields_are_kept() -> None:
    draft = Draft(b"# hi", title="mine", language="ruby", source=Source("file", "a.py"))
    assert fill(draft, DEFAULT) == draft


def test_missing_fields_are_filled_in() -> None:
    assert fill(_from_file("a.py"), DEFAULT) == Draft(
        b"x", title="a.py", language="python", source=Source("file", "a.py")
    )
    assert fill(Draft(b"# hi"), DEFAULT).title == "hi"


class _Fixed:
    def __init__(self, suggestion: Suggestion) -> None:
        self.suggestion = suggestion

    def suggest(self, draft: Draft) -> Suggestion:  # noqa: ARG002 -- the protocol
        return self.suggestion


def test_a_chain_takes_the_first_suggestion_and_all_tags() -> None:
    first = _Fixed(Suggestion(language="go", tags=("a", "b"), links=("l",)))
    second = _Fixed(Suggestion(title="t", description="d", language="c", tags=("b", "c")))
    assert chain(first, second).suggest(Draft(b"")) == Suggestion(
        title="t", description="d", language="go", tags=("a", "b", "c"), links=("l",)
    )


def test_an_empty_chain_suggests_nothing() -> None:
    assert chain().suggest(Draft(b"x")) == Suggestion()
