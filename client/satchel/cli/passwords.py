"""The password of a share: typed on a terminal, or the first line of a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from satchel.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from satchel.cli.app import App

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
