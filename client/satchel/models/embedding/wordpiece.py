"""WordPiece: splits a text into the pieces of words that BERT knows (https://arxiv.org/abs/1810.04805).

    tokenizer = WordPiece(vocabulary)            # one token a line
    tokenizer.ids("def parse_header(line):", 256)

It does what `tokenizer.json` of all-MiniLM-L6-v2 asks for (BertNormalizer, BertPreTokenizer and WordPiece of
https://github.com/huggingface/tokenizers), except that special tokens in a text, such as "[SEP]", are plain text.
Characters that Unicode 9 and later versions added may be classified otherwise than there; nearly all of them are
unknown to the vocabulary anyway. The work is bounded: reading stops as soon as there are enough tokens.
"""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

UNKNOWN: Final = "[UNK]"
FIRST: Final = "[CLS]"
LAST: Final = "[SEP]"
CONTINUED: Final = "##"
MAX_WORD_CHARS: Final = 100  # longer words are unknown
CACHED_WORDS: Final = 8_192

_REPLACEMENT: Final = "\ufffd"
# The ranges of the reference, which are not quite those of Unicode's ideographs.
_IDEOGRAPHS: Final = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B920, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


class WordPiece:
    """A tokenizer for one vocabulary: a text with one token in each line."""

    def __init__(self, vocabulary: str) -> None:
        self._ids = {token: number for number, token in enumerate(vocabulary.splitlines())}
        self._unknown = self._ids[UNKNOWN]
        self._longest = max(map(len, self._ids))
        self._ids_of = lru_cache(CACHED_WORDS)(self._split)

    def ids(self, text: str, limit: int) -> list[int]:
        """Return the ids of a text's first tokens, at most `limit` with the marks of beginning and end."""
        found = [self._ids[FIRST]]
        for word in words_of(text):
            found += self._ids_of(word)
            if len(found) >= limit:
                break
        return [*found[: limit - 1], self._ids[LAST]]

    def _split(self, word: str) -> tuple[int, ...]:
        """Return the longest known pieces of a word, from its start; one unknown token if a rest is unknown."""
        if len(word) > MAX_WORD_CHARS:
            return (self._unknown,)
        found = []
        start = 0
        while start < len(word):
            for end in range(min(len(word), start + self._longest), start, -1):
                piece = self._ids.get(word[start:end] if start == 0 else CONTINUED + word[start:end])
                if piece is not None:
                    break
            else:
                return (self._unknown,)
            found.append(piece)
            start = end
        return tuple(found)


def words_of(text: str) -> Iterator[str]:
    """Yield the words and punctuation marks of a text, in lower case and without accents."""
    for chunk in _chunks(text):
        if chunk.isascii():
            yield from _cut(chunk.lower())
        else:
            yield from _cut(_lowered(_spaced(chunk)))


def _chunks(text: str) -> Iterator[str]:
    """Yield the parts of a text between blanks, without control characters."""
    chunk: list[str] = []
    for char in text:
        if _is_blank(char):
            if chunk:
                yield "".join(chunk)
                chunk = []
        elif not _is_control(char):
            chunk.append(char)
    if chunk:
        yield "".join(chunk)


def _cut(text: str) -> Iterator[str]:
    """Yield the words of a text, each punctuation mark apart."""
    word: list[str] = []
    for char in text:
        is_mark = _is_punctuation(char)
        if (is_mark or char.isspace()) and word:
            yield "".join(word)
            word = []
        if is_mark:
            yield char
        elif not char.isspace():
            word.append(char)
    if word:
        yield "".join(word)


def _spaced(text: str) -> str:
    """Put blanks around ideographs, so that each is a word."""
    return "".join(f" {char} " if _is_ideograph(char) else char for char in text)


def _lowered(text: str) -> str:
    """Remove accents, then lower each character by itself: the form of a final sigma stays."""
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(char.lower() for char in decomposed if unicodedata.category(char) != "Mn")


@lru_cache(4096)
def _is_blank(char: str) -> bool:
    """Whether a character separates words: White_Space of Unicode."""
    return char in " \t\n\r" or (char.isspace() and not "\x1c" <= char <= "\x1f" and not _is_control(char))


@lru_cache(4096)
def _is_control(char: str) -> bool:
    """Whether a character is dropped: controls, formats, private use, surrogates and the replacement character."""
    if char in "\t\n\r":
        return False
    return char == _REPLACEMENT or unicodedata.category(char) in {"Cc", "Cf", "Co", "Cs"}


@lru_cache(4096)
def _is_punctuation(char: str) -> bool:
    """Whether a character is a word of its own: every ASCII symbol, and punctuation of Unicode."""
    if char.isascii():
        return char.isprintable() and not char.isalnum() and char != " "
    return unicodedata.category(char).startswith("P")


def _is_ideograph(char: str) -> bool:
    code = ord(char)
    return code >= _IDEOGRAPHS[1][0] and any(first <= code <= last for first, last in _IDEOGRAPHS)
