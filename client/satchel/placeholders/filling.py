"""Filling in values so that a shell takes each as the text that was typed, wherever the placeholder is.

A value becomes one word outside quotation marks, and stays inside them where they are. It is never expanded, split or
run. This holds for the shell that reads the command; a program that reads its arguments as code (`sh -c '<code>'`,
`eval`) gets the value as it was typed.
"""

import re
import shlex
from collections.abc import Mapping
from typing import Final

from satchel.errors import UsageError
from satchel.placeholders.contexts import Dialect, Frame, contexts_of
from satchel.placeholders.syntax import places_of

__all__ = ["Dialect", "fill", "refused_value"]

_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_ON_ONE_LINE: Final = frozenset({Frame.COMMENT, Frame.HERE, Frame.HERE_LITERAL})


def refused_value(value: str) -> str:
    """Return why a value cannot be filled in, or an empty text if it can."""
    return "it contains a control character" if _CONTROLS.search(value) else ""


def fill(command: str, values: Mapping[str, str], dialect: Dialect) -> str:
    """Return the command with a value for each placeholder, quoted where it stands.

    UsageError if a value is missing, has a control character, has a line end where none can stand, or stands in
    `${…}` and is more than one plain word.
    """
    places = list(places_of(command))
    parts: list[str] = []
    at = 0
    for place, frames in zip(places, contexts_of(command, places, dialect), strict=True):
        name = place.placeholder.name
        if name not in values:
            raise UsageError(f"the placeholder '{name}' has no value", hint=f"--set {name}=VALUE")
        value = values[name]
        reason = refused_value(value)
        if not reason and "\n" in value and frames[-1] in _ON_ONE_LINE:
            reason = "it has several lines, and stands in a comment or a here-document"
        if not reason and Frame.BRACE in frames and _needs_quotes(value):
            reason = "it stands in ${…}, where shells differ in what they take as text"
        if reason:
            raise UsageError(f"the value of '{name}' cannot be filled in: {reason}", hint="set another value")
        parts += [command[at : place.start], quoted(value, frames, dialect)]
        at = place.end
    return "".join([*parts, command[at:]])


def quoted(value: str, frames: tuple[Frame, ...], dialect: Dialect) -> str:
    """Return a value as it is written inside these frames, of which the last is the innermost."""
    text = _fish(value, frames[-1]) if dialect == "fish" else _posix(value, frames)
    for outer, inner in zip(reversed((Frame.CODE, *frames[:-1])), reversed(frames), strict=True):
        if inner is Frame.BACKTICK:  # the shell removes these backslashes before it reads the command inside
            text = _escaped(text, '\\`$"' if outer is Frame.DOUBLE else "\\`$")
    return text


def _posix(value: str, frames: tuple[Frame, ...]) -> str:
    match frames[-1]:
        case Frame.SINGLE:
            return value.replace("'", "'\\''")
        case Frame.ANSI:
            return _escaped(value, "\\'")
        case Frame.DOUBLE:
            # a backslash would not keep an interactive shell from expanding "!"
            return _escaped(value, '\\"$`').replace("!", "\"'!'\"")
        case Frame.HERE:
            return _escaped(value, "\\$`")
        case Frame.HERE_LITERAL | Frame.COMMENT:
            return value
        case _:
            return shlex.quote(value)


def _fish(value: str, frame: Frame) -> str:
    match frame:
        case Frame.SINGLE:
            return _escaped(value, "\\'")
        case Frame.DOUBLE:
            return _escaped(value, '\\"$')
        case Frame.COMMENT:
            return value
        case _:
            return f"'{_escaped(value, chr(92) + chr(39))}'" if value == "" or _needs_quotes(value) else value


def _needs_quotes(value: str) -> bool:
    return re.search(r"[^A-Za-z0-9_@%+=:,./-]", value) is not None


def _escaped(text: str, special: str) -> str:
    return "".join(f"\\{char}" if char in special else char for char in text)
