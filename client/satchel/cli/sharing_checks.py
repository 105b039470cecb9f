"""What the checks find in a Piece is shown before any of it leaves the device (`satchel.suggest.checks`)."""

from typing import TYPE_CHECKING

from satchel.cli.units import format_count
from satchel.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from satchel.cli.app import App
    from satchel.suggest.checks import Finding


def clear_to_share(app: "App", found: "Sequence[Finding]", *, anyway: bool) -> None:
    """Show what was found. Go on if that is nothing, or if it is wanted all the same; else RefusedError."""
    for finding in found:
        where = f"{finding.file}, line {finding.line}" if finding.file else f"line {finding.line}"
        app.out.warn(f"{where}: {finding.message} ({finding.rule})")
    if not found or anyway or (app.out.can_ask and app.out.confirm("share it anyway?")):
        return
    raise RefusedError(
        f"not shared: the checks found {format_count(len(found), 'thing')}",
        hint="edit the Piece, or add --anyway",
    )
