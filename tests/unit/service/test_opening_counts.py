"""Openings without a view limit: counted in memory, durable with the next transaction, and after a minute. (A stop is tested in tests/integration/service.)"""

import pytest
from tests.unit.service.conftest import InProcess

from satchel_service.database import DatabaseError


def opened(cloud: InProcess, share: str) -> int:
    """The number of openings that is in the database."""
    found: int = cloud.loopback.run(
        cloud.environment.database.read(
            lambda db: db.execute("SELECT opened FROM shares WHERE id = ?", (share,)).get
        )
    )
    return found


def log_entries(cloud: InProcess) -> int:
    return len(list((cloud.folder / "database" / "log").iterdir()))


def test_opening_without_a_view_limit_writes_nothing(cloud: InProcess) -> None:
    share = cloud.device.share()
    entries = log_entries(cloud)
    assert [cloud.stranger.open(share).status for _ in range(3)] == [200] * 3
    assert (log_entries(cloud), opened(cloud, share)) == (entries, 0)


def test_opening_with_a_view_limit_is_in_the_log_before_the_answer(cloud: InProcess) -> None:
    share = cloud.device.share(views=2)
    entries = log_entries(cloud)
    cloud.stranger.open(share)
    assert (log_entries(cloud), opened(cloud, share)) == (entries + 1, 1)


@pytest.mark.parametrize("path", ["/v1/shares", "/v1/shares/{}"])
def test_the_owner_sees_every_opening_and_only_durable_ones(cloud: InProcess, path: str) -> None:
    share = cloud.device.share()
    for _ in range(3):
        cloud.stranger.open(share)
        cloud.clock.advance(seconds=1)
    entries = log_entries(cloud)
    shown = cloud.device.call("GET", path.format(share)).json()
    shown = shown if "{" in path else shown["shares"][0]
    assert (shown["opened"], opened(cloud, share)) == (3, 3)
    assert log_entries(cloud) == entries + 1
    assert shown["last_opened"] > shown["created"]


def test_counts_join_the_next_transaction(cloud: InProcess) -> None:
    share, limited = cloud.device.share(), cloud.device.share(views=2)
    cloud.stranger.open(share)
    entries = log_entries(cloud)
    cloud.stranger.open(limited)
    assert (log_entries(cloud), opened(cloud, share)) == (entries + 1, 1)


def test_counts_are_written_after_a_minute_by_the_next_request(cloud: InProcess) -> None:
    share = cloud.device.share()
    cloud.stranger.open(share)
    cloud.clock.advance(seconds=59)
    cloud.stranger.open(share)
    assert opened(cloud, share) == 0
    cloud.clock.advance(seconds=1)
    cloud.stranger.call("GET", f"/s/{share}")
    assert opened(cloud, share) == 2


def test_counts_that_could_not_be_written_are_kept(cloud: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    share = cloud.device.share()
    cloud.stranger.open(share)
    cloud.clock.advance(minutes=1)

    def fail(*_: object) -> None:
        raise DatabaseError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(cloud.environment.database, "_transact", fail)
        assert cloud.stranger.open(share).status == 200
    assert cloud.device.call("GET", f"/v1/shares/{share}").json()["opened"] == 2


def test_openings_before_a_limit_was_set_count_against_it(cloud: InProcess) -> None:
    share = cloud.device.share()
    cloud.stranger.open(share)
    changed = cloud.device.call("PATCH", f"/v1/shares/{share}", {"version": 1, "views": 2}).json()
    assert (changed["opened"], changed["state"]) == (1, "live")
    assert [cloud.stranger.open(share).status for _ in range(2)] == [200, 410]


def test_rearming_forgets_openings_that_were_not_written_yet(cloud: InProcess) -> None:
    share = cloud.device.share()
    cloud.stranger.open(share)
    assert cloud.device.call("POST", f"/v1/shares/{share}/rearm", {"views": 1}).json()["opened"] == 0
    assert cloud.stranger.open(share).status == 200
    assert cloud.stranger.open(share).problem == "used-up"


@pytest.mark.parametrize("end", ["expire", "revoke", "limit"])
def test_a_share_that_has_ended_does_not_open(cloud: InProcess, end: str) -> None:
    share = cloud.device.share(expires=cloud.clock.after(hours=1))
    assert cloud.stranger.open(share).status == 200
    match end:
        case "expire":
            cloud.clock.advance(hours=1)
        case "revoke":
            cloud.device.call("DELETE", f"/v1/shares/{share}")
        case _:
            cloud.device.call("PATCH", f"/v1/shares/{share}", {"version": 1, "views": 1})
    expected = {"expire": "expired", "revoke": "revoked", "limit": "used-up"}[end]
    assert cloud.stranger.open(share).problem == expected
