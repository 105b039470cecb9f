"""How an operation tells the one who asked for it how far it is, without knowing who that is.

An operation takes a `Progress` and opens one phase after another. The command line draws a bar on a
terminal; everything else passes `SILENT`.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final, Literal, Protocol

Unit = Literal["bytes", "pieces"]
Advance = Callable[[int], None]


class Progress(Protocol):
    """Where an operation reports its phases."""

    def phase(
        self, label: str, total: int | None = None, *, unit: Unit = "bytes"
    ) -> AbstractContextManager[Advance]:
        """Open a phase of `total` units (None: unknown); the context value adds to what is done.

        Phases do not nest. Advancing is cheap, may happen from any thread, and never raises.
        """
        ...


class SilentProgress:
    """Says nothing."""

    @contextmanager
    def phase(self, label: str, total: int | None = None, *, unit: Unit = "bytes") -> Iterator[Advance]:
        """Open a phase that nobody watches."""
        del label, total, unit
        yield lambda _amount: None


SILENT: Final[Progress] = SilentProgress()
