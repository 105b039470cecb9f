"""A notification on the owner's desktop, if there is one."""

import html
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from satchel.errors import SatchelError
from satchel.schedule.jobs import call

_SCRIPT: Final = (
    "on run arguments",
    "display notification (item 2 of arguments) with title (item 1 of arguments)",
    "end run",
)


def notify(title: str, text: str, environment: Mapping[str, str], *, platform: str = sys.platform) -> bool:
    """Show a notification; return False where that is not possible. The failure itself is recorded elsewhere."""
    with suppress(SatchelError):
        call(*command_of(title, text, platform), environment=environment)
        return True
    return False


def command_of(title: str, text: str, platform: str) -> list[str]:
    """Return the command that shows a notification. The texts are arguments, never part of a script."""
    if platform == "darwin":
        return ["osascript", *(word for line in _SCRIPT for word in ("-e", line)), title, text]
    return ["notify-send", "--app-name=satchel", "--", title, html.escape(text, quote=False)]
