"""The options that say when something in the cloud ends."""

import datetime as dt
from typing import Any, Final

import click

from satchel.cli.options import NEVER
from satchel.errors import UsageError

MAX_VIEWS: Final = 1_000_000  # the wire's `Views`
UNLIMITED: Final = 0


class ViewsType(click.ParamType[int]):
    """A number of openings, or `unlimited` (UNLIMITED)."""

    name = "views"

    def convert(
        self,
        value: Any,  # noqa: ANN401  click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> int:
        """Read a number of openings."""
        text = str(value)
        if text == "unlimited":
            return UNLIMITED
        if not (text.isascii() and text.isdigit() and 0 < int(text) <= MAX_VIEWS):
            self.fail(f"{text!r} is not a number from 1 to {MAX_VIEWS}, nor unlimited", param, ctx)
        return int(text)


VIEWS: Final = ViewsType()


def end_after(duration: dt.timedelta, *, now: dt.datetime) -> dt.datetime | None:
    """Return the moment in which something ends, to the second; None: it does not. Past all calendars: UsageError."""
    if duration == NEVER:
        return None
    try:
        return (now + duration).replace(microsecond=0)
    except OverflowError as exc:
        raise UsageError("that moment is past the end of the calendar", hint="say never") from exc
