"""Where a device keeps the root secret: the keyring, or a private file (docs/spec/keys.md, section 4).

`keys/root.json` in the home always exists; it says whose secret it is and how it is kept, and holds
it unless the keyring does.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from satchel.errors import IntegrityError, NotFoundError, RefusedError, SatchelError
from satchel.keys import documents, passphrase
from satchel.keys.devicetoken import TokenPlace
from satchel.keys.documents import RootDocument, RootInFile, RootInKeyring, RootUnderPassphrase
from satchel.keys.secret import SECRET_BYTES, Entropy, RootSecret
from satchel.keys.systemkeyring import KeyringUnusableError, SystemKeyring
from satchel.local_files import PrivateFile, read_private, remove_private, write_private

AskPassphrase = Callable[[], str]

_ENTRY_BYTES: Final = 16
_RECOVER: Final = "bring it back with its 24 words: satchel recovery use"


@dataclass(frozen=True, slots=True)
class Description:
    """How the root secret is kept, for `status` and `doctor`; `str()` is the clause to print."""

    kept: Literal["keyring", "file", "passphrase"]
    owner_id: str
    path: Path
    reason: str = ""
    """Why it is in a plain file and not in the keyring; empty where it is not."""

    def __str__(self) -> str:
        if self.kept == "keyring":
            return "in the keyring of this computer"
        if self.kept == "passphrase":
            return f"under a passphrase in {str(self.path)!r}"
        return f"in {str(self.path)!r}, which only you can read, because {self.reason}"


class Vault:
    """The root secret of one home, and the token of its device. Works offline; no error holds a secret."""

    def __init__(self, home: Path, *, use_keyring: bool = True, entropy: Entropy = os.urandom) -> None:
        self._path = home / "keys" / "root.json"
        self._keyring = SystemKeyring(is_on=use_keyring)
        self._token = TokenPlace(home / "keys" / "token.json", self._keyring, entropy)
        self._entropy = entropy

    def exists(self) -> bool:
        """Whether this home has a root secret, or says where it is."""
        return self._path.exists()

    def describe(self) -> Description:
        """Say how the root secret is kept, without touching it. Errors as for `load`."""
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
        """Keep a root secret: under the passphrase if there is one, else in the keyring, else in a file.

        One is here already: RefusedError, unless `replace`. No passphrase, no keyring, and a drive on
        which others could read the file: RefusedError.
        """
        old = self._old(replace=replace)
        keyring = self._keyring if use_keyring else SystemKeyring(is_on=False)
        document = self._keep(root, passphrase, keyring)
        write_private(self._path, documents.encode(document))
        if isinstance(document, RootInFile):
            self._check_private()
        self._forget(old)
        return self.describe()

    def load(self, ask_passphrase: AskPassphrase) -> RootSecret:
        """Return the root secret; the passphrase is asked for only if it is under one.

        None here: NotFoundError. The keyring cannot be used, or others can read the file: RefusedError.
        Whatever else keeps it from opening is one and the same IntegrityError.
        """
        file = self._read()
        document = _decode(file)
        if isinstance(document, RootInFile):
            file.require_private()
        return self._open(document, ask_passphrase)

    def change_passphrase(
        self, ask_passphrase: AskPassphrase, new: str | None, *, use_keyring: bool = True
    ) -> Description:
        """Keep the same secret under another passphrase, or (None) under none. Errors as for `load`."""
        root = self._open(_decode(self._read()), ask_passphrase)
        return self.create(root, new, use_keyring=use_keyring, replace=True)

    def store_token(self, token: str) -> None:
        """Keep this device's token for its cloud, in place of the one before."""
        self._token.store(token)

    def load_token(self) -> str:
        """Return this device's token. None here, or not to be had: RefusedError."""
        return self._token.load()

    def delete_token(self) -> None:
        """Forget this device's token; none here is fine."""
        self._token.delete()

    def _read(self) -> PrivateFile:
        try:
            return read_private(self._path)
        except NotFoundError as exc:
            raise NotFoundError(
                f"there is no root secret in {str(self._path.parent)!r}",
                hint=f"make one with satchel init, or {_RECOVER}",
            ) from exc

    def _old(self, *, replace: bool) -> RootDocument | None:
        if not self.exists():
            return None
        if not replace:
            raise RefusedError(
                f"there already is a root secret in {str(self._path.parent)!r}",
                hint="choose another home, or replace it: satchel recovery use",
            )
        return documents.decode_root(self._read().data)

    def _keep(self, root: RootSecret, passphrase: str | None, keyring: SystemKeyring) -> RootDocument:
        from satchel.keys.derive import owner_id  # noqa: PLC0415 - costs cryptography

        owner = owner_id(root)
        if passphrase is not None:
            return _wrap(root, owner, passphrase, self._entropy)
        document = RootInKeyring(owner=owner, entry=self._entropy(_ENTRY_BYTES).hex())
        try:
            keyring.keep(_name(document), root.hex())
        except KeyringUnusableError as exc:
            return RootInFile(owner=owner, secret=root.hex(), reason=str(exc))
        return document

    def _check_private(self) -> None:
        file = read_private(self._path)
        if not file.is_private:
            remove_private(self._path)
        file.require_private()

    def _open(self, document: RootDocument, ask_passphrase: AskPassphrase) -> RootSecret:
        from satchel.keys.derive import owner_id  # noqa: PLC0415 - costs cryptography

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
                f"the root secret is in the keyring of a computer, and {exc}",
                hint=f"unlock the keyring, or {_RECOVER}",
            ) from exc
        if found is None:
            raise NotFoundError("the keyring of this computer does not hold the root secret", hint=_RECOVER)
        try:
            return bytes.fromhex(found)
        except ValueError:
            return None

    def _forget(self, document: RootDocument | None) -> None:
        if not isinstance(document, RootInKeyring):
            return
        try:
            self._keyring.forget(_name(document))
        except KeyringUnusableError as exc:
            raise SatchelError(
                f"the root secret is kept anew, but its old copy stays in the keyring: {exc}",
                hint="remove satchel's entries with the keyring's own program",
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
    """The one error for a wrong passphrase, a changed file, foreign parameters, another owner's secret."""
    return IntegrityError(
        "the root secret cannot be opened",
        hint=f"check the passphrase; if it is right, the secret is damaged: {_RECOVER}",
    )
