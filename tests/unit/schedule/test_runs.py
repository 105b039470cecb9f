"""The record of runs, when failures are notified, and whether the computer is on battery."""

import datetime as dt
from pathlib import Path

import pytest

from satchel.schedule.notification import command_of
from satchel.schedule.power import is_on_battery
from satchel.schedule.runs import begun, ended, read_run, should_notify, write_run

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def test_a_success_is_remembered_through_failures() -> None:
    good = ended(begun(None, NOW), NOW + HOUR, 0, "")
    bad = ended(begun(good, NOW + 5 * HOUR), NOW + 6 * HOUR, 6, "the cloud cannot be reached")
    assert (good.last_success, bad.last_success) == (NOW, NOW)
    assert (bad.has_failed, bad.message) == (True, "the cloud cannot be reached")


def test_a_record_survives(tmp_path: Path) -> None:
    run = ended(begun(None, NOW), NOW + HOUR, 1, "why")
    write_run(tmp_path, "backup", run)
    assert read_run(tmp_path, "backup") == run


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": "satchel-run/9"}', b"\xff"])
def test_an_unusable_record_is_no_record(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "schedules").mkdir()
    (tmp_path / "schedules" / "backup.json").write_bytes(content)
    assert read_run(tmp_path, "backup") is None


def test_the_first_failure_of_a_row_is_notified_and_then_one_a_day() -> None:
    import msgspec

    first = ended(begun(None, NOW), NOW, 1, "x")
    assert should_notify(first, NOW)
    told = msgspec.structs.replace(first, notified=NOW)
    second = ended(begun(told, NOW + HOUR), NOW + HOUR, 1, "x")
    assert not should_notify(second, NOW + HOUR)
    assert should_notify(second, NOW + 24 * HOUR)
    success = ended(begun(second, NOW + 2 * HOUR), NOW + 2 * HOUR, 0, "")
    assert not should_notify(success, NOW)
    assert should_notify(ended(begun(success, NOW + 3 * HOUR), NOW, 1, "x"), NOW)


def test_a_long_error_is_cut() -> None:
    assert len(ended(begun(None, NOW), NOW, 1, "x" * 10_000).message) == 500


def test_the_text_of_a_notification_is_never_a_script_or_markup() -> None:
    linux = command_of("title", "<b>$(x)</b> & -y", "linux")
    assert linux[-3:] == ["--", "title", "&lt;b&gt;$(x)&lt;/b&gt; &amp; -y"]
    mac = command_of("title", '" & do shell script "x', "darwin")
    assert mac[-2:] == ["title", '" & do shell script "x']
    assert mac[:-2].count("-e") == 3


def supply(folder: Path, name: str, **values: str) -> None:
    (folder / name).mkdir()
    for key, value in values.items():
        (folder / name / key).write_text(f"{value}\n")


def test_battery_power_is_recognised(tmp_path: Path) -> None:
    assert not is_on_battery(platform="linux", supplies=tmp_path)
    supply(tmp_path, "AC", type="Mains", online="0")
    assert not is_on_battery(platform="linux", supplies=tmp_path)
    supply(tmp_path, "mouse", type="Battery", scope="Device")
    assert not is_on_battery(platform="linux", supplies=tmp_path)
    supply(tmp_path, "BAT0", type="Battery")
    assert is_on_battery(platform="linux", supplies=tmp_path)
    (tmp_path / "AC" / "online").write_text("1\n")
    assert not is_on_battery(platform="linux", supplies=tmp_path)
