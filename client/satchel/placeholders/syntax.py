r"""The syntax of placeholders: `<name>`, `<name=default>` and `<name:a|b|c>`.

A name begins with a letter or an underscore, followed by letters, digits, `_` and `-`. Defaults and choices hold any
character except `<`, `>` and line ends. What a shell writes in a similar way is left alone: `<<EOF`, `<(ls)`,
`< file`, `\\<` and `<in>>out`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

MAX_NAME_CHARS: Final = 64

_PLACEHOLDER: Final = re.compile(
    r"""(?<![<\\])<
    (?P<name>[A-Za-z_][A-Za-z0-9_-]{0,63})
    (?: =(?P<default>[^<>\r\n]*) | :(?P<choices>[^<>\r\n|]*(?:\|[^<>\r\n|]*)+) )?
    >(?!>)""",
    re.VERBOSE,
)
_NOT_IN_NAME: Final = re.compile(r"[^A-Za-z0-9_-]+")
_NOT_INSIDE: Final = re.compile(r"[<>\r\n]+")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """What to ask for. `default` None means that there is none; with `choices`, the value is one of them."""

    name: str
    default: str | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a placeholder stands in a text: from `start` up to `end`."""

    start: int
    end: int
    placeholder: Placeholder


def places_of(text: str) -> Iterator[Place]:
    """Yield every placeholder of a text in order, also repeated ones."""
    for match in _PLACEHOLDER.finditer(text):
        choices = tuple(dict.fromkeys(match["choices"].split("|"))) if match["choices"] is not None else ()
        yield Place(*match.span(), Placeholder(match["name"], match["default"], choices))


def placeholders_of(text: str) -> tuple[Placeholder, ...]:
    """Return each placeholder of a text once, in order, with the first default and the first choices of its name."""
    found: dict[str, Placeholder] = {}
    for place in places_of(text):
        one = place.placeholder
        known = found.setdefault(one.name, one)
        found[one.name] = replace(
            known,
            default=one.default if known.default is None else known.default,
            choices=known.choices or one.choices,
        )
    return tuple(found.values())


def written(name: str, *, default: str | None = None, choices: tuple[str, ...] = ()) -> str:
    """Return a placeholder as text, with whatever its syntax cannot hold left out. Used by importers."""
    letters = _NOT_IN_NAME.sub("_", name.strip()).strip("_-")[:MAX_NAME_CHARS] or "value"
    safe = letters if letters[0].isalpha() else f"_{letters}"[:MAX_NAME_CHARS]
    options = [_NOT_INSIDE.sub(" ", each).replace("|", " ").strip() for each in choices]
    if len(set(options)) > 1:
        return f"<{safe}:{'|'.join(options)}>"
    if default is None:
        return f"<{safe}>"
    return f"<{safe}={_NOT_INSIDE.sub(' ', default)}>"
