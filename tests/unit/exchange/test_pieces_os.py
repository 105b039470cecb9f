"""Importing from Pieces for Developers: documents of Pieces OS and archives of the export tool."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.unit.exchange.conftest import Found

Read = Callable[..., "Found"]

CREATED = "2024-05-06T07:08:09.100Z"
PNG = b"\x89PNG\r\n\x1a\n\x00\x01"


def format_(text: str | None = "print(1)", **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "id": "f1",
        "creator": "u",
        "classification": {"generic": "CODE", "specific": "py", "rendering": "HLJS"},
        "fragment": {"string": {"raw": text}},
        "created": {"value": CREATED},
        **changes,
    }


def asset(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "id": "a1",
        "name": "Print a number",
        "creator": "u",
        "mechanism": "MANUAL",
        "created": {"value": CREATED, "readable": "a while ago"},
        "updated": {"value": CREATED},
        "formats": {"iterable": []},
        "preview": {"base": {"id": "f1"}},
        "original": {"id": "f1", "reference": format_()},
        "tags": {"iterable": [{"id": "t1", "text": "Numbers", "category": "UNKNOWN"}], "indices": {"t1": 0}},
        "websites": {"iterable": [{"id": "w1", "url": "https://example.org/print", "name": "print"}]},
        "annotations": {
            "iterable": [
                {"id": "n1", "type": "SUMMARY", "text": "no"},
                {"id": "n2", "type": "DESCRIPTION", "text": "prints one"},
            ]
        },
        "favorited": True,
        **changes,
    }


def write(path: Path, document: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))
    return path


def put_record(root: Path, material: str, record: dict[str, Any]) -> None:
    """Write a record under the export tool's file name."""
    name = hashlib.sha256(f"{material.upper()}\0{record['id']}".encode()).hexdigest()
    write(root / "data" / material / f"{name}.json", record)


@pytest.mark.parametrize(
    "document",
    [{"iterable": [asset()]}, [asset()], asset()],
    ids=["the collection", "a list", "one asset"],
)
def test_assets_are_detected_and_read_with_their_records(
    tmp_path: Path, read_source: Read, document: object
) -> None:
    found = read_source(write(tmp_path / "assets.json", document))
    assert found.kind == "pieces"
    (draft,) = found.drafts
    assert (draft.title, draft.description, draft.language) == ("Print a number", "prints one", "python")
    assert draft.content == b"print(1)"
    assert draft.tags == ("favorite", "numbers")
    assert draft.links == ("https://example.org/print",)
    assert draft.created == dt.datetime(2024, 5, 6, 7, 8, 9, 100_000, dt.UTC)


def test_a_screenshot_is_read_from_its_bytes(tmp_path: Path, read_source: Read) -> None:
    image = format_(fragment=None, file={"bytes": {"raw": list(PNG)}}, classification={"generic": "IMAGE"})
    document = [asset(original={"id": "f1", "reference": image})]
    (draft,) = read_source(write(tmp_path / "a.json", document)).drafts
    assert (draft.content, draft.media_type) == (PNG, "image/png")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"original": None}, "no original format"),
        ({"original": {"id": "f1"}}, "not in the export"),
        ({"original": {"id": "f1", "reference": format_(None)}}, "not in the export"),
        (
            {"original": {"id": "f1", "reference": {"file": {"bytes": {"raw": [1, 256]}}}}},
            "not a list of bytes",
        ),
        ({"name": 5}, "the expected form"),
    ],
)
def test_an_asset_without_readable_content_is_a_problem(
    tmp_path: Path, read_source: Read, changes: dict[str, Any], reason: str
) -> None:
    found = read_source(write(tmp_path / "a.json", {"iterable": [asset(**changes), asset(id="a2")]}))
    assert len(found.drafts) == 1
    assert [problem.where for problem in found.problems] == ["asset 1 of 2"]
    assert reason in found.problems[0].reason


def test_a_deleted_asset_is_skipped(tmp_path: Path, read_source: Read) -> None:
    found = read_source(write(tmp_path / "a.json", {"iterable": [asset(deleted={"value": CREATED})]}))
    assert [item.reason for item in found.skipped] == ["deleted"]


def test_an_archive_is_detected_and_its_records_are_joined(tmp_path: Path, read_source: Read) -> None:
    (tmp_path / "manifest.json").write_text('{"format_version": 5}')
    (tmp_path / "index.md").write_text("# Pieces")
    put_record(
        tmp_path,
        "assets",
        asset(
            original={"id": "f1"},
            tags={"indices": {"t1": 0, "gone": 1, "removed": -1}},
            websites={"iterable": [{"id": "w1"}]},
            annotations={"indices": {"n2": 0}},
        ),
    )
    put_record(tmp_path, "formats", format_())
    put_record(tmp_path, "tags", {"id": "t1", "text": "Numbers"})
    put_record(tmp_path, "tags", {"id": "removed", "text": "No"})
    put_record(tmp_path, "annotations", {"id": "n2", "type": "DESCRIPTION", "text": "prints one"})
    found = read_source(tmp_path)
    assert found.kind == "pieces"
    (draft,) = found.drafts
    assert (draft.content, draft.description, draft.tags) == (
        b"print(1)",
        "prints one",
        ("favorite", "numbers"),
    )
    assert not found.problems


def test_a_bad_record_in_an_archive_is_a_problem(tmp_path: Path, read_source: Read) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    put_record(tmp_path, "assets", asset())
    write(tmp_path / "data" / "assets" / "0bad.json", [1])
    (tmp_path / "data" / "assets" / "0worse.json").write_bytes(b"\xff")
    found = read_source(tmp_path)
    assert len(found.drafts) == 1
    assert [problem.where for problem in found.problems] == [
        "data/assets/0bad.json",
        "data/assets/0worse.json",
    ]


def test_an_id_that_looks_like_a_path_is_not_followed(tmp_path: Path, read_source: Read) -> None:
    archive = tmp_path / "archive"
    write(tmp_path / "secret.json", format_("secret"))
    write(archive / "manifest.json", {})
    put_record(archive, "assets", asset(original={"id": "../../../secret"}))
    found = read_source(archive)
    assert not found.drafts
    assert len(found.problems) == 1
