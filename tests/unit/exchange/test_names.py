"""File names from titles: valid on every file system, and still readable."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.exchange.names import MAX_NAME_BYTES, UniqueNames, safe_name

WINDOWS_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


@pytest.mark.parametrize(
    ("title", "extension", "expected"),
    [
        ("parse_header.py", ".py", "parse_header.py"),
        ("Parse a header", ".py", "Parse a header.py"),
        ("json/decoder.py", ".py", "json_decoder.py"),
        ("../../etc/passwd", ".txt", "_.._etc_passwd.txt"),
        ("what? a <name>: |x|", ".md", "what_ a _name_ _x_.md"),
        ("CON", ".txt", "_CON.txt"),
        ("nul.txt", ".txt", "_nul.txt"),
        ("com1.tar.gz", ".txt", "_com1.tar.gz"),
        ("ends with a dot.", ".txt", "ends with a dot.txt"),
        ("trailing space ", ".txt", "trailing space.txt"),
        ("", ".txt", "untitled.txt"),
        ("...", "", "untitled"),
        ("-rf", ".sh", "rf.sh"),
        ("über", ".txt", "über.txt"),
        ("u\u0308ber", ".txt", "über.txt"),
        ("Version 2. A sentence", ".md", "Version 2. A sentence.md"),
    ],
)
def test_a_title_becomes_a_file_name(title: str, extension: str, expected: str) -> None:
    assert safe_name(title, extension) == expected


@given(st.text(), st.sampled_from(["", ".py", ".txt"]))
def test_every_name_is_valid_on_every_system(title: str, extension: str) -> None:
    name = safe_name(title, extension)
    assert name
    assert name not in {".", ".."}
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f]', name)
    assert not name.endswith((" ", "."))
    assert not WINDOWS_RESERVED.match(name)
    assert len(name.encode()) <= MAX_NAME_BYTES
    assert not name.startswith("-")


def test_equal_names_are_numbered() -> None:
    names = UniqueNames()
    assert [names.take("note.md") for _ in range(3)] == ["note.md", "note-2.md", "note-3.md"]


def test_names_that_differ_only_in_case_are_numbered() -> None:
    names = UniqueNames()
    assert [names.take("Readme"), names.take("README"), names.take("readme")] == [
        "Readme",
        "README-2",
        "readme-3",
    ]


def test_a_name_with_a_number_stays_unique() -> None:
    names = UniqueNames()
    taken = [names.take(name) for name in ("a.md", "a-2.md", "a.md", "a-2.md")]
    assert len({name.casefold() for name in taken}) == 4


@given(st.lists(st.sampled_from(["a", "A", "a-2", "b.c", "B.C", "b-2.c", "b-3.c"]), max_size=30))
def test_all_names_are_different_files(wanted: list[str]) -> None:
    names = UniqueNames()
    taken = [names.take(name).casefold() for name in wanted]
    assert len(set(taken)) == len(taken)
