"""Tokens: of this device for its cloud, and of the owner for a language model.

A token is stored like the root secret, but never under a passphrase: it opens no archive, and the owner can revoke it.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from satchel.errors import NotFoundError, RefusedError
from satchel.keys import documents
from satchel.keys.documents import TokenDocument, TokenInFile, TokenInKeyring
from satchel.keys.secret import Entropy
from satchel.keys.systemkeyring import KeyringUnusableError, SystemKeyring
from satchel.local_files import read_private, remove_private, write_private

_ENTRY_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class TokenKind:
    """What a token is for: its folder in the keyring, what errors call it, and what to do without it."""

    folder: str
    name: str
    missing: str
    hint: str


DEVICE: Final = TokenKind(
    "token",
    "the token of this device",
    "this device has no token for a cloud",
    "run satchel disconnect --forget, then satchel connect URL --pair CODE",
)
ENDPOINT: Final = TokenKind(
    "endpoint-key",
    "the key of the endpoint",
    "there is no key for the endpoint",
    "enter it again: satchel endpoint set",
)


class TokenStore:
    """Stores one token in the keyring, with a reference in a file such as `keys/token.json`, or else in that file."""

    def __init__(
        self, path: Path, keyring: SystemKeyring, entropy: Entropy = os.urandom, kind: TokenKind = DEVICE
    ) -> None:
        self._path = path
        self._keyring = keyring
        self._entropy = entropy
        self._kind = kind

    def exists(self) -> bool:
        """Return whether there is a token, without reading it."""
        return self._path.exists()

    def store(self, token: str) -> None:
        """Replace the token. Raise RefusedError if neither a keyring nor a private file is available."""
        old = self._read_or_none()
        document = self._save(token)
        write_private(self._path, documents.encode(document))
        if isinstance(document, TokenInFile) and not read_private(self._path).is_private:
            remove_private(self._path)
            raise RefusedError(
                f"neither a keyring nor a private file is available for {self._kind.name}",
                hint="unlock the keyring, or move the home to a disk with file permissions",
            )
        self._delete_from_keyring(old)

    def load(self) -> str:
        """Return the token. Raise RefusedError if there is none or it cannot be read."""
        try:
            file = read_private(self._path)
        except NotFoundError as exc:
            raise self._no_token(self._kind.missing) from exc
        document = documents.decode_token(file.data)
        if document is None:
            raise self._no_token(f"{self._kind.name} is damaged")
        if isinstance(document, TokenInFile):
            file.require_private()
            return document.token
        return self._find(document)

    def delete(self) -> None:
        """Delete the token, if there is one. If the keyring is unusable, an unused entry stays in it."""
        old = self._read_or_none()
        remove_private(self._path)
        self._delete_from_keyring(old)

    def _save(self, token: str) -> TokenDocument:
        document = TokenInKeyring(entry=self._entropy(_ENTRY_BYTES).hex())
        try:
            self._keyring.store(self._name(document), token)
        except KeyringUnusableError:
            return TokenInFile(token=token)
        return document

    def _find(self, document: TokenInKeyring) -> str:
        try:
            token = self._keyring.find(self._name(document))
        except KeyringUnusableError as exc:
            raise self._no_token(f"cannot read {self._kind.name}: {exc}") from exc
        if token is None:
            raise self._no_token(f"the keyring of this computer does not have {self._kind.name}")
        return token

    def _delete_from_keyring(self, document: TokenDocument | None) -> None:
        if isinstance(document, TokenInKeyring):
            with suppress(KeyringUnusableError):
                self._keyring.delete(self._name(document))

    def _read_or_none(self) -> TokenDocument | None:
        try:
            return documents.decode_token(read_private(self._path).data)
        except NotFoundError:
            return None

    def _name(self, document: TokenInKeyring) -> str:
        return f"{self._kind.folder}/{document.entry}"

    def _no_token(self, why: str) -> RefusedError:
        return RefusedError(why, hint=self._kind.hint)
