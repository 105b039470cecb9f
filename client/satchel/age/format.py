"""The header of an age file as text: strict parsing and canonical marshaling (C2SP age, "Header").

`marshal` reproduces byte for byte every header that `parse` accepts. No keys are involved: stanzas are opaque, and
the MAC is not verified here.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final, Self

from satchel.age.errors import HeaderError

VERSION_LINE: Final = b"age-encryption.org/v1\n"
MAC_PREFIX: Final = b"---"
MAC_BYTES: Final = 32
MAC_LINE_BYTES: Final = len("--- \n") + 43
COLUMNS: Final = 64  # of a full body line: 48 bytes
MAX_HEADER_BYTES: Final = 1 << 20  # our own limit against hostile files; the specification has none

_VCHARS = re.compile(rb"[\x21-\x7e]+")


def encode_base64(data: bytes) -> str:
    """Encode as unpadded standard base64, the only kind in a header."""
    return base64.b64encode(data).rstrip(b"=").decode("ascii")


def decode_base64(text: str | bytes) -> bytes:
    """Decode unpadded standard base64. Raise HeaderError if it is malformed or not canonical."""
    raw = text.encode("ascii") if isinstance(text, str) else text
    try:
        data = base64.b64decode(raw + b"=" * (-len(raw) % 4), validate=True)
    except binascii.Error as exc:
        raise HeaderError("a base64 field of the header is malformed") from exc
    if base64.b64encode(data).rstrip(b"=") != raw:
        raise HeaderError("a base64 field of the header is not canonical")
    return data


@dataclass(frozen=True, slots=True)
class Stanza:
    """A wrapped file key: `-> type args…` and a body."""

    type: str
    args: tuple[str, ...]
    body: bytes

    def marshal(self) -> bytes:
        """Return the stanza's lines. Raise ValueError if a word is empty or not visible ASCII."""
        words = [word.encode("ascii") for word in (self.type, *self.args)]
        if not all(_VCHARS.fullmatch(word) for word in words):
            raise ValueError("a stanza's words must be visible ASCII characters")
        text = encode_base64(self.body).encode("ascii")
        lines = [text[at : at + COLUMNS] for at in range(0, len(text) + 1, COLUMNS)]
        return b"-> " + b" ".join(words) + b"\n" + b"\n".join(lines) + b"\n"


@dataclass(frozen=True, slots=True)
class Header:
    """The stanzas of a file and the MAC over them."""

    stanzas: tuple[Stanza, ...]
    mac: bytes

    @property
    def authenticated_bytes(self) -> bytes:
        """The input of the MAC: everything up to and including the three dashes."""
        return VERSION_LINE + b"".join(stanza.marshal() for stanza in self.stanzas) + MAC_PREFIX

    def marshal(self) -> bytes:
        """Return the header, including its last line feed."""
        return self.authenticated_bytes + b" " + encode_base64(self.mac).encode("ascii") + b"\n"

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Parse exactly one header, with nothing after it. Raise HeaderError."""
        if not data.startswith(VERSION_LINE):
            raise HeaderError("not an age file of version 1")
        lines = data[len(VERSION_LINE) :].split(b"\n")
        if lines.pop():
            raise HeaderError("the header does not end with a line feed")
        if not lines:
            raise HeaderError("the header ends before its MAC")
        mac = _parse_mac(lines.pop())
        stanzas = _parse_stanzas(lines)
        if not stanzas:
            raise HeaderError("the header has no recipient")
        return cls(stanzas, mac)


def header_length(start: bytes, *, is_whole: bool) -> int | None:
    """Return the length of the header in the first bytes of a file, or None if more bytes are needed.

    `is_whole`: no bytes follow `start`. Raise HeaderError as soon as this cannot be a header: a wrong first line, no
    end within MAX_HEADER_BYTES, or the end of the file before the header's.
    """
    if not VERSION_LINE.startswith(start[: len(VERSION_LINE)]):
        raise HeaderError("not an age file of version 1")
    dashes = start.find(b"\n" + MAC_PREFIX, 0, MAX_HEADER_BYTES)
    end = start.find(b"\n", dashes + 1, dashes + 1 + MAC_LINE_BYTES) if dashes >= 0 else -1
    if end >= 0:
        return end + 1
    if is_whole or len(start) >= MAX_HEADER_BYTES or (dashes >= 0 and len(start) > dashes + MAC_LINE_BYTES):
        raise HeaderError("the header does not end correctly")
    return None


def _parse_mac(line: bytes) -> bytes:
    if not line.startswith(MAC_PREFIX + b" "):
        raise HeaderError("the header's last line is not its MAC")
    mac = decode_base64(line[len(MAC_PREFIX) + 1 :])
    if len(mac) != MAC_BYTES:
        raise HeaderError("the header's MAC has the wrong length")
    return mac


def _parse_stanzas(lines: list[bytes]) -> tuple[Stanza, ...]:
    stanzas: list[Stanza] = []
    at = 0
    while at < len(lines):
        words = _parse_words(lines[at])
        start = at = at + 1
        while at < len(lines) and len(lines[at]) == COLUMNS:
            at += 1
        if at == len(lines) or len(lines[at]) > COLUMNS:
            raise HeaderError("a stanza does not end with a short line")
        at += 1
        stanzas.append(Stanza(words[0], tuple(words[1:]), decode_base64(b"".join(lines[start:at]))))
    return tuple(stanzas)


def _parse_words(line: bytes) -> list[str]:
    prefix, *words = line.split(b" ")
    if prefix != b"->" or not words or not all(_VCHARS.fullmatch(word) for word in words):
        raise HeaderError("a stanza's first line is malformed")
    return [word.decode("ascii") for word in words]
