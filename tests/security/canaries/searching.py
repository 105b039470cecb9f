"""Finds a secret in bytes, whatever form it has there: as text of several encodings, encoded, reversed, compressed.

    found = search({"title": b"…"}, {"the log": log})      # [("title", "base64 at offset 1", "the log")]

A form is searched as a whole, so a secret should be long enough not to occur by chance.
"""

import base64
import contextlib
import json
import urllib.parse
import zlib
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import zstandard

MOST_EXPANDED: Final = 16 << 20
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_ZIP_ENTRY: Final = b"PK\x03\x04"
_GZIP: Final = b"\x1f\x8b\x08"
_ZLIB: Final = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
_MOST_STREAMS: Final = 2000  # of one place: two bytes occur by chance


class Found(NamedTuple):
    """A secret in a place; never the secret itself."""

    name: str
    form: str
    place: str


def forms(secret: bytes) -> dict[str, bytes]:
    """Return the forms in which a secret is searched, by name."""
    found = {"as it is": secret, "reversed": secret[::-1]}
    found |= {"hex": secret.hex().encode(), "upper-case hex": secret.hex().upper().encode()}
    found |= {"percent": b"".join(b"%%%02X" % byte for byte in secret)}
    found |= {"lower-case percent": b"".join(b"%%%02x" % byte for byte in secret)}
    for offset in range(3):
        plain, url = _base64_core(secret, offset)
        found |= {f"base64 at offset {offset}": plain, f"base64url at offset {offset}": url}
    found |= {"base85": base64.b85encode(secret[: len(secret) // 4 * 4])}
    with contextlib.suppress(UnicodeDecodeError):
        text = secret.decode()
        found |= {name: text.encode(name) for name in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")}
        found |= {"upper case": text.upper().encode(), "lower case": text.lower().encode()}
        found |= {"escaped in JSON": json.dumps(text)[1:-1].encode()}
        found |= {"\\u escapes": "".join(f"\\u{ord(char):04x}" for char in text if char <= "\uffff").encode()}
        found |= {"quoted in a URL": urllib.parse.quote(text, safe="").encode()}
    return {name: form for name, form in found.items() if name == "as it is" or form != secret}


def _base64_core(secret: bytes, offset: int) -> tuple[bytes, bytes]:
    """Return the characters that a secret always has in base64 when it begins at this offset of a group of three."""
    padded = bytes(offset) + secret
    padded = padded[: len(padded) // 3 * 3]  # the last group depends on what follows
    skipped = (0, 2, 3)[offset]
    return base64.b64encode(padded)[skipped:], base64.urlsafe_b64encode(padded)[skipped:]


def expanded(data: bytes) -> Iterator[bytes]:
    """Yield data, and every zstd, gzip, zlib or zip stream in it, expanded."""
    yield data
    for at in _places_of(data, _ZSTD):
        with contextlib.suppress(zstandard.ZstdError):
            yield zstandard.ZstdDecompressor().decompressobj().decompress(data[at : at + MOST_EXPANDED])
    for at in _places_of(data, _GZIP):
        yield from _inflated(data[at:], 31)
    for mark in _ZLIB:
        for at in _places_of(data, mark):
            yield from _inflated(data[at:], 15)
    for at in _places_of(data, _ZIP_ENTRY):
        sizes = int.from_bytes(data[at + 26 : at + 28], "little") + int.from_bytes(
            data[at + 28 : at + 30], "little"
        )
        yield from _inflated(data[at + 30 + sizes :], -15)


def _places_of(data: bytes, mark: bytes) -> Iterator[int]:
    at = data.find(mark)
    for _ in range(_MOST_STREAMS):
        if at < 0:
            return
        yield at
        at = data.find(mark, at + 1)


def _inflated(data: bytes, bits: int) -> Iterator[bytes]:
    stream = zlib.decompressobj(bits)
    with contextlib.suppress(zlib.error):
        found = stream.decompress(data[: MOST_EXPANDED // 16], MOST_EXPANDED)
        if found:
            yield found


def search(secrets: Mapping[str, bytes], places: Mapping[str, bytes], *, expands: bool = True) -> list[Found]:
    """Return where secrets are, in each form and place once."""
    needles = [
        (name, form, needle) for name, secret in secrets.items() for form, needle in forms(secret).items()
    ]
    found = dict[Found, None]()
    for place, data in places.items():
        for piece in expanded(data) if expands else (data,):
            found |= {Found(name, form, place): None for name, form, needle in needles if needle in piece}
    return list(found)
