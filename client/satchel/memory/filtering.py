"""Texts without secrets: what an event may hold.

    filtered("curl -u ann:hunter2 https://example.org")       # "curl -u ann:[secret] https://example.org"

Everything that a source takes in passes here before it is written anywhere. What looks like a secret is replaced, by
the model that checks Pieces and, in commands, by rules of command lines (`satchel.memory.command_secrets`): a
replaced word that was none costs less than a secret on the disk.
"""

import re
from collections.abc import Iterable
from typing import Final

from satchel.memory.command_secrets import spans_of_command

MARK: Final = "[secret]"
MAX_CHARS: Final = 16_000
"""Of the text of an event; the rest is cut off."""
# A run that could be a token, a name or mark beside a password, joints of a split token, the words of a phrase.
_WORTH_A_LOOK: Final = re.compile(
    r"[\w+/=~.%-]{16,}|://|pass|pwd|secret|token|key|auth|cred|basic|login|bearer|:\*:|:5432:|[\r\n\0\\]|[\"'`] ?[+.]|(?:[A-Za-z]+\W+){11}",
    re.IGNORECASE,
)
_WORD_CHARS: Final = 4_000  # a word at the cut that is longer, such as a key, is dropped by this much


def filtered(text: str, *, is_command: bool = False) -> str:
    """Return a text with `[secret]` in place of every secret, in at most MAX_CHARS.

    Characters that are not seen, and letters that only look Latin, are replaced where a secret could hide in them.
    """
    text = cut(text)
    if may_hold_secret(text):
        from satchel.models.secrets import find_spans  # noqa: PLC0415  costs as much as starting Python
        from satchel.models.secrets.texts import plain  # noqa: PLC0415

        shown = plain(text)
        found = find_spans(shown)
        text = _replace(shown, found) if found else text
    if is_command:
        text = _replace(text, spans_of_command(text))
    return text


def may_hold_secret(text: str) -> bool:
    """Whether the model has to look: it never finds anything in a short line of plain words."""
    return not text.isascii() or _WORTH_A_LOOK.search(text) is not None


def cut(text: str, most: int = MAX_CHARS) -> str:
    """Return a text in at most so many characters, without a word that the cut would divide: it may be half a secret."""
    if len(text) <= most:
        return text
    kept = text[:most]
    if not text[most].isspace():
        whole = kept[: len(kept) - len(kept.split()[-1])] if kept.split() and not kept[-1].isspace() else kept
        kept = whole if len(kept) - len(whole) <= _WORD_CHARS else kept[:-_WORD_CHARS]
    return kept.rstrip()


def _replace(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return a text with the mark in place of spans, which may overlap."""
    pieces: list[str] = []
    at = 0
    for start, end in sorted(spans):
        if start >= at:
            pieces += (text[at:start], MARK)
        at = max(at, end)
    return "".join((*pieces, text[at:]))
