"""Text as the words that are searched: the same on both sides, in what is indexed and in what is asked.

- Names in code are split: `parseHttpHeader`, `parse_http_header` and "http header" share their parts. The
  whole name, joined and in lower case, is kept beside them, so that "javascript" finds JavaScript.
- Letters lose case and accents; plural endings go (`headers` is found by "header"; the plural is kept
  beside, for `headers*`).
- Scripts without spaces between words (Chinese, Japanese, Thai, …) and Korean become pairs of characters.

Splitting is most of the work of indexing. A store repeats its names, so each is split once and remembered;
text in ASCII, nearly all code, is cut by two calls that run in C.
"""

import re
import unicodedata
from typing import Final

MAX_WORD_CHARS: Final = 64  # longer ones (base64, minified code) count by their beginning
REMEMBERED_NAMES: Final = 60_000  # twice: some 25 MB

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
# Scripts whose words are not told apart by spaces, and Korean, whose words carry endings.
_UNSPACED: Final = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+"
)
# After D. Harman, "How effective is suffixing?" (1991): by its letters, what -es after a hissing sound and
# -s at the end of a word make of it. Only the commonest ending is taken off; a stemmer such as Porter's makes
# "import" and "important" one, which is wrong for code.
_HISSING_PLURALS: Final = ("sses", "xes", "shes", "tches", "rches", "nches", "zzes")
_NO_PLURALS: Final = ("ss", "us", "is")


class Words:
    """Splits text; remembers the names that it has split.

    `only` leaves out most names without a word that begins with this prefix.
    """

    def __init__(self, *, only: str = "") -> None:
        self._names = _Remembered()
        # A plural in -ies may hide the last letter of a prefix: "query*" finds "queries".
        self._part = only.removesuffix("y").encode("utf-8") if only.isascii() else b""

    def of_text(self, text: str) -> tuple[str, str]:
        """The words of a text in their order; and, once each, whole names and words in the plural.

        Both space-separated.
        """
        if text.isascii():
            return self.of_ascii(text.encode("ascii"))
        return self._of_names([name.encode("utf-8") for name in names_in(text)])

    def of_ascii(self, text: bytes) -> tuple[str, str]:
        """What `of_text` gives, for a text in ASCII."""
        clean = text.translate(_NOT_IN_NAMES)
        return self._of_names(_names_with(self._part, clean) if self._part else clean.split())

    def _of_names(self, names: list[bytes]) -> tuple[str, str]:
        words = " ".join(map(self._names.__getitem__, names))
        beside = self._names.beside
        found = " ".join(map(beside.__getitem__, self._names.with_beside.intersection(names)))
        self._names.forget_some()
        return words, found


def _names_with(part: bytes, text: bytes) -> list[bytes]:
    """The space-separated names that contain a part in either case."""
    lowered = text.lower()
    found = []
    at = lowered.find(part)
    while at >= 0:
        end = text.find(b" ", at)
        end = len(text) if end < 0 else end
        found.append(text[text.rfind(b" ", 0, at) + 1 : end])
        at = lowered.find(part, end)
    return found


class _Remembered(dict[bytes, str]):
    """Each name in UTF-8 with its words; `beside` has the names that are also found by other words.

    Two generations: what is not met again while as many new names come is forgotten.
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

    def forget_some(self) -> None:
        if len(self) > REMEMBERED_NAMES:
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
    """The names and words of a text as they stand there."""
    return _UNICODE_NAME.findall(text)


def parts_of(name: str) -> list[str]:
    """A name cut into words and numbers, in lower case; a run of an unspaced script is one part."""
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
    """The words that a part is found by.

    Of an unspaced run every pair of neighbours and its last character: so each character begins a word.
    """
    if is_unspaced(part):
        return [part[at : at + 2] for at in range(len(part))]
    return [singular(part[:MAX_WORD_CHARS])]


def is_unspaced(part: str) -> bool:
    """Whether a part is of a script that is indexed by pairs of characters."""
    return _UNSPACED.match(part) is not None


def whole_of(parts: list[str]) -> str:
    """The parts of a name joined; empty for a plain word, an unspaced script, or a very long name."""
    if len(parts) < 2 or any(is_unspaced(part) for part in parts):
        return ""
    whole = singular("".join(parts))
    return whole if len(whole) <= MAX_WORD_CHARS else ""


def singular(word: str) -> str:
    """A word without its plural ending, by its letters alone; short words and other endings stay."""
    if len(word) <= 3 or word[-1] != "s" or word.endswith(_NO_PLURALS):
        return word
    if word.endswith(_HISSING_PLURALS):
        return word[:-2]
    return word[:-3] + "y" if word.endswith("ies") else word[:-1]


def _ascii_words(name: str) -> str:
    """The parts of a name in ASCII, space-separated."""
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
    """Compatible forms made one (full-width letters, ligatures), accents dropped, case kept."""
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", name)))


def _cased_parts(text: str) -> list[str]:
    """Cut at underscores, between small and capital letters, and between letters and digits."""
    if text.isascii():
        return _ascii_words(text).split()
    cuts = [0]
    for at in range(1, len(text)):
        before, after = text[at - 1], text[at]
        if (before.islower() and after.isupper()) or before.isdigit() != after.isdigit():
            cuts.append(at)
    pieces = (text[start:end] for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True))
    return [part.casefold() for piece in pieces for part in piece.replace(" ", "_").split("_") if part]
