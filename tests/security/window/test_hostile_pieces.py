"""Hostile Pieces on the server's side of the window: whatever they hold, every view of them is answered.

They come from other programs: imports, agents, a restored backup, a store of an earlier version.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import apsw
import pytest
from tests.support.window import Page, served

from satchel.memory import MemoryStore
from satchel.pieces.model import WholeFile
from satchel.store import Draft, Store
from satchel.window.endpoints.finding import MAX_TAGS

TAGS: Final = 100_000
TEXTS: Final = {
    "nul": "be\0fore needle\0 after",
    "bidi": "\u202eneedle\u2066 \u2069\u200f txt.exe",
    "markup": "</script><script>alert('needle')</script><!-- ]]> &amp; needle",
    "line": "needle " + "x" * 3_000_000,
    "lines": "needle\n" * 200_000,
    "separators": "needle\u2028next\u2029\x85\x0b\x0c\x1b[31mred\x1b[0m",
    "surrogates": "needle \ud800 lone \udfff",
    "noncharacters": "needle \ufffe\uffff\U0010ffff",
}
NAMES: Final = [
    "../../etc/cron.d/evil",
    "..\\\\..\\\\evil.bat",
    "/etc/passwd",
    "a\0b.py",
    "nul",
    "\u202egpj.exe",
    "." * 250,
    "<img src=x>",
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("hostile") / "home"
    Store.create(home).close()
    MemoryStore.create(home).close()
    return home


@pytest.fixture(scope="module")
def pieces(home: Path) -> dict[str, str]:
    """The ids of the Pieces by what they hold. Fields that the store would refuse are written past it."""
    ids = {}
    with Store.open(home) as store:
        for name, text in TEXTS.items():
            content = text.encode("utf-8", "surrogatepass")
            names = range(len(NAMES)) if name == "markup" else ()
            files = tuple(WholeFile(f"file-{number}", content[:1000]) for number in names)
            ids[name] = store.add(Draft(content, title=name, files=files, language="python")).id
    connection = apsw.Connection(str(home / "store.db"))
    for name, piece in ids.items():
        title = TEXTS[name][:300].encode("utf-8", "replace")  # else the store counts as damaged
        connection.execute(
            "UPDATE revisions SET title = CAST(? AS TEXT), description = CAST(? AS TEXT)"
            " WHERE seq = (SELECT first FROM pieces WHERE ulid = ?)",
            (title, title, piece),
        )
    for number, name in enumerate(NAMES):
        connection.execute(
            "UPDATE files SET name = CAST(? AS TEXT) WHERE name = ?", (name.encode(), f"file-{number}")
        )
    connection.close()
    return ids


@pytest.fixture(scope="module")
def page(home: Path, pieces: dict[str, str]) -> Iterator[Page]:
    assert pieces
    with served(home) as page:
        yield page


def test_lists_and_searches_are_answered(page: Page, pieces: dict[str, str]) -> None:
    listed = page.ask("find")
    assert {each["id"] for each in listed["pieces"]} == set(pieces.values())
    found = page.ask("find", query="needle", lines=5)
    assert found["total"] == len(pieces)
    assert len(json.dumps(found)) < 200_000, "a row shows little of a huge line"
    for query in (
        "nee\0dle",
        "\u202e",
        "\u2066needle",
        '"',
        "' OR 1=1 --",
        "needle" * 500,
        "\x1b[31m",
        "<script>",
        "*",
        "-",
        "NEAR(a b)",
    ):
        page.send("/api/find", json.dumps({"query": query}).encode())
        assert page.ask("find", query="needle")["total"] == len(pieces)


@pytest.mark.parametrize("name", TEXTS)
def test_every_view_of_a_piece_is_answered(page: Page, pieces: dict[str, str], name: str) -> None:
    piece = pieces[name]
    view = page.ask("read_piece", id=piece)
    assert view["id"] == piece
    for operation in ("history", "similar", "related", "suggestions", "check_share"):
        page.ask(operation, id=piece)
    page.ask("compare", id=piece, before=0, after=1)
    status, headers, body = page.send("/api/read_file", json.dumps({"id": piece, "number": 0}).encode())
    assert (status, headers["content-type"]) == (200, "application/octet-stream")
    assert body == TEXTS[name].encode("utf-8", "surrogatepass")
    page.ask("suggest_tags", id=piece)


def test_file_names_lead_nowhere(page: Page, pieces: dict[str, str]) -> None:
    view = page.ask("read_piece", id=pieces["markup"])
    assert len(view["files"]) == 1 + len(NAMES)
    for number in range(1, 1 + len(NAMES)):
        status, headers, _ = page.send(
            "/api/read_file", json.dumps({"id": pieces["markup"], "number": number}).encode()
        )
        assert status == 200
        assert "content-disposition" not in headers, "the page names the file of a download"


def files_of(home: Path) -> set[Path]:
    """Return every path beside and below a home but the window's own, and SQLite's logs, which come and go."""
    return {
        path
        for path in home.parent.rglob("*")
        if "window" not in path.parts and not path.name.endswith((".db-wal", ".db-shm"))
    }


@pytest.mark.parametrize("name", NAMES)
def test_uploads_and_imports_stay_in_their_folder(page: Page, home: Path, name: str) -> None:
    before = files_of(home)
    files = [{"upload": page.upload(f"upload of {name!a}".encode()), "name": name}]
    added = page.ask("add_piece", files=files, suggest=False, again=True)["piece"]
    assert "/" not in added["files"][0]["name"]
    previewed = page.ask("preview_import", files=files)
    assert previewed
    page.ask("remove_pieces", ids=[added["id"]])
    assert {path.name for path in files_of(home) - before} <= {"index.db"}


def test_a_request_with_a_lone_surrogate_is_refused(page: Page) -> None:
    assert page.send("/api/find", b'{"query":"\\ud800"}')[0] in {200, 400}
    status, _, body = page.send("/api/add_piece", b'{"text":"\\ud800 lone","suggest":false}')
    assert status in {200, 400}
    if status == 400:
        assert json.loads(body)["code"] == "usage"
    else:
        page.ask("remove_pieces", ids=[json.loads(body)["piece"]["id"]])


def test_fields_of_a_request_are_kept_as_text(page: Page) -> None:
    title = "<b>\u202e\0\x1b[31m</b>"
    added = page.ask("add_piece", text="hostile title", title=title, tags=["../x", "<b>"], suggest=False)[
        "piece"
    ]
    assert "\0" not in added["title"]
    assert page.ask("read_piece", id=added["id"])["title"] == added["title"]
    page.ask("edit_piece", id=added["id"], base=1, title="\u202e" * 50, links=["javascript:alert(1)"])
    page.ask("remove_pieces", ids=[added["id"]])


def test_a_hundred_thousand_tags(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with Store.create(home) as store:
        drafts = (
            Draft(f"{n}".encode(), tags=tuple(f"tag-{n}-{m}" for m in range(50))) for n in range(TAGS // 50)
        )
        for _ in store.add_many(drafts):
            pass
    with served(home) as page:
        filters = page.ask("filters")
        assert len(filters["tags"]) == MAX_TAGS
        assert len(json.dumps(filters)) < 200_000
        assert page.ask("find", tags=["tag-7-7"])["total"] == 1
        assert page.ask("find", query="7", tags=["tag-7-7"])["total"] == 1
        assert len(page.ask("suggest_tags", prefix="tag-", limit=20)["tags"]) <= 20
        assert len(json.dumps(page.ask("statistics"))) < 500_000
        too_many: dict[str, Any] = {"tags": [f"t{n}" for n in range(1_001)]}
        assert page.ask("find", status=400, **too_many)["code"] == "usage"
