"""Paths of this device that the owner types in the window."""

from pathlib import Path

from satchel.errors import UsageError


def own_path(text: str | None) -> Path | None:
    """Return a typed path as a whole one. UsageError if it is relative: the window has no current directory."""
    if text is None:
        return None
    try:
        path = Path(text).expanduser()
    except RuntimeError as exc:
        raise UsageError(f"{text[:100]!r} does not lead to a place", hint="type the whole path") from exc
    if not path.is_absolute():
        raise UsageError(f"{text[:100]!r} is not a whole path", hint="begin it with / or ~")
    return path
