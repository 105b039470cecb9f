"""What this home knows of its account at the issuer: two private files, and a refresh token in the keyring.

`HOME/account.json` names the account that signed in last. `HOME/sign-in.json` holds the ID token of `satchel login`
until `satchel connect` uses it, for a few minutes. Refresh tokens are stored in the keyring only; without one they are
not kept. Neither file opens any data.
"""

import os
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Literal, TypeVar

import msgspec

from satchel.errors import NotFoundError, RefusedError
from satchel.formats import refuse_newer
from satchel.keys.secret import Entropy
from satchel.keys.systemkeyring import KeyringUnusableError, SystemKeyring
from satchel.local_files import read_private, remove_private, write_private
from satchel.outgoing.address import Origin

ACCOUNT_FILE: Final = "account.json"
PENDING_FILE: Final = "sign-in.json"
ENTRY_BYTES: Final = 16
MAX_CHARS: Final = 2000

FORMATS: Final = frozenset({"satchel-account/1", "satchel-sign-in/1"})

Record = TypeVar("Record", bound=msgspec.Struct)
Text = Annotated[str, msgspec.Meta(max_length=MAX_CHARS)]
Entry = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")]


class Account(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The account that this home signed in with, and the cloud that it was for."""

    format: Literal["satchel-account/1"] = "satchel-account/1"
    cloud: Text
    issuer: Text
    client_id: Text
    subject: Text
    signed_in: datetime
    has_second_factor: bool | None = None
    """What the issuer says; None if it says nothing."""
    client_secret: Text | None = None
    """The application's secret that the cloud publishes, where the issuer wants one."""
    refresh_entry: Entry | None = None
    """The name of the refresh token in the keyring, if there is one."""


class PendingSignIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sign-in that no device of the cloud has come from yet. It works once, and not for long."""

    format: Literal["satchel-sign-in/1"] = "satchel-sign-in/1"
    cloud: Text
    issuer: Text
    subject: Text
    id_token: Annotated[str, msgspec.Meta(max_length=16 << 10)]
    nonce: Text
    until: datetime

    def __repr__(self) -> str:
        return f"<PendingSignIn at {self.issuer}>"


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A refresh token. Its repr hides it."""

    value: str = field(repr=False)


class AccountStore:
    """The account of one home."""

    def __init__(self, home: Path, keyring: SystemKeyring, entropy: Entropy = os.urandom) -> None:
        self._account = home / ACCOUNT_FILE
        self._pending = home / PENDING_FILE
        self._keyring = keyring
        self._entropy = entropy

    def read(self) -> Account | None:
        """Return the account, or None if the home has none or its record is damaged."""
        return _read(self._account, Account)

    def save(self, account: Account, refresh: str | None) -> str:
        """Replace the account and its refresh token. Return why the token was not kept; "" if it was, or there is none."""
        old, reason, entry = self.read(), "", None
        if refresh is not None:
            entry = self._entropy(ENTRY_BYTES).hex()
            try:
                self._keyring.store(_name(entry), refresh)
            except KeyringUnusableError as exc:
                entry, reason = None, str(exc)
        _write(self._account, msgspec.structs.replace(account, refresh_entry=entry))
        self._delete_refresh(old)
        return reason

    def rename_cloud(self, old: Origin, new: Origin) -> None:
        """Record the account as one for a cloud's new address, with the same refresh token."""
        account = self.read()
        if account is not None and account.cloud == str(old):
            _write(self._account, msgspec.structs.replace(account, cloud=str(new)))

    def refresh_token(self, account: Account) -> RefreshToken | None:
        """Return the refresh token of an account, or None if there is none or the keyring is unusable."""
        if account.refresh_entry is None:
            return None
        with suppress(KeyringUnusableError):
            found = self._keyring.find(_name(account.refresh_entry))
            return None if found is None else RefreshToken(found)
        return None

    def save_pending(self, pending: PendingSignIn) -> None:
        """Keep a sign-in for `satchel connect`. Raise RefusedError, keeping nothing, if others could read it."""
        _write(self._pending, pending)
        if not read_private(self._pending).is_private:
            remove_private(self._pending)
            raise RefusedError(
                f"others on this computer could read {str(self._pending)!r}",
                hint="connect at once instead: satchel connect URL",
            )

    def take_pending(self, cloud: Origin, now: datetime) -> PendingSignIn | None:
        """Return the sign-in that waits for a cloud, if it is still valid. It is deleted in any case."""
        found = _read(self._pending, PendingSignIn)
        remove_private(self._pending)
        if found is None:
            return None
        return found if found.cloud == str(cloud) and now < found.until else None

    def forget(self) -> Account | None:
        """Delete both files and the refresh token, and return the account that there was."""
        old = self.read()
        remove_private(self._pending)
        remove_private(self._account)
        self._delete_refresh(old)
        return old

    def _delete_refresh(self, account: Account | None) -> None:
        if account is not None and account.refresh_entry is not None:
            with suppress(KeyringUnusableError):
                self._keyring.delete(_name(account.refresh_entry))


def _name(entry: str) -> str:
    return f"refresh/{entry}"


def _write(path: Path, document: msgspec.Struct) -> None:
    write_private(path, msgspec.json.format(msgspec.json.encode(document)) + b"\n")


def _read(path: Path, kind: type[Record]) -> Record | None:
    """Return a record; None if it is missing or damaged. Raise SatchelError if its format is newer."""
    try:
        data = read_private(path).data
    except NotFoundError:
        return None
    refuse_newer(path, data, known=FORMATS, hint="update satchel, or delete the file and sign in again")
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
