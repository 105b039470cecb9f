"""The audit: every suite is a step, a failure is a finding, and the report and the exit code say so."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from audit import full, steps
from audit.named_tests import ROOT, places
from audit.shipped import AuditError
from audit.steps import Outcome, Result, Step, run_step

WHO: Final = {"commit": "0" * 40}
BEGAN: Final = datetime(2030, 1, 1, tzinfo=UTC)


def fail() -> Outcome:
    raise AuditError("the engine does not answer")


def test_every_suite_is_a_step() -> None:
    names = {step.name for step in steps.steps({})}
    suites = {path.parent.name for path in (ROOT / "tests/security").glob("*/test_*.py")}
    assert {f"suite {name}" for name in suites} <= names
    assert {"import rules", "types", "licences", "bills of materials", "advisories", "fuzzing"} <= names


def test_an_error_in_a_step_is_a_finding() -> None:
    result = run_step(Step("broken", fail))
    assert result.findings == ["the step failed: the engine does not answer"]
    assert full.state_of(result) == "findings"


def test_a_failing_test_is_a_finding_and_a_skipped_one_is_counted(tmp_path: Path) -> None:
    module = tmp_path / "test_example.py"
    module.write_text(
        "import pytest\n"
        "def test_good(): pass\n"
        "def test_bad(): assert False\n"
        "@pytest.mark.skip\ndef test_skipped(): pass\n"
    )
    outcome = steps.pytest_outcome([str(module)], "example")
    assert outcome.counts == {"tests": 3, "failures": 1, "errors": 0, "skipped": 1}
    (finding,) = outcome.findings
    assert finding.endswith("::test_bad: assert False")


def test_tests_that_cannot_be_collected_are_a_finding(tmp_path: Path) -> None:
    assert steps.pytest_outcome([str(tmp_path / "missing.py")], "example").findings
    module = tmp_path / "test_broken.py"
    module.write_text("import nothing_of_this_name\n")
    assert steps.pytest_outcome([str(module)], "example").findings


def test_a_failing_command_is_a_finding_with_its_last_lines() -> None:
    outcome = steps.command_outcome(["sh", "-c", "echo what went wrong; exit 3"])
    assert (outcome.detail, outcome.findings) == ("exit code 3", ["what went wrong"])
    assert steps.command_outcome(["true"]).findings == ()


@pytest.mark.parametrize("value", ["an hour", "-1", "1.5", "9" * 30])
def test_a_malformed_time_of_fuzzing_is_a_finding(value: str) -> None:
    result = run_step(Step("fuzzing", lambda: steps.fuzz_outcome({"SATCHEL_AUDIT_FUZZ_S": value})))
    assert "SATCHEL_AUDIT_FUZZ_S" in result.findings[0]


def test_fuzzing_can_be_left_out_and_the_report_says_so() -> None:
    result = run_step(Step("fuzzing", lambda: steps.fuzz_outcome({"SATCHEL_AUDIT_FUZZ_S": "0"})))
    assert full.state_of(result) == "not run"


def test_the_report_has_every_step_and_counts_the_findings() -> None:
    results = [
        Result("good", "12 tests", 1.5, {"tests": 12, "skipped": 0}, []),
        Result("bad", "failed", 0.5, {}, ["one", "two"]),
        Result("absent", "no source", 0.0, {}, [], was_run=False),
    ]
    report = full.report_of(results, BEGAN, WHO)
    assert (report["findings"], report["seconds"]) == (2, 2.0)
    assert [step["state"] for step in report["steps"]] == ["passed", "findings", "not run"]
    text = full.as_markdown(report)
    assert "| good | passed | 12 tests | 12 tests | 1.5 |" in text
    assert "### bad" in text
    assert WHO["commit"] in text


@pytest.mark.parametrize(("work", "code"), [(lambda: Outcome("passed"), 0), (fail, 1)])
def test_the_exit_code_tells_of_findings(
    work: object, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "steps", lambda _: [Step("only", work)])  # type: ignore[arg-type]
    assert full.run({}, tmp_path) == code
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["findings"] == code
    assert len(report["audited"]["commit"].split()[0]) == 40
    assert (tmp_path / "report.md").read_text().startswith("# Audit of satchel")


def test_a_commit_that_changes_meanwhile_is_a_finding() -> None:
    assert full.unsettled(WHO, WHO) == []
    (result,) = full.unsettled(WHO, {"commit": "1" * 40})
    assert result.findings == [f"commit was {'0' * 40!r} and is {'1' * 40!r}"]


def test_pytest_finds_every_test_of_the_promises() -> None:
    named = places((ROOT / "docs/security/promises.md").read_text())
    assert len(named) > 100
    command = [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider", *named]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
