"""The 24 recovery words on a terminal: shown with their numbers, asked for, and recorded as confirmed."""

import datetime as dt
import hmac
import secrets
from collections.abc import Sequence
from typing import Final

from satchel.cli.app import App
from satchel.errors import UsageError
from satchel.keys import RootSecret, owner_id, to_phrase
from satchel.keys.confirmation import record_confirmation

COLUMNS: Final = 4
ASKED: Final = 3  # words of the 24 that a check asks for
PREFIX_LETTERS: Final = 4  # BIP 39: the first four letters identify a word
_NUMBERING: Final = "0123456789.): "  # as in `7. word`


def draw_words(words: Sequence[str]) -> str:
    """Return the words with their numbers, in columns that are read downwards."""
    rows = len(words) // COLUMNS
    numbered = [f"{number:>2} {word:<10}" for number, word in enumerate(words, 1)]
    return "\n".join("  ".join(numbered[row::rows]).rstrip() for row in range(rows))


def knows_some(app: App, root: RootSecret) -> bool:
    """Ask for three of the words. All are asked for before any is compared, so an answer reveals no word."""
    if not app.out.can_ask:
        raise UsageError(
            "there is no terminal to ask for the words on", hint="pipe all 24 words to standard input"
        )
    words = to_phrase(root).split()
    numbers = sorted(secrets.SystemRandom().sample(range(1, len(words) + 1), ASKED))
    typed = [app.out.ask_secret(f"word {number} of {len(words)} (not shown)") for number in numbers]
    return are_same([words[number - 1] for number in numbers], typed)


def confirm(app: App, root: RootSecret) -> dt.datetime:
    """Record that the owner has the words, for `status` and `doctor`. Return the time, in UTC."""
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    record_confirmation(app.home, owner_id(root), now)
    return now


def are_same(words: Sequence[str], typed: Sequence[str]) -> bool:
    """Return whether every typed word is right, in any case; its first four letters suffice, as in BIP 39."""
    cleaned = [word.strip().casefold().lstrip(_NUMBERING) for word in typed]
    shortest = [word[: max(len(text), PREFIX_LETTERS)] for word, text in zip(words, cleaned, strict=True)]
    return hmac.compare_digest(" ".join(shortest).encode(), " ".join(cleaned).encode())
