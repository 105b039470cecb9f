"""Titles and languages from the file's name or the first line."""

import pytest

from satchel.models.file_names import FileNames
from satchel.models.first_lines import FirstLines
from satchel.models.interface import Subject, Suggestion
from satchel.store import Draft
from satchel.suggest import subject_of


def values(suggestions: tuple[Suggestion, ...]) -> dict[str, str]:
    return {one.field: one.value for one in suggestions}


@pytest.mark.parametrize(
    ("file_name", "title", "language"),
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
    file_name: str, title: str | None, language: str | None
) -> None:
    wanted = {field: value for field, value in (("title", title), ("language", language)) if value}
    assert values(tuple(FileNames().suggest(Subject("x", file_name=file_name)))) == wanted


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
    found = FirstLines().suggest(subject_of(Draft(content)))
    assert [one.value for one in found] == ([title] if title else [])


def test_a_long_first_line_is_truncated() -> None:
    (found,) = FirstLines().suggest(Subject("wörter " * 2_000))
    assert len(found.value) <= 80
    assert found.value.endswith("…")
