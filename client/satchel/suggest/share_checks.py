"""What speaks against sharing a Piece: the place for checks that run on the device before a share.

There are none yet. A check is added by appending it to `SHARE_CHECKS`; whoever shares calls `findings` and
shows what it gives. The command that shares and the page that shows a share need not change.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from satchel.pieces.model import Piece, WholeFile


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found: by which rule, in which line (from 1), and what to say about it.

    `file` names the further file that it is in; empty for the main content. `message` names the kind of thing, never the thing itself: it is printed and may be logged.
    """

    rule: str
    line: int
    message: str
    file: str = ""


class ShareCheck(Protocol):
    """Looks for what should not be shared.

    Promises: never fails whatever the content, opens no socket, and repeats no secret in its findings.
    """

    def findings(self, piece: Piece, content: bytes) -> Sequence[Finding]:
        """What speaks against sharing this content of the Piece; asked for each of its contents."""
        ...


SHARE_CHECKS: Final[tuple[ShareCheck, ...]] = ()


def findings(
    piece: Piece,
    content: bytes,
    files: Sequence[WholeFile] = (),
    *,
    checks: Sequence[ShareCheck] = SHARE_CHECKS,
) -> tuple[Finding, ...]:
    """What all checks found in the content and then in each further file, in the order of lines."""
    found = list(_sorted(piece, content, checks))
    for file in files:
        found += (replace(finding, file=file.name) for finding in _sorted(piece, file.content, checks))
    return tuple(found)


def _sorted(piece: Piece, content: bytes, checks: Sequence[ShareCheck]) -> list[Finding]:
    found = [finding for check in checks for finding in check.findings(piece, content)]
    return sorted(found, key=lambda finding: (finding.line, finding.rule))
