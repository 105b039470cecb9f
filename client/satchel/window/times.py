"""Times that the page names: RFC 3339, read strictly."""

import datetime as dt

from satchel.errors import UsageError


def milliseconds(name: str, text: str) -> int:
    """Return a time in milliseconds since 1970. UsageError if the text of the field `name` is no time."""
    try:
        at = dt.datetime.fromisoformat(text)
        return round((at if at.tzinfo else at.replace(tzinfo=dt.UTC)).timestamp() * 1000)
    except (ValueError, OverflowError) as exc:
        raise UsageError(
            f"the time of {name!r} is not valid", hint="RFC 3339, as 2026-01-31T09:00:00Z"
        ) from exc
