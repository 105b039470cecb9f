"""Stores the root secret: in the keyring, or in a private file (docs/spec/keys.md, section 4).

`keys/root.json` in the home names the owner and the storage method, and holds the secret unless the keyring does.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from satchel.errors import IntegrityError, NotFoundError, RefusedError, SatchelError
from satchel.keys import documents, passphrase
from satchel.keys.devicetoken import TokenStore
from satchel.keys.documents import RootDocument, RootInFile, RootInKeyring, RootUnderPassphrase
from satchel.keys.secret import SECRET_BYTES, Entropy, RootSecret
from satchel.keys.systemkeyring import KeyringUnusableError, SystemKeyring
from satchel.local_files import PrivateFile, read_private, remove_private, write_private

AskPassphrase = Callable[[], str]

_ENTRY_BYTES: Final = 16
_RECOVER: Final = "restore it from its 24 words: satchel recovery use"
_REPLACE: Final = "restore it from its 24 words: satchel recovery use --replace"


@dataclass(frozen=True, slots=True)
class Description:
    """Where the root secret is, for `status` and `doctor`. `str()` returns a clause to print."""

    kept: Literal["keyring", "file", "passphrase"]
    owner_id: str
    path: Path
    reason: str = ""
    """Why it is in a plain file instead of the keyring; empty otherwise."""

    def __str__(self) -> str:
        if self.kept == "keyring":
            return "in the keyring of this computer"
        if self.kept == "passphrase":
            return f"under a passphrase in {str(self.path)!r}"
        return f"in {str(self.path)!r}, which only you can read, because {self.reason}"


class Vault:
    """The root secret of a home and the token of its device. Works offline. Errors never contain a secret."""

    def __init__(self, home: Path, *, use_keyring: bool = True, entropy: Entropy = os.urandom) -> None:
        self._path = home / "keys" / "root.json"
        self._keyring = SystemKeyring(is_on=use_keyring)
        self._token = TokenStore(home / "keys" / "token.json", self._keyring, entropy)
        self._entropy = entropy

    def exists(self) -> bool:
        """Return whether this home has a root secret, in its file or in a keyring."""
        return self._path.exists()

    def describe(self) -> Description:
        """Return where the root secret is, without reading it. Errors as for `load`."""
        document = _decode(self._read())
        if isinstance(document, RootInKeyring):
            return Description("keyring", document.owner, self._path)
        if isinstance(document, RootUnderPassphrase):
            return Description("passphrase", document.owner, self._path)
        return Description("file", document.owner, self._path, document.reason)

    def create(
        self,
        root: RootSecret,
        passphrase: str | None = None,
        *,
        use_keyring: bool = True,
        replace: bool = False,
    ) -> Description:
        """Store a root secret: under the passphrase if given, else in the keyring, else in a file.

        Raise RefusedError if one exists and `replace` is False, or if others could read an unencrypted file.
        """
        old = self._old(replace=replace)
        keyring = self._keyring if use_keyring else SystemKeyring(is_on=False)
        document = self._save(root, passphrase, keyring)
        write_private(self._path, documents.encode(document))
        if isinstance(document, RootInFile):
            self._check_private()
        self._delete_from_keyring(old)
        return self.describe()

    def load(self, ask_passphrase: AskPassphrase) -> RootSecret:
        """Return the root secret. `ask_passphrase` is called only if it is under a passphrase.

        Raise NotFoundError if there is none, RefusedError if the keyring is unusable or others can read the file, and
        the same IntegrityError for every other failure.
        """
        file = self._read()
        document = _decode(file)
        if isinstance(document, RootInFile):
            file.require_private()
        return self._open(document, ask_passphrase)

    def change_passphrase(
        self, ask_passphrase: AskPassphrase, new: str | None, *, use_keyring: bool = True
    ) -> Description:
        """Store the same secret under a new passphrase, or without one (None). Errors as for `load`."""
        root = self._open(_decode(self._read()), ask_passphrase)
        return self.create(root, new, use_keyring=use_keyring, replace=True)

    def store_token(self, token: str) -> None:
        """Replace this device's token for its cloud."""
        self._token.store(token)

    def load_token(self) -> str:
        """Return this device's token. Raise RefusedError if there is none or it cannot be read."""
        return self._token.load()

    def delete_token(self) -> None:
        """Delete this device's token, if there is one."""
        self._token.delete()

    def _read(self) -> PrivateFile:
        try:
            return read_private(self._path)
        except NotFoundError as exc:
            raise NotFoundError(
                f"there is no root secret in {str(self._path.parent)!r}",
                hint=f"create one with satchel init, or {_RECOVER}",
            ) from exc

    def _old(self, *, replace: bool) -> RootDocument | None:
        if not self.exists():
            return None
        if not replace:
            raise RefusedError(
                f"there is already a root secret in {str(self._path.parent)!r}",
                hint="choose another home, or replace it: satchel recovery use --replace",
            )
        return documents.decode_root(self._read().data)

    def _save(self, root: RootSecret, passphrase: str | None, keyring: SystemKeyring) -> RootDocument:
        from satchel.keys.derive import owner_id  # noqa: PLC0415  costs cryptography

        owner = owner_id(root)
        if passphrase is not None:
            return _wrap(root, owner, passphrase, self._entropy)
        document = RootInKeyring(owner=owner, entry=self._entropy(_ENTRY_BYTES).hex())
        try:
            keyring.store(_name(document), root.hex())
        except KeyringUnusableError as exc:
            return RootInFile(owner=owner, secret=root.hex(), reason=str(exc))
        return document

    def _check_private(self) -> None:
        file = read_private(self._path)
        if not file.is_private:
            remove_private(self._path)
        file.require_private()

    def _open(self, document: RootDocument, ask_passphrase: AskPassphrase) -> RootSecret:
        from satchel.keys.derive import owner_id  # noqa: PLC0415  costs cryptography

        raw = self._reveal(document, ask_passphrase)
        if raw is None or len(raw) != SECRET_BYTES:
            raise _unopened()
        root = RootSecret(raw)
        if owner_id(root) != document.owner:
            raise _unopened()
        return root

    def _reveal(self, document: RootDocument, ask_passphrase: AskPassphrase) -> bytes | None:
        if isinstance(document, RootInFile):
            return bytes.fromhex(document.secret)
        if isinstance(document, RootInKeyring):
            return self._find(document)
        return passphrase.unwrap(
            bytes.fromhex(document.wrapped),
            ask_passphrase(),
            document.profile,
            purpose=RootUnderPassphrase.purpose,
            owner=document.owner,
        )

    def _find(self, document: RootInKeyring) -> bytes | None:
        try:
            found = self._keyring.find(_name(document))
        except KeyringUnusableError as exc:
            raise RefusedError(
                f"the root secret is in a keyring, and {exc}",
                hint=f"unlock the keyring, or {_REPLACE}",
            ) from exc
        if found is None:
            raise NotFoundError("the keyring of this computer does not have the root secret", hint=_REPLACE)
        try:
            return bytes.fromhex(found)
        except ValueError:
            return None

    def _delete_from_keyring(self, document: RootDocument | None) -> None:
        if not isinstance(document, RootInKeyring):
            return
        try:
            self._keyring.delete(_name(document))
        except KeyringUnusableError as exc:
            raise SatchelError(
                f"the root secret is stored, but its old copy remains in the keyring: {exc}",
                hint="delete satchel's entries with the keyring's own program",
            ) from exc


def _decode(file: PrivateFile) -> RootDocument:
    document = documents.decode_root(file.data)
    if document is None:
        raise _unopened()
    return document


def _wrap(root: RootSecret, owner: str, phrase: str, entropy: Entropy) -> RootUnderPassphrase:
    profile = passphrase.Profile.fresh(entropy)
    wrapped = passphrase.wrap(root, phrase, profile, purpose=RootUnderPassphrase.purpose, owner=owner)
    return RootUnderPassphrase(owner=owner, profile=profile, wrapped=wrapped.hex())


def _name(document: RootInKeyring) -> str:
    return f"root/{document.owner}/{document.entry}"


def _unopened() -> IntegrityError:
    """Return the error for a wrong passphrase, a changed file or another owner's secret."""
    return IntegrityError(
        "the root secret cannot be opened",
        hint=f"check the passphrase; if it is right, the secret is damaged: {_REPLACE}",
    )
