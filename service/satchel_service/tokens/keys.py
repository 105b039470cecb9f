"""The public keys of an issuer (RFC 7517): which of them may verify which tokens.

Keys for other purposes are skipped, as issuers publish them in the same set. A set with a secret key is refused whole:
anyone could have read that key, and its issuer cannot be relied on.
"""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from satchel_service.tokens.compact import MAX_KEY_ID_CHARS, Header
from satchel_service.tokens.strict_json import TokenError, decode_base64url, decode_object

MAX_KEYS: Final = 100
SECRET_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"})
RSA_BITS: Final = range(2048, 8192 + 1)  # NIST SP 800-131A asks for 2048; more than 8192 only costs time
EXPONENT_BITS: Final = range(2, 32 + 1)  # 3 is the smallest odd one that is safe with this padding
COORDINATE_BYTES: Final = 32

# Primes of the fingerprint in "The Return of Coppersmith's Attack" (CVE-2017-15361): keys of a broken generator are
# powers of 65537 modulo each of them.
ROCA_PRIMES: Final = (
    11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157,
)  # fmt: skip


class PublicKey(NamedTuple):
    """A key that verifies tokens of one algorithm. `members` are those of its JSON Web Key that define it."""

    key_id: str | None
    algorithm: str
    members: Mapping[str, str]

    def to_jwk(self) -> dict[str, str]:
        """Return it as a JSON Web Key."""
        key_id = {} if self.key_id is None else {"kid": self.key_id}
        return {**self.members, **key_id, "alg": self.algorithm, "use": "sig"}


def parse_key_set(document: bytes) -> tuple[PublicKey, ...]:
    """Return the keys of a JSON Web Key Set that can verify ID tokens. Raise TokenError if it has none, or a secret one."""
    listed = decode_object(document, "the key set").get("keys")
    if not isinstance(listed, list) or len(listed) > MAX_KEYS:
        raise TokenError(f"the key set is not a list of at most {MAX_KEYS} keys")
    keys = tuple(key for each in listed if (key := parse_key(each)) is not None)
    if not keys:
        raise TokenError("the key set has no key that verifies RS256, ES256 or EdDSA")
    return keys


def encode_key_set(keys: Iterable[PublicKey]) -> bytes:
    """Return a key set of these keys, for `parse_key_set`."""
    return json.dumps({"keys": [key.to_jwk() for key in keys]}).encode()


def parse_key(value: object) -> PublicKey | None:
    """Return a key, or None if it does not verify ID tokens. Raise TokenError for a secret one."""
    if not isinstance(value, dict):
        raise TokenError("the key set contains something that is no key")
    if SECRET_MEMBERS & value.keys():
        raise TokenError("the key set contains a secret key")
    try:
        found = _members(value)
    except TokenError:  # malformed, or weak
        return None
    key_id = value.get("kid")
    if found is None or not _is_for_signatures(value) or not _is_key_id(key_id):
        return None
    algorithm, members = found
    return PublicKey(key_id, algorithm, members) if value.get("alg", algorithm) == algorithm else None


def find_key(keys: Iterable[PublicKey], header: Header) -> PublicKey | None:
    """Return the key that a token names, or the only one of its algorithm if it names none; None if there is none.

    Raise TokenError if several keys fit.
    """
    fitting = [
        key
        for key in keys
        if key.algorithm == header.algorithm and (header.key_id is None or key.key_id == header.key_id)
    ]
    if len(fitting) > 1:
        raise TokenError("several keys of the issuer fit the token")
    return fitting[0] if fitting else None


def _is_for_signatures(value: Mapping[str, Any]) -> bool:
    operations = value.get("key_ops", ["verify"])
    return value.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations


def _is_key_id(key_id: object) -> bool:
    return key_id is None or (isinstance(key_id, str) and 0 < len(key_id) <= MAX_KEY_ID_CHARS)


def _members(value: Mapping[str, Any]) -> tuple[str, dict[str, str]] | None:
    """Return the algorithm of a key and the members that define it; None for a type that verifies no ID token."""
    match value.get("kty"), value.get("crv"):
        case "RSA", _:
            _check_rsa(_number(value, "n"), _number(value, "e"))
            return "RS256", {"kty": "RSA", "n": value["n"], "e": value["e"]}
        case "EC", "P-256":
            _check_coordinates(value, "x", "y")
            return "ES256", {"kty": "EC", "crv": "P-256", "x": value["x"], "y": value["y"]}
        case "OKP", "Ed25519":
            _check_coordinates(value, "x")
            return "EdDSA", {"kty": "OKP", "crv": "Ed25519", "x": value["x"]}
    return None


def _number(value: Mapping[str, Any], name: str) -> int:
    data = _bytes(value, name)
    if not data or data[0] == 0:
        raise TokenError("a number of the key is not written in its shortest form")
    return int.from_bytes(data, "big")


def _bytes(value: Mapping[str, Any], name: str) -> bytes:
    text = value.get(name)
    if not isinstance(text, str):
        raise TokenError(f"the key has no {name}")
    return decode_base64url(text, f"the key's {name}")


def _check_coordinates(value: Mapping[str, Any], *names: str) -> None:
    if any(len(_bytes(value, name)) != COORDINATE_BYTES for name in names):
        raise TokenError("a coordinate of the key has the wrong length")


def _check_rsa(modulus: int, exponent: int) -> None:
    if modulus.bit_length() not in RSA_BITS or modulus % 2 == 0:
        raise TokenError("the size of the RSA key is not accepted")
    if exponent.bit_length() not in EXPONENT_BITS or exponent % 2 == 0:
        raise TokenError("the exponent of the RSA key is not accepted")
    if has_roca_fingerprint(modulus):
        raise TokenError("the RSA key comes from a broken generator")


def has_roca_fingerprint(modulus: int) -> bool:
    """Return whether a modulus looks like one of the generator of CVE-2017-15361; others do with a chance of 2^-27."""
    return all(modulus % prime in _powers(prime) for prime in ROCA_PRIMES)


@cache
def _powers(prime: int) -> frozenset[int]:
    return frozenset(pow(65537, power, prime) for power in range(prime))
