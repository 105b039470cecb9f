"""Characters of code, and the typographic ones that engines read in their place."""

import unicodedata
from typing import Final

ALPHABET: Final = "".join(map(chr, range(33, 127)))
"""The characters that a cell of a line can be filled with: ASCII without the space."""

# What engines trained on prose, or on Chinese above all, answer for characters of code.
_FORMS: Final = {
    '"': "\u201c\u201d\u201e",
    "'": "\u2018\u2019\u2032",
    ",": "\u3001",
    ".": "\u3002\u00b7\u2026",
    "-": "\u2014\u2013\u2015\u2212",
    "[": "\u3010\u300c",
    "]": "\u3011\u300d",
    "<": "\u300a\u3008",
    ">": "\u300b\u3009",
    "*": "\u2217",
    "|": "\u2223",
    "~": "\u223c\u02dc",
    " ": "\u3000",
}
_NARROW: Final = {ord(form): plain for plain, forms in _FORMS.items() for form in forms}


def narrow(character: str) -> str:
    """Return the ASCII form of a full-width or typographic character."""
    if "\uff01" <= character <= "\uff5e":
        return unicodedata.normalize("NFKC", character)
    return character.translate(_NARROW)
