"""Checksums inside tokens, where the format is published.

A token whose checksum is right is no coincidence. One whose checksum is wrong is not issued by the provider, but may
be a mistyped or cut one, so it is still judged by its characters.
"""

import hashlib
import zlib
from collections.abc import Callable
from typing import Final

_BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_CRC_CHARS: Final = 6
_GENERATORS: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def base62_crc32(body: str) -> str:
    """Return the CRC-32 of a token's body as six digits in base 62.

    Source: https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/.
    """
    number, digits = zlib.crc32(body.encode()), ""
    for _ in range(_CRC_CHARS):
        number, digit = divmod(number, len(_BASE62))
        digits = _BASE62[digit] + digits
    return digits


def _has_crc32(token: str) -> bool:
    body = token.rpartition("_")[2]
    return body[-_CRC_CHARS:] == base62_crc32(body[:-_CRC_CHARS])


def _has_hex_crc32(token: str) -> bool:
    body, _, digits = token.rpartition("_")
    return digits == f"{zlib.crc32(body.encode()):08x}"


def _is_bech32(token: str) -> bool:
    """Verify by BIP 173: https://github.com/bitcoin/bips/blob/master/bip-0173.mediawiki."""
    human, _, data = token.lower().rpartition("1")
    values = [ord(char) >> 5 for char in human] + [0] + [ord(char) & 31 for char in human]
    if not all(char in _BECH32 for char in data):
        return False
    remainder = 1
    for value in values + [_BECH32.index(char) for char in data]:
        top = remainder >> 25
        remainder = (remainder & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATORS):
            remainder ^= generator if top >> bit & 1 else 0
    return remainder == 1


def _is_base58check(token: str) -> bool:
    number = 0
    for char in token:
        number = number * 58 + _BASE58.index(char)
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return hashlib.sha256(hashlib.sha256(data[:-4]).digest()).digest()[:4] == data[-4:]


CHECKSUMS: Final[dict[str, Callable[[str], bool]]] = {
    "crc32": _has_crc32,
    "crc32-hex": _has_hex_crc32,
    "bech32": _is_bech32,
    "base58": _is_base58check,
}
