"""Derives one key per purpose from the root secret (docs/spec/keys.md, section 3).

A label has one purpose and never changes its meaning. A new purpose, or a new use of an existing key, gets a new
label.
"""

from dataclasses import dataclass
from typing import Final

from satchel.age.keywrap import derive_key
from satchel.age.x25519 import X25519Identity, X25519Recipient
from satchel.keys.secret import BlockKey, ManifestKey, RequestSeed, RootSecret, ShareSeed

IDENTITY_LABEL: Final = b"satchel/v1/age-x25519"
MANIFEST_LABEL: Final = b"satchel/v1/manifest-mac"
BLOCK_LABEL: Final = b"satchel/v1/block-names"
SHARE_LABEL: Final = b"satchel/v1/share-seed"
REQUEST_LABEL: Final = b"satchel/v1/request-seed"
OWNER_LABEL: Final = b"satchel/v1/owner-id"
OWNER_ID_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class OwnerKeys:
    """The keys of an owner. Its repr shows no secret."""

    identity: X25519Identity
    """Opens the owner's archives, with satchel or with age."""
    manifest_key: ManifestKey
    block_key: BlockKey
    share_seed: ShareSeed
    request_seed: RequestSeed
    owner_id: str
    """32 hexadecimal digits that identify the owner and reveal nothing about the secret."""

    @property
    def recipient(self) -> X25519Recipient:
        """The recipient of the owner's archives."""
        return self.identity.recipient


def derive_owner_keys(root: RootSecret) -> OwnerKeys:
    """Derive all keys. The same root secret always yields the same keys."""
    return OwnerKeys(
        identity=X25519Identity.from_bytes(_derive(root, IDENTITY_LABEL)),
        manifest_key=ManifestKey(_derive(root, MANIFEST_LABEL)),
        block_key=BlockKey(_derive(root, BLOCK_LABEL)),
        share_seed=ShareSeed(_derive(root, SHARE_LABEL)),
        request_seed=RequestSeed(_derive(root, REQUEST_LABEL)),
        owner_id=owner_id(root),
    )


def owner_id(root: RootSecret) -> str:
    """Return the owner id of a root secret, for files and keyring entries."""
    return _derive(root, OWNER_LABEL)[:OWNER_ID_BYTES].hex()


def _derive(root: RootSecret, label: bytes) -> bytes:
    return derive_key(bytes(root), salt=b"", info=label)
