"""Texts of the ledger that quote what was removed or forgotten: the prompts that were sent."""

from collections.abc import Iterable

from satchel.cli.app import App
from satchel.errors import NotFoundError, SatchelError


def forget_quotes(app: App, *, pieces: Iterable[str] = (), events: Iterable[int] = ()) -> None:
    """Erase the texts of the ledger that quote one of these Pieces or events of the memory. Warn if that fails."""
    from satchel.ledger import Ledger  # noqa: PLC0415  few homes have one
    from satchel.ledger.recorder import now_ms  # noqa: PLC0415

    try:
        with Ledger.open(app.home) as ledger:
            ledger.forget_pieces(pieces, at=now_ms(), why=app.command)
            ledger.forget_events(events, at=now_ms(), why=app.command)
    except NotFoundError:
        return
    except SatchelError as exc:
        app.out.warn(f"texts of the ledger that quote it were not erased: {exc.message}")
