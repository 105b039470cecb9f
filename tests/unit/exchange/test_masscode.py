"""Importing from massCode: the JSON of version 3 and the SQLite file of version 4."""

import datetime as dt
import gc
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import apsw
import pytest
from tests.unit.exchange.conftest import is_one_line

from satchel.errors import IntegrityError, UsageError
from satchel.exchange.masscode import sqlite, sqlite_child
from satchel.store import Source

if TYPE_CHECKING:
    from tests.unit.exchange.conftest import Found

Read = Callable[..., "Found"]

CREATED_MS = 1_739_284_840_990
DATABASE: dict[str, Any] = {
    "folders": [
        {"id": "inner", "name": "Queries", "parentId": "outer", "defaultLanguage": "sql", "isOpen": True},
        {"id": "outer", "name": "Work Things", "parentId": None, "isSystem": False},
        {"id": "inbox", "name": "Inbox", "isSystem": True},
    ],
    "snippets": [
        {
            "id": "s1", "name": "all users", "description": "a first query", "folderId": "inner",
            "tagsIds": ["t1", "gone"], "isDeleted": False, "isFavorites": True,
            "content": [{"label": "Fragment 1", "language": "sql", "value": "select * from users;"}],
            "createdAt": CREATED_MS, "updatedAt": CREATED_MS,
        },
        {
            "id": "s2", "name": "two parts", "description": None, "folderId": "inbox", "tagsIds": [],
            "isDeleted": False, "isFavorites": False,
            "content": [
                {"label": "header", "language": "c_cpp", "value": "int f();"},
                {"label": None, "language": "plain_text", "value": "see f"},
            ],
            "createdAt": CREATED_MS, "updatedAt": CREATED_MS,
        },
        {
            "id": "s3", "name": "thrown away", "folderId": "", "isDeleted": True,
            "content": [{"label": "x", "language": "sql", "value": "drop"}],
        },
        {
            "id": "s4", "name": "nothing", "folderId": "", "isDeleted": False,
            "content": [{"label": "x", "language": "sql", "value": ""}],
        },
    ],
    "tags": [{"id": "t1", "name": "#SQL"}],
}  # fmt: skip

TABLES = """
CREATE TABLE folders (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, defaultLanguage TEXT NOT NULL,
  parentId INTEGER, isOpen INTEGER NOT NULL, orderIndex INTEGER NOT NULL DEFAULT 0, icon TEXT,
  createdAt INTEGER NOT NULL, updatedAt INTEGER NOT NULL, FOREIGN KEY(parentId) REFERENCES folders(id));
CREATE TABLE snippets (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, description TEXT,
  folderId INTEGER, isDeleted INTEGER NOT NULL, isFavorites INTEGER NOT NULL, createdAt INTEGER NOT NULL,
  updatedAt INTEGER NOT NULL, FOREIGN KEY(folderId) REFERENCES folders(id));
CREATE TABLE snippet_contents (id INTEGER PRIMARY KEY AUTOINCREMENT, snippetId INTEGER NOT NULL, label TEXT,
  value TEXT, language TEXT, FOREIGN KEY(snippetId) REFERENCES snippets(id));
CREATE TABLE tags (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,
  createdAt INTEGER NOT NULL, updatedAt INTEGER NOT NULL);
CREATE TABLE snippet_tags (snippetId INTEGER NOT NULL, tagId INTEGER NOT NULL, PRIMARY KEY(snippetId, tagId));
"""
ROWS = f"""
INSERT INTO folders VALUES (1, 'Work Things', 'sql', NULL, 1, 0, NULL, 0, 0), (2, 'Queries', 'sql', 1, 1, 0, NULL, 0, 0);
INSERT INTO snippets VALUES (1, 'all users', 'a first query', 2, 0, 1, {CREATED_MS}, {CREATED_MS}),
  (2, 'two parts', NULL, NULL, 0, 0, {CREATED_MS}, {CREATED_MS}), (3, 'thrown away', NULL, NULL, 1, 0, 0, 0);
INSERT INTO snippet_contents VALUES (1, 1, 'Fragment 1', 'select * from users;', 'sql'),
  (2, 2, 'header', 'int f();', 'c_cpp'), (3, 2, NULL, 'see f', 'plain_text'), (4, 3, 'x', 'drop', 'sql');
INSERT INTO tags VALUES (1, '#SQL', 0, 0);
INSERT INTO snippet_tags VALUES (1, 1);
"""


def write_json(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document))
    return path


def write_database(path: Path, sql: str = TABLES + ROWS) -> Path:
    database = apsw.Connection(str(path))
    database.execute(sql).fetchall()
    database.close()
    return path


def is_read_or_refused(read_source: Read, path: Path) -> bool:
    try:
        read_source(path, "masscode")
    except (IntegrityError, UsageError) as error:
        return is_one_line(error)
    return True


def sources(folder: Path) -> list[Path]:
    return [write_json(folder / "db.json", DATABASE), write_database(folder / "massCode.db")]


def test_both_versions_are_detected_and_read_alike(tmp_path: Path, read_source: Read) -> None:
    for source in sources(tmp_path):
        found = read_source(source)
        assert found.kind == "masscode"
        users, parts = found.drafts
        assert (users.title, users.description, users.language) == ("all users", "a first query", "sql")
        assert users.content == b"select * from users;"
        assert set(users.tags) == {"sql", "queries", "work-things", "favorite"}
        assert users.created == dt.datetime.fromtimestamp(CREATED_MS / 1000, dt.UTC)
        assert users.files == ()
        assert users.source == Source("masscode")
        assert (parts.title, parts.content, parts.language, parts.tags) == (
            "two parts",
            b"int f();",
            "cpp",
            (),
        )
        assert parts.source == Source("masscode", "", "header.cpp")
        (note,) = parts.files
        assert (note.name, note.content, note.language) == ("Fragment 2.txt", b"see f", "text")
        assert "in the trash" in [item.reason for item in found.skipped]
        assert not found.problems


def test_an_empty_snippet_is_skipped(tmp_path: Path, read_source: Read) -> None:
    found = read_source(write_json(tmp_path / "db.json", DATABASE))
    assert sorted(item.reason for item in found.skipped) == ["empty", "in the trash"]


def test_fragments_get_unique_safe_names(tmp_path: Path, read_source: Read) -> None:
    content = [{"label": label, "language": "css", "value": f"a {{}} /* {number} */"}
               for number, label in enumerate(["same", "same", "a/b", "", "x.css"])]  # fmt: skip
    document = {
        **DATABASE,
        "snippets": [{"name": "n", "content": [*content, {"label": "blank", "value": " "}]}],
    }
    found = read_source(write_json(tmp_path / "db.json", document))
    (draft,) = found.drafts
    assert draft.source is not None
    assert [draft.source.file_name, *(file.name for file in draft.files)] == [
        "same.css", "same-2.css", "a_b.css", "Fragment 4.css", "x.css",
    ]  # fmt: skip
    assert [(item.where, item.reason) for item in found.skipped] == [("snippet 'n': blank", "empty")]


def test_a_loop_of_folders_ends(tmp_path: Path, read_source: Read) -> None:
    document = {
        "folders": [{"id": "a", "name": "A", "parentId": "b"}, {"id": "b", "name": "B", "parentId": "a"}],
        "snippets": [{"name": "x", "folderId": "a", "content": [{"value": "y"}]}],
    }
    assert read_source(write_json(tmp_path / "db.json", document), "masscode").drafts[0].tags == ("a", "b")


def test_a_bad_snippet_is_a_problem_and_the_others_are_read(tmp_path: Path, read_source: Read) -> None:
    document = {
        **DATABASE,
        "snippets": [5, {"content": "no"}, *DATABASE["snippets"]],
        "tags": [7, {"id": "t1", "name": "k"}],
    }
    found = read_source(write_json(tmp_path / "db.json", document))
    assert len(found.drafts) == 2
    assert [problem.where for problem in found.problems] == ["snippet 1 of 6", "snippet 2 of 6"]


def test_a_database_with_a_write_ahead_log_is_read_completely_and_left_unchanged(
    tmp_path: Path, read_source: Read
) -> None:
    path = tmp_path / "massCode.db"
    writer = apsw.Connection(str(path))
    writer.pragma("journal_mode", "wal")
    writer.pragma("wal_autocheckpoint", 0)
    writer.execute(TABLES + ROWS).fetchall()
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir() if not each.name.endswith("-shm")}
    assert len(before) == 2
    assert len(read_source(path).drafts) == 2
    assert {
        each.name: each.read_bytes() for each in tmp_path.iterdir() if not each.name.endswith("-shm")
    } == before
    writer.close()


def test_reading_a_database_creates_no_files(tmp_path: Path, read_source: Read) -> None:
    path = write_database(tmp_path / "massCode.db")
    before = path.read_bytes()
    read_source(path)
    assert [each.name for each in tmp_path.iterdir()] == ["massCode.db"]
    assert path.read_bytes() == before


def test_a_database_of_another_program_is_refused(tmp_path: Path, read_source: Read) -> None:
    with pytest.raises(UsageError, match="no massCode tables"):
        read_source(write_database(tmp_path / "x.db", "CREATE TABLE t(x)"), "masscode")


def test_views_instead_of_tables_are_refused(tmp_path: Path, read_source: Read) -> None:
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT x AS id FROM c"
    sql = (
        TABLES.replace("CREATE TABLE snippets (", "CREATE TABLE other (")
        + f"CREATE VIEW snippets AS {endless};"
    )
    with pytest.raises(UsageError):
        read_source(write_database(tmp_path / "x.db", sql), "masscode")


@pytest.mark.parametrize("keep", [0, 16, 100, 1000, 4096, 6000, 9000])
def test_a_truncated_database_is_refused_or_read_partially(
    tmp_path: Path, read_source: Read, keep: int
) -> None:
    path = write_database(tmp_path / "massCode.db")
    path.write_bytes((b"SQLite format 3\x00" + path.read_bytes()[16:])[: max(keep, 16)])
    assert is_read_or_refused(read_source, path)


def test_text_that_is_not_utf_8_is_a_problem_and_the_others_are_read(
    tmp_path: Path, read_source: Read
) -> None:
    path = write_database(
        tmp_path / "massCode.db",
        TABLES + ROWS + "UPDATE snippet_contents SET value = CAST(x'ff' AS TEXT) WHERE id = 1",
    )
    found = read_source(path)
    assert len(found.drafts) == 1
    assert [(each.where, each.reason) for each in found.problems] == [("snippet 1", "its text is not UTF-8")]


def test_flipped_bytes_cause_at_most_a_refusal(tmp_path: Path, read_source: Read) -> None:
    path = write_database(tmp_path / "massCode.db")
    whole = path.read_bytes()
    for place in range(16, len(whole), 97):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        if place % 10 == 0:
            assert is_read_or_refused(read_source, path)
        assert list(sqlite_child.messages(path, is_copy=False))[-1] == sqlite_child.Message()


def big(sql: str) -> str:
    """Return the tables with a name or value that SQL computes when it is read."""
    return TABLES.replace("name TEXT NOT NULL, description TEXT", f"name TEXT AS ({sql}), description TEXT")


@pytest.mark.parametrize(
    "tables",
    [
        big("instr(zeroblob(4000000), x'01')"),
        big("hex(zeroblob(30000000))"),
        big("hex(zeroblob(30000000))").replace("))), d", "))) STORED, d"),
        TABLES.replace("value TEXT", "value TEXT GENERATED ALWAYS AS (hex(zeroblob(30000000))) VIRTUAL"),
        TABLES.replace("name TEXT NOT NULL UNIQUE", "name TEXT AS (hex(zeroblob(30000000)))"),
    ],
)
def test_a_database_that_computes_its_columns_is_refused(
    tmp_path: Path, read_source: Read, tables: str
) -> None:
    path = write_database(tmp_path / "x.db", tables)
    with pytest.raises(UsageError, match="generated columns"):
        read_source(path)


def test_a_virtual_table_is_refused(tmp_path: Path, read_source: Read) -> None:
    sql = TABLES.replace("CREATE TABLE snippet_contents", "CREATE TABLE other") + (
        "CREATE VIRTUAL TABLE snippet_contents USING fts5(id, snippetId, label, value, language);"
    )
    with pytest.raises(UsageError, match="no massCode tables"):
        read_source(write_database(tmp_path / "x.db", sql))


@pytest.mark.parametrize(
    ("field", "what"),
    [
        ("UPDATE snippets SET name = printf('%.*c', 5000, 'x') WHERE id = 1", "name"),
        ("UPDATE snippets SET description = printf('%.*c', 500000, 'x') WHERE id = 1", "description"),
        ("UPDATE snippet_contents SET label = printf('%.*c', 5000, 'x') WHERE id = 1", "label"),
        ("UPDATE tags SET name = printf('%.*c', 5000, 'x')", "tag"),
        ("UPDATE snippet_contents SET value = zeroblob(67108865) WHERE id = 1", "larger than 64 MiB"),
    ],
)
def test_a_field_over_its_limit_is_one_problem_that_does_not_quote_it(
    tmp_path: Path, read_source: Read, field: str, what: str
) -> None:
    found = read_source(write_database(tmp_path / "x.db", TABLES + ROWS + field))
    assert len(found.drafts) == 1
    (problem,) = found.problems
    assert what in problem.reason
    assert len(problem.where + problem.reason) < 100


def test_a_snippet_with_a_million_tags_is_read_in_bounded_memory(tmp_path: Path, read_source: Read) -> None:
    many = (
        "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)"
        " INSERT INTO tags SELECT i, 'tag ' || i, 0, 0 FROM n;"
        "INSERT INTO snippet_tags SELECT 1, id FROM tags WHERE id > 1;"
    )
    found = read_source(write_database(tmp_path / "x.db", TABLES + ROWS + many))
    assert len(found.drafts) == 1
    assert [problem.where for problem in found.problems] == ["snippet 'all users'"]


@pytest.mark.parametrize("key", ["x'00'", "'text'", "zeroblob(1000000)"])
def test_an_id_that_is_no_number_is_one_problem(tmp_path: Path, read_source: Read, key: str) -> None:
    tables = TABLES.replace("snippets (id INTEGER PRIMARY KEY AUTOINCREMENT", "snippets (id BLOB PRIMARY KEY")
    sql = f"{tables}{ROWS}INSERT INTO snippets VALUES ({key}, 'odd', NULL, NULL, 0, 0, 0, 0);"
    found = read_source(write_database(tmp_path / "x.db", sql))
    assert len(found.drafts) == 2
    assert [(each.where, each.reason) for each in found.problems] == [
        ("snippet None", "its id is not a number")
    ]


def test_a_child_that_hangs_or_dies_is_a_problem(
    tmp_path: Path, read_source: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_database(tmp_path / "x.db")
    for program, patience_s, reason in (
        ("import time; time.sleep(60)", 0.2, "takes longer"),
        ("raise SystemExit(9)", sqlite.PATIENCE_S, "memory or time"),
    ):
        monkeypatch.setattr(sqlite, "PATIENCE_S", patience_s)
        monkeypatch.setattr(
            sqlite, "child_command", lambda _arguments, program=program: [sys.executable, "-c", program]
        )
        found = read_source(path)
        assert not found.drafts
        assert [problem.reason for problem in found.problems if reason in problem.reason]


def children() -> set[int]:
    """Return the processes that this one has started, zombies included. Other tests may have some too."""
    found: set[int] = set()
    for task in Path("/proc/self/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has just ended
            found.update(map(int, task.read_text().split()))
    return found


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
def test_the_child_is_gone_when_reading_stops_early(tmp_path: Path) -> None:
    path = write_database(tmp_path / "x.db")
    before = children()
    items = sqlite.read_masscode_sqlite(path)
    next(items)
    started = children() - before
    assert started
    del items
    gc.collect()
    assert not started & children()


def test_ctrl_c_ends_a_read_that_hangs_at_once(tmp_path: Path) -> None:
    path = write_database(tmp_path / "x.db")
    hanging = "import sys; sys.stdout.flush(); import time; time.sleep(300)"
    script = (
        "import sys; from satchel.exchange.masscode import sqlite\n"
        "from pathlib import Path\n"
        f"sqlite.child_command = lambda _arguments: [sys.executable, '-c', {hanging!r}]\n"
        "print('ready', flush=True)\n"
        f"list(sqlite.read_masscode_sqlite(Path({str(path)!r})))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(
            timeout=20
        )  # ends because the child is killed, long before it would end
    assert b"KeyboardInterrupt" in errors
