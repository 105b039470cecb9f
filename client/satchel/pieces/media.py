"""Media types: detecting text and its encoding, images, and binary content.

Content is stored unchanged; the media type only says how to read it. So text may be in Latin-1 here, unlike
in files whose text satchel itself reads (`satchel.text_files`).
"""

from typing import Final

from satchel.text_files import encoding_of

BINARY: Final = "application/octet-stream"
UTF8: Final = "text/plain"
LATIN1: Final = "text/plain; charset=iso-8859-1"

# Magic numbers, from the specifications of the formats.
_MAGIC: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
)
# The encodings that a media type may name. Others of Python are slow (punycode takes quadratic time), always fail
# (undefined) or do more than decode, and a media type may come from a stranger's share.
_CHARSETS: Final = frozenset({
    "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "us-ascii",
    "iso-8859-1", "iso-8859-15", "windows-1252",
})  # fmt: skip
# Control characters that do not occur in text: all but tab, line ends, form feed and escape.
_NOT_TEXT: Final = bytes(set(range(32)) - set(b"\t\n\r\f\x1b")) + b"\x7f"


def sniff(content: bytes) -> str:
    """Detect the media type of content."""
    encoding = encoding_of(content)
    if encoding in {"utf-8", "utf-8-sig"}:
        return UTF8
    for start, media_type in _MAGIC:
        if content.startswith(start):
            return media_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if encoding is not None:
        return f"{UTF8}; charset={encoding}"
    return BINARY if content.translate(None, _NOT_TEXT) != content else LATIN1


def media_type_after(before: str, found: str) -> str:
    """Return the media type of a replaced content: the earlier one if both are UTF-8 text, else the detected one."""
    is_same_kind = found == UTF8 and is_text(before) and "charset=" not in before
    return before if is_same_kind else found


def is_text(media_type: str) -> bool:
    """Whether content of this media type is text."""
    return media_type.startswith("text/")


def is_image(media_type: str) -> bool:
    """Whether content of this media type is an image."""
    return media_type.startswith("image/")


def decode_text(content: bytes, media_type: str) -> str | None:
    """Decode content by its media type; None if it is not text.

    Never fails: invalid bytes become U+FFFD, and an unknown encoding counts as UTF-8.
    """
    if not is_text(media_type):
        return None
    charset = media_type.partition("charset=")[2].strip().strip('"').lower()
    return content.decode(charset if charset in _CHARSETS else "utf-8", "replace")
