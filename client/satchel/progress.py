"""Progress reporting, independent of how it is displayed.

An operation takes a `Progress` and opens one phase after another. The command line draws a bar on a
terminal; all other callers pass `SILENT`.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final, Literal, Protocol

Unit = Literal["bytes", "pieces"]
Advance = Callable[[int], None]


class Progress(Protocol):
    """Receives the phases of an operation."""

    def phase(
        self, label: str, total: int | None = None, *, unit: Unit = "bytes"
    ) -> AbstractContextManager[Advance]:
        """Open a phase of `total` units (None if unknown); call the context value to add completed units.

        Phases do not nest. Advancing is cheap, may happen on any thread, and never raises.
        """
        ...


class SilentProgress:
    """Displays nothing."""

    @contextmanager
    def phase(self, label: str, total: int | None = None, *, unit: Unit = "bytes") -> Iterator[Advance]:
        """Open a phase."""
        del label, total, unit
        yield lambda _amount: None


SILENT: Final[Progress] = SilentProgress()
