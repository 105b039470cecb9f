"""A Piece as Markdown, for hovers and the documentation of completions.

The text of a Piece is data: it stands in a fence that it cannot close, and the signs of Markdown in titles and
descriptions are escaped, so that no Piece can show a link or load an image from the network.
"""

import re
from datetime import UTC
from typing import Final

from satchel.pieces.languages import canonical_language
from satchel.pieces.model import Piece

MAX_CODE_CHARS: Final = 4_000
MAX_CODE_LINES: Final = 40
MAX_DESCRIPTION_CHARS: Final = 600
MAX_TITLE_CHARS: Final = 200
MAX_TAGS: Final = 12

_SIGNS: Final = re.compile(r"([\\`*_{}\[\]()#+\-.!<>|~&:/@$^=\"'])")
_FENCES: Final = re.compile(r"`{3,}")
_LANGUAGE: Final = re.compile(r"[\w+#.-]{1,30}")


def described(piece: Piece, text: str | None) -> str:
    """Return a Piece as Markdown: title, text, description, tags, id and date. `text` is None if it is no text."""
    parts = [f"**{_plain(piece.title[:MAX_TITLE_CHARS])}**"] if piece.title else []
    parts.append(f"_{_plain(piece.media_type)}_" if text is None else _fenced(text, piece.language))
    if piece.description:
        parts.append(_plain(_cut(piece.description, MAX_DESCRIPTION_CHARS)))
    if piece.tags:
        parts.append(" ".join(f"#{_plain(tag)}" for tag in piece.tags[:MAX_TAGS]))
    date = piece.updated.astimezone(UTC).date().isoformat()
    parts.append(f"satchel {piece.short_id} · {_plain(date)}")
    return "\n\n".join(parts)


def described_plainly(piece: Piece, text: str | None) -> str:
    """Return the same as plain text, for editors that show no Markdown."""
    parts = [piece.title[:MAX_TITLE_CHARS], piece.media_type if text is None else _beginning(text)]
    parts.append(_cut(piece.description, MAX_DESCRIPTION_CHARS))
    return "\n\n".join(part for part in parts if part)


def _fenced(text: str, language: str | None) -> str:
    shown = _beginning(text)
    longest = max((len(fence) for fence in _FENCES.findall(shown)), default=2)
    fence = "`" * (longest + 1)
    named = canonical_language(language or "")
    return f"{fence}{named if _LANGUAGE.fullmatch(named) else ''}\n{shown}\n{fence}"


def _beginning(text: str) -> str:
    lines = text.strip("\r\n").splitlines()
    kept = "\n".join(lines[:MAX_CODE_LINES])
    cut = _cut(kept, MAX_CODE_CHARS)
    return cut if len(lines) <= MAX_CODE_LINES else f"{cut}\n…"


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _plain(text: str) -> str:
    return _SIGNS.sub(r"\\\1", text)
