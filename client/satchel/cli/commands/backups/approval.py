"""What the owner is shown and asked before a restore replaces a store."""

from typing import Final

from satchel.backup.comparing import Group, Losses
from satchel.backup.restore.memory import MemoryLosses
from satchel.backup.restore.restore import Offer
from satchel.cli.app import App
from satchel.cli.terminal.text import format_count, format_moment, one_line
from satchel.errors import NotFoundError, SatchelError, UsageError

TITLE_CHARS: Final = 40


class AskingApproval:
    """Shows a backup and what its restore would lose, and asks on a terminal. Elsewhere it takes --yes."""

    def __init__(self, app: App, *, is_agreed: bool, with_memory: bool | None = None) -> None:
        """Approve with --yes (`is_agreed`), and take the memory or not; None asks on a terminal, and else does not."""
        self._app = app
        self._is_agreed = is_agreed
        self._with_memory = with_memory

    def begin(self, offer: Offer) -> None:
        """Show the backup. Ask if there is no store to replace, but nothing with which to tell its age.

        NotFoundError if the owner wants a memory that the backup does not have.
        """
        out = self._app.out
        if self._with_memory and offer.manifest.memory_facts is None:
            raise NotFoundError(
                f"backup {offer.manifest.archive[:8]} has no memory; nothing was replaced",
                hint="omit --with-memory, or choose another: satchel backups",
            )
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

    def takes_memory(self, offer: Offer) -> bool:
        """Decide by the option, or ask on a terminal. Elsewhere the memory is left out, and the owner told how to take it."""
        out, memory = self._app.out, offer.manifest.memory_facts
        if memory is None or self._with_memory is not None:
            return bool(self._with_memory)
        events = format_count(memory.events, "event")
        if out.can_ask and not self._is_agreed:
            return out.confirm(f"restore its memory of {events} too?")
        out.note(f"its memory of {events} is not restored; to restore it too: --with-memory")
        return False

    def replace_memory(self, offer: Offer, losses: MemoryLosses | None) -> None:
        """Show what the memory here would lose, and ask."""
        out = self._app.out
        say = out.notice if out.can_ask else out.note
        for line in _memory_lines(offer, losses):
            say(line)
        if self._is_agreed:
            return
        if not out.can_ask:
            raise UsageError(
                f"this would replace the memory in {str(offer.home)!r}, and there is no terminal to ask on",
                hint="add --yes to replace it (it is kept), or --without-memory",
            )
        self._ask("replace the memory?")

    def ready(self) -> None:
        """Go on: all was asked before."""

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


def _memory_lines(offer: Offer, losses: MemoryLosses | None) -> list[str]:
    if losses is None:
        return [f"the memory in {offer.home} cannot be read, so it cannot be compared; it will be kept"]
    lines = [f"it replaces the memory in {offer.home} with {format_count(losses.events, 'event')}"]
    if losses.newer:
        lines.append(f"newer here than in the backup: {format_count(losses.newer, 'event')}")
    return lines


def _group(group: Group) -> str:
    titles = [_title(change.title) or change.id for change in group.first]
    rest = ", …" if group.count > len(titles) else ""
    return f"{format_count(group.count, 'Piece')}: {', '.join(titles)}{rest}"


def _title(title: str) -> str:
    line = one_line(title)
    return line if len(line) <= TITLE_CHARS else line[: TITLE_CHARS - 1] + "…"
