"""The root secret as 24 English words (BIP 39), to be written down on paper (docs/spec/keys.md, section 2)."""

from functools import cache
from typing import TYPE_CHECKING, Final

from satchel.errors import UsageError
from satchel.keys.secret import RootSecret

if TYPE_CHECKING:
    from mnemonic import Mnemonic

WORDS: Final = 24
_PREFIX_LETTERS: Final = 4  # BIP 39: the first four letters identify a word


def to_phrase(root: RootSecret) -> str:
    """Return the secret as 24 words, separated by single spaces."""
    return _list().to_mnemonic(bytes(root))


def from_phrase(text: str) -> RootSecret:
    """Parse the words, in any case and spacing. The first four letters of a word suffice.

    Raise UsageError, which gives the position of a wrong word but never quotes it.
    """
    words = text.lower().split()
    if len(words) != WORDS:
        raise UsageError(
            f"a recovery phrase has {WORDS} words, not {len(words)}", hint="check for missing or extra words"
        )
    whole = [_complete(word, place) for place, word in enumerate(words, 1)]
    try:
        return RootSecret(bytes(_list().to_entropy(whole)))
    except ValueError as exc:
        raise UsageError(
            "every word is in the list, but the checksum of the phrase is wrong",
            hint="a word is wrong, or two words are swapped",
        ) from exc


def _complete(word: str, place: int) -> str:
    listed = _list().wordlist
    found = [each for each in listed if each == word] or [
        each for each in listed if len(word) >= _PREFIX_LETTERS and each.startswith(word)
    ]
    if len(found) != 1:
        raise UsageError(
            f"word {place} is not in the list of recovery words",
            hint="check its spelling; the words are English",
        )
    return found[0]


@cache
def _list() -> "Mnemonic":
    from mnemonic import Mnemonic  # noqa: PLC0415  costs 25 ms, for two commands only

    return Mnemonic("english")
