"""Exports in JSON that are encoded unusually, cut off, or damaged: they are recognized, and the rest is read."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from satchel.errors import IntegrityError, SatchelError, UsageError
from satchel.exchange import json_text

if TYPE_CHECKING:
    from tests.unit.exchange.conftest import Found

Read = Callable[..., "Found"]


def gist(key: str, **changes: object) -> dict[str, Any]:
    files = {f"{key}.txt": {"filename": f"{key}.txt", "content": f"content {key}"}}
    return {
        "id": key,
        "description": f"d {key}",
        "files": files,
        "created_at": "2020-01-01T00:00:00Z",
        **changes,
    }


def snippet(key: str, **changes: object) -> dict[str, Any]:
    content = [{"label": "F", "language": "sql", "value": f"select {key}"}]
    return {"id": key, "name": key, "content": content, "createdAt": 1_600_000_000_000, **changes}


def asset(key: str, **changes: object) -> dict[str, Any]:
    original = {
        "id": f"o-{key}",
        "reference": {"id": f"o-{key}", "fragment": {"string": {"raw": f"text {key}"}}},
    }
    return {
        "id": key,
        "name": key,
        "original": original,
        "created": {"value": "2020-01-01T00:00:00Z"},
        **changes,
    }


def database(*snippets: object) -> dict[str, Any]:
    return {"folders": [], "tags": [], "snippets": list(snippets)}


GISTS = [gist("g1"), gist("g2"), gist("g3")]
DATABASE = database(snippet("s1"), snippet("s2"), snippet("s3"))
ASSETS = {"iterable": [asset("a1"), asset("a2"), asset("a3")]}
EXPORTS: dict[str, Any] = {"gists": GISTS, "masscode": DATABASE, "pieces": ASSETS}
ENCODINGS = ["utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]
PRETTY = {"indent": 1}

by_kind = pytest.mark.parametrize("kind", EXPORTS)


def write(folder: Path, data: bytes | str, name: str = "export.json") -> Path:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


@by_kind
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_with_and_without_a_mark_is_read(
    tmp_path: Path, read_source: Read, kind: str, encoding: str
) -> None:
    found = read_source(write(tmp_path, json.dumps(EXPORTS[kind], indent=1).encode(encoding)))
    assert (found.kind, len(found.drafts), found.problems) == (kind, 3, [])


@by_kind
def test_line_ends_of_windows_are_read(tmp_path: Path, read_source: Read, kind: str) -> None:
    found = read_source(write(tmp_path, json.dumps(EXPORTS[kind], indent=1).replace("\n", "\r\n")))
    assert (found.kind, len(found.drafts), found.problems) == (kind, 3, [])


@pytest.mark.parametrize(
    "name", ["export.json", "export.jsonl", "export.ndjson", "export.txt", "export", "db.json.bak"]
)
@by_kind
def test_the_name_of_the_file_does_not_matter(
    tmp_path: Path, read_source: Read, kind: str, name: str
) -> None:
    found = read_source(write(tmp_path, json.dumps(EXPORTS[kind]), name))
    assert (found.kind, len(found.drafts)) == (kind, 3)


@pytest.mark.parametrize("between", ["", "\n", ",\n", "\x1e"])
def test_several_documents_in_a_row_are_read(tmp_path: Path, read_source: Read, between: str) -> None:
    pages = between.join(json.dumps([each]) for each in GISTS)
    assert len(read_source(write(tmp_path, pages)).drafts) == 3
    lines = between.join(map(json.dumps, GISTS))
    assert len(read_source(write(tmp_path, lines, "gists.jsonl")).drafts) == 3
    databases = between.join(json.dumps(database(snippet(name))) for name in "abc")
    assert len(read_source(write(tmp_path, databases)).drafts) == 3


def test_pages_in_a_list_are_read(tmp_path: Path, read_source: Read) -> None:
    slurped = [[GISTS[0]], [], [GISTS[1], GISTS[2]]]
    found = read_source(write(tmp_path, json.dumps(slurped)))
    assert (found.kind, len(found.drafts), found.problems) == ("gists", 3, [])


@pytest.mark.parametrize("first", ["null", "5", '"header"', "[]", "{}", '{"id": 7}', "[[[[[[[[]]]]]]]]"])
def test_an_odd_first_element_is_one_problem(tmp_path: Path, read_source: Read, first: str) -> None:
    text = f"[{first}, {json.dumps(GISTS)[1:]}"
    found = read_source(write(tmp_path, text))
    assert (found.kind, len(found.drafts)) == ("gists", 3)
    assert len(found.problems) == (0 if first == "[]" else 1)


def keep_of(text: str, marker: str) -> str:
    """Return a text cut in the middle of the item that contains a marker."""
    return text[: text.index(marker) + len(marker)]


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize(
    ("kind", "marker"), [("gists", "content g3"), ("masscode", "select s3"), ("pieces", "text a3")]
)
def test_the_whole_items_of_a_cut_file_are_read_and_the_cut_is_one_problem(
    tmp_path: Path, read_source: Read, kind: str, marker: str, indent: int | None
) -> None:
    found = read_source(write(tmp_path, keep_of(json.dumps(EXPORTS[kind], indent=indent), marker)))
    assert (found.kind, len(found.drafts), len(found.problems)) == (kind, 2, 1)
    assert "ends" in found.problems[0].reason


@by_kind
def test_a_file_cut_anywhere_never_loses_whole_items_in_silence(
    tmp_path: Path, read_source: Read, kind: str
) -> None:
    text = json.dumps(EXPORTS[kind])
    started = {"gists": '{"id"', "masscode": '"snippets"', "pieces": '"iterable"'}[kind]
    first = text.index(started) + 40
    for keep in range(first, len(text)):
        found = read_source(write(tmp_path, text[:keep]), kind)
        assert found.problems or len(found.drafts) == 3
        assert not any(draft.content.lstrip()[:1] in {b"[", b"{"} for draft in found.drafts)


@pytest.mark.parametrize(
    ("kind", "bad"),
    [
        ("gists", {"files": None}), ("gists", {"description": 5}), ("gists", {"id": None}),
        ("gists", {"files": {"x": {"content": 5}}}), ("gists", {"created_at": []}),
        ("masscode", {"name": 5}), ("masscode", {"content": {"value": "x"}}), ("masscode", {"tagsIds": [5]}),
        ("masscode", {"isDeleted": "no"}), ("masscode", {"createdAt": {}}),
        ("pieces", {"original": None}), ("pieces", {"id": 5}), ("pieces", {"tags": []}), ("pieces", {"name": {}}),
        ("pieces", {"original": {"reference": {"file": {"bytes": {"raw": [1, 2, 300]}}}}}),
    ],
)  # fmt: skip
def test_a_wrong_type_in_one_item_is_one_problem(
    tmp_path: Path, read_source: Read, kind: str, bad: dict[str, Any]
) -> None:
    make = {"gists": gist, "masscode": snippet, "pieces": asset}[kind]
    items = [make("one"), make("two", **bad), make("three")]
    document = {"gists": items, "masscode": database(*items), "pieces": {"iterable": items}}[kind]
    found = read_source(write(tmp_path, json.dumps(document)))
    assert (found.kind, len(found.drafts), len(found.problems)) == (kind, 2, 1)


@pytest.mark.parametrize(
    ("kind", "nulls"),
    [
        ("gists", ("description", "html_url", "created_at", "truncated")),
        ("masscode", ("description", "folderId", "tagsIds", "isDeleted", "isFavorites", "createdAt", "name")),
        ("pieces", ("name", "created", "tags", "websites", "annotations", "favorited")),
    ],
)
def test_null_in_an_optional_field_counts_as_missing(
    tmp_path: Path, read_source: Read, kind: str, nulls: tuple[str, ...]
) -> None:
    make = {"gists": gist, "masscode": snippet, "pieces": asset}[kind]
    item = make("one", **dict.fromkeys(nulls))
    document = {"gists": [item], "masscode": database(item), "pieces": {"iterable": [item]}}[kind]
    found = read_source(write(tmp_path, json.dumps(document)))
    assert (found.kind, len(found.drafts), found.problems) == (kind, 1, [])


HALF = "\\ud83d"


@pytest.mark.parametrize("half", [HALF, "\\ude00", "\\ude00\\ud83d", f"{HALF}{HALF}"])
@pytest.mark.parametrize("field", ["description", "content"])
def test_half_a_character_affects_only_its_item(
    tmp_path: Path, read_source: Read, half: str, field: str
) -> None:
    text = json.dumps(GISTS).replace("d g2" if field == "description" else "content g2", f"cut {half}")
    found = read_source(write(tmp_path, text))
    assert [draft.content for draft in found.drafts] == [b"content g1", b"content g3"]
    assert [problem.reason for problem in found.problems] == [
        "its text contains half a character (an unpaired surrogate)"
    ]


def test_half_a_character_in_a_folder_or_tag_affects_no_snippet(tmp_path: Path, read_source: Read) -> None:
    document = {
        "folders": [{"id": "f", "name": "cut HALF"}],
        "tags": [{"id": "t", "name": "\\uHALF"}],
        "snippets": [snippet("s1", folderId="f", tagsIds=["t"]), snippet("s2 HALF"), snippet("😀")],
    }
    found = read_source(write(tmp_path, json.dumps(document).replace("HALF", HALF)))
    assert found.titles == ["s1", "😀"]
    assert "cut-\ufffd" in found.drafts[0].tags
    assert len(found.problems) == 1


def test_bytes_that_are_not_utf_8_affect_only_their_item(tmp_path: Path, read_source: Read) -> None:
    data = json.dumps(GISTS).encode().replace(b"content g2", "größe".encode("latin-1"))
    found = read_source(write(tmp_path, data))
    assert len(found.drafts) == 2
    assert [problem.reason for problem in found.problems] == ["its text is not UTF-8"]


@pytest.mark.parametrize(
    ("kind", "time", "expected"),
    [
        *[("gists", {"created_at": text}, None) for text in (
            "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0000-00-00",
            "1969-12-31T23:59:59Z", "20201", "+99999-01-01T00:00:00Z", "2020-13-01T00:00:00Z", "9" * 20, "", 5, 10**400,
        )],
        *[("gists", {"created_at": text}, "2020-01-02T03:04:05") for text in (
            "2020-01-02T03:04:05Z", "2020-01-02T03:04:05", "2020-01-02 03:04:05", "2020-01-02T05:04:05+02:00",
            "2020-01-02T03:04:05.000000001Z",
        )],
        *[("masscode", {"createdAt": number}, None) for number in (
            0, -1, 1, 10**19, 10**20, 10**30, 1.5e300, -(10**20), "soon",
        ) if number != 1],
        ("masscode", {"createdAt": 1_577_934_245_000}, "2020-01-02T03:04:05"),
        ("masscode", {"createdAt": 1_577_934_245_000.25}, "2020-01-02T03:04:05"),
        *[("pieces", {"created": {"value": value}}, None) for value in (None, 5, "", "0001-01-01T00:00:00Z")],
        ("pieces", {"created": {"value": "2020-01-02T03:04:05.678Z"}}, "2020-01-02T03:04:05"),
    ],
)  # fmt: skip
def test_a_time_out_of_range_counts_as_missing(
    tmp_path: Path, read_source: Read, kind: str, time: dict[str, Any], expected: str | None
) -> None:
    make = {"gists": gist, "masscode": snippet, "pieces": asset}[kind]
    items = [make("one"), make("two", **time)]
    document = {"gists": items, "masscode": database(*items), "pieces": {"iterable": items}}[kind]
    found = read_source(write(tmp_path, json.dumps(document)))
    created = next(draft.created for draft in found.drafts if b"two" in draft.content)
    assert not found.problems
    assert (created.isoformat()[:19] if created else None) == (
        "2020-01-02T05:04:05" if "+02:00" in str(time) else expected
    )


@by_kind
def test_of_equal_names_the_last_counts(tmp_path: Path, read_source: Read, kind: str) -> None:
    make = {"gists": gist, "masscode": snippet, "pieces": asset}[kind]
    item = json.dumps(make("one"))
    doubled = f'{{"id": "other", {item[1:]}'
    document = {
        "gists": f"[{doubled}]",
        "masscode": f'{{"snippets": [5, 6], "folders": [], "snippets": [{doubled}]}}',
        "pieces": f'{{"iterable": [5], "iterable": [{doubled}]}}',
    }[kind]
    found = read_source(write(tmp_path, document))
    assert (found.kind, len(found.drafts), found.problems) == (kind, 1, [])


@pytest.mark.parametrize("depth", [500, 5_000, 500_000])
def test_deep_nesting_in_one_item_is_one_problem(tmp_path: Path, read_source: Read, depth: int) -> None:
    text = json.dumps(GISTS).replace('"d g2"', "[" * depth + "]" * depth)
    found = read_source(write(tmp_path, text))
    assert (found.kind, len(found.drafts), len(found.problems)) == ("gists", 2, 1)


@pytest.mark.parametrize("text", ["[]", "[[], []]", " [ ] ", "{}"])
def test_an_empty_list_holds_nothing_to_import(tmp_path: Path, read_source: Read, text: str) -> None:
    found = read_source(write(tmp_path, text))
    assert not (found.drafts)
    assert not (found.problems)
    assert not (found.skipped)


@pytest.mark.parametrize("document", [{"folders": [], "tags": [], "snippets": []}, {"iterable": []}])
def test_an_empty_export_holds_nothing_to_import(tmp_path: Path, read_source: Read, document: object) -> None:
    found = read_source(write(tmp_path, json.dumps(document)))
    assert found.kind in {"masscode", "pieces"}
    assert not (found.drafts)
    assert not (found.problems)


@pytest.mark.parametrize("snippets", [None, {}, 5, "x"])
def test_a_database_whose_snippets_are_no_list_is_not_a_note(
    tmp_path: Path, read_source: Read, snippets: object
) -> None:
    path = write(tmp_path, json.dumps({"folders": [], "tags": [], "snippets": snippets}))
    with pytest.raises(IntegrityError, match="not a list"):
        read_source(path)


def test_a_huge_text_is_one_problem(tmp_path: Path, read_source: Read) -> None:
    found = read_source(write(tmp_path, json.dumps([gist("big", description="x" * 2_000_000), *GISTS])))
    assert (len(found.drafts), len(found.problems)) == (3, 1)


@pytest.mark.parametrize(
    "document",
    [
        {"name": "x", "files": ["dist"]}, {"files": {"a": 1}}, {"snippets": ["a", "b"]}, [1, 2, 3], ["a"], "text",
        {"compilerOptions": {"strict": True}}, {"body": {"x": 1}}, {"tags": ["a"]}, [{"id": 1, "name": "x"}],
    ],
)  # fmt: skip
def test_other_json_stays_an_ordinary_file(tmp_path: Path, read_source: Read, document: object) -> None:
    found = read_source(write(tmp_path, json.dumps(document)))
    assert (found.kind, len(found.drafts)) == ("file", 1)


def test_a_list_of_gists_without_contents_names_the_command_that_gets_them(
    tmp_path: Path, read_source: Read
) -> None:
    bare = [gist(name, files={"a.txt": {"filename": "a.txt", "size": 3}}) for name in ("aa11", "bb22")]
    path = write(tmp_path, json.dumps(bare))
    with pytest.raises(SatchelError, match="without their contents: 2 of them") as caught:
        read_source(path)
    assert caught.value.exit_code == 1
    assert "for id in aa11 bb22; do gh api /gists/$id; done" in caught.value.hint


@pytest.mark.parametrize("hostile", ["a; rm -rf ~", "$(id)", "x" * 100_000])
def test_the_ids_of_a_list_are_never_put_into_a_command_unless_they_are_harmless(
    tmp_path: Path, read_source: Read, hostile: str
) -> None:
    path = write(tmp_path, json.dumps([gist(hostile, files={"a": {"filename": "a"}})]))
    with pytest.raises(SatchelError) as caught:
        read_source(path)
    assert hostile not in caught.value.message + caught.value.hint
    assert len(caught.value.hint) < 1_000


def test_text_without_a_document_is_refused(tmp_path: Path, read_source: Read) -> None:
    for data in (b"", b"  \n", b"\xef\xbb\xbf", b"]]]"):
        with pytest.raises(UsageError, match="holds no JSON"):
            read_source(write(tmp_path, data), "gists")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000, '{"a":' * 50_000, '[{"id": "a", "files": {}},' + "[}" * 50_000, '[{"id":"a","files":{' + '"' * 100_001,
        '{"folders":[],"tags":[],"snippets":[' + "0," * 50_000 + "0]}", '{"snippets": [' + "[{" * 50_000,
    ],
)  # fmt: skip
def test_a_document_of_too_many_tokens_is_refused_and_never_a_note(
    tmp_path: Path, read_source: Read, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(json_text, "MAX_JSON_TOKENS", 10_000)
    monkeypatch.setattr(json_text, "MAX_JSON_PARTS", 1_000)
    path = write(tmp_path, text)
    with pytest.raises(IntegrityError, match="cannot"):
        read_source(path)
    assert len(read_source(path, "file").drafts) == 1
