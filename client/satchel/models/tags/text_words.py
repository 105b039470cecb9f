"""The words of a text that may indicate a tag: names whole and in parts, and pairs of adjacent words."""

import re
from itertools import pairwise
from typing import Final

_TOKEN: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[.+#_/-]+[A-Za-z0-9]+)*(?:\+\+|#)?|[0-9]{3}")
_CASED: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")
_SPLIT: Final = re.compile(r"[._/-]+")
# Badges, images, links, and tags of HTML: not what a text is about.
_NOISE: Final = re.compile(
    r"\[?!\[[^\]\n]{0,200}\](?:\([^)\n]{0,300}\)|\[[^\]\n]{0,100}\])(?:\](?:\([^)\n]{0,300}\)|\[[^\]\n]{0,100}\]))?|^\[[^\]\n]{1,100}\]:[^\n]{0,400}$|"
    r"https?://[^\s)>\"']{1,300}|</?[a-z][^>\n]{0,300}>|^[ \t]{0,8}\.\. (?:image|_)[^\n]{0,300}$|"
    r"^[ \t]{0,8}[$>]?[ \t]{0,4}(?:npm|yarn|pnpm|pip|pip3|bower) (?:install|i|add)[^\n]{0,200}$",
    re.MULTILINE,
)


_LICENCE: Final = re.compile(
    r"^(?:#{1,6}[ ]{0,4}|\*\*)?(?:the |mit )?licen[sc]e\b[^\n]{0,40}\n(?:(?!#)[^\n]{0,2000}\n?){0,60}",
    re.IGNORECASE | re.MULTILINE,
)


def without_noise(text: str) -> str:
    """Return a text without badges, images, addresses, HTML, commands that install it, and its licence."""
    return _NOISE.sub(" ", _LICENCE.sub("", text)).lstrip()


def words_in(text: str) -> list[str]:
    """Return the words of a text in lower case: names whole and in parts, and pairs of adjacent words."""
    found: list[str] = []
    before = ""
    for match in _TOKEN.finditer(text):
        token = match[0]
        lower = token.lower().strip("._/-")
        found.append(lower)
        parts = [part for piece in _SPLIT.split(token) for part in _CASED.findall(piece)]
        if len(parts) > 1:
            lowered = [part.lower() for part in parts]
            found += lowered
            found += ["-".join(pair) for pair in pairwise(lowered)]
        if before and len(before) > 1:
            found.append(f"{before}-{lower}")
        before = lower
        if text[match.end() : match.end() + 1] in ".,;:)\n":
            before = ""
    return found
