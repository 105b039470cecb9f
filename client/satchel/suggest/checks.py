"""What speaks against sharing a Piece: the place for checks that run on the device before a share.

There are none yet. A check is added by appending it to `SHARE_CHECKS`; whoever shares calls `findings` and
shows what it gives. The command that shares and the page that shows a share need not change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from satchel.store.model import Piece


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found: by which rule, in which line (from 1), and what to say about it.

    `message` names the kind of thing, never the thing itself: it is printed and may be logged.
    """

    rule: str
    line: int
    message: str


class ShareCheck(Protocol):
    """Looks for what should not be shared.

    Promises: never fails whatever the content, opens no socket, and repeats no secret in its findings.
    """

    def findings(self, piece: Piece, content: bytes) -> Sequence[Finding]:
        """What speaks against sharing this Piece; empty if nothing does."""
        ...


SHARE_CHECKS: Final[tuple[ShareCheck, ...]] = ()


def findings(
    piece: Piece, content: bytes, checks: Sequence[ShareCheck] = SHARE_CHECKS
) -> tuple[Finding, ...]:
    """What all checks found, in the order of lines."""
    found = [finding for check in checks for finding in check.findings(piece, content)]
    return tuple(sorted(found, key=lambda finding: (finding.line, finding.rule)))
