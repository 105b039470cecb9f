"""Known vulnerabilities are findings; a source that cannot be reached is said, and is no failure."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import msgspec
import pytest
from tests.security.papers.advisory_sources import advisory_source
from tests.support.service import free_port

from audit import advisories
from audit.advisories import Accepted, Cached, Checked
from audit.shipped import SERVICE_LOCK

TODAY: Final = date(2030, 1, 1)
PIP: Final = "pip-audit"


@pytest.fixture(scope="module")
def source() -> Iterator[str]:
    with advisory_source({"urllib3": "GHSA-aaaa-bbbb-cccc"}, {"marked": "GHSA-dddd-eeee-ffff"}) as address:
        yield address


def osv_at(address: str) -> tuple[str, ...]:
    return ("--vulnerability-service", "osv", "--osv-url", f"{address}/v1/query")


def test_a_vulnerable_python_package_is_found(source: str) -> None:
    checked = advisories.check_python([SERVICE_LOCK], [osv_at(source)])
    assert (checked.outcome, len(checked.found)) == ("checked", 1)
    assert checked.found[0].startswith("urllib3 ")
    assert checked.found[0].endswith(": GHSA-aaaa-bbbb-cccc")


def test_packages_without_advisories_are_checked() -> None:
    with advisory_source({}, {}) as address:
        checked = advisories.check_python([SERVICE_LOCK], [osv_at(address)])
    assert (checked.outcome, checked.found) == ("checked", ())
    assert int(checked.detail.split()[0]) > 10


def test_the_next_source_is_asked_if_one_cannot_be_reached(source: str) -> None:
    nobody = osv_at(f"http://127.0.0.1:{free_port()}")
    checked = advisories.check_python([SERVICE_LOCK], [nobody, osv_at(source)])
    assert (checked.outcome, len(checked.found)) == ("checked", 1)


def test_without_a_source_nothing_is_checked_and_nothing_fails() -> None:
    nobody = osv_at(f"http://127.0.0.1:{free_port()}")
    checked = advisories.check_python([SERVICE_LOCK], [nobody])
    assert (checked.outcome, checked.found) == ("not checked", ())


@pytest.mark.tool("npm")
def test_a_vulnerable_npm_package_is_found(source: str) -> None:
    checked = advisories.check_npm(options=["--registry", source])
    assert checked.outcome == "checked"
    assert checked.found == ("marked: GHSA-dddd-eeee-ffff",)


@pytest.mark.tool("npm")
def test_without_a_registry_npm_packages_are_not_checked() -> None:
    checked = advisories.check_npm(options=["--registry", f"http://127.0.0.1:{free_port()}"])
    assert (checked.outcome, checked.found) == ("not checked", ())


@pytest.mark.parametrize("output", ["", "no JSON", "[]", "{}", '{"dependencies": []}', '{"error": {}}'])
def test_output_that_says_nothing_is_no_result(output: str) -> None:
    assert advisories.judge_python(output).outcome == "not checked"
    assert advisories.judge_npm(output).outcome == "not checked"


def test_a_source_that_knows_no_package_has_checked_nothing() -> None:
    """pip-audit exits with 0 and says `No known vulnerabilities found`."""
    output = '{"dependencies": [{"name": "six", "skip_reason": "not found"}], "fixes": []}'
    assert advisories.judge_python(output).outcome == "not checked"


def test_a_source_that_knows_some_packages_still_reports_theirs() -> None:
    known = '{"name": "six", "version": "1", "vulns": [{"id": "PYSEC-1"}]}'
    output = f'{{"dependencies": [{known}, {{"name": "other", "skip_reason": "not found"}}]}}'
    checked = advisories.judge_python(output)
    assert (checked.outcome, checked.found) == ("not checked", ("six 1: PYSEC-1",))


def test_an_accepted_vulnerability_counts_again_after_its_date() -> None:
    checked = Checked(PIP, "checked", "", ("six 1: PYSEC-1", "six 1: PYSEC-2"))
    accepted = {"PYSEC-1": Accepted("unused", TODAY)}
    assert advisories.without_accepted(checked, accepted, TODAY).found == ("six 1: PYSEC-2",)
    assert advisories.without_accepted(checked, accepted, TODAY + timedelta(days=1)) == checked


def test_results_are_kept_for_a_day_and_failures_for_an_hour() -> None:
    done = Cached("", 0, (Checked(PIP, "checked", ""),))
    failed = Cached("", 0, (Checked(PIP, "checked", ""), Checked("npm audit", "not checked", "")))
    assert [advisories.is_fresh(done, hours * 3600) for hours in (0, 23, 24)] == [True, True, False]
    assert [advisories.is_fresh(failed, minutes * 60) for minutes in (0, 59, 60)] == [True, True, False]
    assert not advisories.is_fresh(done, -1)


def test_a_fresh_result_is_used_and_one_about_other_locks_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "advisories.json"
    kept = Checked(PIP, "checked", "kept")
    monkeypatch.setattr(advisories, "check_all", lambda: [Checked(PIP, "checked", "asked")])
    cache.write_bytes(msgspec.json.encode(Cached(advisories.locks_digest(), 1000.0, (kept,))))
    assert advisories.check_cached(1001.0, TODAY, cache=cache) == [kept]
    cache.write_bytes(msgspec.json.encode(Cached("0" * 64, 1000.0, (kept,))))
    assert advisories.check_cached(1001.0, TODAY, cache=cache)[0].detail == "asked"
    cache.write_bytes(b"damaged")
    assert advisories.check_cached(1001.0, TODAY, cache=cache)[0].detail == "asked"
    assert msgspec.json.decode(cache.read_bytes(), type=Cached).made_s == 1001.0


def test_the_accepted_vulnerabilities_can_be_read() -> None:
    assert all(entry.reason for entry in advisories.read_accepted().values())
