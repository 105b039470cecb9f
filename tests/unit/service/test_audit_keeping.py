"""What the audit log keeps: pruning, changes of settings, addresses, blocked shares, and the start of a cloud."""

from ipaddress import ip_network

import apsw
import pytest
from tests.support.audit_log import events, head_number, read_log
from tests.unit.service.conftest import InProcess, MakeCloud

from satchel_service.audit import CLOUD, record
from satchel_service.web.client_address import client_address
from satchel_wire.audit import Event

DAY = 86_400


def fill(cloud: InProcess, count: int, *, apart_ms: int = 0) -> None:
    """Append entries of the cloud itself."""
    start = cloud.clock()

    def write(db: apsw.Connection) -> None:
        for number in range(count):
            record(db, Event.SHARE_REMOVED, CLOUD, now=start + number * apart_ms, target=f"{number:032x}")

    cloud.loopback.run(cloud.environment.database.write(write))


def set_retention(cloud: InProcess, last: int) -> None:
    message = {"last": last, "daily": 0, "weekly": 0, "monthly": 0}
    assert cloud.device.call("PUT", "/v1/retention", message).status == 200


def sweep(cloud: InProcess) -> None:
    cloud.clock.advance(minutes=2)
    cloud.device.call("GET", "/v1/status")


def test_the_oldest_tenth_is_deleted_when_there_are_too_many(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(SATCHEL_AUDIT_ENTRIES="200")
    fill(cloud, 250)
    head = head_number(cloud.device)
    sweep(cloud)
    found = read_log(cloud.device)
    assert len(found) == 180 + 1
    assert (found[-1]["event"], found[-1]["actor"]) == ("log-pruned", "cloud")
    assert int(found[-1]["target"]) == found[0]["number"] - 1 == head - 180
    assert found[-1]["occurrences"] == head - 180
    sweep(cloud)
    assert head_number(cloud.device) == head + 1, "nothing more to do"


def test_entries_end_with_their_age(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(SATCHEL_AUDIT_RETENTION_S=str(30 * DAY))
    fill(cloud, 60, apart_ms=DAY * 1000)
    for _ in range(70):
        cloud.clock.advance(days=1)
        cloud.device.call("GET", "/v1/status")
    kept = [entry for entry in read_log(cloud.device) if entry["event"] == "share-removed"]
    assert 15 <= len(kept) <= 25
    assert [entry["number"] for entry in kept] == sorted(entry["number"] for entry in kept)


def test_a_jump_of_the_clock_does_not_empty_the_log(cloud: InProcess) -> None:
    fill(cloud, 100, apart_ms=DAY * 1000)
    cloud.clock.advance(days=20 * 365)
    sweep(cloud)
    sweep(cloud)
    assert len([event for event in events(cloud.device) if event == "share-removed"]) >= 90
    cloud.clock.advance(days=-20 * 365)
    sweep(cloud)
    assert len([event for event in events(cloud.device) if event == "share-removed"]) >= 90


def test_all_entries_can_end_and_the_chain_goes_on(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(SATCHEL_AUDIT_RETENTION_S="3600")
    before = head_number(cloud.device)
    cloud.clock.advance(days=3)
    sweep(cloud)
    (entry,) = read_log(cloud.device)
    assert (entry["event"], entry["number"]) == ("log-pruned", before + 1)


def test_a_changed_setting_is_recorded_by_its_name(make_cloud: MakeCloud) -> None:
    cloud = make_cloud()
    before = head_number(cloud.device)
    cloud.loopback.__exit__(None, None, None)
    secret = "https://cloud.example.com"
    again = make_cloud(token=cloud.device.token, SATCHEL_DELETE_GRACE_S="60", SATCHEL_PUBLIC_URL=secret)
    assert head_number(again.device) == before, "recorded with the next write, which costs nothing more"
    set_retention(again, 1)
    found = read_log(again.device, before)
    assert [(entry["event"], entry["actor"], entry.get("target", "")) for entry in found] == [
        ("setting-changed", "operator", "SATCHEL_PUBLIC_URL"),
        ("setting-changed", "operator", "SATCHEL_DELETE_GRACE_S"),
        ("retention-set", "device", ""),
    ]
    assert secret not in str(found)
    again.loopback.__exit__(None, None, None)
    third = make_cloud(token=cloud.device.token, SATCHEL_DELETE_GRACE_S="60", SATCHEL_PUBLIC_URL=secret)
    set_retention(third, 2)
    assert events(third.device, found[-1]["number"]) == ["retention-set"]


def test_blocking_a_share_is_recorded(make_cloud: MakeCloud) -> None:
    cloud = make_cloud()
    share, other = cloud.device.share(), cloud.device.share(b"another body")
    before = head_number(cloud.device)
    cloud.loopback.__exit__(None, None, None)
    again = make_cloud(token=cloud.device.token, SATCHEL_BLOCKED_SHARES=share)
    set_retention(again, 1)
    found = [(entry["event"], entry.get("target", "")) for entry in read_log(again.device, before)]
    assert ("share-blocked", share) in found
    assert other not in str(found)


def test_blocking_a_body_is_recorded_once_it_is_found(make_cloud: MakeCloud) -> None:
    import hashlib

    cloud = make_cloud(SATCHEL_BLOCKED_SHARES=hashlib.sha256(b"nothing").hexdigest())
    share = cloud.device.share(b"a blocked body")
    cloud.loopback.__exit__(None, None, None)
    again = make_cloud(
        token=cloud.device.token, SATCHEL_BLOCKED_SHARES=hashlib.sha256(b"a blocked body").hexdigest()
    )
    set_retention(again, 1)
    assert ("share-blocked", share) in [
        (each["event"], each.get("target")) for each in read_log(again.device)
    ]


def test_addresses_are_stored_only_if_the_operator_wants_them(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(SATCHEL_AUDIT_ADDRESSES="true", SATCHEL_TRUSTED_PROXIES="127.0.0.1")
    cloud.device.call("POST", "/v1/pairings", headers={"X-Forwarded-For": "1.2.3.4, 203.0.113.9"})
    entry = read_log(cloud.device)[-1]
    assert entry["address"] == "203.0.113.9"


TRUSTED = (ip_network("10.0.0.0/8"), ip_network("::1/128"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "address"),
    [
        ("203.0.113.9", [], TRUSTED, "203.0.113.9"),
        ("203.0.113.9", ["1.2.3.4"], TRUSTED, "203.0.113.9"),
        ("203.0.113.9", ["1.2.3.4"], (), "203.0.113.9"),
        ("10.0.0.1", ["1.2.3.4"], TRUSTED, "1.2.3.4"),
        ("10.0.0.1", ["6.6.6.6, 1.2.3.4"], TRUSTED, "1.2.3.4"),
        ("10.0.0.1", ["6.6.6.6", "1.2.3.4, 10.9.9.9"], TRUSTED, "1.2.3.4"),
        ("10.0.0.1", ["6.6.6.6, garbage"], TRUSTED, "10.0.0.1"),
        ("10.0.0.1", [""], TRUSTED, "10.0.0.1"),
        ("10.0.0.1", ["10.1.1.1"], TRUSTED, "10.1.1.1"),
        ("::1", ["2001:DB8::1"], TRUSTED, "2001:db8::1"),
        ("fe80::1%eth0", ["1.2.3.4"], TRUSTED, "fe80::1%eth0"),
        (None, ["1.2.3.4"], TRUSTED, "unix"),
        (None, ["1.2.3.4"], ("unix",), "1.2.3.4"),
        ("10.0.0.1", ["1.2.3.4," * 50_000 + "5.6.7.8"], TRUSTED, "5.6.7.8"),
        ("10.0.0.1", ["1" * 5000], TRUSTED, "10.0.0.1"),
    ],
)
def test_a_forwarded_address_is_believed_only_from_a_trusted_proxy(
    peer: str | None, forwarded: list[str], trusted: tuple[object, ...], address: str
) -> None:
    assert client_address(peer, forwarded, trusted) == address  # type: ignore[arg-type]


def test_recording_openings_records_each_once(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(SATCHEL_AUDIT_VIEWS="true")
    share = cloud.device.share(views=2)
    before = head_number(cloud.device)
    for _ in range(4):
        cloud.stranger.open(share)
    found = read_log(cloud.device, before)
    assert [(entry["event"], entry["actor"], entry["target"]) for entry in found] == [
        ("share-opened", "anyone", share)
    ] * 2
