"""The steps of the audit. Each runs alone, never raises, and returns what it did and what it found."""

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from audit import advisories, bills, licences, shipped
from audit.named_tests import ROOT, places

FOLDER: Final = ROOT / "build/audit"
SUITES: Final = ROOT / "tests/security"
PROMISES: Final = ROOT / "docs/security/promises.md"
BROWSER: Final = "tests/browser/"
DEV_LOCK: Final = ROOT / "lock/dev.txt"
FUZZ_S: Final = 3600
DEV_AUDIT_S: Final = 300
TAIL_LINES: Final = 12
MESSAGE_CHARS: Final = 200


class Result(NamedTuple):
    """What a step did. `findings` are lines for a person; `counts` are numbers such as tests run."""

    name: str
    detail: str
    seconds: float
    counts: Mapping[str, int]
    findings: Sequence[str]
    was_run: bool = True


class Step(NamedTuple):
    """A step: its name, and the work, which returns a detail, counts and findings."""

    name: str
    work: "Callable[[], Outcome]"


class Outcome(NamedTuple):
    """What the work of a step returns."""

    detail: str
    counts: Mapping[str, int] = {}
    findings: Sequence[str] = ()
    was_run: bool = True


def run_step(step: Step) -> Result:
    """Run a step. An error becomes a finding, so that the others still run."""
    began = time.monotonic()
    try:
        done = step.work()
    except (shipped.AuditError, OSError, subprocess.SubprocessError, ValueError) as exc:
        done = Outcome("failed", findings=[f"the step failed: {exc}"])
    return Result(
        step.name, done.detail, round(time.monotonic() - began, 1), done.counts, done.findings, done.was_run
    )


def steps(environ: Mapping[str, str]) -> list[Step]:
    """Return every step, quick ones first."""
    suites = sorted(path for path in SUITES.iterdir() if any(path.glob("test_*.py")))
    named = places(PROMISES.read_text(encoding="utf-8"))
    outside = [place for place in named if not place.startswith("tests/security/")]
    return [
        Step("import rules", lambda: command_outcome([_bin("lint-imports"), "--no-cache"])),
        Step("lint", lambda: command_outcome([_bin("ruff"), "check", "."])),
        Step("types", lambda: command_outcome([_bin("mypy")])),
        Step("licences", licence_outcome),
        Step("bills of materials", lambda: Outcome("; ".join(bills.write_bills(environ)))),
        Step("advisories", advisory_outcome),
        *(Step(f"suite {path.name}", partial(pytest_outcome, [str(path)], path.name)) for path in suites),
        Step(
            "tests of the promises",
            lambda: pytest_outcome(
                [place for place in outside if not place.startswith(BROWSER)], "promises-rest"
            ),
        ),
        Step(
            "tests of the promises in the browser",
            lambda: pytest_outcome(
                [place for place in outside if place.startswith(BROWSER)], "promises-browser"
            ),
        ),
        Step("fuzzing", lambda: fuzz_outcome(environ)),
    ]


def command_outcome(command: Sequence[str | Path], environ: Mapping[str, str] | None = None) -> Outcome:
    """Run a command of the project; its last lines are the finding if it fails."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return Outcome("passed")
    tail = done.stdout.strip().splitlines()[-TAIL_LINES:]
    return Outcome(f"exit code {done.returncode}", findings=["\n".join(tail)])


def pytest_outcome(selected: Sequence[str], name: str) -> Outcome:
    """Run tests and count them. A test that is skipped for lack of a tool is counted, and is no finding."""
    if not selected:
        return Outcome("no tests", was_run=False)
    FOLDER.mkdir(parents=True, exist_ok=True)
    report = FOLDER / f"{name}.xml"
    report.unlink(missing_ok=True)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        f"--junitxml={report}",
        *selected,
    ]
    done = command_outcome(command)
    if not report.exists():
        return Outcome("pytest did not run", findings=done.findings or ["pytest wrote no report"])
    counts, failed = read_report(report.read_text(encoding="utf-8"))
    findings = failed or list(done.findings)
    return Outcome(f"{counts['tests']} tests", counts, findings)


def read_report(text: str) -> tuple[dict[str, int], list[str]]:
    """Return the counts and the failed tests of a JUnit report that pytest has written."""
    counts = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    failed = []
    for case in ET.fromstring(text).iter("testcase"):  # noqa: S314  our own pytest wrote it
        counts["tests"] += 1
        for kind, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            found = case.find(tag)
            if found is not None:
                counts[kind] += 1
                if kind != "skipped":
                    why = (found.get("message") or "").partition("\n")[0][:MESSAGE_CHARS]
                    failed.append(f"{case.get('classname')}::{case.get('name')}: {why}")
    return counts, failed


def licence_outcome() -> Outcome:
    """Judge the licence of everything that ships, apart from the system of the image."""
    packages = licences.everything()
    found = licences.problems(packages, licences.read_reviews())
    return Outcome(f"{len(packages)} packages", {"packages": len(packages)}, found)


def advisory_outcome() -> Outcome:
    """Ask every source of advisories now, also about the tools of development."""
    today = datetime.now(UTC).date()
    asked = [*advisories.check_all(), advisories.check_python([DEV_LOCK], timeout_s=DEV_AUDIT_S)]
    accepted = advisories.read_accepted()
    checked = [advisories.without_accepted(each, accepted, today) for each in asked]
    detail = "; ".join(f"{each.source}: {each.outcome}: {each.detail}" for each in checked)
    found = [line for each in checked for line in each.found]
    was_run = any(each.outcome == "checked" for each in checked)
    return Outcome(detail, {"vulnerabilities": len(found)}, found, was_run)


def fuzz_outcome(environ: Mapping[str, str]) -> Outcome:
    """Fuzz every parser of untrusted bytes for an hour, or for SATCHEL_AUDIT_FUZZ_S seconds; 0 skips it."""
    text = environ.get("SATCHEL_AUDIT_FUZZ_S", "") or str(FUZZ_S)
    if not (text.isascii() and text.isdigit() and len(text) <= 7):
        raise shipped.AuditError(f"SATCHEL_AUDIT_FUZZ_S is {text!r}; use a number of seconds")
    if int(text) == 0:
        return Outcome("skipped by SATCHEL_AUDIT_FUZZ_S", was_run=False)
    done = command_outcome(
        ["make", "--no-print-directory", "fuzz"], {**os.environ, "SATCHEL_FUZZ_TOTAL_S": text}
    )
    return Outcome(f"{text} s: {done.detail}", {"seconds": int(text)}, done.findings)


def _bin(name: str) -> Path:
    return Path(sys.executable).with_name(name)
