"""Pieces as Markdown."""

from datetime import UTC, datetime
from typing import Any

from satchel.editor.descriptions import MAX_CODE_CHARS, described, described_plainly
from satchel.pieces.model import Piece


def piece(**fields: Any) -> Piece:  # noqa: ANN401  a Piece's
    at = datetime(2026, 1, 2, tzinfo=UTC)
    known: dict[str, Any] = {
        "id": "01ABCDEFGHJKMNPQRSTVWXYZ00", "title": "", "description": "", "language": None, "tags": (), "links": (),
        "media_type": "text/plain", "source": None, "created": at, "updated": at, "size_bytes": 1, "revision": 1,
    }  # fmt: skip
    return Piece(**(known | fields))


def test_a_text_cannot_leave_its_fence() -> None:
    shown = described(piece(language="python"), "a\n```\n![x](https://a.test/x.png)\n````\nb")
    assert shown.startswith("`````python\na\n```")
    assert "\n`````\n" in shown


def test_titles_descriptions_and_tags_show_no_link_and_no_image() -> None:
    shown = described(
        piece(
            title="![a](http://a.test/a)", description="<img src=http://a.test/b> https://a.test", tags=("[c](d)",)
        ),
        "text",
    )  # fmt: skip
    assert "](" not in shown
    assert shown.count("<") == shown.count("\\<") == 1
    assert "http://" not in shown
    assert "https://" not in shown


def test_a_language_that_is_no_word_is_not_in_the_fence() -> None:
    assert described(piece(language="x y`z"), "t").startswith("```\nt")


def test_what_is_shown_is_bounded() -> None:
    shown = described(
        piece(description="d" * 10_000, tags=tuple("t" * 90 + str(n) for n in range(100))), "x\n" * 10_000
    )
    assert len(shown) < 2 * MAX_CODE_CHARS
    assert len(described(piece(), "y" * 100_000)) < MAX_CODE_CHARS + 200


def test_an_image_is_named_and_plain_text_has_no_signs() -> None:
    assert "image" in described(piece(media_type="image/png"), None)
    assert described_plainly(piece(title="a_b"), "c*d") == "a_b\n\nc*d"
