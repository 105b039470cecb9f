"""What the owner sees and is asked before a restore replaces a store."""

from typing import Final

from satchel.backup.comparing import Group, Losses
from satchel.backup.restore.restore import Offer
from satchel.cli.app import App
from satchel.cli.terminal.text import format_count, format_moment, one_line
from satchel.errors import SatchelError, UsageError

TITLE_CHARS: Final = 40


class AskingApproval:
    """Shows a backup and what its restore would lose, and asks on a terminal. Elsewhere it takes --yes."""

    def __init__(self, app: App, *, is_agreed: bool) -> None:
        self._app = app
        self._is_agreed = is_agreed

    def begin(self, offer: Offer) -> None:
        """Show the backup. Ask if there is no store to replace, but nothing with which to tell its age."""
        out = self._app.out
        say = out.notice if out.can_ask else out.note
        say(describe(offer))
        if offer.finding is not None:
            out.warn(f"{offer.finding.message}")
        if offer.newer is not None:
            say(_newer_elsewhere(offer))
        if offer.replaces and not (self._is_agreed or out.can_ask):
            raise UsageError(
                f"this would replace the store in {str(offer.home)!r}, and there is no terminal to ask on",
                hint="add --yes to replace it (it is kept), or take what it lacks: satchel restore --merge",
            )
        if not offer.replaces and not offer.is_known and out.can_ask and not self._is_agreed:
            say(f"nothing here tells whether {offer.series.name} has a newer one: compare the time")
            self._ask("restore it?")

    def replace(self, offer: Offer, losses: Losses | None) -> None:
        """Show what would be lost, and ask."""
        out = self._app.out
        say = out.notice if out.can_ask else out.note
        for line in _lines(offer, losses):
            say(line)
        if not self._is_agreed:
            self._ask("replace the store?")

    def _ask(self, question: str) -> None:
        if not self._app.out.confirm(question):
            raise SatchelError("cancelled; nothing was replaced")


def describe(offer: Offer) -> str:
    """Return one line about a backup: its time, device and Pieces."""
    manifest = offer.manifest
    return (
        f"backup {manifest.archive[:8]} of {format_moment(manifest.created)} "
        f"by {manifest.device or 'another device'}: {format_count(manifest.pieces, 'Piece')}"
    )


def _newer_elsewhere(offer: Offer) -> str:
    entry = offer.newer
    if entry is None or entry.summary is None:
        return ""
    summary = entry.summary
    return (
        f"{summary.device or 'another device'} has a newer backup of this store: "
        f"{summary.archive[:8]} of {format_moment(summary.created)}; satchel sync merges it"
    )


def _lines(offer: Offer, losses: Losses | None) -> list[str]:
    if losses is None:
        return [f"the store in {offer.home} cannot be read, so it cannot be compared; it will be kept"]
    lines = [f"it replaces the store in {offer.home} with {format_count(losses.pieces, 'Piece')}"]
    if losses.missing.count:
        lines.append(f"not in the backup: {_group(losses.missing)}")
    if losses.newer.count:
        lines.append(f"newer here than in the backup: {_group(losses.newer)}")
    if not (losses.missing.count or losses.newer.count):
        lines.append("nothing here is missing from the backup")
    return lines


def _group(group: Group) -> str:
    titles = [_title(change.title) or change.id for change in group.first]
    rest = ", …" if group.count > len(titles) else ""
    return f"{format_count(group.count, 'Piece')}: {', '.join(titles)}{rest}"


def _title(title: str) -> str:
    line = one_line(title)
    return line if len(line) <= TITLE_CHARS else line[: TITLE_CHARS - 1] + "…"
