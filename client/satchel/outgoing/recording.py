"""What is recorded of an exchange: before its first byte leaves the device, and after it ended.

`satchel.ledger` keeps the records. A transport has a recorder, and sends nothing that is not recorded.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol, get_args

from satchel.errors import SatchelError

Kind = Literal[
    "message",
    "backup-part",
    "share-body",
    "answer",
    "download",
    "sign-in",
    "prompt",
    "telemetry",
    "crash-report",
]
"""What leaves: a message to a cloud or a provisioner, a sealed part of a backup or a share, a sealed answer, a request for sealed bytes, a sign-in, a prompt to
a language model, a telemetry document, or a crash report."""
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
KEPT: Final[frozenset[Kind]] = frozenset({"prompt", "telemetry", "crash-report"})
"""The kinds of which the ledger keeps the exact body."""
STOPPED: Final = "the answer was not read to its end"


@dataclass(frozen=True, slots=True)
class Departure:
    """A request that is about to leave for an origin.

    `through` is the address of the proxy that is dialled, without credentials; empty for none. `pieces` are the ids of
    the Pieces in the body, and `events` those of the memory's events.
    """

    origin: str
    through: str
    kind: Kind
    method: str
    body: bytes = field(repr=False)
    pieces: tuple[str, ...] = ()
    events: tuple[int, ...] = ()

    @property
    def keeps_text(self) -> bool:
        """Whether the body is kept as the text of the entry, until it is forgotten."""
        return self.kind in KEPT


@dataclass(frozen=True, slots=True)
class Dialed:
    """A connection that was tried: the numeric address and port, and our own port; 0 if nothing answered."""

    address: str
    port: int
    own_port: int = 0


@dataclass(slots=True)
class Exchange:
    """One request on its way: the number of its entry, and what happened so far.

    `connection` names the connection that carried it, by the entry that dialled it and its place among the connections
    of that entry: "12.1". A connection may carry later requests too.
    """

    number: int
    dialed: list[Dialed] = field(default_factory=list)
    connection: str = ""
    status: int = 0
    received_bytes: int = 0
    failure: str = ""


class Recorder(Protocol):
    """Keeps a record of what leaves the device, and knows if nothing may. Safe to use from several threads."""

    @property
    def is_offline(self) -> bool:
        """Whether the owner forbids that anything leaves."""
        ...

    def begin(self, departure: Departure) -> int:
        """Record, durably, that a request will leave, and return the number of its entry.

        Raise SatchelError if it cannot be recorded; then nothing may be sent.
        """
        ...

    def end(self, exchange: Exchange) -> None:
        """Record how an exchange ended. Raise nothing: the entry exists, and its end stays unknown."""
        ...


@contextmanager
def recorded(recorder: Recorder, departure: Departure) -> Iterator[Exchange]:
    """Record a request before the block that sends it, and its outcome after."""
    exchange = Exchange(recorder.begin(departure))
    try:
        yield exchange
    except SatchelError as exc:
        exchange.failure = exc.message
        raise
    except GeneratorExit:
        exchange.failure = STOPPED
        raise
    except BaseException as exc:
        exchange.failure = type(exc).__name__
        raise
    finally:
        recorder.end(exchange)
