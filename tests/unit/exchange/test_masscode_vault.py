"""Importing massCode 5's vault of Markdown files."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from satchel.exchange.masscode.front_matter import split
from satchel.exchange.masscode.vault import fragments_of

if TYPE_CHECKING:
    from tests.unit.exchange.conftest import Found

Read = Callable[..., "Found"]

CREATED_MS = 1_739_284_840_990
STATE = {"counters": {}, "folders": [], "snippets": [], "tags": [{"id": 1, "name": "SQL"}, {"id": 2, "name": "web"}], "version": 3}  # fmt: skip

QUERY = f"""---
contents:
  - id: 1
    label: Fragment 1
    language: sql
createdAt: {CREATED_MS}
description: |-
  a first query
  in two lines
folderId: 3
id: 1
isDeleted: 0
isFavorites: 1
name: 'all users: "today"'
tags:
  - 1
  - 9
updatedAt: {CREATED_MS}
---

## Fragment: Fragment 1
```sql
select * from users;
```
"""

PARTS = """---
contents:
  - id: 2
    label: header
    language: c_cpp
  - id: 3
    label: notes
    language: markdown
createdAt: 1739284840990
description: null
folderId: null
id: 2
isDeleted: 0
isFavorites: 0
name: two parts
tags: []
updatedAt: 1
---

## Fragment: header
```c_cpp
int f();
```

## Fragment: notes
````markdown
# f

```c
f();
```
````
"""

NOTE = """---
createdAt: 1739284840990
description: null
id: 1
isDeleted: 0
isFavorites: 0
name: Meeting
tags:
  - 2
updatedAt: 1
---
# Meeting

- [[all users]]
"""


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    state = json.dumps(STATE)
    return write(
        tmp_path / "vault",
        {
            "code/.masscode/state.json": state,
            "code/.masscode/inbox/two parts.md": PARTS,
            "code/.masscode/trash/gone.md": PARTS.replace("int f", "int gone"),
            "code/Work Things/.meta.yaml": "id: 1\nname: Work Things\n",
            "code/Work Things/Queries/all users.md": QUERY,
            "code/Work Things/deleted.md": PARTS.replace("isDeleted: 0", "isDeleted: 1"),
            "notes/.masscode/state.json": state,
            "notes/Team/Meeting.md": NOTE,
            "http/.masscode/state.json": "{}",
        },
    )


def test_snippets_and_notes_of_a_vault_are_detected_and_read(vault: Path, read_source: Read) -> None:
    found = read_source(vault)
    assert (found.kind, found.problems) == ("masscode", [])
    by_title = {draft.title: draft for draft in found.drafts}
    assert by_title.keys() == {"two parts", 'all users: "today"', "Meeting"}
    users, parts, note = by_title['all users: "today"'], by_title["two parts"], by_title["Meeting"]
    assert (users.content, users.language, users.files) == (b"select * from users;", "sql", ())
    assert users.description == "a first query\nin two lines"
    assert set(users.tags) == {"sql", "queries", "work-things", "favorite"}
    assert users.created == dt.datetime.fromtimestamp(CREATED_MS / 1000, dt.UTC)
    assert (parts.content, parts.language, parts.tags) == (b"int f();", "cpp", ())
    assert [(file.name, file.content) for file in parts.files] == [("notes.md", b"# f\n\n```c\nf();\n```")]
    assert (note.content, note.language) == (b"# Meeting\n\n- [[all users]]\n", "markdown")
    assert set(note.tags) == {"web", "team"}
    assert sorted(item.reason for item in found.skipped) == [
        "in the trash", "in the trash", "massCode's http space",
    ]  # fmt: skip


@pytest.mark.parametrize(("space", "count"), [("code", 2), ("notes", 1)])
def test_a_space_of_a_vault_is_read_alone(vault: Path, read_source: Read, space: str, count: int) -> None:
    found = read_source(vault / space)
    assert (found.kind, len(found.drafts)) == ("masscode", count)


def test_a_damaged_state_costs_only_the_tags(vault: Path, read_source: Read) -> None:
    for damage in ("", "{", '{"tags": 5}', '{"tags": [5]}', "\xff"):
        write(vault, {"code/.masscode/state.json": damage, "notes/.masscode/state.json": damage})
        assert len(read_source(vault).drafts) == 3


def test_files_without_front_matter_or_in_other_encodings_are_read(vault: Path, read_source: Read) -> None:
    write(
        vault,
        {
            "code/plain.md": "just text\n",
            "code/marked.md": QUERY.replace("users;", "marked;").encode("utf-8-sig"),
            "code/wide.md": QUERY.replace("users;", "wide;").replace("\n", "\r\n").encode("utf-16"),
            "code/latin.md": "größe".encode("latin-1"),
        },
    )
    found = read_source(vault)
    contents = [draft.content for draft in found.drafts]
    assert {b"just text\n", b"select * from marked;", b"select * from wide;"} < set(contents)
    assert [(problem.where, problem.reason) for problem in found.problems] == [
        ("latin.md", "it is not text in UTF-8")
    ]


def test_links_are_not_followed(vault: Path, tmp_path: Path, read_source: Read) -> None:
    write(tmp_path / "secret", {"id.md": "secret"})
    (vault / "code" / "linked").symlink_to(tmp_path / "secret")
    (vault / "code" / "one.md").symlink_to(tmp_path / "secret" / "id.md")
    assert not [draft for draft in read_source(vault).drafts if b"secret" in draft.content]


def test_an_ordinary_folder_of_markdown_stays_a_folder(tmp_path: Path, read_source: Read) -> None:
    assert read_source(write(tmp_path, {"code/a.md": "# a", "notes/b.md": "# b"})).kind == "folder"


@pytest.mark.parametrize(
    "value", ["a", "a\n```\ninner\n```\nb", "````\n```", "", "\n\n", "## Fragment: x\n```\ny"]
)
def test_fragments_between_long_enough_fences_are_unchanged(value: str) -> None:
    longest = max((len(run) for run in value.replace("\n", " ").split() if set(run) == {"`"}), default=0)
    fence = "`" * max(3, longest + 1)
    body = f"\n## Fragment: one\n{fence}sql\n{value}\n{fence}\n\n## Fragment: two\n```c\nint f();\n```\n"
    found = fragments_of(body, ["one", "two"])
    assert [(each.label, each.language, each.value) for each in found] == [
        ("one", "sql", value), ("two", "c", "int f();"),
    ]  # fmt: skip


def test_early_fragments_with_fences_inside_are_recovered_by_their_labels() -> None:
    body = (
        "## Fragment: one\n```markdown\nBefore\n```\ninner\n```\nAfter\n```\n\n"
        "## Fragment: two\n```javascript\nlog()\n```\n"
    )
    found = fragments_of(body, ["one", "two"])
    assert [each.value for each in found] == ["Before\n```\ninner\n```\nAfter", "log()"]
    assert [each.value for each in fragments_of(body.partition("\n\n")[0], ["one"])] == [
        "Before\n```\ninner\n```\nAfter"
    ]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("plain", "plain"), ("'it''s'", "it's"), ('"a\\nb\\u00e9\\x41"', "a\nbéA"), ("null", None), ("~", None),
        ("", None), ("true", True), ("-5", -5), ("1.5", 1.5), ("[]", []), ("[1, 2]", [1, 2]), ("'5'", "5"),
        ("|-\n  a\n    b\n\n  c", "a\n  b\n\nc"), ("|\n  a", "a\n"), ("\n  - 1\n  - x", [1, "x"]),
        ("\n- 1\n- 2", [1, 2]), ("9" * 30, "9" * 30), ("a: b # c", "a: b # c"), ('"\\ud800"', "\ufffd"),
    ],
)  # fmt: skip
def test_front_matter_is_read_as_masscode_writes_it(written: str, value: object) -> None:
    assert split(f"---\nbefore: 1\nkey: {written}\nafter: 2\n---\nbody") == (
        {"before": 1, "key": value, "after": 2},
        "body",
    )
