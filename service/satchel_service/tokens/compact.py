"""The compact serialization of a signed token (RFC 7515, section 7.1), parsed strictly and not verified yet."""

from typing import Any, Final, NamedTuple, Self

from satchel_service.tokens.strict_json import TokenError, decode_base64url, decode_object

ALGORITHMS: Final = ("RS256", "ES256", "EdDSA")
MAX_CHARS: Final = 16 * 1024
MAX_HEADER_CHARS: Final = 8 * 1024
MAX_KEY_ID_CHARS: Final = 500
REFUSED: Final = ("crit", "b64", "zip", "enc")
"""Parameters that change what is signed. `jwk`, `jku`, `x5u` and `x5c` are ignored: keys come from the issuer alone."""


class Header(NamedTuple):
    """The parameters of a header that matter."""

    algorithm: str
    key_id: str | None

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Check a header. Raise TokenError."""
        values = decode_object(data, "the header")
        algorithm, kind, key_id = values.get("alg"), values.get("typ", "JWT"), values.get("kid")
        if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
            raise TokenError(f"the algorithm is none of {', '.join(ALGORITHMS)}")
        if not isinstance(kind, str) or kind.upper() != "JWT":
            raise TokenError("the header's typ is not JWT, so it is no ID token")
        for name in REFUSED:
            if name in values:
                raise TokenError(f"the header has the parameter {name}")
        if "kid" in values and not (isinstance(key_id, str) and 0 < len(key_id) <= MAX_KEY_ID_CHARS):
            raise TokenError("the header's kid is not a text of reasonable length")
        return cls(algorithm, key_id)


class Token(NamedTuple):
    """A token whose signature is not verified yet. `text` is exactly what was sent."""

    header: Header
    payload: bytes
    signature: bytes
    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a token. Raise TokenError."""
        pieces = text.split(".") if len(text) <= MAX_CHARS else []
        if len(pieces) != 3:
            raise TokenError("it is not a compact signed token")
        header, payload, signature = pieces
        if len(header) > MAX_HEADER_CHARS:
            raise TokenError("the header is too long")
        return cls(
            Header.parse(decode_base64url(header, "the header")),
            decode_base64url(payload, "the payload"),
            decode_base64url(signature, "the signature"),
            text,
        )

    def decode_claims(self) -> dict[str, Any]:
        """Return the claims. Raise TokenError."""
        return decode_object(self.payload, "the payload")

    def __repr__(self) -> str:
        return "Token(…)"
