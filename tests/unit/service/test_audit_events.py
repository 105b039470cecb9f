"""Each operation that changes something leaves its entries in the audit log, in the transaction of the change."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import pytest
from tests.support.audit_log import head_number, read_log
from tests.support.wire_device import PROOF, WireDevice, b64
from tests.unit.service.conftest import InProcess, MakeCloud
from tests.unit.service.test_request_answers import ask, open_sheet, send

from satchel_service.audit.coverage import EVENTS, WITHOUT_EVENT
from satchel_wire.audit import Event
from satchel_wire.operations import OPERATIONS

ROOT = Path(__file__).parents[3]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
CHANGING = {operation.id for operation in OPERATIONS if operation.method != "GET"}
SECRETS = ("sealed label", "sealed summary", "a title", "typed by a reader")

SIGNING_IN = {"sign_in", "step_up", "set_owner"}  # see `sign_in/test_audit.py`

Act = Callable[[InProcess], Any]


def test_every_changing_operation_names_its_events_or_a_reason_for_having_none() -> None:
    assert set(EVENTS) | set(WITHOUT_EVENT) == CHANGING
    assert not set(EVENTS) & set(WITHOUT_EVENT)
    assert all(EVENTS.values())
    assert all(WITHOUT_EVENT.values())


def pair(cloud: InProcess) -> None:
    WireDevice(cloud.stranger._send).pair(cloud.operators_code())


def revoke(cloud: InProcess) -> None:
    other = WireDevice(cloud.stranger._send)
    other.pair(cloud.operators_code())
    cloud.device.call("DELETE", f"/v1/devices/{other.id}")


def change_backup(cloud: InProcess) -> None:
    cloud.device.call("PATCH", f"/v1/backups/{cloud.device.backup()}", {"expires": cloud.clock.after(days=9)})


def delete_backup(cloud: InProcess) -> str:
    backup = cloud.device.backup()
    assert cloud.device.call("DELETE", f"/v1/backups/{backup}").status == 204
    return backup


def undelete_backup(cloud: InProcess) -> None:
    cloud.device.call("POST", f"/v1/backups/{delete_backup(cloud)}/undelete")


def erase_backups(cloud: InProcess) -> None:
    message = {"code": cloud.operators_code(), "backups": [cloud.device.backup()]}
    assert cloud.device.call("POST", "/v1/backups/erase", message).status == 204


def set_retention(cloud: InProcess) -> None:
    for _ in range(3):
        cloud.device.backup()
        cloud.clock.advance(seconds=1)
    cloud.device.call("PUT", "/v1/retention", {"last": 1, "daily": 0, "weekly": 0, "monthly": 0})


def change_share(cloud: InProcess) -> None:
    message = {"version": 1, "card": {"title": "a title"}}
    assert cloud.device.call("PATCH", f"/v1/shares/{cloud.device.share()}", message).status == 200


def report(cloud: InProcess) -> None:
    share = cloud.device.share()
    body = b"reason=other&text=typed+by+a+reader"
    assert cloud.stranger.call("POST", f"/s/{share}/report", body=body, headers=FORM).status == 200


def take_answer(cloud: InProcess) -> None:
    request_id = ask(cloud)
    send(cloud, request_id, answer_id="c" * 32)
    assert cloud.device.call("DELETE", f"/v1/requests/{request_id}/answers/{'c' * 32}").status == 204


def erase_cloud(cloud: InProcess) -> None:
    assert cloud.erase().status == 204
    cloud.device = WireDevice(cloud.stranger._send)
    cloud.device.pair(cloud.operators_code())


ACTS: dict[str, tuple[Act, list[str]]] = {
    "pair": (pair, ["operator-code-used", "device-paired"]),
    "create_pairing": (lambda cloud: cloud.device.call("POST", "/v1/pairings"), ["code-made"]),
    "revoke_device": (revoke, ["operator-code-used", "device-paired", "device-revoked"]),
    "commit_backup": (lambda cloud: cloud.device.backup(), ["backup-committed"]),
    "change_backup": (change_backup, ["backup-committed", "backup-changed"]),
    "delete_backup": (delete_backup, ["backup-committed", "backup-deleted"]),
    "undelete_backup": (undelete_backup, ["backup-committed", "backup-deleted", "backup-undeleted"]),
    "erase_backups": (erase_backups, ["backup-committed", "operator-code-used", "backup-erased"]),
    "set_retention": (
        set_retention,
        [*["backup-committed"] * 3, "retention-set", "backup-pruned", "backup-pruned"],
    ),
    "publish_share": (lambda cloud: cloud.device.share(), ["share-published"]),
    "change_share": (change_share, ["share-published", "share-changed"]),
    "revoke_share": (
        lambda cloud: cloud.device.call("DELETE", f"/v1/shares/{cloud.device.share()}"),
        ["share-published", "share-revoked"],
    ),
    "rearm_share": (
        lambda cloud: cloud.device.call("POST", f"/v1/shares/{cloud.device.share(views=1)}/rearm", {}),
        ["share-published", "share-rearmed"],
    ),
    "open_share": (
        lambda cloud: [
            cloud.stranger.open(share) for share in (cloud.device.share(), cloud.device.share(views=1))
        ],
        ["share-published", "share-published", "share-opened", "share-opened"],
    ),
    "report_share": (report, ["share-published", "share-reported"]),
    "make_request": (ask, ["request-made"]),
    "revoke_request": (
        lambda cloud: cloud.device.call("DELETE", f"/v1/requests/{ask(cloud)}"),
        ["request-made", "request-revoked"],
    ),
    "send_answer": (lambda cloud: send(cloud, ask(cloud)), ["request-made", "answer-received"]),
    "delete_answer": (take_answer, ["request-made", "answer-received", "answer-taken"]),
    "erase_cloud": (erase_cloud, ["cloud-erased", "operator-code-used", "device-paired"]),
}


def test_every_operation_with_an_event_is_tried() -> None:
    assert set(ACTS) == set(EVENTS) - SIGNING_IN


@pytest.mark.parametrize("operation", ACTS)
def test_an_operation_leaves_its_entries(operation: str, make_cloud: MakeCloud) -> None:
    act, expected = ACTS[operation]
    cloud = make_cloud(SATCHEL_AUDIT_VIEWS="true")
    before = head_number(cloud.device)
    act(cloud)
    found = read_log(cloud.device, before)
    assert [entry["event"] for entry in found] == expected
    assert {event.code for event in EVENTS[operation]} & set(expected)
    for entry in found:
        assert re.fullmatch(r"[0-9a-f]{16}", entry["request"])
        assert "address" not in entry
        assert not any(secret in str(entry) for secret in SECRETS)


@pytest.mark.parametrize("operation", sorted(WITHOUT_EVENT))
def test_an_operation_without_an_event_leaves_no_entry(operation: str, cloud: InProcess) -> None:
    acts: dict[str, Act] = {
        "announce_upload": lambda cloud: cloud.device.announce("a" * 32, 4),
        "abort_upload": lambda cloud: (
            cloud.device.announce("a" * 32, 4),
            cloud.device.call("DELETE", f"/v1/uploads/{'a' * 32}"),
        ),
        "put_part": lambda cloud: cloud.device.upload(b"data"),
        "complete_upload": lambda cloud: cloud.device.upload(b"data"),
        "preview_retention": lambda cloud: cloud.device.call(
            "POST", "/v1/retention/preview", {"last": 1, "daily": 0, "weekly": 0, "monthly": 0}
        ),
        "open_request": lambda cloud: open_sheet(cloud, ask(cloud)),
        "create_nonce": lambda cloud: cloud.stranger.call("POST", "/v1/sign-in/nonce"),
        "erase_cloud_without_code": lambda cloud: cloud.device.call("DELETE", "/v1/cloud"),
    }
    made = 1 if operation == "open_request" else 0  # the request that is opened
    before = head_number(cloud.device)
    acts[operation](cloud)
    assert head_number(cloud.device) == before + made


def test_entries_say_who_did_it(cloud: InProcess) -> None:
    other = WireDevice(cloud.stranger._send)
    other.pair(cloud.device.call("POST", "/v1/pairings").json()["code"])
    share = other.share()
    cloud.stranger.call("POST", f"/s/{share}/report", body=b"reason=other", headers=FORM)
    cloud.device.call("DELETE", f"/v1/devices/{other.id}")
    found = [
        (entry["event"], entry["actor"], entry.get("actor_id", ""), entry.get("target", ""))
        for entry in read_log(cloud.device)
    ]
    assert found[0][:2] == ("service-changed", "operator")
    assert found[1:] == [
        ("code-made", "operator", "", ""),
        ("operator-code-used", "operator", "", "pair"),
        ("device-paired", "device", cloud.device.id, cloud.device.id),
        ("code-made", "device", cloud.device.id, ""),
        ("device-paired", "device", other.id, other.id),
        ("share-published", "device", other.id, share),
        ("share-reported", "anyone", "", share),
        ("device-revoked", "device", cloud.device.id, other.id),
    ]


def test_an_entry_has_the_id_of_its_request(cloud: InProcess) -> None:
    answer = cloud.device.call("POST", "/v1/pairings")
    assert read_log(cloud.device)[-1]["request"] == answer.headers["x-request-id"]


def test_a_repeated_request_leaves_no_second_entry(cloud: InProcess) -> None:
    backup = cloud.device.backup()
    share_id, request = cloud.device.new_id(), cloud.device.share_request()
    cloud.device.call("PUT", f"/v1/shares/{share_id}", request)
    cloud.device.call("DELETE", f"/v1/shares/{share_id}")
    before = head_number(cloud.device)
    message: dict[str, Any] = {"needs": [], "expires": None, "summary": b64(b"sealed summary")}
    assert cloud.device.call("PUT", f"/v1/backups/{backup}", message).status == 200
    assert cloud.device.call("POST", f"/v1/backups/{backup}/undelete").status == 200
    assert cloud.device.call("DELETE", f"/v1/shares/{share_id}").status == 204
    assert head_number(cloud.device) == before


def test_a_refused_change_leaves_no_entry(cloud: InProcess) -> None:
    before = head_number(cloud.device)
    assert cloud.device.call("DELETE", f"/v1/backups/{'f' * 32}").status == 404
    assert cloud.device.call("PUT", f"/v1/backups/{'f' * 32}", {"summary": ""}).status == 404
    message = {"code": cloud.operators_code(), "backups": ["f" * 32]}
    assert cloud.device.call("POST", "/v1/backups/erase", message).status == 404, "the code stays unused too"
    assert head_number(cloud.device) == before


def test_the_cloud_records_what_it_does_by_itself(cloud: InProcess) -> None:
    cloud.device.backup(b"one", expires=cloud.clock.after(hours=1))
    cloud.clock.advance(seconds=1)
    cloud.device.backup(b"two")
    cloud.device.share(expires=cloud.clock.after(hours=1))
    before = head_number(cloud.device)
    cloud.clock.advance(hours=2)
    cloud.device.call("GET", "/v1/status")
    for _ in range(9):
        cloud.clock.advance(days=1)
        cloud.device.call("GET", "/v1/status")
    found = read_log(cloud.device, before)
    assert [entry["event"] for entry in found] == ["backup-expired", "backup-purged", "share-removed"]
    assert {entry["actor"] for entry in found} == {"cloud"}


def test_many_equal_changes_in_one_transaction_are_one_entry(cloud: InProcess) -> None:
    for _ in range(7):
        cloud.device.backup()
        cloud.clock.advance(seconds=1)
    before = head_number(cloud.device)
    others = [cloud.device.backup() for _ in range(21)]
    message = {"code": cloud.operators_code(), "backups": others}
    assert cloud.device.call("POST", "/v1/backups/erase", message).status == 204
    found = [entry for entry in read_log(cloud.device, before) if entry["event"] == "backup-erased"]
    assert [(entry["occurrences"], entry.get("target", "")) for entry in found] == [(21, "")]


def test_a_change_and_its_entry_are_one_transaction(
    cloud: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the entry cannot be written, the change is undone."""
    backup = cloud.device.backup()
    before = read_log(cloud.device)

    def break_log(db: apsw.Connection) -> None:
        db.execute(
            "CREATE TEMP TRIGGER full BEFORE INSERT ON main.audit BEGIN SELECT RAISE(ABORT, 'full'); END"
        )

    cloud.loopback.run(cloud.environment.database.write(break_log))
    assert cloud.device.call("DELETE", f"/v1/backups/{backup}").status >= 500
    assert cloud.device.call("POST", "/v1/pairings").status >= 500
    cloud.loopback.run(cloud.environment.database.write(lambda db: db.execute("DROP TRIGGER temp.full")))
    assert read_log(cloud.device) == before
    assert len(cloud.device.call("GET", "/v1/backups").json()["backups"]) == 1


def test_openings_are_not_entries_by_default(cloud: InProcess) -> None:
    shares = [cloud.device.share(), cloud.device.share(views=5)]
    before = head_number(cloud.device)
    for share in shares:
        assert cloud.stranger.open(share, PROOF).status == 200
    assert head_number(cloud.device) == before


def test_a_log_of_the_maximum_page_size_is_read_in_pages(cloud: InProcess) -> None:
    from satchel_service.audit import CLOUD, record

    def fill(db: apsw.Connection) -> None:
        for number in range(2500):
            record(db, Event.SETTING_CHANGED, CLOUD, now=number)

    cloud.loopback.run(cloud.environment.database.write(fill))
    assert len(read_log(cloud.device)) == head_number(cloud.device) > 2500
    assert len(cloud.device.call("GET", "/v1/audit").json()["entries"]) == 1000


@pytest.mark.parametrize("after", ["-1", "x", "", "1.5", "9" * 17, "٣"])
def test_an_invalid_number_is_refused(cloud: InProcess, after: str) -> None:
    from urllib.parse import quote

    assert cloud.device.call("GET", f"/v1/audit?after={quote(after)}").problem == "invalid"


def test_a_number_after_the_head_gets_the_head(cloud: InProcess) -> None:
    page = cloud.device.call("GET", "/v1/audit?after=900").json()
    assert page["start"] == page["head"]
    assert page["entries"] == []


def test_strangers_cannot_read_the_log(cloud: InProcess) -> None:
    assert cloud.stranger.call("GET", "/v1/audit").problem == "not-signed-in"


def test_the_reference_lists_every_event() -> None:
    page = (ROOT / "docs/reference/audit-events.md").read_text()
    changes, refusals = page.split("## Refusals")
    row = re.compile(r"^\| `([a-z-]+)` \| (.+) \|$", re.MULTILINE)
    assert row.findall(changes) == [(each.code, each.meaning) for each in Event if not each.is_counted]
    assert row.findall(refusals) == [(each.code, each.meaning) for each in Event if each.is_counted]
