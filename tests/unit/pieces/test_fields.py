"""Fields are normalized and limited."""

from collections.abc import Callable

import pytest

from satchel.errors import UsageError
from satchel.pieces import fields
from satchel.store import Changes, Draft, Source, WholeFile


def test_tags_are_casefolded_hyphenated_deduplicated_and_sorted() -> None:
    draft = fields.normalize_draft(Draft(b"x", tags=("#HTTP  Client", "Zeta", "http client", " ", "#")))
    assert draft.tags == ("http-client", "zeta")


def test_tags_are_compared_in_unicode_nfc() -> None:
    assert fields.tag("caf\u00e9") == fields.tag("cafe\u0301")


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("py", "python"),
        ("Python", "python"),
        ("C++", "cpp"),
        ("Visual Basic", "vb.net"),
        ("Klingon", "klingon"),
    ],
)
def test_a_language_is_stored_by_its_canonical_name(given: str, canonical: str) -> None:
    assert fields.language(given) == canonical


@pytest.mark.parametrize("given", [None, "", "  "])
def test_an_empty_language_is_none(given: str | None) -> None:
    assert fields.language(given) is None


def test_a_title_is_one_line_without_control_characters() -> None:
    assert fields.normalize_draft(Draft(b"x", title=" a\tb\r\n\x1b[31mc\u2028d\0 ")).title == "a b [31mc d"


def test_a_description_keeps_its_lines() -> None:
    draft = fields.normalize_draft(Draft(b"x", description="one\r\ntwo\x1b\rthree\ttab\n\n"))
    assert draft.description == "one\ntwo\nthree\ttab"


def test_surrogates_are_removed() -> None:
    source = fields.source(Source("file", "/tmp/\udcff.txt", "\udcff.txt"))
    assert source == Source("file", "/tmp/ .txt", ".txt")


def test_links_are_deduplicated_in_order() -> None:
    assert fields.links(["https://b", "https://a", " https://b "]) == ("https://b", "https://a")


def test_a_missing_media_type_is_detected() -> None:
    assert fields.normalize_draft(Draft(b"\x89PNG\r\n\x1a\n\x00")).media_type == "image/png"


@pytest.mark.parametrize(
    "make",
    [
        lambda: Draft(bytes(fields.MAX_CONTENT_BYTES + 1)),
        lambda: Draft(b"", title="x" * (fields.MAX_TITLE_CHARS + 1)),
        lambda: Draft(b"", description="x" * (fields.MAX_DESCRIPTION_CHARS + 1)),
        lambda: Draft(b"", language="x" * (fields.MAX_LANGUAGE_CHARS + 1)),
        lambda: Draft(b"", tags=("x" * (fields.MAX_TAG_CHARS + 1),)),
        lambda: Draft(b"", tags=tuple(str(number) for number in range(fields.MAX_TAGS + 1))),
        lambda: Draft(b"", links=("x" * (fields.MAX_LINK_CHARS + 1),)),
        lambda: Draft(b"", links=tuple(str(number) for number in range(fields.MAX_LINKS + 1))),
        lambda: Draft(b"", source=Source("x" * (fields.MAX_SOURCE_CHARS + 1))),
    ],
    ids=["content", "title", "description", "language", "tag", "tags", "link", "links", "source"],
)
def test_a_field_over_its_limit_is_refused_without_quoting_it(make: Callable[[], Draft]) -> None:
    with pytest.raises(UsageError) as refused:
        fields.normalize_draft(make())
    assert "xxxx" not in refused.value.message
    assert refused.value.hint


def test_empty_changes_stay_empty() -> None:
    assert fields.normalize_changes(Changes()) == Changes()


def test_changes_are_normalized_like_drafts() -> None:
    changes = fields.normalize_changes(
        Changes(title=" a  b ", language="JS", add_tags=("#X",), links=(" l ",))
    )
    assert changes == Changes(title="a b", language="javascript", add_tags=("x",), links=("l",))


def test_removing_the_language_differs_from_keeping_it() -> None:
    assert fields.normalize_changes(Changes(language="")).language == ""


INVISIBLE = [
    "\u00ad", "\u034f", "\u115f", "\u1160", "\u17b4", "\u180b", "\u180e", "\u200b", "\u200c", "\u200d", "\u2060",
    "\u2064", "\u206a", "\u3164", "\ufe0f", "\uffa0", "\ufff9", "\U000e0001", "\U000e0041", "\U000e0100",
    "\U0001bca0", "\U0001d173",
]  # fmt: skip


@pytest.mark.parametrize("char", INVISIBLE, ids=ascii)
def test_invisible_characters_are_removed_from_file_names(char: str) -> None:
    assert fields.file_name(f"x{char}.py") == fields.file_name(f"{char}x.py{char}") == "x.py"
    assert not fields.is_file_name(f"x{char}.py")
    assert fields.was_file_name(f"x{char}.py")
    assert fields.source(Source("file", "", f"/src/x{char}.py")) == Source("file", "", "/src/x.py")
    with pytest.raises(UsageError, match="not a valid file name"):
        fields.file_name(char)


@pytest.mark.parametrize("char", INVISIBLE, ids=ascii)
def test_names_that_look_the_same_are_the_same(char: str) -> None:
    files = (WholeFile("x.py", b"1"), WholeFile(f"x{char}.py", b"2"))
    with pytest.raises(UsageError, match=r"two files are named 'x\.py'"):
        fields.normalize_draft(Draft(b"", files=files))


@pytest.mark.parametrize("blank", ["\u00a0", "\u2003", "\u2007", "\u202f", "\u205f", "\u2800"], ids=ascii)
def test_characters_that_look_like_a_space_become_one(blank: str) -> None:
    assert fields.file_name(f"Screenshot 1.00{blank}PM.png") == "Screenshot 1.00 PM.png"
    assert not fields.is_file_name(f"a{blank}b")


@pytest.mark.parametrize(
    "char", ["\u202e", "\u2066", "\u200f", "\u061c", "\ufeff", "\n", "/", "\\"], ids=ascii
)
def test_characters_that_change_how_a_name_is_read_are_refused(char: str) -> None:
    with pytest.raises(UsageError, match="not a valid file name"):
        fields.file_name(f"x{char}.py")


@pytest.mark.parametrize("name", ["größe 文件.txt", "کتاب.txt", "資料　1.md", ".env", "a b.c"])
def test_ordinary_names_stay_as_they_are(name: str) -> None:
    assert fields.file_name(name) == name
