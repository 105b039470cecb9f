"""The `Content-Digest` field of RFC 9530: checked when given, for the algorithms it calls secure."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Final, Self

from satchel_service.problems import ProblemError
from satchel_wire.problems import ProblemCode

ALGORITHMS: Final = {"sha-256": "sha256", "sha-512": "sha512"}
_MEMBER: Final = re.compile(r"([a-z][a-z0-9_.*-]*)=:([A-Za-z0-9+/]*={0,2}):")


class ContentDigest:
    """What a body should hash to, and what it does so far."""

    def __init__(self, expected: Mapping[str, bytes]) -> None:
        self._expected = expected
        self._hashes = {name: hashlib.new(ALGORITHMS[name]) for name in expected}

    @classmethod
    def parse(cls, header: str | None) -> Self:
        """Read the header; unknown algorithms are passed over, as the RFC wants, a malformed field is refused."""
        expected: dict[str, bytes] = {}
        for member in (header or "").split(",") if header else ():
            match = _MEMBER.fullmatch(member.strip())
            if match is None:
                raise malformed()
            if match[1] in ALGORITHMS:
                expected[match[1]] = _decoded(match[2])
        return cls(expected)

    def update(self, data: bytes) -> None:
        """Take more of the body in."""
        for state in self._hashes.values():
            state.update(data)

    def check(self) -> None:
        """Refuse a body that differs."""
        for name, state in self._hashes.items():
            if not hmac.compare_digest(state.digest(), self._expected[name]):
                raise ProblemError(ProblemCode.WRONG_DIGEST, f"the {name} digest of what came is another")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as exc:
        raise malformed() from exc


def malformed() -> ProblemError:
    """Refuse a field that is no dictionary of byte sequences."""
    return ProblemError(ProblemCode.BAD_REQUEST, "Content-Digest is malformed; write sha-256=:BASE64:")
