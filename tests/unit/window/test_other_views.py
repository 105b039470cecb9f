"""The views Put in, Back up, Settings and See, without a cloud."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support.crontab import write_programs
from tests.support.window import Page

from satchel.memory import Event, MemoryStore
from satchel.pieces.model import Changes
from satchel.store import Store

Save = Callable[..., str]
TOKEN = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"


# -- put in -------------------------------------------------------------------------------------


def test_a_text_becomes_a_piece_once(page: Page) -> None:
    text = "def parse_header(line):\n    return line.split(':')\n"
    added = page.ask("add_piece", text=text, tags=["http"], suggest=False)
    assert added["is_new"] is True
    assert added["piece"]["tags"] == ["http"]
    again = page.ask("add_piece", text=text)
    assert (again["is_new"], again["piece"]["id"]) == (False, added["piece"]["id"])
    assert page.ask("propose", text=text)["existing"] == added["piece"]["id"]
    assert page.ask("add_piece", text=text, again=True, suggest=False)["is_new"] is True


def test_files_become_one_piece(page: Page) -> None:
    files = [
        {"upload": page.upload(b"print(1)\n"), "name": "src/a.py"},
        {"upload": page.upload(b"# notes\n"), "name": "notes.md"},
    ]
    added = page.ask("add_piece", files=files, suggest=False)["piece"]
    assert [file["name"] for file in added["files"]] == ["a.py", "notes.md"]


def test_a_secret_in_a_new_piece_is_counted(page: Page) -> None:
    assert page.ask("add_piece", text=f"token = '{TOKEN}'\n", suggest=False)["secrets"] == 1


@pytest.mark.parametrize(
    "request_", [{}, {"text": "  "}, {"text": "a", "files": [{"upload": "0" * 32, "name": "x"}]}]
)
def test_nothing_and_what_is_gone_are_refused(page: Page, request_: dict[str, object]) -> None:
    status = 404 if "files" in request_ else 400
    page.ask("add_piece", status=status, **request_)


def test_a_file_that_is_no_text_is_refused(page: Page) -> None:
    upload = page.upload(b"\x00\x01\x02" * 100)
    page.ask("add_piece", status=400, files=[{"upload": upload, "name": "a.bin"}])
    page.ask("read_image", status=400, upload=upload)


def test_an_import_shows_what_will_come(page: Page, save: Save, tmp_path: Path) -> None:
    save("print('here')\n")
    files = [
        {"upload": page.upload(data), "name": name}
        for name, data in [
            ("folder/a.py", b"print('new')\n"),
            ("folder/b.py", b"print('here')\n"),
            ("folder/../../../evil.py", b"print('evil')\n"),
        ]
    ]
    preview = page.ask("preview_import", files=files)
    assert (preview["new"], preview["kind"]) == (2, "folder")
    assert {"reason": "already here", "count": 1} in preview["skipped"]
    assert page.ask("find")["total"] == 1
    job = page.finished(page.ask("start_import", files=files, tags=["imported"]))
    assert job["state"] == "done", job
    assert job["result"]["imported"]["imported"] == 2
    assert page.ask("find", tags=["imported"])["total"] == 2
    assert not list(tmp_path.rglob("evil.py"))


def test_a_folder_of_this_device_is_imported_by_its_path(page: Page, tmp_path: Path) -> None:
    folder = tmp_path / "snippets"
    folder.mkdir()
    (folder / "a.py").write_text("print(1)\n")
    assert page.ask("preview_import", path=str(folder))["new"] == 1
    assert page.ask("preview_import", status=404, path=str(tmp_path / "none"))["code"] == "not_found"
    assert {each["kind"] for each in page.ask("import_kinds")["kinds"]} >= {"folder", "gists", "satchel"}


# -- share --------------------------------------------------------------------------------------


def test_the_share_dialog_warns_of_a_secret(page: Page, save: Save) -> None:
    piece = save(f"first\ntoken = '{TOKEN}'\n", title="keys")
    check = page.ask("check_share", id=piece)
    assert (check["cloud"], check["default_expires"]) == (None, "7d")
    assert [(one["line"], TOKEN in one["message"]) for one in check["findings"]] == [(2, False)]
    assert check["card"] == {"title": "keys", "language": "", "lines": 2}
    assert page.ask("publish_share", status=403, id=piece)["code"] == "secrets"
    assert page.ask("shares", status=403)["code"] == "refused"


# -- request ------------------------------------------------------------------------------------


def test_a_request_needs_a_cloud(page: Page) -> None:
    assert page.ask("requests", status=403)["code"] == "refused"
    assert "satchel connect" in page.ask("make_request", status=403, text="--home=/tmp")["hint"]
    job = page.finished(page.ask("take_answers", id="5be0"))
    assert (job["command"], job["problem"]["code"]) == ("satchel requests take ID", "refused")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"text": "x" * 501}, "the text has 501 characters; a request holds up to 500"),
        ({"expires": "0d"}, "'0d'"),
        ({"size": "1K"}, "'1K' is not a size from 4K to 30M"),
        ({"size": "31M"}, "'31M' is not a size from 4K to 30M"),
        ({"size": "--home=/tmp"}, ""),
        ({"answers": 0}, ""),
        ({"answers": 101}, ""),
        ({"expires": "tomorrow"}, ""),
    ],
)
def test_a_request_that_cannot_be_is_refused(page: Page, fields: dict[str, Any], message: str) -> None:
    problem = page.ask("make_request", status=400, **fields)
    assert problem["code"] == "usage"
    assert message in problem["message"]


@pytest.mark.parametrize("operation", ["request_link", "revoke_request", "take_answers"])
def test_the_id_of_a_request_is_no_option(page: Page, operation: str) -> None:
    assert page.ask(operation, status=400, id="--help")["code"] == "usage"


def test_answers_are_written_to_a_whole_path_only(page: Page) -> None:
    problem = page.ask("take_answers", status=400, id="5be0", into="secrets")
    assert problem["message"] == "'secrets' is not a whole path"


# -- back up ------------------------------------------------------------------------------------


def done(page: Page, job: dict[str, Any]) -> Any:  # noqa: ANN401  any JSON value
    found = page.finished(job)
    assert found["state"] == "done", found["problem"]
    return found["result"]


def test_backups_to_a_file_are_made_proven_and_restored(
    page: Page, save: Save, home: Path, tmp_path: Path
) -> None:
    target = str(tmp_path / "satchel.age")
    kept = save("kept", title="kept")
    made = page.finished(page.ask("start_backup", to_file=target))
    assert made["state"] == "done", made
    assert made["result"]["backup"]["pieces"] == 1
    state = page.ask("protection")
    assert state["last_backup"] is not None
    assert {each["name"] for each in state["findings"]} >= {"backup", "words", "disk"}
    verified = page.finished(page.ask("start_verify", from_file=target))
    assert verified["result"]["verified"]["pieces"] == 1
    assert page.ask("protection")["proof"]["whole"] is True
    with Store.open(home) as store:
        store.edit(kept, Changes(title="edited"))
    save("new", title="new")
    listed = page.ask("backup_pieces", from_file=target)
    assert [each["title"] for each in listed["pieces"]] == ["kept"]
    preview = done(page, page.ask("preview_restore", how="replace", from_file=target))["restore"]
    assert (preview["missing"], preview["newer"]) == (1, 1)
    assert [each["title"] for each in preview["missing_pieces"]] == ["new"]
    assert page.ask("find")["total"] == 2
    pieces: dict[str, Any] = {"how": "pieces", "pieces": [kept], "from_file": target}
    preview = done(page, page.ask("preview_restore", **pieces))["restore"]
    assert preview["updated"] + preview["brought_back"] == 1
    merged = done(page, page.ask("start_restore", **pieces))["merged"]
    assert merged["updated"] + merged["restored"] == 1
    assert page.ask("read_piece", id=kept)["title"] == "kept"
    replaced = page.finished(page.ask("start_restore", how="replace", from_file=target))
    assert replaced["state"] == "done", replaced
    assert page.ask("find")["total"] == 1
    assert done(page, page.ask("undo_restore"))["restored"]["pieces"] == 2


def remember(home: Path, *texts: str, at_ms: int) -> None:
    with MemoryStore.create(home) as memory:
        memory.add(Event("shell", at_ms + number, text) for number, text in enumerate(texts))


def texts_of(home: Path) -> list[str]:
    with MemoryStore.open(home) as memory:
        return sorted(event.text for event in memory.events())


def test_a_backup_with_the_memory_is_restored_with_it(
    page: Page, save: Save, home: Path, tmp_path: Path
) -> None:
    target = str(tmp_path / "with-memory.age")
    save("kept", title="kept")
    remember(home, "make test", "git push", at_ms=1_760_000_000_000)
    made = done(page, page.ask("start_backup", to_file=target, with_memory=True))["backup"]
    assert made["memory"] is True
    remember(home, "later", at_ms=1_770_000_000_000)
    asked: dict[str, Any] = {"how": "replace", "from_file": target}

    preview = done(page, page.ask("preview_restore", **asked))["restore"]
    assert (preview["memory_events"], preview["memory_replaced"]) == (2, 0)
    preview = done(page, page.ask("preview_restore", **asked, with_memory=True))["restore"]
    assert (preview["memory_events"], preview["memory_replaced"], preview["memory_newer"]) == (2, 3, 1)
    assert texts_of(home) == ["git push", "later", "make test"], "a preview changes nothing"

    restored = done(page, page.ask("start_restore", **asked))["restored"]
    assert (restored["memory"], len(texts_of(home))) == (False, 3)
    restored = done(page, page.ask("start_restore", **asked, with_memory=True))["restored"]
    assert (restored["memory"], texts_of(home)) == (True, ["git push", "make test"])
    undone = done(page, page.ask("undo_restore"))["restored"]
    assert (undone["memory"], len(texts_of(home))) == (True, 3)


def test_a_preview_changes_nothing_where_no_memory_would_be_replaced(
    page: Page, save: Save, home: Path, tmp_path: Path
) -> None:
    target = str(tmp_path / "with-memory.age")
    save("kept", title="kept")
    remember(home, "make test", at_ms=1_760_000_000_000)
    done(page, page.ask("start_backup", to_file=target, with_memory=True))
    for path in home.glob("memory.db*"):
        path.unlink()
    save("new", title="new")
    asked: dict[str, Any] = {"how": "replace", "from_file": target, "with_memory": True}
    preview = done(page, page.ask("preview_restore", **asked))["restore"]
    assert (preview["memory_events"], preview["memory_replaced"], preview["missing"]) == (1, 0, 1)
    assert page.ask("find")["total"] == 2
    assert not (home / "memory.db").exists()
    assert done(page, page.ask("start_restore", **asked))["restored"]["memory"] is True
    assert texts_of(home) == ["make test"]


def test_a_backup_without_a_memory_is_not_restored_with_one(
    page: Page, save: Save, home: Path, tmp_path: Path
) -> None:
    target = str(tmp_path / "without.age")
    save("kept", title="kept")
    remember(home, "make test", at_ms=1_760_000_000_000)
    made = done(page, page.ask("start_backup", to_file=target, with_memory=False))["backup"]
    assert made["memory"] is False
    asked: dict[str, Any] = {"from_file": target, "with_memory": True}
    for operation in ("preview_restore", "start_restore"):
        job = page.finished(page.ask(operation, how="replace", **asked))
        assert (job["state"], job["problem"]["code"]) == ("failed", "not_found")
    for operation in ("preview_restore", "start_restore"):
        assert page.ask(operation, status=400, how="merge", **asked)["code"] == "usage"
    assert texts_of(home) == ["make test"]


def test_a_backup_without_a_cloud_fails_as_the_command_does(page: Page) -> None:
    page.finished(page.ask("start_verify", backup="latest"))
    job = page.finished(page.ask("start_backup"))
    assert (job["state"], job["problem"]["code"]) == ("failed", "refused")
    assert page.ask("start_backup", status=400, to_file="relative.age")["code"] == "usage"
    assert page.ask("start_restore", status=400, how="pieces")["code"] == "usage"


# -- settings -----------------------------------------------------------------------------------


def test_a_setting_is_changed_and_restored(page: Page) -> None:
    def value(answer: Any) -> Any:  # noqa: ANN401  JSON values
        return next(each["value"] for each in answer["settings"] if each["name"] == "share.expires")

    assert value(page.ask("set_setting", name="share.expires", value="12h")) == "12h"
    page.ask("set_setting", status=400, name="share.expires", value="--home=/tmp")
    page.ask("set_setting", status=404, name="no.such", value="1")
    assert value(page.ask("set_setting", name="share.expires", value=None)) == "7d"


def test_processing_telemetry_and_the_cloud_are_shown(page: Page) -> None:
    models = page.ask("processing")["models"]
    assert all(each["runs"] == "local" for each in models if each["name"] != "ask")
    assert page.ask("set_processing", status=403, model="titles", how="blended")["code"] == "refused"
    assert page.ask("telemetry")["is_on"] is False
    cloud = page.ask("cloud")
    assert (cloud["url"], cloud["account"], cloud["is_offline"]) == (None, None, False)
    page.ask("set_setting", name="offline", value="on")
    assert page.ask("cloud")["offline_because"] == "setting"


def test_telemetry_is_switched_on_and_off(page: Page) -> None:
    assert page.ask("set_telemetry", is_on=True)["document"] is not None
    assert page.ask("set_telemetry", is_on=False)["is_on"] is False


def test_memory_sources_are_switched(page: Page, tmp_path: Path) -> None:
    assert page.ask("timeline") == {
        "is_on": False, "episodes": [], "summaries": [], "waiting": 0, "has_more": False,
    }  # fmt: skip
    notes = tmp_path / "notes"
    notes.mkdir()
    on = page.ask("set_memory", source="files", is_on=True, places=[str(notes)])
    assert {each["name"]: each["is_on"] for each in on["sources"]}["files"] is True
    assert page.ask("timeline")["is_on"] is True
    assert page.ask("timeline", question="--home=/tmp what did I do?")["episodes"] == []
    assert page.ask("pause_memory", duration="1h")["paused_until"] is not None
    assert page.ask("pause_memory", duration="forever")["paused_until"] == "resume"
    assert page.ask("pause_memory", duration=None)["paused_until"] is None
    off = page.ask("set_memory", source="files", is_on=False, kept="forget")
    assert not any(each["is_on"] for each in off["sources"])


def test_the_timeline_forms_what_is_new_and_forgets_what_is_chosen(page: Page, home: Path) -> None:
    first_ms = 1_790_000_000_000
    with MemoryStore.create(home) as memory:
        memory.control.turn_on("shell", first_ms)
        memory.add(
            Event("shell", first_ms + at_ms, text, place=f"/w/{text[:4]}", repository=f"/w/{text[:4]}")
            for at_ms, text in [(0, "make test"), (60_000, "make check"), (90_000_000, "docker ps")]
        )
    found = page.ask("timeline")
    assert [each["title"] for each in found["episodes"]] == ["docker ps", "make test"]
    assert {each["kind"] for each in found["summaries"]} == {"day", "week"}
    assert page.ask("preview_forget_memory", matching="DOCKER") == {"events": 1, "episodes": 1}
    assert page.ask("forget_memory", matching="DOCKER") == {"events": 1, "episodes": 1}
    work = found["episodes"][1]
    assert page.ask("forget_memory", since=work["start"], until=work["end"]) == {"events": 1, "episodes": 1}
    assert page.ask("timeline")["episodes"][0]["commands"] == ["make check"]
    assert page.ask("forget_memory", everything=True)["events"] == 1
    assert page.ask("timeline")["episodes"] == []


@pytest.mark.parametrize("request_", [{}, {"everything": True, "matching": "a"}, {"since": "yesterday"}])
def test_what_to_forget_is_said_exactly(page: Page, home: Path, request_: dict[str, object]) -> None:
    with MemoryStore.create(home) as memory:
        memory.add([Event("shell", 1_790_000_000_000, "make")])
    page.ask("forget_memory", status=400, **request_)
    assert page.ask("preview_forget_memory")["events"] == 1


@pytest.fixture
def crontab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A computer without systemd, whose `crontab` works on this file."""
    table = tmp_path / "table"
    folder = write_programs(tmp_path / "programs", table)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return table


def test_a_schedule_is_shown_before_it_is_installed(crontab: Path, page: Page, tmp_path: Path) -> None:
    wanted: dict[str, Any] = {"every": "1d", "to_file": str(tmp_path / "b.age")}
    plan = page.ask("preview_schedule", **wanted)
    assert (plan["installed"], len(plan["lines"])) == (False, 1)
    assert not crontab.exists()
    assert page.ask("add_schedule", **wanted)["installed"] is True
    assert plan["lines"][0] in crontab.read_text()
    (found,) = page.ask("schedules")["schedules"]
    assert found["every_s"] == 86_400
    assert page.ask("remove_schedule", name=found["name"])["schedules"] == []
    assert page.ask("remove_schedule", status=404, name="none")["code"] == "not_found"


# -- see ----------------------------------------------------------------------------------------


def test_an_empty_ledger_is_whole(page: Page) -> None:
    assert page.ask("ledger")["entries"] == []
    assert page.ask("verify_ledger") == {"records": 0, "sha256": ""}


@pytest.mark.parametrize("operation", ["find", "ledger", "timeline"])
@pytest.mark.parametrize("time", ["yesterday", "", "2026-13-01"])
def test_a_time_that_is_none_is_refused(page: Page, operation: str, time: str) -> None:
    assert page.ask(operation, status=400, since=time)["code"] == "usage"


@pytest.mark.parametrize("by", ["day", "week", "month"])
def test_statistics_count_pieces_and_languages(page: Page, save: Save, home: Path, by: str) -> None:
    one = save("print(1)", language="python", tags=("a",))
    save("two")
    with Store.open(home) as store:
        store.edit(one, Changes(title="edited"))
    found = page.ask("statistics", by=by)
    assert (found["pieces"], found["revisions"], found["content_bytes"]) == (2, 3, 11)
    assert [(each["pieces"], each["total"]) for each in found["growth"]] == [(2, 2)]
    assert [(each["language"], each["pieces"]) for each in found["languages"]] == [(None, 1), ("python", 1)]
