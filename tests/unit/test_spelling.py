"""The distance of words, and suggestions by it."""

import pytest

from satchel.spelling import closest, distance, errors_allowed


@pytest.mark.parametrize(
    ("one", "other", "errors"),
    [
        ("same", "same", 0),
        ("kubect", "kubectl", 1),
        ("kubectl", "kubect", 1),
        ("ffmepg", "ffmpeg", 1),
        ("serch", "search", 1),
        ("cat", "car", 1),
        ("ab", "ba", 1),
        ("ca", "abc", 3),
        ("kitten", "sitting", 3),
        ("", "abc", 3),
    ],
)
def test_errors_are_counted(one: str, other: str, errors: int) -> None:
    assert distance(one, other, 5) == errors
    assert distance(other, one, 5) == errors
    assert distance(one, other, errors) == errors
    if errors:
        assert distance(one, other, errors - 1) == errors


def test_short_words_allow_fewer_errors() -> None:
    assert [errors_allowed("x" * length) for length in (1, 3, 4, 7, 8, 20)] == [0, 0, 1, 1, 2, 2]


NAMES = [
    "save",
    "search",
    "show",
    "share",
    "shares",
    "settings",
    "status",
    "list",
    "rm",
    "json",
    "limit",
    "language",
]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("serach", "search"),
        ("sohw", "show"),
        ("lst", "list"),
        ("lang", "language"),
        ("setings", "settings"),
        ("rmm", "rm"),
        ("sort", None),
        ("delete", None),
        ("x", None),
        ("history", None),
        ("", None),
    ],
)
def test_only_close_names_are_suggested(typed: str, meant: str | None) -> None:
    assert closest(typed, NAMES) == meant
