"""What kind of content a few bytes are: text and its encoding, an image, or neither.

Content is kept byte for byte; the media type only says how to read it.
"""

from typing import Final

BINARY: Final = "application/octet-stream"
UTF8: Final = "text/plain"
LATIN1: Final = "text/plain; charset=iso-8859-1"

# How files of these kinds begin; sources: the formats' own specifications.
_MAGIC: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
)
_BYTE_ORDER_MARKS: Final = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# What text in a one-byte encoding has no use for: control characters but tab, line ends, form feed, escape.
_NOT_TEXT: Final = bytes(set(range(32)) - set(b"\t\n\r\f\x1b")) + b"\x7f"


def sniff(content: bytes) -> str:
    """The media type of content, from the content alone."""
    if _decodes(content, "utf-8") and b"\0" not in content:
        return UTF8
    for start, media_type in _MAGIC:
        if content.startswith(start):
            return media_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    for mark, charset in _BYTE_ORDER_MARKS:
        if content.startswith(mark) and _decodes(content, charset):
            return f"text/plain; charset={charset}"
    return BINARY if content.translate(None, _NOT_TEXT) != content else LATIN1


def still(before: str, found: str) -> str:
    """The media type of content that took the place of another: as before if it is the same kind of text."""
    keeps = found == UTF8 and is_text(before) and "charset=" not in before
    return before if keeps else found


def is_text(media_type: str) -> bool:
    """Whether content of this media type is text to read, search and highlight."""
    return media_type.startswith("text/")


def is_image(media_type: str) -> bool:
    """Whether content of this media type is a picture."""
    return media_type.startswith("image/")


def decode_text(content: bytes, media_type: str) -> str | None:
    """The text that content of this media type is, None if it is no text.

    Never fails: bytes that do not fit the encoding become U+FFFD.
    """
    if not is_text(media_type):
        return None
    charset = media_type.partition("charset=")[2].strip().strip('"') or "utf-8"
    try:
        return content.decode(charset, "replace")
    except LookupError:
        return content.decode("utf-8", "replace")


def _decodes(content: bytes, charset: str) -> bool:
    try:
        content.decode(charset)
    except UnicodeDecodeError:
        return False
    return True
