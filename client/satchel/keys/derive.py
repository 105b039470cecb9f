"""From the root secret to one key per purpose (docs/spec/keys.md, section 3).

A label is never used for two purposes, and never changes its meaning: another purpose, or another
use of the same one, is another label.
"""

from dataclasses import dataclass
from typing import Final

from satchel.age.keywrap import derive_key
from satchel.age.x25519 import X25519Identity, X25519Recipient
from satchel.keys.secret import BlockKey, ManifestKey, RootSecret, ShareSeed

IDENTITY_LABEL: Final = b"satchel/v1/age-x25519"
MANIFEST_LABEL: Final = b"satchel/v1/manifest-mac"
BLOCK_LABEL: Final = b"satchel/v1/block-names"
SHARE_LABEL: Final = b"satchel/v1/share-seed"
OWNER_LABEL: Final = b"satchel/v1/owner-id"
OWNER_ID_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class OwnerKeys:
    """What an owner works with. Shows nothing secret of itself."""

    identity: X25519Identity
    """Opens the owner's archives, with satchel or with the age program."""
    manifest_key: ManifestKey
    block_key: BlockKey
    share_seed: ShareSeed
    owner_id: str
    """32 hexadecimal digits that name the owner and give nothing of the secret away."""

    @property
    def recipient(self) -> X25519Recipient:
        """Whom the owner's archives are sealed to."""
        return self.identity.recipient


def derive_owner_keys(root: RootSecret) -> OwnerKeys:
    """Derive everything; the same root always gives the same keys."""
    return OwnerKeys(
        identity=X25519Identity.from_bytes(_derive(root, IDENTITY_LABEL)),
        manifest_key=ManifestKey(_derive(root, MANIFEST_LABEL)),
        block_key=BlockKey(_derive(root, BLOCK_LABEL)),
        share_seed=ShareSeed(_derive(root, SHARE_LABEL)),
        owner_id=owner_id(root),
    )


def owner_id(root: RootSecret) -> str:
    """Name the owner of a root secret, for files and keyring entries."""
    return _derive(root, OWNER_LABEL)[:OWNER_ID_BYTES].hex()


def _derive(root: RootSecret, label: bytes) -> bytes:
    return derive_key(bytes(root), salt=b"", info=label)
