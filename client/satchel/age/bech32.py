"""Bech32 (BIP 173) without its length limit, the text encoding of age keys.

Strict in both directions: `encode` reproduces, in lowercase, every text that `decode` accepts. Text may be all
lowercase or all uppercase, but not mixed.
"""

from collections.abc import Iterable
from typing import Final

from satchel.age.errors import KeyTextError

_ALPHABET: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUES: Final = {letter: value for value, letter in enumerate(_ALPHABET)}
_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM_LETTERS: Final = 6


def encode(hrp: str, data: bytes) -> str:
    """Encode bytes. Raise ValueError unless the human-readable part is lowercase visible ASCII."""
    if not hrp or hrp != hrp.lower() or not _is_visible(hrp):
        raise ValueError("the human-readable part must be lowercase visible ASCII")
    values = _to_fives(data)
    letters = values + _checksum(hrp, values)
    return hrp + "1" + "".join(_ALPHABET[value] for value in letters)


def decode(text: str) -> tuple[str, bytes]:
    """Return the human-readable part, in lowercase, and the bytes. Raise KeyTextError."""
    if text not in (text.lower(), text.upper()):
        raise KeyTextError("the key mixes uppercase and lowercase")
    hrp, separator, body = text.lower().rpartition("1")
    if not separator or not hrp or not _is_visible(text) or len(body) < _CHECKSUM_LETTERS:
        raise KeyTextError("this is not a key")
    try:
        values = [_VALUES[letter] for letter in body]
    except KeyError as exc:
        raise KeyTextError("the key contains an invalid character") from exc
    if _polymod(_expand(hrp), values) != 1:
        raise KeyTextError("the key's checksum is wrong")
    return hrp, _to_bytes(values[:-_CHECKSUM_LETTERS])


def decode_as(hrp: str, text: str) -> bytes:
    """Return the bytes of a key with this human-readable part. Raise KeyTextError."""
    found, data = decode(text)
    if found != hrp:
        raise KeyTextError(f"the key begins with {found!r} instead of {hrp!r}")
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
        raise KeyTextError("the key has non-zero padding")
    return (number >> spare).to_bytes(len(values) * 5 // 8, "big")
