"""The password of a share: typed on a terminal, or the first line of a file.

What `--card` publishes about a share is shown, word for word, before it leaves the device.

What the checks find in a Piece is shown before any of it leaves the device (`satchel.suggest.share_checks`).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from satchel.cli.terminal.units import format_count
from satchel.errors import NotFoundError, RefusedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from satchel.cli.app import App
    from satchel.suggest.share_checks import Finding
    from satchel_wire.messages import Card


# A cloud answers 100,000 guesses in a week (docs/spec/threat-model.md): what is shorter may be one of them.
SHORT: Final = 8
IN_A_FILE: Final = "put it in a file: --password-file"


def new_password(app: "App", file: Path | None) -> str:
    """Return a password to protect a share with, typed twice where it is typed; a short one is warned about."""
    chosen = read_password(file) if file is not None else _typed_twice(app)
    if len(chosen) < SHORT:
        app.out.warn(
            f"the password has {len(chosen)} characters: who has the link could guess it in days; three words would hold"
        )
    return chosen


def _typed_twice(app: "App") -> str:
    if not app.out.can_ask:
        raise UsageError("a password is needed, and there is no terminal to ask on", hint=IN_A_FILE)
    chosen = app.out.ask_secret("password for the share")
    if not chosen:
        raise UsageError("an empty password protects nothing", hint="try again; nothing was shared")
    if app.out.ask_secret("once more") != chosen:
        raise UsageError("the two passwords differ", hint="try again; nothing was shared")
    return chosen


def known_password(app: "App", file: Path | None, guess: int) -> str | None:
    """Return a password to open a share with: from the file, once; or typed, each time. None: no other to try."""
    if file is not None:
        return read_password(file) if guess == 1 else None
    if not app.out.can_ask:
        raise UsageError("the share has a password, and there is no terminal to ask on", hint=IN_A_FILE)
    if guess > 1:
        app.out.note("that password does not open it; no view was used")
    return app.out.ask_secret("password of the share")


def read_password(file: Path) -> str:
    """Return the first line of a file."""
    try:
        line = file.read_text("utf-8").partition("\n")[0].removesuffix("\r")
    except (OSError, UnicodeDecodeError) as exc:
        raise NotFoundError(f"the password file {str(file)!r} cannot be read") from exc
    if not line:
        raise UsageError(f"the password file {str(file)!r} begins with an empty line")
    return line


def clear_to_publish(app: "App", card: "Card") -> None:
    """Show the card. On a terminal go on only if the owner agrees; elsewhere `--card` is their word."""
    app.out.tell("published for link previews, readable by your cloud and by everybody who sees the link:")
    app.out.tell(f"  title     {card.title}")
    app.out.tell(f"  language  {card.language or '-'}")
    app.out.tell(f"  lines     {card.lines or '-'}")
    if app.out.can_ask and not app.out.confirm("publish this?"):
        raise RefusedError("not shared: its card was not to be published", hint="leave out --card")


def fields(card: "Card | None") -> dict[str, object] | None:
    """A card as it stands in a JSON document."""
    return None if card is None else {"title": card.title, "language": card.language, "lines": card.lines}


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
