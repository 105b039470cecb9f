"""Which program wrote a JSON file, recognized by the names of members, also if the file is damaged.

One item suffices: the first may be odd, and the last may be cut off. A file that is recognized here is never
imported as a single Piece, whatever else is wrong with it.
"""

import re
from collections.abc import Mapping
from itertools import islice
from typing import Final

from satchel.exchange.json_text import Part, elements, flat_elements, members
from satchel.exchange.limits import MIB
from satchel.exchange.vscode.snippets import is_vscode

_SAMPLE: Final = 200  # items that are looked at
_RESEMBLING_BYTES: Final = 4 * MIB
_NAME: Final = re.compile(rb'"([A-Za-z_]{2,20})"\s*:')
# At least one name of each set.
_RESEMBLING: Final[tuple[tuple[str, tuple[frozenset[bytes], ...]], ...]] = (
    (
        "gists",
        (
            frozenset({b"filename"}),
            frozenset({b"content", b"raw_url"}),
            frozenset({b"files", b"html_url", b"git_pull_url"}),
        ),
    ),
    (
        "masscode",
        (
            frozenset({b"snippets", b"tagsIds", b"folderId", b"isFavorites"}),
            frozenset({b"folders", b"tags", b"tagsIds", b"isDeleted"}),
            frozenset({b"content"}),
            frozenset({b"value", b"label"}),
        ),
    ),
    (
        "masscode",
        (
            frozenset({b"folders"}),
            frozenset({b"tags"}),
            frozenset({b"content"}),
            frozenset({b"value", b"label"}),
        ),
    ),
    (
        "pieces",
        (
            frozenset({b"iterable", b"original"}),
            frozenset({b"fragment", b"classification", b"transferables"}),
            frozenset({b"reference", b"string", b"raw"}),
        ),
    ),
)
_GIST_ADDRESSES: Final = ("url", "html_url", "git_pull_url", "forks_url", "commits_url")


def kind_of_json(data: bytes) -> str | None:
    """Return the format of JSON text, or None if it is not an export of a known program.

    Raise RejectedError if it is too damaged to tell.
    """
    for part in islice(flat_elements(data), _SAMPLE):
        kind = _kind_of(members(part), part) if part.is_object else None
        if kind is not None:
            return kind
    return "vscode" if is_vscode(data) else None


def resembled_kind(data: bytes) -> str | None:
    """Return the format whose member names occur in a text that `kind_of_json` does not recognize, or None.

    Such a text is an export that is damaged where its form shows, or the part of one.
    """
    names = {match[1] for match in _NAME.finditer(data, 0, _RESEMBLING_BYTES)}
    return next((kind for kind, sets in _RESEMBLING if all(names & each for each in sets)), None)


def is_empty(data: bytes) -> bool:
    """Tell whether JSON text holds nothing at all, such as `[]` or `[[], []]`."""
    return not data.translate(None, b"[]{}, \t\r\n")


def _kind_of(fields: Mapping[str, Part], part: Part) -> str | None:
    if _is_gist(fields):
        return "gists"
    if _is_masscode(fields, part):
        return "masscode"
    if _is_pieces(fields):
        return "pieces"
    return None


def _is_gist(fields: Mapping[str, Part]) -> bool:
    if "id" in fields and "files" in fields and fields["files"].is_object:
        return True
    return any(b"gist" in bytes(fields[name].text[:200]) for name in _GIST_ADDRESSES if name in fields)


def _is_masscode(fields: Mapping[str, Part], part: Part) -> bool:
    """Tell whether this is `db.json`: a list of snippets that are objects, beside lists of folders or tags."""
    lists = fields.keys() & {"snippets", "folders", "tags"}
    if "snippets" not in lists:
        return not part.is_whole and bool(lists) and lists == fields.keys()
    first = next(elements(fields["snippets"]), None) if fields["snippets"].is_list else None
    return len(lists) > 1 or (first is not None and first.is_object)


def _is_pieces(fields: Mapping[str, Part]) -> bool:
    if "iterable" in fields and fields["iterable"].is_list:
        return True
    has_schema = "schema" in fields and b'"semantic"' in bytes(fields["schema"].text[:500])
    return has_schema or ("id" in fields and "original" in fields and fields["original"].is_object)
