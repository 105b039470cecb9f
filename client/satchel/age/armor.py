"""ASCII armor: an age file as strict PEM text, RFC 7468 section 3 (C2SP age, "ASCII armor").

Both functions work in memory: armor is meant for small files.
"""

import base64
import binascii
from typing import Final

from satchel.age.errors import ArmorError

_BEGIN: Final = b"-----BEGIN AGE ENCRYPTED FILE-----"
_END: Final = b"-----END AGE ENCRYPTED FILE-----"
_COLUMNS: Final = 64
_SPACE: Final = b" \t\r\n"


def armor(sealed: bytes) -> bytes:
    """Return an age file as armored text with a final line feed."""
    text = base64.b64encode(sealed)
    lines = [text[at : at + _COLUMNS] for at in range(0, len(text), _COLUMNS)]
    return b"\n".join([_BEGIN, *lines, _END, b""])


def dearmor(text: bytes) -> bytes:
    """Return the file in armored text. Raise ArmorError.

    White space may surround the text, and lines end with LF or CRLF.
    """
    lines = [line.removesuffix(b"\r") for line in text.strip(_SPACE).split(b"\n")]
    if len(lines) < 2 or lines[0] != _BEGIN or lines[-1] != _END:
        raise ArmorError("the armor lacks its first or last line")
    body = lines[1:-1]
    if any(len(line) != _COLUMNS for line in body[:-1]) or (body and not 0 < len(body[-1]) <= _COLUMNS):
        raise ArmorError("a line of the armor has the wrong length")
    joined = b"".join(body)
    try:
        sealed = base64.b64decode(joined, validate=True)
    except binascii.Error as exc:
        raise ArmorError("the armor is not valid base64") from exc
    if base64.b64encode(sealed) != joined:
        raise ArmorError("the armor's base64 is not canonical")
    return sealed
