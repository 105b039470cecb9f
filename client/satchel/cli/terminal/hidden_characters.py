"""Characters that a terminal obeys or hides: controls, direction controls, and characters without a shape.

They let a text read differently from what it is ("Trojan Source", CVE-2021-42574), or carry text that nobody sees.
Joiners and variation selectors are part of some emoji and of some scripts; there they are kept. Sources: the
property Default_Ignorable_Code_Point (https://www.unicode.org/reports/tr44/), emoji sequences
(https://www.unicode.org/reports/tr51/), joiners in words (https://www.unicode.org/reports/tr31/#A1).
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Final

# C0 and C1 controls except newline and tab; line separators; direction controls; the byte order mark.
_CONTROL_CLASS: Final = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff"
_CONTROLS: Final = re.compile(f"[{_CONTROL_CLASS}]")
# Characters without a shape, in order: soft hyphen, grapheme joiner, Hangul fillers, Khmer vowels, Mongolian
# selectors, zero-width characters, invisible operators, variation selectors, annotations, shorthand and musical
# formats, tags and further variation selectors.
_SHAPELESS: Final = (
    r"\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u206f\u3164\ufe00-\ufe0f\uffa0"
    r"\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_EMOJI_CLASS: Final = (
    r"\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe\u2600-\u27bf\u2934\u2935"
    r"\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
# The flags of England, Scotland and Wales, which are spelled with tag characters.
_TAG_FLAG: Final = "\U0001f3f4\U000e0067\U000e0062(?:{})\U000e007f".format(
    "|".join("".join(chr(0xE0000 + ord(letter)) for letter in country) for country in ("eng", "sct", "wls"))
)
# Compiled when a text that is not ASCII needs them, which takes some milliseconds.
_HIDDEN: Final = f"{_TAG_FLAG}|[{_CONTROL_CLASS}{_SHAPELESS}]"
_EMOJI: Final = f"[{_EMOJI_CLASS}]"

_JOINER: Final = "\u200d"
_NON_JOINER: Final = "\u200c"
_EMOJI_STYLES: Final = frozenset("\ufe0e\ufe0f")
_KEYCAP: Final = "\u20e3"
_KEYS: Final = frozenset("0123456789#*")
_VIRAMA: Final = 9  # the combining class of signs that join the consonants of an Indic script
# Arabic, Syriac, N'Ko, Mandaic and Mongolian, whose letters join.
_CURSIVE: Final = r"[\u0600-\u07ff\u0840-\u08ff\u1800-\u18af\ufb50-\ufdff\ufe70-\ufefc]"
# Mathematical symbols, CJK, Myanmar and Phags-pa have standardized variants (StandardizedVariants.txt).
_WITH_VARIANTS: Final = (
    r"[\u1000-\u109f\u2190-\u23ff\u2900-\u2aff\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\ua840-\ua87f\uf900-\ufaff"
    r"\uff00-\uff60\U00020000-\U0003ffff]"
)
_IDEOGRAPH: Final = r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_MONGOLIAN: Final = r"[\u1820-\u18aa]"


def escape_controls(text: str) -> str:
    r"""Return text with control characters as escapes such as `\x1b`. Tabs and newlines are kept."""
    return _CONTROLS.sub(_escape, text)


def escape_hidden(text: str) -> str:
    r"""Return text in which every character shows: what a terminal would obey or hide becomes `\x200b`."""
    return _replace_hidden(text, _escape)


def escape_hidden_json(document: str) -> str:
    """Return an equivalent JSON document in which every character shows."""
    return _replace_hidden(document, _escape_json)


def _escape(match: re.Match[str]) -> str:
    return f"\\x{ord(match[0]):02x}"


def _escape_json(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _replace_hidden(text: str, escape: Callable[[re.Match[str]], str]) -> str:
    if text.isascii():
        return _CONTROLS.sub(escape, text)
    return re.sub(_HIDDEN, lambda match: match[0] if _belongs(match) else escape(match), text)


def _belongs(match: re.Match[str]) -> bool:
    """Whether the characters are part of an emoji or of a word where they are."""
    char, text = match[0], match.string
    if len(char) > 1:
        return True  # a flag
    before = text[match.start() - 1 : match.start()]
    after = text[match.end() : match.end() + 1]
    if char == _JOINER:
        return _joins_emoji(text, match.start(), after) or (_is_virama(before) and after.isalpha())
    if char == _NON_JOINER:
        joined = re.match(_CURSIVE, before) is not None and re.match(_CURSIVE, after) is not None
        return joined or (_is_virama(before) and after.isalpha())
    return _selects_variant(char, before, after)


def _joins_emoji(text: str, at: int, after: str) -> bool:
    """Whether the joiner at this position stands between two emoji, the first perhaps with a style."""
    before = text[at - 1 : at]
    if before in _EMOJI_STYLES:
        before = text[at - 2 : at - 1] if at > 1 else ""
    return re.match(_EMOJI, before) is not None and re.match(_EMOJI, after) is not None


def _is_virama(char: str) -> bool:
    return bool(char) and unicodedata.combining(char) == _VIRAMA


def _selects_variant(char: str, before: str, after: str) -> bool:
    """Whether a variation selector follows a character that has variants."""
    if char in _EMOJI_STYLES:
        is_key = before in _KEYS and after == _KEYCAP
        return is_key or re.match(_EMOJI, before) is not None or re.match(_WITH_VARIANTS, before) is not None
    if "\ufe00" <= char <= "\ufe0d":
        return re.match(_WITH_VARIANTS, before) is not None
    if "\U000e0100" <= char <= "\U000e01ef":
        return re.match(_IDEOGRAPH, before) is not None
    return char in "\u180b\u180c\u180d\u180f" and re.match(_MONGOLIAN, before) is not None
