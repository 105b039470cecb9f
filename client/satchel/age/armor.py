"""ASCII armor: an age file as text, in the strict PEM of RFC 7468 section 3 (C2SP age, "ASCII armor").

Armor is for small things that travel as text; both functions work in memory.
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
    """Write an age file as armored text that ends with a line feed."""
    text = base64.b64encode(sealed)
    lines = [text[at : at + _COLUMNS] for at in range(0, len(text), _COLUMNS)]
    return b"\n".join([_BEGIN, *lines, _END, b""])


def dearmor(text: bytes) -> bytes:
    """Read armored text; white space may stand around it, lines end with LF or CRLF. Raises ArmorError."""
    lines = [line.removesuffix(b"\r") for line in text.strip(_SPACE).split(b"\n")]
    if len(lines) < 2 or lines[0] != _BEGIN or lines[-1] != _END:
        raise ArmorError("the armor has no proper first and last line")
    body = lines[1:-1]
    if any(len(line) != _COLUMNS for line in body[:-1]) or (body and not 0 < len(body[-1]) <= _COLUMNS):
        raise ArmorError("a line of the armor has a wrong length")
    joined = b"".join(body)
    try:
        sealed = base64.b64decode(joined, validate=True)
    except binascii.Error as exc:
        raise ArmorError("the armor is not base64") from exc
    if base64.b64encode(sealed) != joined:
        raise ArmorError("the armor's base64 is not canonical")
    return sealed
