"""Checks that run on the device before a Piece is shared.

There are none yet. To add one, append it to `SHARE_CHECKS`; the share command already prints all findings.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from satchel.pieces.model import Piece, WholeFile


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem: the rule, the line (from 1), and a message.

    `file` is the name of the further file, or empty for the main content. `message` names the kind of problem and
    never repeats the content, since it is printed and may be logged.
    """

    rule: str
    line: int
    message: str
    file: str = ""


class ShareCheck(Protocol):
    """Looks for what should not be shared.

    Promises: never fails for any content, opens no socket, and repeats no secret in its findings.
    """

    def findings(self, piece: Piece, content: bytes) -> Sequence[Finding]:
        """Return the problems of one content of the Piece. Called for each of its contents."""
        ...


SHARE_CHECKS: Final[tuple[ShareCheck, ...]] = ()


def findings(
    piece: Piece,
    content: bytes,
    files: Sequence[WholeFile] = (),
    *,
    checks: Sequence[ShareCheck] = SHARE_CHECKS,
) -> tuple[Finding, ...]:
    """Run all checks on the content and then on each further file. Findings are in the order of lines."""
    found = list(_sorted(piece, content, checks))
    for file in files:
        found += (replace(finding, file=file.name) for finding in _sorted(piece, file.content, checks))
    return tuple(found)


def _sorted(piece: Piece, content: bytes, checks: Sequence[ShareCheck]) -> list[Finding]:
    found = [finding for check in checks for finding in check.findings(piece, content)]
    return sorted(found, key=lambda finding: (finding.line, finding.rule))
