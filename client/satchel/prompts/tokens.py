"""How many tokens a text has, as an upper estimate without a tokenizer: every model has its own.

The estimate adds up what the parts of a text cost: words by their humps (`parseHttpHeader` has three), digits, signs,
line ends with their indentation, and other scripts by their bytes in UTF-8. The weights are fitted to excerpts of
code, prose and data. In 99% of them the estimate is at or above the largest count of the tokenizers of GPT-4, GPT-4o,
Claude 2 and Llama 3; its median is 1.3 times that count. Tokenizers with 32,000 entries, such as that of Llama 2, count
more: in a fifth of the excerpts more than the estimate.
"""

import re
from typing import Final

_PARTS: Final = re.compile(
    r"(?P<word>[A-Z]?[a-z]+|[A-Z]+(?![a-z]))|(?P<digits>[0-9]+)|(?P<lines>[ \t]*\n\s*|[ \t]{2,})|(?P<space> )"
    r"|(?P<signs>[!-/:-@\[-`{-~]+)|(?P<other>[^\x00-\x7f]+)|(?P<control>[\x00-\x1f\x7f])"
)
# In hundredths of a token: for each part, for each of its characters, and how many characters are free.
_COSTS: Final = {
    "word": (135, 6, 4),
    "digits": (60, 70, 0),
    "lines": (150, 0, 0),
    "space": (0, 0, 0),
    "signs": (100, 20, 0),
    "other": (0, 48, 0),
    "control": (100, 0, 0),
}


def count_tokens(text: str) -> int:
    """Return an upper estimate of the tokens of a text."""
    return -(-sum(_hundredths(str(part.lastgroup), part[0]) for part in _PARTS.finditer(text)) // 100)


def _hundredths(kind: str, part: str) -> int:
    once, each, free = _COSTS[kind]
    size = len(part) if kind != "other" else len(part.encode("utf-8", "surrogatepass"))
    return once + each * max(0, size - free)
