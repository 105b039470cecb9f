"""The commits of real projects, as their packages record them.

Three records are made from git histories when a release is made: the output of `git log` (X.Org and its libraries),
GNU's ChangeLog (author, date, subject, changed files), and the change logs of conventional commits (subject, scope).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MAX_FILES: Final = 8
_COMMIT: Final = re.compile(r"(?m)^commit [0-9a-f]{40}.*$")
_GNU: Final = re.compile(r"(?m)^\d{4}-\d{2}-\d{2}  \S.*$")
_GNU_FILE: Final = re.compile(r"(?m)^\s+\* ([\w./+-]+)(?:[ ,:(]|$)")
_CONVENTIONAL: Final = re.compile(
    r"(?m)^[*-] (?:\*\*(?P<scope>[\w@/., -]+?):?\*\*:? )?(?P<subject>.+?) "
    r"\(?\[?`?(?P<commit>[0-9a-f]{7,40})`?\]?.*$"
)
_HEADING: Final = re.compile(r"(?m)^#+ .*$")
_KIND: Final = {"feat": "feat", "bug": "fix", "fix": "fix", "perf": "perf", "refactor": "refactor"}
_NAMED_FILE: Final = re.compile(
    r"\b[\w+-]+(?:/[\w+.-]+)*\.(?:c|h|cpp|py|js|ts|md|sh|build|ac|am|xml|conf|man|txt)\b"
)
_NOISE: Final = re.compile(
    r"(?i)^(merge|revert \"|bump|release|version|update changelog|signed-off|\S+ \d+(\.\d+)+$)"
)
_LINKED: Final = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_TRAILER: Final = re.compile(r"(?i)\s*(?:,? ?closes .*|\(#\d+\)|\(?\[?#\d+\]?\)?)\s*$")


@dataclass(frozen=True, slots=True)
class Change:
    """One commit: what its author said, and the files that its record names."""

    subject: str
    body: str
    files: tuple[str, ...]


def changes(text: str) -> list[Change]:
    """Return the changes of a record, the oldest first. Releases, merges and subjects of one word are left out."""
    if len(_COMMIT.findall(text)) > 10:
        found = _from_log(text)
    elif len(_GNU.findall(text)) > 10:
        found = _from_gnu(text)
    else:
        found = _from_conventional(text)
    return [one for one in found if _tells(one.subject)][::-1]


def _tells(subject: str) -> bool:
    return (
        12 <= len(subject) <= 90
        and len(subject.split()) >= 3
        and not _NOISE.match(subject)
        and subject.isascii()
    )


def _from_log(text: str) -> Iterator[Change]:
    for entry in _COMMIT.split(text)[1:]:
        head, _, said = entry.strip("\n").partition("\n\n")
        if head.startswith("Merge:"):
            continue
        lines = [line.strip() for line in said.splitlines()]
        subject, body = (lines[0] if lines else ""), "\n".join(_prose(lines[1:]))
        yield Change(subject, body, _named(f"{subject}\n{body}"))


def _prose(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if re.match(r"[A-Z][a-z]+(-[a-zA-Z]+)+: ", line):
            return
        yield line


def _named(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_NAMED_FILE.findall(text)))[:MAX_FILES]


def _from_gnu(text: str) -> Iterator[Change]:
    for entry in _GNU.split(text)[1:]:
        lines = [line.strip() for line in entry.strip("\n").splitlines()]
        if not lines or lines[0].startswith("*"):
            continue
        body = [line for line in lines[1:] if line and not line.startswith("*")]
        files = tuple(dict.fromkeys(_GNU_FILE.findall(entry)))[:MAX_FILES]
        yield Change(lines[0].rstrip("."), " ".join(body)[:300], files)


def _from_conventional(text: str) -> Iterator[Change]:
    kind = "chore"
    for line in text.splitlines():
        if _HEADING.match(line):
            word = line.strip("# ").lower()
            kind = next((name for start, name in _KIND.items() if word.startswith(start)), kind)
        elif found := _CONVENTIONAL.match(line):
            plain = _LINKED.sub(r"\1", found["subject"]).strip(" (")
            subject = _TRAILER.sub("", plain).replace("`", "").strip()
            scope = (found["scope"] or "").strip()
            yield Change(
                f"{kind}({scope}): {subject}" if scope else f"{kind}: {subject}", "", _named(subject)
            )
