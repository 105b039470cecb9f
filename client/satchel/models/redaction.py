"""Cutting secrets out of what a title or a description quotes from its Piece: both are shown in lists.

    without_secrets("Log in with ghp_…, 36 more characters", text)  # "Log in with …"

The scanner of secrets is imported only for a value that could hold one.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from satchel.models.secrets import Secret

EXAMINED_CHARS: Final = 32_768
LEAST_CHARS: Final = 4
"""Of the letters and digits of a secret: a shorter one would cut out parts of words."""
LEAST_SHOWN_CHARS: Final = 6
"""Of a secret that a value ends in, because it was cut there."""
CUT: Final = "…"

# What a value must have to be worth a scan: a word with digits, a long word, a telling name, or many plain words.
_SUSPICIOUS: Final = re.compile(
    r"(?=\S{0,60}[0-9])\S{6}|[A-Za-z0-9+/_=-]{18}|pass|pwd|secret|token|key|credential|bearer|auth|login|://|"
    r"(?:\b[a-z]{3,8}\b[ ,]{1,3}){11}",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"\b(?!(?:of|for|from|to|the|and)\b)[^\W\d_]{2,}", re.IGNORECASE)
_LEAST_WORDS: Final = 2


def without_secrets(value: str, text: str) -> str:
    """Return a value of one line without the secrets of the text it is taken from; empty if it says nothing then."""
    if not _SUSPICIOUS.search(value):
        return value
    spans = [span for secret in secrets_of(value, text) for span in _places(value, secret)]
    if not spans:
        return value
    shown, done = "", 0
    for start, end in sorted(spans):
        if start >= done:
            shown += value[done:start] + CUT
        done = max(done, end)
    kept = re.sub(r"…{2,}", CUT, shown + value[done:]).strip()
    return kept if len(_WORD.findall(kept)) >= _LEAST_WORDS else ""


def secrets_of(value: str, text: str) -> "list[Secret]":
    """Return the secrets of a text and of a value taken from it."""
    from satchel.models.secrets import scan_text  # noqa: PLC0415  the table of formats costs some milliseconds

    return [*_secrets_of_text(text[:EXAMINED_CHARS]), *scan_text(value)]


@lru_cache(maxsize=2)
def _secrets_of_text(text: str) -> "tuple[Secret, ...]":
    from satchel.models.secrets import scan_text  # noqa: PLC0415

    return tuple(scan_text(text))


def _places(value: str, secret: "Secret") -> Iterator[tuple[int, int]]:
    """Yield where a value shows a secret, written in any case, with any signs between its letters, or cut at the end."""
    positions = [at for at, char in enumerate(value) if char.isalnum()]
    ours = "".join(value[at] for at in positions).lower()
    theirs = "".join(char for char in secret.value if char.isalnum()).lower()
    if len(theirs) < LEAST_CHARS or len(ours) != len(positions):
        return
    at = ours.find(theirs)
    while at >= 0:
        yield positions[at], positions[at + len(theirs) - 1] + 1
        at = ours.find(theirs, at + len(theirs))
    for size in range(min(len(theirs), len(ours)), LEAST_SHOWN_CHARS - 1, -1):
        if value.endswith(CUT) and ours.endswith(theirs[:size]):
            yield positions[-size], len(value)
            return
