"""The age file format, version 1, on `cryptography` (C2SP age; https://c2sp.org/age).

    identity = X25519Identity.generate()
    sealed = seal(b"text", [identity.recipient])
    assert unseal(sealed, [identity]) == b"text"

seal, seal_writer, sealed_size      encrypt to recipients
unseal, open_stream, SealedFile     decrypt in memory, as a stream, or by random access
X25519…, Hybrid…, Scrypt…           recipients and identities: a key, a post-quantum key, a passphrase
armor, dearmor                      a file as text

Errors are in satchel.age.errors, the text encoding of keys in satchel.age.bech32.
"""

from satchel.age.armor import armor, dearmor
from satchel.age.errors import (
    AgeError,
    ArmorError,
    HeaderError,
    HmacError,
    KeyTextError,
    NoMatchError,
    PayloadError,
)
from satchel.age.format import Header, Stanza
from satchel.age.hybrid import HybridIdentity, HybridRecipient
from satchel.age.keywrap import Entropy, FileKey, Identity, Recipient
from satchel.age.reader import ReadAt, SealedFile, open_stream, unseal
from satchel.age.scrypt import ScryptIdentity, ScryptRecipient
from satchel.age.writer import SealWriter, seal, seal_writer, sealed_size
from satchel.age.x25519 import X25519Identity, X25519Recipient

__all__ = [
    "AgeError",
    "ArmorError",
    "Entropy",
    "FileKey",
    "Header",
    "HeaderError",
    "HmacError",
    "HybridIdentity",
    "HybridRecipient",
    "Identity",
    "KeyTextError",
    "NoMatchError",
    "PayloadError",
    "ReadAt",
    "Recipient",
    "ScryptIdentity",
    "ScryptRecipient",
    "SealWriter",
    "SealedFile",
    "Stanza",
    "X25519Identity",
    "X25519Recipient",
    "armor",
    "dearmor",
    "open_stream",
    "seal",
    "seal_writer",
    "sealed_size",
    "unseal",
]
