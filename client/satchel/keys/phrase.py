"""The root secret as 24 English words (BIP 39), to be written down on paper (docs/spec/keys.md, section 2)."""

import re
import unicodedata
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Final

from satchel.errors import UsageError
from satchel.keys.secret import RootSecret

if TYPE_CHECKING:
    from mnemonic import Mnemonic

WORDS: Final = 24
_PREFIX_LETTERS: Final = 4  # BIP 39: the first four letters identify a word
_MAX_LETTERS: Final = 20  # the longest words have eight
_MAX_HINTS: Final = 3
_CLOSE: Final = 0.6
_SEPARATORS: Final = re.compile(r"[^\w]+|_+")
_NUMBERED: Final = re.compile(r"([0-9]{1,3})?([^\W\d_]*)")


def to_phrase(root: RootSecret) -> str:
    """Return the secret as 24 words, separated by single spaces."""
    return _list().to_mnemonic(bytes(root))


def from_phrase(text: str) -> RootSecret:
    """Parse the words as people write them down: in any case, numbered, with commas, one a line, or as a table.

    The first four letters of a word suffice. If every word is numbered, the numbers give the order, because a
    grid is read downwards. Raise UsageError, which gives the positions of wrong words and the closest words of
    the list, but never quotes a word.
    """
    words = _in_order(_entries(text))
    if len(words) != WORDS:
        raise UsageError(
            f"a recovery phrase has {WORDS} words, not {len(words)}", hint="check for missing or extra words"
        )
    whole = [_complete(word) for word in words]
    wrong = [place for place, word in enumerate(whole, 1) if word is None]
    if wrong:
        raise _not_listed(wrong, words)
    try:
        return RootSecret(bytes(_list().to_entropy([word for word in whole if word is not None])))
    except ValueError as exc:
        raise UsageError(
            "every word is in the list, but the checksum of the phrase is wrong",
            hint="a word is wrong, or two words are swapped",
        ) from exc


def _entries(text: str) -> list[tuple[int | None, str]]:
    """Return the words of a text, each with its number. Punctuation and invisible characters separate."""
    visible = "".join(
        each for each in unicodedata.normalize("NFKC", text) if unicodedata.category(each) != "Cf"
    )
    tokens = [_numbered(token) for token in _SEPARATORS.split(visible.casefold()) if token]
    if tokens and tokens[0][1] and not tokens[-1][1]:
        tokens.reverse()  # numbers follow the words
    entries: list[tuple[int | None, str]] = []
    number: int | None = None
    for digits, word in tokens:
        number = digits if number is None else number  # the first of `1/24`
        if word:
            entries.append((number, word))
            number = None
    return entries


def _numbered(token: str) -> tuple[int | None, str]:
    """Split `7abandon` into its number and word. A token with digits elsewhere is a misspelt word."""
    match = _NUMBERED.fullmatch(token)
    if match is None:
        return None, token
    return (int(match[1]) if match[1] else None), match[2]


def _in_order(entries: list[tuple[int | None, str]]) -> list[str]:
    """Return the words in the order of their numbers, or as they stand if they have none."""
    numbered = [(number, word) for number, word in entries if number is not None]
    if not numbered:
        return [word for _, word in entries]
    first = next(place for place, (number, _) in enumerate(entries) if number is not None)
    missing = sorted(set(range(1, WORDS + 1)) - {number for number, _ in numbered})
    if missing or len(numbered) != WORDS or len(entries) - first != WORDS:  # a table's heading comes before
        raise UsageError(
            f"the numbers beside the words are not 1 to {WORDS}"
            + (f": {', '.join(map(str, missing))} missing" if missing and len(missing) < WORDS else ""),
            hint="number every word once, or none",
        )
    return [word for _, word in sorted(numbered)]


def _complete(word: str) -> str | None:
    """Return the listed word that a word is or begins, or None."""
    listed = _list().wordlist
    found = [each for each in listed if each == word] or [
        each for each in listed if len(word) >= _PREFIX_LETTERS and each.startswith(word)
    ]
    return found[0] if len(found) == 1 else None


def _not_listed(places: list[int], words: list[str]) -> UsageError:
    """Return the error about words that are not in the list, with the closest words of the list."""
    many = len(places) > 1
    what = f"words {', '.join(map(str, places))} are" if many else f"word {places[0]} is"
    hints = []
    for place in places[:_MAX_HINTS]:
        close = get_close_matches(words[place - 1][:_MAX_LETTERS], _list().wordlist, n=3, cutoff=_CLOSE)
        if close:
            hints.append(f"{f'word {place}' if many else 'it'} may be {' or '.join(close)}")
    return UsageError(
        f"{what} not in the list of recovery words",
        hint="; ".join(hints) or "check the spelling; the words are English",
    )


@cache
def _list() -> "Mnemonic":
    from mnemonic import Mnemonic  # noqa: PLC0415  costs 25 ms, for two commands only

    return Mnemonic("english")
