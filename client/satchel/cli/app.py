"""What a command works on: the home, the store and the keys in it, and the output."""

from pathlib import Path
from typing import TYPE_CHECKING

from satchel.cli.options import Globals, find_home
from satchel.cli.terminal.output import Output
from satchel.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from satchel.cloud.client import CloudClient, DeviceToken
    from satchel.index import Index
    from satchel.keys import OwnerKeys, Vault
    from satchel.outgoing.address import Origin
    from satchel.progress import Advance
    from satchel.store import Store


class App:
    """One run of one command: everything it may use, opened when it is first asked for."""

    def __init__(self, given: Globals) -> None:
        self.environment = given.environment
        self.streams = given.streams
        self.out = Output(given.streams, as_json=given.json, quiet=given.quiet, color=given.environment.color)
        self.home = find_home(given)

    def open_store(self, *, read_only: bool = False) -> "Store":
        """Open the store of the home; the caller closes it. None there: NotFoundError."""
        from satchel.store import Store  # noqa: PLC0415  costs SQLite

        return Store.open(self.home, read_only=read_only)

    def open_index(self, store: "Store") -> "Index":
        """Open the index of the store; the caller closes it. Updating it may take a while: see `indexing`."""
        from satchel.index import Index  # noqa: PLC0415  costs SQLite

        return Index.open(self.home, store)

    def indexing(self) -> "AbstractContextManager[Advance]":
        """Show the progress of an update of the index."""
        return self.out.progress().phase("indexing", unit="pieces")

    def vault(self) -> "Vault":
        """Return the place of the owner's keys."""
        from satchel.keys import Vault  # noqa: PLC0415  costs cryptography

        return Vault(self.home, use_keyring=self.environment.keyring)

    def owner(self) -> "OwnerKeys":
        """Return the owner's keys, asking for the passphrase if they are under one. None: NotFoundError."""
        from satchel.keys import derive_owner_keys  # noqa: PLC0415  costs cryptography

        return derive_owner_keys(self.vault().load(self.passphrase))

    def cloud(self, *, is_patient: bool = False) -> "CloudClient":
        """Return a client of the cloud that this device is connected to. Not connected: RefusedError.

        A patient client outlives a cloud that restarts: for work of minutes.
        """
        from satchel.cloud.connection import connected_client  # noqa: PLC0415  costs urllib3

        return connected_client(
            self.home, self.vault(), lambda origin, token: self.dial(origin, token, is_patient=is_patient)
        )

    def dial(
        self, origin: "Origin", token: "DeviceToken | None" = None, *, is_patient: bool = False
    ) -> "CloudClient":
        """Return a client of any cloud, through the system's proxy if there is one. Nothing is sent yet."""
        from satchel.cloud.connection import dial  # noqa: PLC0415  costs urllib3
        from satchel.outgoing.retrying import INTERACTIVE, TRANSFER  # noqa: PLC0415
        from satchel.outgoing.transport import Proxies  # noqa: PLC0415

        policy = TRANSFER if is_patient else INTERACTIVE
        return dial(origin, token, proxies=Proxies.of_system(), policy=policy)

    def passphrase(self, prompt: str = "passphrase of the keys") -> str:
        """Return the passphrase: from SATCHEL_PASSPHRASE_FILE, else asked for on a terminal."""
        if self.environment.passphrase_file is not None:
            return _first_line(self.environment.passphrase_file)
        if not self.out.can_ask:
            raise UsageError(
                "a passphrase is needed, and there is no terminal to ask on",
                hint="put it in a file of yours alone and set SATCHEL_PASSPHRASE_FILE to its path",
            )
        return self.out.ask_secret(prompt)

    def new_passphrase(self) -> str:
        """Return a passphrase to protect the keys with from now on, typed twice where it is typed."""
        chosen = self.passphrase("new passphrase")
        if self.environment.passphrase_file is None and self.passphrase("once more") != chosen:
            raise UsageError("the two passphrases differ", hint="try again; nothing was changed")
        return chosen


def _first_line(path: Path) -> str:
    try:
        line = path.read_text("utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as exc:
        raise NotFoundError(
            f"the passphrase file {str(path)!r} cannot be read", hint="check SATCHEL_PASSPHRASE_FILE"
        ) from exc
    if not line:
        raise UsageError(f"the passphrase file {str(path)!r} is empty")
    return line
