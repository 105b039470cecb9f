"""Accounts at an issuer: who signs in."""

import hashlib
from typing import NamedTuple


class Account(NamedTuple):
    """An account at an issuer. Only both together identify a person."""

    issuer: str
    subject: str

    @property
    def digest(self) -> bytes:
        """A digest of the issuer, prefixed with its length, and the subject."""
        issuer = self.issuer.encode()
        return hashlib.sha256(len(issuer).to_bytes(4, "big") + issuer + self.subject.encode()).digest()
