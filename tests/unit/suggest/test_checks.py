"""Checks before a share: findings are sorted by line."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from satchel.progress import Advance
from satchel.store import Piece, WholeFile
from satchel.suggest import SHARE_CHECKS, Finding, findings

PIECE = Piece(
    id="01ARZ3NDEKTSV4RRFFQ69G5FAV",
    title="t",
    description="",
    language=None,
    media_type="text/plain",
    tags=(),
    links=(),
    source=None,
    created=datetime(2025, 1, 1, tzinfo=UTC),
    updated=datetime(2025, 1, 1, tzinfo=UTC),
    size_bytes=0,
    revision=1,
)


class _Lines:
    """Report the lines that match a pattern."""

    def __init__(self, rule: str, pattern: bytes) -> None:
        self.rule, self.pattern = rule, re.compile(pattern)

    def findings(self, piece: Piece, content: bytes, advance: Advance) -> Sequence[Finding]:  # noqa: ARG002 -- the protocol
        advance(len(content))
        lines = enumerate(content.splitlines(), 1)
        return [
            Finding(self.rule, number, "looks private") for number, line in lines if self.pattern.search(line)
        ]


def test_every_check_runs() -> None:
    checks = (_Lines("b-rule", b"two"), _Lines("a-rule", b"one|two"))
    found = findings(PIECE, b"one\ntwo\n", checks=checks)
    assert [(one.line, one.rule) for one in found] == [(1, "a-rule"), (2, "a-rule"), (2, "b-rule")]


def test_without_checks_there_are_no_findings() -> None:
    assert findings(PIECE, b"password = hunter2", checks=()) == ()


def test_every_installed_check_accepts_any_content() -> None:
    for content in (b"", b"\0\xff" * 1_000, "文".encode(), b"x" * 100_000):
        assert all(finding.line >= 1 for finding in findings(PIECE, content, checks=SHARE_CHECKS))


def test_every_file_is_checked_and_named() -> None:
    files = (WholeFile("a.py", b"one"), WholeFile("b.env", b"x\ntwo"))
    found = findings(PIECE, b"one", files, checks=(_Lines("rule", b"one|two"),))
    assert [(one.file, one.line) for one in found] == [("", 1), ("a.py", 1), ("b.env", 2)]


def test_progress_counts_the_bytes_of_contents() -> None:
    done: list[int] = []
    files = (WholeFile("a.py", b"123"),)
    findings(PIECE, b"one", files, checks=(_Lines("rule", b"one"),), advance=done.append)
    assert done == [3, 3]


def test_a_long_search_for_secrets_reports_progress_on_the_way() -> None:
    done: list[int] = []
    content = b"".join(b"id = %040x\n" % number for number in range(20_000))
    findings(PIECE, content, advance=done.append)
    assert len([amount for amount in done if amount]) >= 10
    assert len(content) * 0.8 < sum(done) <= len(content)
