"""Positions in lists of shares and requests, which a device reads page by page: `Cursor(row.created, row.id)`."""

import re
from typing import Final, NamedTuple, Self

from satchel_service.problems import invalid

CURSOR: Final = re.compile(r"(\d{1,15})-([0-9a-f]{32})", re.ASCII)


class Cursor(NamedTuple):
    """A position in a list, newest first. It stays valid when the row it was made from is deleted."""

    created: int
    id: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse the output of `str`; refuse anything else."""
        found = CURSOR.fullmatch(text)
        if found is None:
            raise invalid("after", "give the `next` of the previous page")
        return cls(int(found[1]), found[2])

    def __str__(self) -> str:
        """Return the text used on the wire."""
        return f"{self.created}-{self.id}"
