"""A title with a description, and the rules that both keep."""

import re
from dataclasses import dataclass
from typing import Final

TITLE_CHARS: Final = 80
DESCRIPTION_CHARS: Final = 300


@dataclass(frozen=True, slots=True)
class Outline:
    """What a content is about. `description` may be empty; `confidence` is that of the title, from 0 to 1."""

    title: str
    description: str
    confidence: float
    reason: str


_SPACES: Final = re.compile(r"\s+")
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufffd]")
# The end of a sentence: not after an abbreviation, nor inside "file.py".
_SENTENCE: Final = re.compile(r"(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)(?<!\betc)[.!?](?=\s|$)")


def one_line(text: str) -> str:
    """Return a text as one line without control characters."""
    return _CONTROLS.sub("", _SPACES.sub(" ", text[:4_096])).strip()


def titled(text: str) -> str:
    """Return a text as a title: one line, a capital first, no trailing period, at most `TITLE_CHARS`."""
    line = one_line(text).rstrip(" .,:;-–—")
    if line[:1].islower() and not any(char.isupper() for char in line.split(" ", 1)[0]):
        line = line[:1].upper() + line[1:]
    if len(line) <= TITLE_CHARS:
        return line
    cut = line[: TITLE_CHARS - 1]
    at = cut.rfind(" ")
    return (cut[:at] if at > TITLE_CHARS // 2 else cut).rstrip(" .,:;-–—(") + "…"


def first_sentence(text: str) -> str:
    """Return the first sentence of a text, with its period if it has one."""
    line = one_line(text)
    match = _SENTENCE.search(line)
    return line[: match.end()] if match else line


def described(*sentences: str) -> str:
    """Join sentences into a description of at most `DESCRIPTION_CHARS`; those that do not fit are left out."""
    text = ""
    for sentence in sentences:
        line = one_line(sentence)
        if not line:
            continue
        if line[-1] not in ".!?…:":
            line += "."
        if not text and len(line) > DESCRIPTION_CHARS:
            return line[: DESCRIPTION_CHARS - 1].rsplit(" ", 1)[0] + "…"
        if len(text) + len(line) + 1 <= DESCRIPTION_CHARS:
            text += (" " if text else "") + line
    return text


def how_many(count: int, noun: str) -> str:
    """Return "1 line", "2 lines"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def listed(words: list[str] | tuple[str, ...], most: int = 3) -> str:
    """Join words: "a, b and c"; more than `most` end with "and 4 more"."""
    distinct = list(dict.fromkeys(words))
    shown = distinct[:most]
    if len(distinct) > most:
        return f"{', '.join(shown)} and {len(distinct) - most} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else ""
