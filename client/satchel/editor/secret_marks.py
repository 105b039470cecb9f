"""What looks like a secret in a document, with its place, except what the owner allowed."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from satchel.editor.documents import Document
from satchel.models.secrets import Secret, scan_text
from satchel.store import system_entropy
from satchel.suggest.allowed_values import AllowedValues
from satchel.suggest.share_checks import Finding, finding_of

MAX_DOCUMENT_CHARS: Final = 2**20  # a larger document is no text that a person edits
MAX_MARKS: Final = 100


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a document: a line from 0, and columns in characters. `what` tells the kind and never the value."""

    rule: str
    what: str
    line: int
    start: int
    end: int
    finding: Finding = field(repr=False)


def marks_of(document: Document, home: Path) -> list[Mark]:
    """Return the places of a document that look like secrets, the first ones of very many."""
    if len(document.text) > MAX_DOCUMENT_CHARS:
        return []
    found = scan_text(document.text)
    allowed = AllowedValues.read(home)
    marks = [_mark(secret, document.lines) for secret in found if allowed.without([finding_of(secret)])]
    return sorted(marks, key=lambda mark: (mark.line, mark.start))[:MAX_MARKS]


def allow(home: Path, findings: list[Finding]) -> None:
    """Remember that these values are no secrets. Raise SatchelError if there are too many of them."""
    allowed = AllowedValues.read(home)
    allowed.adding([one.digest for one in findings], system_entropy).write(home)


def _mark(secret: Secret, lines: list[str]) -> Mark:
    number = min(max(secret.line, 1), len(lines)) - 1
    line = lines[number]
    value = secret.value.splitlines()[0] if secret.value else ""
    start = line.find(value) if value else -1
    if start < 0:  # split over lines, or written with other characters: the whole line
        start, end = len(line) - len(line.lstrip()), len(line)
    else:
        end = start + len(value)
    return Mark(secret.rule, secret.what, number, start, end, finding_of(secret))
