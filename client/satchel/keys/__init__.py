"""The owner's keys: the root secret, its 24 recovery words, the keys derived from it, and the vault.

Names are imported on first use, so that commands that only check for keys do not import the ciphers.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from satchel.keys.derive import OwnerKeys, derive_owner_keys, owner_id
    from satchel.keys.phrase import from_phrase, to_phrase
    from satchel.keys.secret import BlockKey, ManifestKey, RequestSeed, RootSecret, ShareSeed
    from satchel.keys.vault import Description, Vault

__all__ = [
    "BlockKey",
    "Description",
    "ManifestKey",
    "OwnerKeys",
    "RequestSeed",
    "RootSecret",
    "ShareSeed",
    "Vault",
    "derive_owner_keys",
    "from_phrase",
    "owner_id",
    "to_phrase",
]

_MODULES: Final = {
    "BlockKey": "secret",
    "Description": "vault",
    "ManifestKey": "secret",
    "OwnerKeys": "derive",
    "RequestSeed": "secret",
    "RootSecret": "secret",
    "ShareSeed": "secret",
    "Vault": "vault",
    "derive_owner_keys": "derive",
    "from_phrase": "phrase",
    "owner_id": "derive",
    "to_phrase": "phrase",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  the types are those of the imports above
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
