"""The window with a running cloud: connect, share, back up, restore, devices, audit log, and the ledger of it all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.device import Device
from tests.support.service import ServiceProcess
from tests.support.window import Page, served

from satchel.cloud.client import CloudClient
from satchel.errors import UnreachableError
from satchel.keys import RootSecret

ROOT = RootSecret(b"\x5b" * 32)
TOKEN = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    with ServiceProcess(tmp_path_factory.mktemp("service") / "cloud") as running:
        yield running


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Device:
    return Device(tmp_path_factory.mktemp("device") / "home", ROOT)


@pytest.fixture(scope="module")
def page(service: ServiceProcess, device: Device) -> Iterator[Page]:
    """A window whose page has connected the device with a pairing code."""
    with served(device.home) as page:
        job = page.ask(
            "start_connect", url=service.url, code=service.pairing_code, label="desk", allow_http=True
        )
        assert done(page, job)["connected"]["url"] == service.url
        yield page


def done(page: Page, job: dict[str, Any]) -> Any:  # noqa: ANN401  any JSON value
    found = page.finished(job)
    assert found["state"] == "done", found["problem"]
    return found["result"]


def test_a_wrong_code_is_told(service: ServiceProcess, tmp_path: Path) -> None:
    device = Device(tmp_path / "home", ROOT)
    with served(device.home) as page:
        job = page.finished(page.ask("start_connect", url=service.url, code="AAAA-AAAA", allow_http=True))
        assert (job["state"], job["problem"]["code"]) == ("failed", "refused")


def test_a_link_lives_its_whole_life_in_the_window(page: Page, device: Device, tmp_path: Path) -> None:
    piece = device.save(b"shared text\n", title="shared")
    request: dict[str, Any] = {
        "id": piece,
        "expires": "2d",
        "views": 2,
        "password": "let me in",
        "card": True,
    }
    published = done(page, page.ask("publish_share", **request))["published"]
    assert (published["has_password"], published["views"]) == (True, 2)
    assert published["card"]["title"] == "shared"
    (share,) = [each for each in page.ask("shares")["shares"] if each["id"] == published["id"]]
    assert (share["piece"], share["title"], share["opened"]) == (piece, "shared", 0)
    password = tmp_path / "password"
    password.write_text("let me in\n")
    stranger = Device(tmp_path / "nowhere")
    got = stranger.run("get", published["link"], "--password-file", str(password))
    assert got.stdout == b"shared text\n"
    (share,) = [each for each in page.ask("shares")["shares"] if each["id"] == published["id"]]
    assert share["opened"] == 1
    assert page.ask("share_link", id=share["id"])["link"] == published["link"]
    assert page.ask("share_reports", id=share["id"][:8])["reports"] == []
    assert page.ask("rearm_share", id=share["id"], views=5)["views"] == 5
    page.ask("edit_piece", id=piece, base=1, text="new text\n")
    assert done(page, page.ask("update_share", id=share["id"], card=False))["share"]["version"] == 2
    assert page.ask("revoke_share", id=share["id"])["id"] == share["id"]
    (share,) = [each for each in page.ask("shares")["shares"] if each["id"] == published["id"]]
    assert share["state"] == "revoked"


def test_a_link_to_a_secret_needs_consent(page: Page, device: Device) -> None:
    piece = device.save(f"token = '{TOKEN}'\n".encode(), title="keys")
    assert page.ask("publish_share", status=403, id=piece)["code"] == "secrets"
    share = done(page, page.ask("publish_share", id=piece, allow_secrets=True))["published"]["id"]
    assert page.ask("update_share", status=403, id=share)["code"] == "secrets"
    done(page, page.ask("update_share", id=share, allow_secrets=True))


def listed(page: Page, request_id: str) -> Any:  # noqa: ANN401  any JSON value
    (found,) = [each for each in page.ask("requests")["requests"] if each["id"] == request_id]
    return found


def test_a_request_lives_its_whole_life_in_the_window(page: Page, device: Device, tmp_path: Path) -> None:
    made = page.ask("make_request", text="the staging key", expires="2d", answers=3, size="1M")
    assert (made["text"], made["answers"], made["answer_bytes"]) == ("the staging key", 3, 1 << 20)
    asked = listed(page, made["id"])
    assert (asked["text"], asked["state"], asked["received"]) == ("the staging key", "live", [])
    assert page.ask("request_link", id=made["id"][:8])["link"] == made["link"]
    colleague = Device(tmp_path / "nowhere")
    receipt = colleague.run("answer", made["link"], "-", stdin=b"staging-4f1c").text
    (waiting,) = listed(page, made["id"])["received"]
    assert (waiting["receipt"], waiting["taken"]) == (receipt, None)
    (taken,) = done(page, page.ask("take_answers", id=made["id"]))["taken"]["taken"]
    assert (taken["receipt"], taken["is_new"], taken["paths"]) == (receipt, True, [])
    piece = page.ask("read_piece", id=taken["piece"])
    assert (piece["title"], device.run("cat", taken["piece"]).stdout) == ("the staging key", b"staging-4f1c")
    assert listed(page, made["id"])["received"][0]["taken"] is not None
    job = page.finished(page.ask("take_answers", id=made["id"]))
    assert (job["state"], job["problem"]["code"]) == ("failed", "not_found")
    colleague.run("answer", made["link"], "-", stdin=b"too late")
    assert page.ask("revoke_request", id=made["id"])["id"] == made["id"]
    assert listed(page, made["id"])["state"] == "revoked"
    colleague.run("answer", made["link"], "-", stdin=b"never", code=3)


def test_an_answer_that_no_piece_can_hold_stays_until_it_is_written_to_a_folder(
    page: Page, tmp_path: Path
) -> None:
    made = page.ask("make_request", answers=2)
    colleague = Device(tmp_path / "nowhere")
    (tmp_path / "key.bin").write_bytes(b"\0\1\2")
    colleague.run("answer", made["link"], tmp_path / "key.bin")
    job = page.finished(page.ask("take_answers", id=made["id"]))
    assert (job["state"], job["problem"]["code"]) == ("failed", "usage")
    colleague.run("answer", made["link"], "-", stdin=b"text")
    outcome = done(page, page.ask("take_answers", id=made["id"]))["taken"]
    assert [each["message"] for each in outcome["refused"]] == [job["problem"]["message"]]
    assert len(outcome["taken"]) == 1
    assert [each["taken"] is None for each in listed(page, made["id"])["received"]] == [True, False]
    into = tmp_path / "into"
    (written,) = done(page, page.ask("take_answers", id=made["id"], into=str(into)))["taken"]["taken"]
    assert (written["piece"], written["paths"]) == (None, [str(into / "key.bin")])
    assert (into / "key.bin").read_bytes() == b"\0\1\2"


def test_an_answer_that_cannot_be_deleted_from_the_cloud_is_kept_with_a_warning(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise UnreachableError("the cloud does not answer")

    made = page.ask("make_request")
    Device(tmp_path / "nowhere").run("answer", made["link"], "-", stdin=b"kept twice")
    with monkeypatch.context() as patch:
        patch.setattr(CloudClient, "delete_answer", refuse)
        (kept,) = done(page, page.ask("take_answers", id=made["id"]))["taken"]["taken"]
    assert kept["warning"].endswith("still in the cloud: the cloud does not answer")
    assert [each["taken"] for each in listed(page, made["id"])["received"]] == [None]
    (again,) = done(page, page.ask("take_answers", id=made["id"]))["taken"]["taken"]
    assert (again["piece"], again["is_new"], again["warning"]) == (kept["piece"], False, None)


def test_answers_stay_in_the_cloud_if_the_folder_cannot_be_written(page: Page, tmp_path: Path) -> None:
    made = page.ask("make_request")
    Device(tmp_path / "nowhere").run("answer", made["link"], "-", stdin=b"text")
    (tmp_path / "file").write_bytes(b"")
    job = page.finished(page.ask("take_answers", id=made["id"], into=str(tmp_path / "file/folder")))
    assert job["problem"]["message"].startswith("cannot write into")
    assert [each["taken"] for each in listed(page, made["id"])["received"]] == [None]


def test_backups_are_made_proven_listed_and_pruned(page: Page, device: Device) -> None:
    piece = device.save(b"backed up\n", title="backed up")
    made = done(page, page.ask("start_backup"))["backup"]
    assert page.ask("protection", ask_cloud=True)["cloud"]["reachable"] is True
    assert done(page, page.ask("start_verify", sample="100%"))["verified"]["same"] >= 1
    (listed,) = page.ask("backups")["backups"]
    assert (listed["id"], listed["authentic"]) == (made["id"], True)
    calendar = page.ask("calendar")
    assert calendar["retention"] == {"last": 7, "daily": 7, "weekly": 4, "monthly": 12}
    assert calendar["backups"][0]["kept_by"] == ["last", "daily", "weekly", "monthly"]
    assert page.ask("set_retention", daily=30)["retention"]["daily"] == 30
    page.ask("remove_pieces", ids=[piece])
    found = page.ask("backup_pieces", words="backed")["pieces"]
    assert [each["id"] for each in found] == [piece]
    merged = done(page, page.ask("start_restore", how="pieces", pieces=[piece]))["merged"]
    assert merged["restored"] + merged["added"] == 1
    assert page.ask("read_piece", id=piece)["title"] == "backed up"
    assert page.ask("delete_backups", ids=[made["id"]])["ids"] == [made["id"]]
    assert [each["id"] for each in page.ask("backups")["deleted"]] == [made["id"]]
    assert page.ask("undelete_backups", ids=[made["id"][:8]])["ids"] == [made["id"]]


def test_devices_and_the_audit_log_are_shown(page: Page) -> None:
    (own,) = page.ask("devices")["devices"]
    assert (own["label"], own["current"]) == ("desk", True)
    assert done(page, page.ask("start_add_device"))["code"]["code"]
    log = page.ask("audit_log")
    assert log["intact"] is True
    assert log["entries"][0]["number"] > log["entries"][-1]["number"]
    assert page.ask("audit_log", events=[log["entries"][-1]["event"]])["entries"]


def test_the_ledger_names_what_was_clicked(page: Page, device: Device) -> None:
    piece = device.save(b"for the ledger\n")
    share = done(page, page.ask("publish_share", id=piece))["published"]["id"]
    page.ask("revoke_share", id=share)
    entries = page.ask("ledger", limit=500)["entries"]
    assert {"satchel open: publish_share", "satchel open: revoke_share"} <= {
        each["command"] for each in entries
    }
    assert all(each["command"].startswith("satchel open: ") for each in entries)
    assert [each["kind"] for each in page.ask("ledger", piece=piece)["entries"]] != []
    assert page.ask("verify_ledger")["records"] > 0


def test_an_offline_window_sends_nothing(page: Page) -> None:
    before = page.ask("verify_ledger")["records"]
    page.ask("set_setting", name="offline", value="on")
    try:
        assert page.ask("shares", status=503)["code"] == "unreachable"
    finally:
        page.ask("set_setting", name="offline", value=None)
    assert page.ask("verify_ledger")["records"] == before


def test_a_cloud_that_is_gone_is_told(tmp_path: Path) -> None:
    with ServiceProcess(tmp_path / "cloud") as service:
        device = Device(tmp_path / "home", ROOT)
        device.run("connect", service.url, "--pair", service.pairing_code)
    with served(device.home) as page:
        assert page.ask("devices", status=503)["code"] == "unreachable"
        job = page.finished(page.ask("start_disconnect", forget=True))
        assert job["state"] == "done"
        assert page.ask("cloud")["url"] is None
