"""The context of a command: the home, its store and keys, the cloud, and the output."""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from satchel.cli.environment import Globals, find_home
from satchel.cli.piece_names import find_piece
from satchel.cli.terminal.output import Output
from satchel.errors import SatchelError, UsageError
from satchel.progress import Advance
from satchel.text_files import PASSPHRASE_FILE, read_first_line

if TYPE_CHECKING:
    from satchel.backup import Context
    from satchel.cloud.client import CloudClient
    from satchel.cloud.destination import CloudDestination
    from satchel.cloud.provisioner import Provisioner
    from satchel.cloud.signed_client import DeviceToken
    from satchel.endpoints import Chat
    from satchel.endpoints.chat import Patience
    from satchel.index import Index
    from satchel.keys import OwnerKeys, Vault
    from satchel.keys.devicetoken import TokenStore
    from satchel.outgoing.address import Origin
    from satchel.outgoing.recording import Recorder
    from satchel.outgoing.tls import Trust
    from satchel.outgoing.transport import Proxies, Transport
    from satchel.signin.account import AccountStore
    from satchel.store import Piece, Store


class App:
    """One run of one command, whose name is for the ledger. Everything is opened, and imported, when it is first used.

    The imports cost over 20 ms each: SQLite for the store, cryptography for keys, urllib3 for the cloud.
    """

    def __init__(self, options: Globals, command: str = "satchel") -> None:
        self._host = options.host
        self.command = command if options.host is None else options.host.why
        self.environment = options.environment
        self.streams = options.streams
        self.out = Output(
            options.streams,
            as_json=options.json,
            quiet=options.quiet,
            color=options.environment.color,
            pager=None if options.no_pager else options.environment.pager,
            progress=None if options.host is None else options.host.progress(),
        )
        self.home = find_home(options)
        self._recorder: Recorder | None = None
        self.is_offline_by_option = options.offline or options.environment.offline

    def open_store(self, *, read_only: bool = False) -> "Store":
        """Open the store; the caller closes it. Raise NotFoundError if there is none."""
        from satchel.store import Store  # noqa: PLC0415

        return Store.open(self.home, read_only=read_only)

    def open_index(self, store: "Store") -> "Index":
        """Open the index of the store; the caller closes it. Updates may take long: see `indexing`."""
        from satchel.index import Index  # noqa: PLC0415

        return Index.open(self.home, store)

    def find_piece(self, store: "Store", text: str) -> "Piece":
        """Return the Piece that the owner names by id, place in the last list, or title (`piece_names`)."""
        return find_piece(store, self.home, text)

    def indexing(self) -> AbstractContextManager[Advance]:
        """Show the progress of an update of the index."""
        return self.out.progress().phase("indexing", unit="pieces")

    def vault(self) -> "Vault":
        """Return the vault of the owner's keys."""
        from satchel.keys import Vault  # noqa: PLC0415

        return Vault(self.home, use_keyring=self.environment.keyring)

    def owner(self) -> "OwnerKeys":
        """Return the owner's keys; ask for the passphrase if needed. Raise NotFoundError if there are none."""
        from satchel.keys import derive_owner_keys  # noqa: PLC0415

        return derive_owner_keys(self.vault().load(self.passphrase))

    def cloud(self, *, is_patient: bool = False, is_brief: bool = False) -> "CloudClient":
        """Return a client of the connected cloud. Raise RefusedError if no cloud is connected.

        For operations that take minutes, a patient client keeps retrying while the cloud restarts. Where the cloud
        is asked in passing, a brief one asks once and waits a few seconds.
        """
        from satchel.cloud.connection import connected_client  # noqa: PLC0415

        return connected_client(
            self.home,
            self.vault(),
            lambda origin, token: self.dial(origin, token, is_patient=is_patient, is_brief=is_brief),
        )

    def dial(
        self,
        origin: "Origin",
        token: "DeviceToken | None" = None,
        *,
        is_patient: bool = False,
        is_brief: bool = False,
        named_by: "Origin | None" = None,
    ) -> "CloudClient":
        """Return a client of any cloud, through the system's proxy if there is one. Send nothing yet.

        `named_by` is the provisioner that names the cloud, if the owner does not.
        """
        from satchel.cloud.connection import dial  # noqa: PLC0415
        from satchel.outgoing.retrying import BRIEF, INTERACTIVE, TRANSFER  # noqa: PLC0415

        policy = BRIEF if is_brief else TRANSFER if is_patient else INTERACTIVE
        proxies, trust = self._network()
        return dial(
            origin,
            token,
            proxies=proxies,
            recorder=self.recorder(),
            trust=trust,
            policy=policy,
            named_by=named_by,
        )

    def provisioner(self, origin: "Origin") -> "Provisioner":
        """Return a client of a provisioner, which keeps retrying for a while. Send nothing yet."""
        from satchel.cloud.connection import open_transport  # noqa: PLC0415
        from satchel.cloud.provisioner import Provisioner  # noqa: PLC0415
        from satchel.outgoing.retrying import TRANSFER  # noqa: PLC0415

        proxies, trust = self._network()
        transport = open_transport(proxies=proxies, recorder=self.recorder(), trust=trust, policy=TRANSFER)
        return Provisioner(origin, transport)

    def issuer_transport(self) -> "Transport":
        """Return a transport to the issuer of a cloud's accounts, with this device's proxies and trust."""
        from satchel.cloud.connection import open_transport  # noqa: PLC0415

        proxies, trust = self._network()
        return open_transport(proxies=proxies, recorder=self.recorder(), trust=trust)

    def recorder(self) -> "Recorder":
        """Return what records everything that this command sends, in the ledger of the home."""
        from satchel.ledger import LedgerRecorder  # noqa: PLC0415

        if self._recorder is None:
            self._recorder = LedgerRecorder(self.home, self.command, is_offline=self.is_offline())
        return self._recorder

    def is_offline(self) -> bool:
        """Return whether nothing may leave: by the option, the environment or the settings of the home."""
        from satchel.cli.settings_file import is_offline  # noqa: PLC0415  read only if something is about to leave

        return self.is_offline_by_option or is_offline(self.home)

    def may_ask_in_passing(self) -> bool:
        """Return whether a command that goes on without an answer may ask for one. Unreadable settings forbid it."""
        try:
            return not self.is_offline()
        except SatchelError:
            return False

    def endpoint_keys(self) -> "TokenStore":
        """Return where the key of the owner's endpoint is kept."""
        from satchel.endpoints import key_store  # noqa: PLC0415
        from satchel.keys.systemkeyring import SystemKeyring  # noqa: PLC0415

        return key_store(self.home, SystemKeyring(is_on=self.environment.keyring))

    def chat(self, patience: "Patience | None" = None) -> "Chat":
        """Return a chat with the owner's endpoint. Raise NotFoundError if there is none. Nothing is sent yet."""
        from satchel.endpoints import open_chat  # noqa: PLC0415
        from satchel.endpoints.chat import PATIENT  # noqa: PLC0415

        proxies, trust = self._network()
        return open_chat(
            self.home,
            self.endpoint_keys(),
            recorder=self.recorder(),
            proxies=proxies,
            trust=trust,
            patience=patience or PATIENT,
        )

    def _network(self) -> "tuple[Proxies, Trust]":
        """Return the system's proxies and the certificate authorities that the environment names."""
        from satchel.outgoing.tls import Trust  # noqa: PLC0415
        from satchel.outgoing.transport import Proxies  # noqa: PLC0415

        return Proxies.of_system(), Trust(self.environment.cert_file, self.environment.cert_directory)

    def accounts(self) -> "AccountStore":
        """Return the record of the account that this home signed in with."""
        from satchel.keys.systemkeyring import SystemKeyring  # noqa: PLC0415
        from satchel.signin.account import AccountStore  # noqa: PLC0415

        return AccountStore(self.home, SystemKeyring(is_on=self.environment.keyring))

    def backup_context(self) -> "Context":
        """Return the context of backup operations."""
        from satchel.backup import Context  # noqa: PLC0415

        return Context(self.home, self.owner(), progress=self.out.progress())

    def backup_destination(self, *, is_patient: bool = False) -> "CloudDestination":
        """Return the connected cloud as a destination of backups. Raise RefusedError if none is connected."""
        from satchel.cloud.destination import CloudDestination  # noqa: PLC0415

        return CloudDestination(self.cloud(is_patient=is_patient))

    def passphrase(self, prompt: str = "passphrase of the keys") -> str:
        """Return the passphrase from SATCHEL_PASSPHRASE_FILE, or ask for it on a terminal, or in the window."""
        if self.environment.passphrase_file is not None:
            return read_first_line(self.environment.passphrase_file, PASSPHRASE_FILE)
        if self._host is not None:
            return self._host.passphrase()
        if not self.out.can_ask:
            raise UsageError(
                "a passphrase is needed, but there is no terminal to ask on",
                hint="put it in a file that only you can read and set SATCHEL_PASSPHRASE_FILE to its path",
            )
        return self.out.ask_secret(prompt)

    def new_passphrase(self) -> str:
        """Return a new passphrase to protect the keys; on a terminal, ask for it twice."""
        chosen = self.passphrase("new passphrase")
        if self.environment.passphrase_file is None and self.passphrase("once more") != chosen:
            raise UsageError("the two passphrases differ", hint="try again; nothing was changed")
        return chosen
