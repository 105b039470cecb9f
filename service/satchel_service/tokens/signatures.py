"""The verification of signatures: the only module that imports the JOSE library (docs/adr/0011).

What the library leaves open is checked before: base64url, JSON, headers, key sizes, curves (see `compact`, `keys`), and
here the length of a signature.
"""

from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import import_key
from joserfc.jws import JWSRegistry, deserialize_compact

from satchel_service.tokens.compact import ALGORITHMS, MAX_CHARS, Token
from satchel_service.tokens.keys import PublicKey
from satchel_service.tokens.strict_json import TokenError

SIGNATURE_BYTES: Final = 64  # of ES256 and EdDSA


class Registry(JWSRegistry):
    """Allows headers as long as `compact` does, and EdDSA without a warning about its newer name (RFC 9864)."""

    max_header_length = MAX_CHARS

    def get_alg(self, name: str) -> Any:  # noqa: ANN401  a type that the library does not publish
        """Return an algorithm. Raise TokenError for any but ours."""
        if name not in ALGORITHMS:
            raise TokenError("the algorithm is not allowed")
        return self.algorithms[name]


def verify(token: Token, key: PublicKey) -> None:
    """Raise TokenError unless the holder of the key signed the token."""
    if key.algorithm != token.header.algorithm:
        raise TokenError("the key is for another algorithm")
    if len(token.signature) != _signature_bytes(key):
        raise TokenError("the signature has the wrong length")
    registry = Registry(algorithms=ALGORITHMS, strict_check_header=False)
    try:
        public_key = import_key(dict(key.to_jwk()))
        deserialize_compact(token.text, public_key, algorithms=[key.algorithm], registry=registry)
    except (JoseError, ValueError) as exc:
        raise TokenError("the signature does not match the issuer's key") from exc


def _signature_bytes(key: PublicKey) -> int:
    if key.algorithm != "RS256":
        return SIGNATURE_BYTES
    modulus = key.members["n"]
    return len(modulus) * 6 // 8
