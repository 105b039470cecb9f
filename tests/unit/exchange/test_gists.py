"""Importing GitHub gists from documents of the REST API."""

import base64
import datetime as dt
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from satchel.errors import UsageError
from satchel.pieces.fields import MAX_FILES, is_file_name

if TYPE_CHECKING:
    from tests.unit.exchange.conftest import Found

Read = Callable[..., "Found"]


def gist(gist_id: str = "aa11", **changes: object) -> dict[str, Any]:
    return {
        "url": f"https://api.github.com/gists/{gist_id}",
        "id": gist_id,
        "html_url": f"https://gist.github.com/{gist_id}",
        "description": "how to wait",
        "public": False,
        "created_at": "2021-03-04T05:06:07Z",
        "updated_at": "2022-03-04T05:06:07Z",
        "truncated": False,
        "files": {
            "wait.py": {
                "filename": "wait.py",
                "type": "application/x-python",
                "language": "Python",
                "raw_url": "https://gist.githubusercontent.com/raw",
                "size": 5,
                "truncated": False,
                "content": "wait()",
                "encoding": "utf-8",
            }
        },
        "owner": {"login": "someone"},
        "history": [],
        **changes,
    }


def file_of(gist_: dict[str, Any]) -> dict[str, Any]:
    file: dict[str, Any] = gist_["files"]["wait.py"]
    return file


def write(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document))
    return path


def test_a_gist_is_detected_and_read(tmp_path: Path, read_source: Read) -> None:
    found = read_source(write(tmp_path / "g.json", gist()))
    assert found.kind == "gists"
    (draft,) = found.drafts
    assert (draft.title, draft.description, draft.language) == ("wait.py", "how to wait", "python")
    assert draft.content == b"wait()"
    assert draft.links == ("https://gist.github.com/aa11",)
    assert draft.created == dt.datetime(2021, 3, 4, 5, 6, 7, tzinfo=dt.UTC)
    assert draft.source is not None
    assert draft.source.kind == "gist"


def test_a_bad_gist_in_a_list_is_a_problem(tmp_path: Path, read_source: Read) -> None:
    found = read_source(write(tmp_path / "g.json", [gist("a"), {"id": 7}, gist("b"), None]))
    assert len(found.drafts) == 2
    assert [problem.where for problem in found.problems] == ["gist 2 of 4", "gist 4 of 4"]


def with_files(**contents: str) -> dict[str, Any]:
    """Return the gist with further files."""
    many = gist()
    many["files"] |= {name: {"filename": name, "content": content} for name, content in contents.items()}
    return many


def test_a_gist_with_several_files_is_one_draft(tmp_path: Path, read_source: Read) -> None:
    many = with_files(**{"notes.md": "# n", "größe 文件.rs": "fn f() {}"})
    many["files"]["odd"] = {"filename": "odd", "language": "C++", "content": "int f();"}
    (draft,) = read_source(write(tmp_path / "g.json", many)).drafts
    assert (draft.title, draft.content, draft.language) == ("wait.py", b"wait()", "python")
    assert draft.source is not None
    assert draft.source.base_name == "wait.py"
    assert [(file.name, file.content, file.language) for file in draft.files] == [
        ("notes.md", b"# n", None),
        ("größe 文件.rs", b"fn f() {}", None),
        ("odd", b"int f();", "cpp"),
    ]


def test_binary_and_truncated_files_are_reported_and_the_others_read(
    tmp_path: Path, read_source: Read
) -> None:
    many = with_files(**{"a.txt": "a", "blank": "  ", "b.txt": "b"})
    many["files"]["a.txt"]["truncated"] = True
    many["files"]["x.bin"] = {
        "filename": "x.bin", "encoding": "base64", "content": base64.b64encode(b"\x7fELF\0").decode(),
    }  # fmt: skip
    found = read_source(write(tmp_path / "g.json", many))
    assert [file.name for file in found.drafts[0].files] == ["b.txt"]
    assert [problem.where for problem in found.problems] == ["gist aa11: a.txt"]
    assert [(item.where, item.reason) for item in found.skipped] == [
        ("gist aa11: blank", "empty"),
        ("gist aa11: x.bin", "neither text nor image"),
    ]


def test_invalid_file_names_are_replaced_by_similar_ones(tmp_path: Path, read_source: Read) -> None:
    many = with_files(
        **{"../../etc/passwd": "1", "\u202egpj.exe": "2", "..": "3", "x" * 300: "4", "a\x00b": "5"}
    )
    (draft,) = read_source(write(tmp_path / "g.json", many)).drafts
    assert all(map(is_file_name, (file.name for file in draft.files)))
    assert len({file.name for file in draft.files}) == len(draft.files) == 5


def test_a_gist_with_too_many_files_is_a_problem(tmp_path: Path, read_source: Read) -> None:
    many = with_files(**{f"{number}.txt": "x" for number in range(MAX_FILES + 1)})
    found = read_source(write(tmp_path / "g.json", [many, gist("b")]))
    assert [problem.where for problem in found.problems] == ["gist aa11"]
    assert len(found.drafts) == 1


def test_a_truncated_file_is_a_problem(tmp_path: Path, read_source: Read) -> None:
    cut = gist()
    file_of(cut)["truncated"] = True
    found = read_source(write(tmp_path / "g.json", cut))
    assert not found.drafts
    assert "truncated its content" in found.problems[0].reason


def test_a_gist_without_contents_among_others_names_the_request_that_has_them(
    tmp_path: Path, read_source: Read
) -> None:
    bare = gist()
    del file_of(bare)["content"]
    (problem,) = read_source(write(tmp_path / "g.json", [bare, gist("b")])).problems
    assert "GET /gists/{id}" in problem.reason


def test_a_truncated_gist_is_read_and_reported(tmp_path: Path, read_source: Read) -> None:
    found = read_source(write(tmp_path / "g.json", gist(truncated=True)))
    assert len(found.drafts) == 1
    assert "300" in found.problems[0].reason


def test_base64_contents_are_decoded(tmp_path: Path, read_source: Read) -> None:
    encoded = gist()
    png = b"\x89PNG\r\n\x1a\nrest"
    file_of(encoded).update(content=base64.b64encode(png).decode(), encoding="base64")
    assert read_source(write(tmp_path / "g.json", encoded)).drafts[0].content == png


def test_invalid_base64_is_a_problem(tmp_path: Path, read_source: Read) -> None:
    encoded = gist()
    file_of(encoded).update(content="***", encoding="base64")
    assert "base64" in read_source(write(tmp_path / "g.json", encoded)).problems[0].reason


@pytest.mark.parametrize(
    ("field", "value"),
    [("files", []), ("files", {"x": 1}), ("id", None), ("description", 5), ("created_at", {"a": 1})],
)
def test_a_field_of_the_wrong_type_is_a_problem(
    tmp_path: Path, read_source: Read, field: str, value: object
) -> None:
    found = read_source(write(tmp_path / "g.json", [gist(), {**gist(), field: value}]), "gists")
    assert len(found.drafts) == 1
    assert len(found.problems) == 1


def test_an_invalid_time_is_omitted(tmp_path: Path, read_source: Read) -> None:
    assert read_source(write(tmp_path / "g.json", gist(created_at="soon"))).drafts[0].created is None


@pytest.mark.parametrize(
    "data", [b"", b"{", b'"text"', b"[" * 100_000, b'{"a":' * 100_000, b"\xff\xfe{", b'{"id":"\xff"}']
)
def test_an_invalid_document_is_refused(tmp_path: Path, read_source: Read, data: bytes) -> None:
    path = tmp_path / "g.json"
    path.write_bytes(data)
    with suppress(UsageError):
        found = read_source(path, "gists")
        assert not found.drafts
        assert found.problems


def test_package_json_is_an_ordinary_file(tmp_path: Path, read_source: Read) -> None:
    path = write(tmp_path / "package.json", {"name": "x", "version": "1", "files": ["dist"]})
    assert read_source(path).kind == "file"
