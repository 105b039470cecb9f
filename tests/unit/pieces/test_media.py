"""Media types are detected from the first bytes, and text is decoded from any known encoding."""

import pytest

from satchel.pieces.media import BINARY, LATIN1, UTF8, decode_text, is_image, is_text, sniff


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"", UTF8),
        (b"print('hello')\n", UTF8),
        ("größer 文件".encode(), UTF8),
        ("größer".encode("latin-1"), LATIN1),
        ("text".encode("utf-16"), "text/plain; charset=utf-16"),
        ("text".encode("utf-32"), "text/plain; charset=utf-32"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "image/png"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (b"GIF89a\x01\x00\xff", "image/gif"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 \xff", "image/webp"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\x00", "application/pdf"),
        (b"PK\x03\x04\x14\x00\xff", "application/zip"),
        (b"\x7fELF\x02\x01\x01\x00", BINARY),
        (b"text with a \0 in it", BINARY),
        (b"\xff\xfe\x00", BINARY),
    ],
)
def test_the_media_type_is_detected_from_the_content(content: bytes, media_type: str) -> None:
    assert sniff(content) == media_type


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16", "utf-32"])
def test_text_is_decoded_by_its_detected_type(encoding: str) -> None:
    content = "größer als müde\n".encode(encoding)
    assert decode_text(content, sniff(content)) == "größer als müde\n"


def test_an_image_has_no_text() -> None:
    assert decode_text(b"\x89PNG\r\n\x1a\n", "image/png") is None


def test_undecodable_bytes_are_replaced() -> None:
    assert decode_text(b"a\xffb", "text/plain") == "a\ufffdb"


def test_an_unknown_encoding_is_decoded_as_utf_8() -> None:
    assert decode_text("ä".encode(), 'text/x; charset="no-such"') == "ä"


def test_text_and_images_are_distinguished() -> None:
    assert (is_text("text/markdown"), is_text("image/png")) == (True, False)
    assert (is_image("image/png"), is_image("text/plain")) == (True, False)
