"""Checks that run on the device before a Piece is shared.

The only one looks for secrets. To add another, append it to `SHARE_CHECKS`; the commands print all findings.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol

from satchel.pieces.model import Piece, WholeFile
from satchel.progress import Advance

if TYPE_CHECKING:
    from satchel.models.secrets import Secret


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem: the rule, the line (from 1), and a message.

    `file` is the name of the further file, or empty for the main content; `part` is the name of another part of the
    Piece, such as "title", or empty for a content. `message` names the kind of problem and never repeats the content,
    since it is printed and may be logged. `digest` is the SHA-256 of what was found, to recognize what the owner
    allowed; empty if it cannot be allowed.
    """

    rule: str
    line: int
    message: str
    file: str = ""
    part: str = ""
    digest: bytes = field(default=b"", repr=False)

    @property
    def place(self) -> str:
        """Where it is, in words."""
        if self.part:
            return self.part
        return f"{self.file}, line {self.line}" if self.file else f"line {self.line}"


class ShareCheck(Protocol):
    """Looks for what should not be shared.

    Promises: never fails for any content, opens no socket, and repeats no secret in its findings.
    """

    def findings(self, piece: Piece, content: bytes, advance: Advance) -> Sequence[Finding]:
        """Return the problems of one content of the Piece. Called for each of its contents.

        `advance` takes the bytes that are done: all together at most the content's.
        """
        ...


class Secrets:
    """Reports what looks like a secret (`satchel.models.secrets`)."""

    def findings(self, piece: Piece, content: bytes, advance: Advance) -> Sequence[Finding]:  # noqa: ARG002  the protocol
        """Return a finding for each secret of a content."""
        from satchel.models.secrets import scan  # noqa: PLC0415  the table of formats costs some milliseconds

        return [finding_of(secret) for secret in scan(content, advance=advance)]


def finding_of(secret: "Secret") -> Finding:
    """Return the finding for a secret, which does not hold its value."""
    shown = f", {secret.redacted}" if secret.shown else ""
    return Finding(
        secret.rule,
        secret.line,
        f"{secret.what}{shown}",
        digest=hashlib.sha256(secret.value.encode()).digest(),
    )


SHARE_CHECKS: Final[tuple[ShareCheck, ...]] = (Secrets(),)


def findings(
    piece: Piece,
    content: bytes,
    files: Sequence[WholeFile] = (),
    *,
    checks: Sequence[ShareCheck] = SHARE_CHECKS,
    advance: Advance = lambda _done: None,
) -> tuple[Finding, ...]:
    """Run all checks on the title and the other fields, on the content, and on each further file.

    Findings are in the order of lines. `advance` takes the bytes of contents that are done.
    """
    found = [
        replace(finding, part=part)
        for part, text in _parts(piece, files)
        for finding in _sorted(piece, text.encode("utf-8", "replace"), checks, lambda _done: None)
    ]
    found += _sorted(piece, content, checks, advance)
    for file in files:
        of_file = _sorted(piece, file.content, checks, advance)
        found += (replace(finding, file=file.name) for finding in of_file)
    return tuple(found)


def _parts(piece: Piece, files: Sequence[WholeFile]) -> list[tuple[str, str]]:
    """Return the texts of a Piece besides its contents, with their names; empty ones are left out."""
    parts = [("title", piece.title), ("description", piece.description), ("tags", "\n".join(piece.tags))]
    parts.append(("links", "\n".join(piece.links)))
    parts.append(("names of files", "\n".join(file.name for file in files)))
    if piece.source is not None:
        parts.append(("source", f"{piece.source.location or ''}\n{piece.source.file_name or ''}"))
    return [(name, text) for name, text in parts if text.strip()]


def _sorted(piece: Piece, content: bytes, checks: Sequence[ShareCheck], advance: Advance) -> list[Finding]:
    found = [finding for check in checks for finding in check.findings(piece, content, advance)]
    return sorted(found, key=lambda finding: (finding.line, finding.rule))
