"""What `satchel share` asks the owner: a password, and confirmation of a card and of findings.

Cards and findings are shown before any of the Piece leaves the device (`satchel.suggest.share_checks`).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from satchel.cli.app import App
from satchel.cli.terminal.text import format_count
from satchel.errors import RefusedError, UsageError
from satchel.text_files import PASSWORD_FILE, read_first_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from satchel.suggest.share_checks import Finding
    from satchel_wire.messages import Card

# A cloud answers 100,000 guesses a week (docs/spec/threat-model.md), enough to find a shorter password.
SHORT_PASSWORD: Final = 8
USE_A_FILE: Final = "put it in a file: --password-file"


def new_password(app: App, file: Path | None) -> str:
    """Return a password for a new share, from a file or typed twice. Warn about a short one."""
    chosen = read_first_line(file, PASSWORD_FILE) if file is not None else _ask_twice(app)
    if len(chosen) < SHORT_PASSWORD:
        app.out.warn(
            f"the password has {len(chosen)} characters: anyone with the link could guess it within days; "
            "use three words"
        )
    return chosen


def _ask_twice(app: App) -> str:
    if not app.out.can_ask:
        raise UsageError("a password is needed, but there is no terminal to ask on", hint=USE_A_FILE)
    chosen = app.out.ask_secret("password for the share")
    if not chosen:
        raise UsageError("the password is empty", hint="try again; nothing was shared")
    if app.out.ask_secret("once more") != chosen:
        raise UsageError("the two passwords differ", hint="try again; nothing was shared")
    return chosen


def share_password(app: App, file: Path | None, attempt: int) -> str | None:
    """Return the password of a share for this attempt, or None if there is no other to try.

    A file provides one attempt; on a terminal, every attempt asks again.
    """
    if file is not None:
        return read_first_line(file, PASSWORD_FILE) if attempt == 1 else None
    if not app.out.can_ask:
        raise UsageError("the share has a password, but there is no terminal to ask on", hint=USE_A_FILE)
    if attempt > 1:
        app.out.note("wrong password; no view was used")
    return app.out.ask_secret("password of the share")


def require_consent(app: App, *, yes: bool) -> None:
    """Raise UsageError if a card could be published without anybody having agreed to it."""
    if not (yes or app.out.can_ask):
        raise UsageError(
            "a card is public, and there is no terminal to ask on",
            hint="add --yes to publish it without asking",
        )


def confirm_card(app: App, card: "Card", *, yes: bool) -> None:
    """Show a card, and ask before publishing it unless `yes` is given."""
    require_consent(app, yes=yes)
    app.out.notice("published for link previews, readable by your cloud and by anyone who sees the link:")
    app.out.notice(f"  title     {card.title}")
    app.out.notice(f"  language  {card.language or '-'}")
    app.out.notice(f"  lines     {card.lines or '-'}")
    if not yes and not app.out.confirm("publish this?"):
        raise RefusedError("not shared: you declined to publish the card", hint="omit --card")


def card_fields(card: "Card | None") -> dict[str, object] | None:
    """Return a card for JSON."""
    return None if card is None else {"title": card.title, "language": card.language, "lines": card.lines}


def confirm_share(app: App, findings: "Sequence[Finding]", *, allowed: bool) -> None:
    """Show findings and ask whether to share anyway. Raise RefusedError if the owner does not agree."""
    for finding in findings:
        app.out.warn(f"{finding.place}: {finding.message} ({finding.rule})")
    if not findings or allowed or (app.out.can_ask and app.out.confirm("share it anyway?")):
        return
    raise RefusedError(
        f"not shared: it seems to hold {format_count(len(findings), 'secret')}",
        hint="edit the Piece, add --allow-secrets, or allow the value: satchel secrets --allow ID:LINE",
    )
