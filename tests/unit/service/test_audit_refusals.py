"""Refused attempts are counted by the hour: strangers can neither fill the audit log nor cost writes."""

import pytest
from tests.support.audit_log import events, head_number, read_log
from tests.support.wire_device import WireDevice, b64
from tests.unit.service.conftest import InProcess, MakeCloud

from satchel_service.database import DatabaseError
from satchel_service.server.app import write_counts
from satchel_wire.audit import Event

WRONG_PROOF = bytes(32)


def position(cloud: InProcess) -> int:
    """Return how many transactions have reached the log."""
    return cloud.environment.database._journal.position


def counted(cloud: InProcess, after: int = 0) -> list[tuple[str, str, int]]:
    """Return event, actor id and number of the entries of refusals."""
    return [
        (entry["event"], entry.get("actor_id", ""), entry.get("occurrences", 1))
        for entry in read_log(cloud.device, after)
        if entry.get("outcome") == "refused"
    ]


def attack(cloud: InProcess, share: str, times: int) -> None:
    stranger = WireDevice(cloud.stranger._send, "satchel_" + "x" * 43)
    for number in range(times):
        cloud.stranger.call("POST", "/v1/pair", {"code": f"AAAA-AAAA-{number:04}"})
        cloud.stranger.open(share, WRONG_PROOF)
        stranger.call("GET", "/v1/backups")


def test_attempts_of_strangers_become_one_entry_for_each_hour_and_kind(cloud: InProcess) -> None:
    share = cloud.device.share()
    before = head_number(cloud.device)
    attack(cloud, share, 30)
    assert counted(cloud, before) == [], "the hour is not over"
    cloud.clock.advance(hours=1)
    assert sorted(counted(cloud, before)) == [
        ("too-many-attempts", "", 10 + 20),
        ("wrong-code", "", 20),
        ("wrong-proof", "", 10),
        ("wrong-token", "", 30),
    ]


def test_a_refusal_takes_no_transaction(cloud: InProcess) -> None:
    share = cloud.device.share()
    cloud.device.call("GET", "/v1/audit")  # closes earlier hours
    before = position(cloud)
    attack(cloud, share, 50)
    assert position(cloud) == before


def test_a_flood_over_hours_costs_one_transaction_an_hour(cloud: InProcess) -> None:
    share = cloud.device.share()
    cloud.device.call("GET", "/v1/audit")
    before = position(cloud)
    for _ in range(5):
        attack(cloud, share, 10)
        cloud.clock.advance(hours=1)
    assert position(cloud) - before <= 5


@pytest.mark.parametrize("event", [event for event in Event if event.is_counted])
def test_a_hundred_thousand_refusals_are_one_entry(cloud: InProcess, event: Event) -> None:
    from satchel_service.audit.refusals import Refusals

    before = head_number(cloud.device)
    refusals = Refusals(cloud.environment)
    for _ in range(100_000):
        refusals.count(event)
    assert len(refusals._pending) == 1
    cloud.clock.advance(hours=1)
    cloud.loopback.run(refusals.write())
    assert counted(cloud, before) == [(event.code, "", 100_000)]


def test_counts_of_one_hour_in_several_transactions_are_one_entry(cloud: InProcess) -> None:
    cloud.clock.advance(hours=1)
    before = head_number(cloud.device)
    for _ in range(3):
        cloud.stranger.call("POST", "/v1/pair", {"code": "AAAA-AAAA-AAAA"})
        cloud.device.call("POST", "/v1/pairings")
    cloud.clock.advance(hours=1)
    assert counted(cloud, before) == [("wrong-code", "", 3)]


def test_counts_survive_a_graceful_restart(make_cloud: MakeCloud) -> None:
    cloud = make_cloud()
    cloud.stranger.call("POST", "/v1/pair", {"code": "AAAA-AAAA-AAAA"})
    cloud.loopback.__exit__(None, None, None)
    again = make_cloud(token=cloud.device.token)
    again.clock.ms = cloud.clock.ms + 3_600_000
    assert counted(again) == [("wrong-code", "", 1)]


def test_counts_are_kept_if_the_database_fails(cloud: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    from satchel_service.audit.refusals import Refusals

    refusals = Refusals(cloud.environment)
    refusals.count(Event.WRONG_CODE)
    deferred = refusals._take()
    assert deferred is not None
    refusals.count(Event.WRONG_CODE)
    deferred.undo()
    assert list(refusals._pending.values()) == [2]

    async def fail(_: object) -> None:
        raise DatabaseError("broken")

    cloud.clock.advance(hours=1)
    with monkeypatch.context() as faults:
        faults.setattr(cloud.environment.database, "write", fail)
        cloud.loopback.run(refusals.write_if_due())
        cloud.loopback.run(refusals.write_ended_hours())
    assert list(refusals._pending.values()) == [2]


def test_the_token_of_a_revoked_device_is_recognized(cloud: InProcess) -> None:
    other = WireDevice(cloud.stranger._send)
    other.pair(cloud.device.call("POST", "/v1/pairings").json()["code"])
    cloud.device.call("DELETE", f"/v1/devices/{other.id}")
    before = head_number(cloud.device)
    known, unknown = (
        other.call("GET", "/v1/backups"),
        WireDevice(cloud.stranger._send, "x" * 51).call("GET", "/v1/backups"),
    )
    hidden = {"x-request-id", "date"}
    assert known.json() | {"request_id": ""} == unknown.json() | {"request_id": ""}, (
        "the sender learns nothing"
    )
    assert {k: v for k, v in known.headers.items() if k not in hidden} == {
        k: v for k, v in unknown.headers.items() if k not in hidden
    }
    cloud.clock.advance(hours=1)
    assert sorted(counted(cloud, before)) == [("revoked-token", other.id, 1), ("wrong-token", "", 1)]


def test_a_request_without_a_token_is_not_counted(cloud: InProcess) -> None:
    before = head_number(cloud.device)
    cloud.stranger.call("GET", "/v1/backups")
    cloud.stranger.call("GET", "/v1/backups", headers={"Authorization": "Basic xyz"})
    cloud.clock.advance(hours=1)
    assert counted(cloud, before) == []


def test_the_attempts_of_a_device_are_counted_for_it(cloud: InProcess) -> None:
    backup = cloud.device.backup()
    before = head_number(cloud.device)
    for _ in range(2):
        message = {"code": "AAAA-AAAA-AAAA", "backups": [backup]}
        assert cloud.device.call("POST", "/v1/backups/erase", message).problem == "wrong-code"
    assert cloud.device.call("DELETE", "/v1/cloud").problem == "wrong-code"
    cloud.clock.advance(hours=1)
    assert counted(cloud, before) == [("wrong-code", cloud.device.id, 3)]


def test_the_number_of_recognized_tokens_is_bounded(
    cloud: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    from satchel_service.devices import devices

    monkeypatch.setattr(devices, "REVOKED_TOKENS", 3)
    for _ in range(5):
        other = WireDevice(cloud.stranger._send)
        other.pair(cloud.operators_code())
        cloud.clock.advance(seconds=1)
        cloud.device.call("DELETE", f"/v1/devices/{other.id}")
    count = cloud.loopback.run(
        cloud.environment.database.read(lambda db: db.execute("SELECT count(*) FROM revoked_tokens").get)
    )
    assert count == 3


def test_a_wrong_proof_of_an_ended_share_tells_nothing_and_fills_nothing(cloud: InProcess) -> None:
    share = cloud.device.share()
    cloud.device.call("DELETE", f"/v1/shares/{share}")
    before = head_number(cloud.device)
    for _ in range(30):
        assert (
            cloud.stranger.call("POST", f"/v1/shares/{share}/open", {"proof": b64(WRONG_PROOF)}).status == 404
        )
    cloud.clock.advance(hours=1)
    assert len(events(cloud.device, before)) <= 1


def test_a_stop_writes_what_was_counted(cloud: InProcess) -> None:
    from satchel_service.cloud import Cloud

    whole = Cloud(cloud.environment)
    whole.refusals.count(Event.WRONG_CODE)
    before = position(cloud)
    cloud.loopback.run(write_counts(whole))
    assert position(cloud) == before + 1
