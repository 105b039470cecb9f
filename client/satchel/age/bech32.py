"""Bech32 (BIP 173) without its length limit, as age writes keys: strict both ways.

`decode(encode(hrp, data)) == (hrp, data)`, and whatever `decode` accepts, `encode` writes back
(in lower case; a text all in upper case is accepted, a mixed one is not).
"""

from collections.abc import Iterable
from typing import Final

from satchel.age.errors import KeyTextError

_ALPHABET: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUES: Final = {letter: value for value, letter in enumerate(_ALPHABET)}
_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM_LETTERS: Final = 6


def encode(hrp: str, data: bytes) -> str:
    """Write bytes under a human-readable part (lower case, visible ASCII; else ValueError)."""
    if not hrp or hrp != hrp.lower() or not _is_visible(hrp):
        raise ValueError("a human-readable part is lower-case visible ASCII")
    values = _to_fives(data)
    letters = values + _checksum(hrp, values)
    return hrp + "1" + "".join(_ALPHABET[value] for value in letters)


def decode(text: str) -> tuple[str, bytes]:
    """Read the human-readable part (in lower case) and the bytes. Raises KeyTextError."""
    if text not in (text.lower(), text.upper()):
        raise KeyTextError("a key mixes upper and lower case")
    hrp, separator, body = text.lower().rpartition("1")
    if not separator or not hrp or not _is_visible(text) or len(body) < _CHECKSUM_LETTERS:
        raise KeyTextError("this is not the text of a key")
    try:
        values = [_VALUES[letter] for letter in body]
    except KeyError as exc:
        raise KeyTextError("a key contains a character that no key has") from exc
    if _polymod(_expand(hrp), values) != 1:
        raise KeyTextError("a key's checksum does not fit")
    return hrp, _to_bytes(values[:-_CHECKSUM_LETTERS])


def decode_as(hrp: str, text: str) -> bytes:
    """Read the bytes of a key that must have this human-readable part. Raises KeyTextError."""
    found, data = decode(text)
    if found != hrp:
        raise KeyTextError(f"this key begins with {found!r}, where {hrp!r} was expected")
    return data


def _is_visible(text: str) -> bool:
    return all("\x21" <= letter <= "\x7e" for letter in text)


def _expand(hrp: str) -> list[int]:
    return [ord(letter) >> 5 for letter in hrp] + [0] + [ord(letter) & 31 for letter in hrp]


def _polymod(*parts: Iterable[int]) -> int:
    check = 1
    for part in parts:
        for value in part:
            top = check >> 25
            check = (check & 0x1FFFFFF) << 5 ^ value
            for bit, generator in enumerate(_GENERATOR):
                if top >> bit & 1:
                    check ^= generator
    return check


def _checksum(hrp: str, values: list[int]) -> list[int]:
    check = _polymod(_expand(hrp), values, [0] * _CHECKSUM_LETTERS) ^ 1
    return [check >> 5 * (_CHECKSUM_LETTERS - 1 - place) & 31 for place in range(_CHECKSUM_LETTERS)]


def _to_fives(data: bytes) -> list[int]:
    bits = len(data) * 8
    count = -(-bits // 5)
    number = int.from_bytes(data, "big") << (count * 5 - bits)
    return [number >> 5 * place & 31 for place in reversed(range(count))]


def _to_bytes(values: list[int]) -> bytes:
    number = 0
    for value in values:
        number = number << 5 | value
    spare = len(values) * 5 % 8
    if spare >= 5 or number & ((1 << spare) - 1):
        raise KeyTextError("a key's text has bits to spare")
    return (number >> spare).to_bytes(len(values) * 5 // 8, "big")
