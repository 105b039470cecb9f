"""The token with which this device reaches its owner's cloud, kept like the root secret but never wrapped.

It opens no archive: it only lets a device talk to the cloud, and the owner can revoke it there.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from satchel.errors import NotFoundError, RefusedError
from satchel.keys import documents
from satchel.keys.documents import TokenDocument, TokenInFile, TokenInKeyring
from satchel.keys.secret import Entropy
from satchel.keys.systemkeyring import KeyringUnusableError, SystemKeyring
from satchel.local_files import read_private, remove_private, write_private

_ENTRY_BYTES: Final = 16


class TokenPlace:
    """One token in `keys/token.json`, or in the keyring with a pointer there."""

    def __init__(self, path: Path, keyring: SystemKeyring, entropy: Entropy = os.urandom) -> None:
        self._path = path
        self._keyring = keyring
        self._entropy = entropy

    def store(self, token: str) -> None:
        """Keep a token in place of the one before. A file that others could read: RefusedError."""
        old = self._read_quietly()
        document = self._keep(token)
        write_private(self._path, documents.encode(document))
        if isinstance(document, TokenInFile) and not read_private(self._path).is_private:
            remove_private(self._path)
            raise _no_token("no keyring and no private file is to be had here for the token of this device")
        self._forget(old)

    def load(self) -> str:
        """Return the token. None here, or not to be had: RefusedError."""
        try:
            file = read_private(self._path)
        except NotFoundError as exc:
            raise _no_token("this device has no token for a cloud") from exc
        document = documents.decode_token(file.data)
        if document is None:
            raise _no_token("the token of this device is damaged")
        if isinstance(document, TokenInFile):
            file.require_private()
            return document.token
        return self._find(document)

    def delete(self) -> None:
        """Forget the token. None here is fine; a keyring that cannot be used keeps a useless entry."""
        old = self._read_quietly()
        remove_private(self._path)
        self._forget(old)

    def _keep(self, token: str) -> TokenDocument:
        document = TokenInKeyring(entry=self._entropy(_ENTRY_BYTES).hex())
        try:
            self._keyring.keep(_name(document), token)
        except KeyringUnusableError:
            return TokenInFile(token=token)
        return document

    def _find(self, document: TokenInKeyring) -> str:
        try:
            token = self._keyring.find(_name(document))
        except KeyringUnusableError as exc:
            raise _no_token(f"the token of this device cannot be had: {exc}") from exc
        if token is None:
            raise _no_token("this computer's keyring does not hold the token of this device")
        return token

    def _forget(self, document: TokenDocument | None) -> None:
        if isinstance(document, TokenInKeyring):
            with suppress(KeyringUnusableError):
                self._keyring.forget(_name(document))

    def _read_quietly(self) -> TokenDocument | None:
        try:
            return documents.decode_token(read_private(self._path).data)
        except NotFoundError:
            return None


def _name(document: TokenInKeyring) -> str:
    return f"token/{document.entry}"


def _no_token(why: str) -> RefusedError:
    return RefusedError(why, hint="connect this device again: satchel connect URL --pair CODE")
