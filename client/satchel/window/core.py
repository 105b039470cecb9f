"""What the operations call: the core of satchel, as the commands call it.

The command line implements `Core` (`satchel.cli.window_core`); one is made for each call of an operation, so that the
ledger names the operation that the owner clicked.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol

from satchel.errors import RefusedError, SatchelError
from satchel.progress import Progress

if TYPE_CHECKING:
    from satchel.backup import Context
    from satchel.cloud.client import CloudClient
    from satchel.cloud.destination import CloudDestination
    from satchel.index import Index
    from satchel.keys import OwnerKeys, Vault
    from satchel.signin.account import AccountStore
    from satchel.store import Store

Document = Mapping[str, Any]
"""What a command prints with --json."""
Notice = Callable[[str], None]
WHY: Final = "satchel open: "
"""Before the operation, in what the ledger names as the command."""


class LockedError(RefusedError):
    """The keys are under a passphrase that the owner has not typed in this window."""

    def __init__(self) -> None:
        super().__init__("the keys are under a passphrase", hint="type it in the window")


class Passphrase:
    """The passphrase of the keys, in memory, once the owner has typed it."""

    def __init__(self) -> None:
        self._text: str | None = None

    def set(self, text: str) -> None:
        """Keep a passphrase that opens the keys."""
        self._text = text

    def get(self) -> str:
        """Return it. Raise LockedError if it was not typed yet."""
        if self._text is None:
            raise LockedError
        return self._text

    @property
    def is_known(self) -> bool:
        """Whether the owner has typed it."""
        return self._text is not None


class SecretsFoundError(SatchelError):
    """A Piece that is about to be shared seems to hold secrets."""

    exit_code: ClassVar[int] = RefusedError.exit_code


class Core(Protocol):
    """Opens what an operation needs. Everything that it opens, its caller closes."""

    home: Path

    def open_store(self, *, read_only: bool = False) -> "Store":
        """Open the store."""

    def open_index(self, store: "Store") -> "Index":
        """Open the index of the store."""

    def vault(self) -> "Vault":
        """Return the vault of the keys."""

    def owner(self) -> "OwnerKeys":
        """Return the owner's keys. Raise LockedError if they need a passphrase."""

    def cloud(self, *, is_patient: bool = False, is_brief: bool = False) -> "CloudClient":
        """Return a client of the connected cloud."""

    def backup_context(self) -> "Context":
        """Return the context of backup operations."""

    def backup_destination(self, *, is_patient: bool = False) -> "CloudDestination":
        """Return the connected cloud as a destination of backups."""

    def accounts(self) -> "AccountStore":
        """Return the record of the account."""

    def is_offline(self) -> bool:
        """Return whether nothing may leave."""

    def variables(self) -> Mapping[str, str]:
        """Return the variables of the environment."""

    def run(self, *arguments: str) -> Document:
        """Run a command in this process, and return what it prints with --json. Raise what it raises."""

    def protection(self, *, ask_cloud: bool) -> Document:
        """Return the fields of `status --json`, and all findings as "findings"."""

    def progress(self) -> Progress:
        """Return where progress is shown."""


Cores = Callable[[str, Progress, Notice], Core]
"""Makes a core for one call of the named operation."""


def command(
    *words: str, options: Mapping[str, object] | None = None, values: Sequence[str] = ()
) -> tuple[str, ...]:
    """Return the arguments of a command. No value can be taken for an option.

    An option that is None or False is left out; one that is True has no value.
    """
    given = []
    for name, value in (options or {}).items():
        if value is True:
            given.append(f"--{name}")
        elif value is not None and value is not False:
            given.append(f"--{name}={value}")
    return (*words, *given, *(("--", *values) if values else ()))


NO_NOTICE: Final[Notice] = lambda _text: None  # noqa: E731  a constant, as SILENT
