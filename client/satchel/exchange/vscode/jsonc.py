"""JSON with comments and trailing commas, as VS Code writes it, turned into plain JSON."""

import re
from typing import Final

# A string comes first in each alternation, so that what looks like a comment inside one is left alone. One that
# never ends goes on to the end of the text, as does such a comment: looking for its end from each of its quotes anew
# would take a square of the time.
_STRING: Final = r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)'
_COMMENTS: Final = re.compile(_STRING + r"|//[^\r\n]*|/\*(?:.*?\*/|.*\Z)", re.DOTALL)
_TRAILING: Final = re.compile(_STRING + r"|,(?=\s*[}\]])", re.DOTALL)


def to_json(text: str) -> str:
    """Return JSONC as JSON: comments become a space, a trailing comma goes. Never fails; the parser will."""
    without_comments = _COMMENTS.sub(lambda found: _keep_string(found, " "), text.removeprefix("\ufeff"))
    return _TRAILING.sub(lambda found: _keep_string(found, ""), without_comments)


def _keep_string(found: re.Match[str], otherwise: str) -> str:
    return found[0] if found[0].startswith('"') else otherwise
