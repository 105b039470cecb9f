"""Importing VS Code snippets."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from satchel.errors import IntegrityError, UsageError
from satchel.store import Draft

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


@pytest.mark.parametrize("data", [b"", b" \n"])
def test_a_snippet_file_without_a_document_is_refused(tmp_path: Path, read_source: Read, data: bytes) -> None:
    path = tmp_path / "a.code-snippets"
    path.write_bytes(data)
    with pytest.raises(UsageError):
        read_source(path)


@pytest.mark.parametrize("data", [b"[1]", b"\xff", b"snippets", b'"text"'])
def test_a_snippet_file_that_holds_something_else_is_damaged(
    tmp_path: Path, read_source: Read, data: bytes
) -> None:
    path = tmp_path / "a.code-snippets"
    path.write_bytes(data)
    with pytest.raises(IntegrityError):
        read_source(path)


@pytest.mark.parametrize("data", [b"{", b'{"a":' * 50_000, b'{"a": {"prefix": "x"'])
def test_a_cut_snippet_file_is_a_problem(tmp_path: Path, read_source: Read, data: bytes) -> None:
    path = tmp_path / "a.code-snippets"
    path.write_bytes(data)
    found = read_source(path)
    assert not found.drafts
    assert len(found.problems) == 1


def by_title(found: "Found") -> dict[str, Draft]:
    return {draft.title: draft for draft in found.drafts}


def test_groups_templates_lists_and_nulls_are_read_as_vs_code_reads_them(
    tmp_path: Path, read_source: Read
) -> None:
    path = tmp_path / "team.code-snippets"
    path.write_bytes(
        b"\xef\xbb\xbf"
        b"""{
        // team snippets, in groups
        "React": {
            "Component": {"prefix": ["rfc", "component"], "body": ["a", "b",], "scope": "javascriptreact,css", },
            "Effect": {"prefix": "ue", "body": "useEffect"}
        },
        "Lines": {"prefix": "l", "body": ["a", null, "b", 5, true], "description": ["two", "lines"]},
        "Template": {"body": "x = 1", "isFileTemplate": true},
        "Nulls": {"prefix": null, "body": "n", "description": null, "scope": null},
        "Odd": {"prefix": {"a": 1}, "body": "o", "description": 5, "scope": ["x"]},
        "Twice": {"prefix": "p1", "body": "first"},
        "Twice": {"prefix": "p2", "body": "second"},
    }"""
    )
    found = read_source(path)
    drafts = by_title(found)
    assert not found.problems
    assert (drafts["Component"].content, drafts["Component"].tags) == (b"a\nb", ("component", "css", "rfc"))
    assert drafts["Component"].language == "javascript"
    assert drafts["Effect"].tags == ("ue",)
    assert (drafts["Lines"].content, drafts["Lines"].description) == (b"a\n\nb\n5\ntrue", "two\nlines")
    assert (drafts["Template"].content, drafts["Template"].tags) == (b"x = 1", ())
    assert drafts["Nulls"].content == b"n"
    assert drafts["Odd"].content == b"o"
    assert drafts["Twice"].content == b"second"


@pytest.mark.parametrize("prefix", ["a" * 330, "ß" * 100, "for loop, each", "!", "  ", ""])
def test_any_prefix_is_kept(tmp_path: Path, read_source: Read, prefix: str) -> None:
    path = tmp_path / "a.code-snippets"
    path.write_text(json.dumps({"x": {"prefix": prefix, "body": "b"}}))
    (draft,) = read_source(path).drafts
    assert draft.tags or prefix.strip() in draft.description


def test_many_prefixes_and_scopes_fit_with_the_tags_of_an_import(tmp_path: Path, read_source: Read) -> None:
    path = tmp_path / "a.code-snippets"
    many = [f"prefix{number}" for number in range(200)]
    path.write_text(json.dumps({"x": {"prefix": many, "body": "b", "scope": ",".join(many)}}))
    (draft,) = read_source(path).drafts
    assert len(draft.tags) < 70
    assert all(prefix in draft.tags or prefix in draft.description for prefix in many)


def test_half_a_character_affects_only_its_snippet(tmp_path: Path, read_source: Read) -> None:
    path = tmp_path / "x.code-snippets"
    path.write_text(
        r'{"Ok":{"prefix":"ok","body":"fine"},"Cut":{"prefix":"c","body":"\ud83d"},"Cut \ud83d":{"prefix":"d","body":"z"}}'
    )
    found = read_source(path)
    assert found.titles == ["Ok"]
    assert len(found.problems) == 2


FILES = {
    "python.json": '{/* for python */ "Main": {"prefix": "main", "body": ["if True:"]}, "T": {"body": "t", "isFileTemplate": true}}',
    "js.code-snippets": '{"Log": {"prefix": "log", "body": ["console.log()"]}}',
    "go.json": "{\n\t// Place your snippets for go here. Each snippet is defined under a snippet name\n}",
}  # fmt: skip


def test_the_folder_that_vs_code_keeps_is_detected_and_read(tmp_path: Path, read_source: Read) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    for kind in (None, "vscode"):
        found = read_source(tmp_path, kind)
        assert (found.kind, sorted(found.titles), found.problems) == ("vscode", ["Log", "Main", "T"], [])
        assert by_title(found)["T"].language == "python"


def test_a_project_with_snippets_is_a_folder_unless_its_format_is_named(
    tmp_path: Path, read_source: Read
) -> None:
    (tmp_path / "js.code-snippets").write_text(FILES["js.code-snippets"])
    (tmp_path / "settings.json").write_text('{"editor.tabSize": 4}')
    (tmp_path / "README.md").write_text("# x")
    assert read_source(tmp_path).kind == "folder"
    assert read_source(tmp_path, "vscode").titles == ["Log"]
    (tmp_path / "js.code-snippets").write_text("[]")
    assert [problem.where for problem in read_source(tmp_path, "vscode").problems] == ["js.code-snippets"]


def test_a_folder_without_snippets_is_refused_as_vs_code(tmp_path: Path, read_source: Read) -> None:
    with pytest.raises(UsageError, match="holds no VS Code snippets"):
        read_source(tmp_path, "vscode")


def test_ordinary_json_is_an_ordinary_file(tmp_path: Path, read_source: Read) -> None:
    path = tmp_path / "tsconfig.json"
    path.write_text('{"compilerOptions": {"strict": true}}')
    assert read_source(path).kind == "file"
