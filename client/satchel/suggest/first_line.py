"""A title from the content itself: the first line that says something."""

from typing import Final

from satchel.store.media import decode_text, sniff
from satchel.store.model import Draft
from satchel.suggest.suggester import Suggestion

TITLE_CHARS: Final = 80
_LOOKED_AT_BYTES: Final = 4096
# What begins a line without being part of what it says: comment signs, headings, quotes.
_LEAD: Final = "#/*-;%!<>\"'=~ \t\ufeff"


class FromFirstLine:
    """The first line with a letter or digit, without comment signs; nothing for what is no text."""

    def suggest(self, draft: Draft) -> Suggestion:
        """A title of at most `TITLE_CHARS` characters."""
        media_type = draft.media_type or sniff(draft.content)
        text = decode_text(draft.content[:_LOOKED_AT_BYTES], media_type) or ""
        for line in text.splitlines():
            if line.startswith("#!"):
                continue
            said = line.strip(_LEAD).rstrip("\ufffd")
            if any(char.isalnum() for char in said):
                return Suggestion(title=_shortened(said))
        return Suggestion()


def _shortened(text: str) -> str:
    return text if len(text) <= TITLE_CHARS else text[: TITLE_CHARS - 1].rstrip() + "…"
