"""The root secret as 24 English words (BIP 39), to be written down on paper (docs/spec/keys.md, section 2)."""

from functools import cache
from typing import TYPE_CHECKING, Final

from satchel.errors import UsageError
from satchel.keys.secret import RootSecret

if TYPE_CHECKING:
    from mnemonic import Mnemonic

WORDS: Final = 24
_PREFIX_LETTERS: Final = 4  # BIP 39: four letters tell every word of the list from every other


def to_phrase(root: RootSecret) -> str:
    """Write the secret as 24 words with single spaces between them."""
    return _list().to_mnemonic(bytes(root))


def from_phrase(text: str) -> RootSecret:
    """Read the words back: any case and spacing, each word whole or its first four letters or more.

    Raises UsageError that tells the place of a wrong word, never the word.
    """
    words = text.lower().split()
    if len(words) != WORDS:
        raise UsageError(
            f"a recovery phrase has {WORDS} words, not {len(words)}", hint="check what was typed"
        )
    whole = [_complete(word, place) for place, word in enumerate(words, 1)]
    try:
        return RootSecret(bytes(_list().to_entropy(whole)))
    except ValueError as exc:
        raise UsageError(
            "each of the words exists, but together they are no recovery phrase",
            hint="one word is another than was shown, or two changed places",
        ) from exc


def _complete(word: str, place: int) -> str:
    listed = _list().wordlist
    found = [each for each in listed if each == word] or [
        each for each in listed if len(word) >= _PREFIX_LETTERS and each.startswith(word)
    ]
    if len(found) != 1:
        raise UsageError(
            f"word {place} is not in the list of recovery words",
            hint="check its spelling: the words are English",
        )
    return found[0]


@cache
def _list() -> "Mnemonic":
    from mnemonic import Mnemonic  # noqa: PLC0415 - 25 ms, for two commands only

    return Mnemonic("english")
