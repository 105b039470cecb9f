"""Importing VS Code snippets."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from satchel.errors import UsageError

if TYPE_CHECKING:
    from tests.unit.exchange.conftest import Found

Read = Callable[..., "Found"]

DOCUMENT = """{
    // Place your global snippets here.
    "Print to console": {
        "scope": "javascript,typescript",
        "prefix": "log",
        "body": [
            "console.log('$1'); // http://example.org",
            "$2",
        ],
        "description": "Log output to console",
    },
    /* the second */
    "For loop": {"prefix": ["for", "for-const"], "body": "for (;;) {}", "isFileTemplate": true}
}
"""


def test_snippets_are_detected_and_every_field_is_read(tmp_path: Path, read_source: Read) -> None:
    path = tmp_path / "mine.code-snippets"
    path.write_text(DOCUMENT)
    found = read_source(path)
    assert found.kind == "vscode"
    first, second = found.drafts
    assert (first.title, first.description, first.language) == (
        "Print to console",
        "Log output to console",
        "javascript",
    )
    assert first.content == b"console.log('$1'); // http://example.org\n$2"
    assert first.tags == ("log", "typescript")
    assert (second.language, second.tags, second.content) == (None, ("for", "for-const"), b"for (;;) {}")


def test_a_language_file_is_detected_and_sets_the_language(tmp_path: Path, read_source: Read) -> None:
    path = tmp_path / "python.json"
    path.write_text('{"main": {"prefix": "main", "body": ["if __name__:", "    $0"]}}')
    found = read_source(path)
    assert found.kind == "vscode"
    assert [(draft.title, draft.language) for draft in found.drafts] == [("main", "python")]


def test_a_bad_snippet_is_a_problem_and_the_others_are_read(tmp_path: Path, read_source: Read) -> None:
    path = tmp_path / "a.code-snippets"
    path.write_text(json.dumps({"bad": {"prefix": "x"}, "worse": 5, "good": {"prefix": "g", "body": "b"}}))
    found = read_source(path)
    assert found.titles == ["good"]
    assert [problem.where for problem in found.problems] == ["snippet 'bad'", "snippet 'worse'"]


@pytest.mark.parametrize("data", [b"", b"[1]", b"{", b"\xff", b'{"a":' * 50_000])
def test_an_invalid_snippet_file_is_refused(tmp_path: Path, read_source: Read, data: bytes) -> None:
    path = tmp_path / "a.code-snippets"
    path.write_bytes(data)
    with pytest.raises(UsageError):
        read_source(path)


def test_ordinary_json_is_an_ordinary_file(tmp_path: Path, read_source: Read) -> None:
    path = tmp_path / "tsconfig.json"
    path.write_text('{"compilerOptions": {"strict": true}}')
    assert read_source(path).kind == "file"
