"""Splitting text into words, in the same way for the index and for queries.

- Identifiers are split: `parseHttpHeader`, `parse_http_header` and "http header" share their parts. The joined
  name, in lower case, is indexed as well, so "javascript" finds JavaScript.
- Case, accents and plural endings are removed ("header" finds `headers`). The plural is indexed as well, for
  `headers*`.
- Scripts without spaces between words (Chinese, Japanese, Thai, …) and Korean become pairs of characters.

Splitting is most of the work of indexing. Names repeat, so each is split once and cached. ASCII text, which is
nearly all code, is cut into names by two calls that run in C.
"""

import re
import unicodedata
from typing import Final

MAX_WORD_CHARS: Final = 64  # longer words (base64, minified code) are cut
CACHED_NAMES: Final = 60_000  # in each of two generations: about 25 MB

_NOT_IN_NAMES: Final = (
    bytes(code if chr(code).isalnum() or code == ord("_") else ord(" ") for code in range(128)) + b" " * 128
)
# Acronym in the plural (URLs), acronym (HTTP of HTTPServer), word, number.
_PARTS: Final = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_HEXADECIMAL: Final = re.compile(r"(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{8,}", re.IGNORECASE)
# Letters, digits, underscores, and the marks that combine with letters of scripts that need them.
_UNICODE_NAME: Final = re.compile(
    r"[\w\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f"
    r"\u0900-\u0963\u0966-\u096f\u0971-\u0df3\u0e31-\u0eff\u1000-\u109f\u1780-\u17ff]+"
)
# Accents, and the vowel signs that Hebrew and Arabic are mostly written without.
_ACCENTS: Final = re.compile(r"[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f]")
# Scripts without spaces between words, and Korean, whose words have endings.
_UNSPACED: Final = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+"
)
# After D. Harman, "How effective is suffixing?" (1991). Only plural endings are removed: a stemmer such as
# Porter's would equate "import" and "important", which is wrong for code.
_HISSING_PLURALS: Final = ("sses", "xes", "shes", "tches", "rches", "nches", "zzes")
_NO_PLURALS: Final = ("ss", "us", "is")

# Words of English that tell nothing about a Piece, as they are indexed. Only a search for any word skips them.
COMMON: Final = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "can",
        "do",
        "does",
        "for",
        "from",
        "has",
        "have",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "my",
        "not",
        "of",
        "on",
        "or",
        "so",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "this",
        "to",
        "use",
        "used",
        "using",
        "was",
        "what",
        "when",
        "where",
        "which",
        "with",
        "you",
        "your",
    ]
)


class Words:
    """Splits text into words, with a cache of names."""

    def __init__(self) -> None:
        self._names = _NameCache()

    def of_text(self, text: str) -> tuple[str, str]:
        """Return the words of a text in order, and its joined names and plurals, each once.

        Both are space-separated.
        """
        if text.isascii():
            return self.of_ascii(text.encode("ascii"))
        return self._of_names([name.encode("utf-8") for name in names_in(text)])

    def of_ascii(self, text: bytes) -> tuple[str, str]:
        """Return the same as `of_text` for ASCII text."""
        return self._of_names(text.translate(_NOT_IN_NAMES).split())

    def _of_names(self, names: list[bytes]) -> tuple[str, str]:
        words = " ".join(map(self._names.__getitem__, names))
        beside = self._names.beside
        found = " ".join(map(beside.__getitem__, self._names.with_beside.intersection(names)))
        self._names.evict()
        return words, found


class _NameCache(dict[bytes, str]):
    """A cache of names in UTF-8 with their words. `beside` holds the joined names and plurals of those that have any.

    It has two generations: a name that does not recur while a generation fills is dropped.
    """

    def __init__(self) -> None:
        super().__init__()
        self.beside: dict[bytes, str] = {}
        self.with_beside: set[bytes] = set()
        self._old: dict[bytes, tuple[str, str]] = {}

    def __missing__(self, name: bytes) -> str:
        words, beside = self._old.get(name) or _words_and_beside(name.decode("utf-8"))
        self[name] = words
        if beside:
            self.beside[name] = beside
            self.with_beside.add(name)
        return words

    def evict(self) -> None:
        if len(self) > CACHED_NAMES:
            self._old = {name: (words, self.beside.get(name, "")) for name, words in self.items()}
            self.clear()
            self.beside.clear()
            self.with_beside.clear()


def _words_and_beside(name: str) -> tuple[str, str]:
    if name.isascii():  # nearly all names, and the only ones that must be fast
        words = _ascii_words(name)
        if words[-1:] != "s" and "s " not in words and len(name) <= MAX_WORD_CHARS:
            return words, words.replace(" ", "") if " " in words else ""
    parts = parts_of(name)
    beside = [whole_of(parts), *(part for part in parts if singular(part) != part)]
    return " ".join([word for part in parts for word in indexed(part)]), " ".join(filter(None, beside))


def names_in(text: str) -> list[str]:
    """Return the names of a text, unchanged."""
    return _UNICODE_NAME.findall(text)


def parts_of(name: str) -> list[str]:
    """Split a name into words and numbers, in lower case. A run of an unspaced script is one part."""
    if name.isascii():
        return _ascii_words(name).split()
    found: list[str] = []
    at = 0
    folded = _without_accents(name)
    for run in _UNSPACED.finditer(folded):
        found += [*_cased_parts(folded[at : run.start()]), run[0]]
        at = run.end()
    return found + _cased_parts(folded[at:])


def indexed(part: str) -> list[str]:
    """Return the words under which a part is indexed.

    For an unspaced run these are all pairs of adjacent characters and the last character, so a word begins with
    each character.
    """
    if is_unspaced(part):
        return [part[at : at + 2] for at in range(len(part))]
    return [singular(part[:MAX_WORD_CHARS])]


def is_unspaced(part: str) -> bool:
    """Whether a part is in a script that is indexed by pairs of characters."""
    return _UNSPACED.match(part) is not None


def whole_of(parts: list[str]) -> str:
    """Join the parts of a name; empty for a single word, an unspaced script, or a very long name."""
    if len(parts) < 2 or any(is_unspaced(part) for part in parts):
        return ""
    whole = singular("".join(parts))
    return whole if len(whole) <= MAX_WORD_CHARS else ""


def singular(word: str) -> str:
    """Return a word without its plural ending. Short words and other endings stay."""
    if len(word) <= 3 or word[-1] != "s" or word.endswith(_NO_PLURALS):
        return word
    if word.endswith(_HISSING_PLURALS):
        return word[:-2]
    return word[:-3] + "y" if word.endswith("ies") else word[:-1]


def _ascii_words(name: str) -> str:
    """Return the parts of an ASCII name, space-separated."""
    if len(name) > MAX_WORD_CHARS:
        if "_" not in name:
            return name[:MAX_WORD_CHARS].lower()
    elif name.isalpha():
        if name.islower():
            return name
    elif len(name) >= 8 and _HEXADECIMAL.fullmatch(name):
        return name.lower()
    return " ".join(_PARTS.findall(name)).lower()


def _without_accents(name: str) -> str:
    """Unify compatible forms (full-width letters, ligatures) and remove accents. Case stays."""
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", name)))


def _cased_parts(text: str) -> list[str]:
    """Split at underscores, between lower and upper case, and between letters and digits."""
    if text.isascii():
        return _ascii_words(text).split()
    cuts = [0]
    for at in range(1, len(text)):
        before, after = text[at - 1], text[at]
        if (before.islower() and after.isupper()) or before.isdigit() != after.isdigit():
            cuts.append(at)
    pieces = (text[start:end] for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True))
    return [part.casefold() for piece in pieces for part in piece.replace(" ", "_").split("_") if part]
