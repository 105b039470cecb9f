"""What `status` and `doctor` conclude from facts, as a pure function."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from satchel.cli.protection.assessment import Finding, assess
from satchel.cli.protection.cloud_question import is_routine
from satchel.cli.protection.facts import (
    CloudAnswer,
    Disk,
    Facts,
    LastBackup,
    PendingDeletion,
    Proof,
    ScheduleState,
    StoredBackup,
)
from satchel.cli.protection.gathering import measure_disk
from satchel.cli.protection.report import protection_fields, protection_rows
from satchel.cloud.deletions import PendingDeletion as NamedDeletion
from satchel.schedule.runs import Run
from satchel.schedule.schedules import Schedule

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
URL = "https://cloud.example.com"
STORE = "a" * 32
LOCAL = Facts(
    home=Path("/home/ann/satchel"),
    store_id=STORE,
    pieces=3,
    last_backups=(),
    cloud=None,
    schedules=(),
    words_confirmed=NOW - DAY,
    proof=None,
    disk=Disk(10**12, 10**9),
)


def stored(
    age: dt.timedelta, *, expires: dt.timedelta | None = None, store_id: str | None = STORE
) -> StoredBackup:
    end = None if expires is None else NOW + expires
    return StoredBackup("b" * 32, NOW - age, end, store_id, "laptop", 3)


def to_file(age: dt.timedelta, path: str = "/mnt/stick.age") -> LastBackup:
    return LastBackup(kind="file", destination=path, id="c" * 32, created=NOW - age, pieces=3)


def to_cloud(age: dt.timedelta) -> LastBackup:
    return LastBackup(kind="cloud", destination=URL, id="b" * 32, created=NOW - age, pieces=3)


def scheduled(
    run: Run | None = None,
    *,
    every: dt.timedelta = DAY,
    arguments: tuple[str, ...] = ("backup",),
    age: dt.timedelta = 30 * DAY,
    is_installed: bool = True,
) -> ScheduleState:
    schedule = Schedule(
        name=arguments[0],
        arguments=arguments,
        every_s=int(every.total_seconds()),
        on_battery=True,
        manager="cron",
        created=NOW - age,
        home="/home/ann/satchel",
        environment={},
    )
    return ScheduleState(schedule, run, is_installed)


CONNECTED = replace(LOCAL, cloud=CloudAnswer(URL, "d" * 32, backups=(stored(HOUR),)))


def failed(facts: Facts) -> list[str]:
    return [each.name for each in assess(facts, NOW) if each.verdict == "failed"]


def finding(facts: Facts, name: str) -> Finding:
    return next(each for each in assess(facts, NOW) if each.name == name)


def test_a_well_protected_home_needs_nothing() -> None:
    assert failed(CONNECTED) == []


def test_a_home_without_any_place_for_backups_gets_one_warning() -> None:
    facts = replace(LOCAL, words_confirmed=None)
    notable = [each for each in assess(facts, NOW) if each.verdict != "ok"]
    assert [(each.name, each.verdict) for each in notable] == [("backup", "warning")]


def test_an_empty_home_needs_no_backup() -> None:
    assert failed(replace(CONNECTED, pieces=0, cloud=CloudAnswer(URL))) == []


def test_a_connected_cloud_without_a_backup_fails() -> None:
    assert failed(replace(CONNECTED, cloud=CloudAnswer(URL))) == ["backup"]


def test_the_backup_of_another_store_does_not_count() -> None:
    other = CloudAnswer(URL, backups=(stored(HOUR, store_id="e" * 32),))
    assert failed(replace(CONNECTED, cloud=other)) == ["backup"]


def test_without_keys_every_backup_counts() -> None:
    unknown = CloudAnswer(URL, backups=(stored(HOUR, store_id=None),))
    assert failed(replace(CONNECTED, cloud=unknown)) == []


@pytest.mark.parametrize(("days", "expected"), [(6, []), (8, ["backup"])])
def test_a_backup_older_than_a_week_fails(days: int, expected: list[str]) -> None:
    assert failed(replace(CONNECTED, cloud=CloudAnswer(URL, backups=(stored(days * DAY),)))) == expected
    assert failed(replace(LOCAL, last_backups=(to_file(days * DAY),))) == expected


def test_a_backup_that_the_cloud_lost_fails() -> None:
    facts = replace(CONNECTED, cloud=CloudAnswer(URL), last_backups=(to_cloud(HOUR),))
    assert failed(facts) == ["backup"]
    assert "no longer" in finding(facts, "backup").detail


def test_a_cloud_that_is_not_asked_is_believed_to_have_the_last_backup() -> None:
    asleep = CloudAnswer(URL, was_asked=False)
    assert failed(replace(CONNECTED, cloud=asleep, last_backups=(to_cloud(HOUR),))) == []
    assert failed(replace(CONNECTED, cloud=asleep, last_backups=(to_cloud(8 * DAY),))) == ["backup"]


def test_the_record_of_another_cloud_does_not_count() -> None:
    elsewhere = LastBackup(
        kind="cloud", destination="https://old.example", id="b" * 32, created=NOW, pieces=3
    )
    assert failed(replace(CONNECTED, cloud=CloudAnswer(URL), last_backups=(elsewhere,))) == ["backup"]


def test_an_unreachable_cloud_fails_and_the_last_backup_is_still_known() -> None:
    down = CloudAnswer(URL, problem="the cloud cannot be reached")
    assert failed(replace(CONNECTED, cloud=down, last_backups=(to_cloud(HOUR),))) == ["cloud"]


@pytest.mark.parametrize(
    ("every", "age", "expected"),
    [
        (DAY, 25 * HOUR, []),
        (DAY, 31 * HOUR, ["backup"]),
        (HOUR, 2 * HOUR, []),
        (HOUR, 4 * HOUR, ["backup"]),
        (30 * DAY, 20 * DAY, []),
        (30 * DAY, 40 * DAY, ["backup"]),
    ],
)
def test_a_scheduled_backup_may_be_as_old_as_its_schedule(
    every: dt.timedelta, age: dt.timedelta, expected: list[str]
) -> None:
    facts = replace(CONNECTED, cloud=CloudAnswer(URL, backups=(stored(age),)))
    assert failed(replace(facts, schedules=(scheduled(every=every, age=60 * DAY),))) == expected


def test_each_scheduled_destination_is_judged_by_itself() -> None:
    weekly = scheduled(every=7 * DAY, arguments=("backup", "--to", "/mnt/stick.age"))
    assert failed(replace(CONNECTED, schedules=(weekly,), last_backups=(to_file(3 * DAY),))) == []
    assert failed(replace(CONNECTED, schedules=(weekly,), last_backups=(to_file(10 * DAY),))) == ["backup"]
    assert failed(replace(CONNECTED, schedules=(weekly,))) == ["backup"]


def test_a_new_schedule_gets_time_for_its_first_run() -> None:
    fresh = scheduled(arguments=("backup", "--to", "/mnt/stick.age"), age=HOUR)
    assert failed(replace(CONNECTED, schedules=(fresh,))) == []


def test_a_last_backup_that_ends_soon_fails_unless_one_follows() -> None:
    ending = replace(CONNECTED, cloud=CloudAnswer(URL, backups=(stored(HOUR, expires=3 * DAY),)))
    assert failed(ending) == ["expiry"]
    assert failed(replace(ending, schedules=(scheduled(),))) == []
    assert failed(replace(ending, schedules=(scheduled(every=5 * DAY),))) == ["expiry"]
    assert failed(replace(CONNECTED, cloud=CloudAnswer(URL, backups=(stored(HOUR, expires=30 * DAY),)))) == []


def test_a_run_that_failed_fails_until_a_backup_is_made() -> None:
    run = Run(
        started=NOW - HOUR, finished=NOW, exit_code=6, message="the cloud is full", last_success=NOW - DAY
    )
    facts = replace(CONNECTED, schedules=(scheduled(run),))
    older = replace(facts, cloud=CloudAnswer(URL, backups=(stored(2 * HOUR),)))
    assert failed(older) == ["schedule"]
    assert "the cloud is full" in finding(older, "schedule").detail
    assert failed(replace(facts, cloud=CloudAnswer(URL, backups=(stored(HOUR / 2),)))) == []


def test_a_run_that_has_not_ended_for_a_day_fails() -> None:
    assert failed(replace(CONNECTED, schedules=(scheduled(Run(started=NOW - HOUR)),))) == []
    assert failed(replace(CONNECTED, schedules=(scheduled(Run(started=NOW - 2 * DAY)),))) == ["schedule"]


def test_a_schedule_that_the_system_lost_fails() -> None:
    assert failed(replace(CONNECTED, schedules=(scheduled(is_installed=False),))) == ["schedule"]


def test_words_matter_once_there_is_a_place_for_backups() -> None:
    assert failed(replace(CONNECTED, words_confirmed=None)) == ["words"]
    assert failed(replace(LOCAL, words_confirmed=None, last_backups=(to_file(HOUR),))) == ["words"]


def test_a_full_disk_fails() -> None:
    assert failed(replace(LOCAL, disk=Disk(10, 100))) == ["disk"]


def pending(device: str, *, is_ours: bool) -> PendingDeletion:
    return PendingDeletion("f" * 32, NOW + 3 * DAY, NOW, device, is_ours)


def test_deletions_by_another_device_fail_and_by_this_one_only_warn() -> None:
    by_thief = replace(CONNECTED.cloud or CloudAnswer(URL), deletions=(pending("phone", is_ours=False),))
    facts = replace(CONNECTED, cloud=by_thief)
    assert failed(facts) == ["deletions"]
    assert "phone" in finding(facts, "deletions").detail
    by_me = replace(by_thief, deletions=(pending("laptop", is_ours=True),))
    assert failed(replace(CONNECTED, cloud=by_me)) == []
    assert finding(replace(CONNECTED, cloud=by_me), "deletions").verdict == "warning"


def test_the_fields_and_rows_name_each_fact() -> None:
    run = Run(started=NOW - HOUR, finished=NOW, exit_code=0, last_success=NOW - HOUR)
    cloud = CloudAnswer(
        URL,
        "d" * 32,
        backups=(stored(HOUR, expires=20 * DAY),),
        deletions=(pending("phone", is_ours=False),),
    )
    facts = replace(
        CONNECTED,
        cloud=cloud,
        schedules=(scheduled(run),),
        last_backups=(to_cloud(HOUR), to_file(2 * DAY)),
        proof=Proof(NOW - DAY, "b" * 32, 20, 3_000, is_whole=False),
    )
    fields = protection_fields(facts, NOW)
    assert fields["last_backup_age_s"] == 3600
    assert [(each["kind"], each["age_s"]) for each in fields["backups"]] == [
        ("cloud", 3600),
        ("file", 172_800),
    ]
    assert fields["next_backup"] == "2026-03-02T11:00:00.000Z"
    assert fields["next_pruned"]["at"] == "2026-03-21T12:00:00.000Z"
    assert fields["pending_deletions"][0]["device"] == "phone"
    assert fields["cloud"] == {
        "url": URL, "device_id": "d" * 32, "provisioner": None, "reachable": True, "problem": None, "backups": 1,
        "audit_entries": None, "audit_problem": None, "waiting_answers": None,
    }  # fmt: skip
    assert fields["schedules"][0]["exit_code"] == 0
    assert fields["proof"]["checked"] == 20
    rows = dict(protection_rows(facts, NOW))
    assert "20 of the 3,000 Pieces" in rows["proven"]
    assert {
        "words",
        "cloud",
        "last backup",
        "next backup",
        "next to end",
        "deletion",
        "schedule backup",
    } <= rows.keys()


def test_a_clock_behind_the_last_backup_gives_no_negative_age() -> None:
    facts = replace(LOCAL, last_backups=(to_file(-HOUR),))
    assert protection_fields(facts, NOW)["last_backup_age_s"] == 0
    assert failed(facts) == []


def test_a_read_only_home_needs_no_free_space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert measure_disk(tmp_path).needed_bytes > 0
    monkeypatch.setattr("os.access", lambda *_: False)
    assert measure_disk(tmp_path).needed_bytes == 0


def test_what_the_retention_ends_every_day_is_routine() -> None:
    routine = replace(pending("the retention set by desk", is_ours=False), is_routine=True)
    facts = replace(CONNECTED, cloud=CloudAnswer(URL, backups=(stored(HOUR),), deletions=(routine,)))
    assert "deletions" not in [each.name for each in assess(facts, NOW)]
    assert "1 backup" in dict(protection_rows(facts, NOW))["pruned"]


@pytest.mark.parametrize(
    ("reason", "device", "maker", "changed", "expected"),
    [
        ("deleted", "a", "a", None, False),
        ("retention", "a", "b", NOW, False),  # the change itself pruned it
        ("retention", "a", "b", NOW - DAY, True),
        ("retention", None, "b", None, True),
        ("expired", "a", "a", None, True),
        ("expired", "a", "b", None, False),  # another device set its expiry
    ],
)
def test_a_deletion_is_routine_if_time_ended_the_backup_as_planned(
    reason: str, device: str | None, maker: str, changed: dt.datetime | None, expected: bool
) -> None:
    deletion = NamedDeletion("f" * 32, reason, NOW, NOW + DAY, device, "")
    assert is_routine(deletion, maker=maker, changed=changed) is expected


def test_the_backup_that_the_next_one_displaces_has_a_row() -> None:
    facts = replace(CONNECTED, cloud=CloudAnswer(URL, next_displaced="e" * 32))
    assert dict(protection_rows(facts, NOW))["next pruned"] == "eeeeeeee, when the next backup is made"
    assert "next pruned" not in dict(protection_rows(CONNECTED, NOW))


def test_a_broken_audit_log_fails_with_the_code_of_integrity() -> None:
    cloud = CloudAnswer(URL, "d" * 32)
    broken = replace(cloud, audit_problem="the audit log was rolled back", audit_hint="satchel audit")
    (finding,) = (each for each in assess(replace(CONNECTED, cloud=broken), NOW) if each.name == "audit")
    assert (finding.verdict, finding.exit_code) == ("failed", 5)
    good = replace(cloud, audit_entries=7)
    (finding,) = (each for each in assess(replace(CONNECTED, cloud=good), NOW) if each.name == "audit")
    assert (finding.verdict, finding.detail) == (
        "ok",
        "the audit log continues what this device has seen; 7 entries",
    )
    assert not [each for each in assess(replace(CONNECTED, cloud=cloud), NOW) if each.name == "audit"]


def test_answers_that_wait_have_a_row_and_need_no_attention() -> None:
    def rows(waiting: int | None) -> dict[str, str]:
        facts = replace(
            LOCAL, cloud=CloudAnswer(URL, waiting_answers=waiting), last_backups=(to_cloud(HOUR),)
        )
        assert "requests" not in {finding.name for finding in assess(facts, NOW)}
        fields = protection_fields(facts, NOW)["cloud"]
        assert fields["waiting_answers"] == waiting
        return dict(protection_rows(facts, NOW))

    assert rows(2)["requests"] == "2 answers not taken yet; satchel requests lists them"
    assert "requests" not in rows(0)
    assert "requests" not in rows(None)
