"""Derives the keys of a request (docs/spec/request.md, section 3).

The owner's devices derive the identity of each request from their root secret, so nothing is stored to open an answer.
The link holds the recipient. It is public to the holders of the link, and secret to everybody else: what they read and
prove is derived from it.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from satchel.age import X25519Identity, X25519Recipient
from satchel.age.keywrap import derive_key
from satchel.keys.secret import RequestSeed

KEY_LABEL: Final = b"satchel/v1/request-key"
ANSWER_LABEL: Final = b"satchel/v1/request-answer"
SHEET_LABEL: Final = b"satchel/v1/request-sheet"


@dataclass(frozen=True)
class RequestKey:
    """The recipient of one request, as in its link. The cloud must not learn it."""

    recipient: X25519Recipient

    @property
    def proof(self) -> bytes:
        """32 bytes whose hash the cloud compares before it shows the sheet or takes an answer."""
        return _derive(bytes(self.recipient), ANSWER_LABEL)

    @property
    def proof_sha256(self) -> bytes:
        """The hash of the proof, which the cloud stores."""
        return hashlib.sha256(self.proof).digest()

    @property
    def sheet_identity(self) -> X25519Identity:
        """Opens the sheet."""
        return X25519Identity.from_bytes(_derive(bytes(self.recipient), SHEET_LABEL))

    def __repr__(self) -> str:
        return "RequestKey(hidden)"


def request_identity(seed: RequestSeed, request_id: str) -> X25519Identity:
    """Return the identity that opens the answers to a request of this owner."""
    return X25519Identity.from_bytes(_derive(bytes(seed), KEY_LABEL + b"/" + request_id.encode("ascii")))


def request_key(seed: RequestSeed, request_id: str) -> RequestKey:
    """Return the key of a request of this owner, so that each of the owner's devices can print the link again."""
    return RequestKey(request_identity(seed, request_id).recipient)


def _derive(material: bytes, label: bytes) -> bytes:
    return derive_key(material, salt=b"", info=label)
