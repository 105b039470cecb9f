"""Text from files: encodings are recognized only where they are certain, and a line has no mark or end."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.errors import NotFoundError, SatchelError, UsageError
from satchel.text_files import (
    MAX_TEXT_BYTES,
    PASSWORD_FILE,
    decode_text,
    encoding_of,
    read_first_line,
)

MARKED = ["utf-8-sig", "utf-16", "utf-32"]
BARE = ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]
WORDS = "three long words"


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\r", "\nmore\n"])
@pytest.mark.parametrize("encoding", ["utf-8", *MARKED, *BARE])
def test_a_password_is_the_same_in_every_encoding(tmp_path: Path, encoding: str, end: str) -> None:
    path = tmp_path / "password"
    path.write_bytes(f"{WORDS}{end}".encode(encoding))
    assert read_first_line(path, PASSWORD_FILE) == WORDS


@pytest.mark.parametrize("line", ["  spaces  ", "\ttab", "zwölf Boxkämpfer", "🎒🎒"])
def test_everything_else_on_the_line_is_part_of_the_password(tmp_path: Path, line: str) -> None:
    path = tmp_path / "password"
    path.write_bytes(f"{line}\r\n".encode())
    assert read_first_line(path, PASSWORD_FILE) == line


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_marked_text_of_any_language_is_read(text: str) -> None:
    for encoding in MARKED:
        assert decode_text(text.encode(encoding), "it") == text


@given(st.binary(max_size=64))
def test_a_recognized_encoding_decodes_to_text_without_nul(data: bytes) -> None:
    encoding = encoding_of(data)
    if encoding is not None:
        assert "\0" not in data.decode(encoding)


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        ("größe".encode("latin-1"), "byte 3 is 0xF6, which is not UTF-8"),
        (b"a\0b", "byte 2 is NUL"),
        (b"\0" * 64, "byte 1 is NUL"),
        ("\ufeff文件文件文件文件".encode("utf-16-le") + b"\0", "its byte order mark says UTF-16"),
        ("文件文件文件文件".encode("utf-16-le"), "which is not UTF-8"),  # could be anything
        (b"\xff\xfe", "its byte order mark says UTF-16"),
        (b"\x01\0\x02\0\x03\0\x04\0", "byte 2 is NUL"),  # small numbers, not UTF-16
        (b"a\0b\0", "byte 2 is NUL"),  # too little to be certain
    ],
)
def test_bytes_that_are_not_certainly_text_are_refused_with_the_cause(data: bytes, cause: str) -> None:
    with pytest.raises(SatchelError) as caught:
        decode_text(data, "the file")
    assert caught.value.message.startswith("the file is not text: ")
    assert cause in caught.value.message


def test_each_cause_of_an_unreadable_password_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="does not exist"):
        read_first_line(tmp_path / "none", PASSWORD_FILE)
    with pytest.raises(UsageError, match="is a folder"):
        read_first_line(tmp_path, PASSWORD_FILE)
    path = tmp_path / "password"
    path.write_bytes(b"\nsecond line")
    with pytest.raises(UsageError, match="starts with an empty line") as caught:
        read_first_line(path, PASSWORD_FILE)
    assert "second" not in str(caught.value) + caught.value.hint
    path.write_bytes(b"x" * (MAX_TEXT_BYTES + 1))
    with pytest.raises(SatchelError, match="larger than 64 KiB"):
        read_first_line(path, PASSWORD_FILE)
