"""The whole audit: every step, and one report as Markdown and JSON in build/audit."""

import json
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import apsw

from audit import steps
from audit.named_tests import ROOT
from satchel.version import VERSION

FORMAT: Final = "satchel-audit/1"


def run(environ: Mapping[str, str], folder: Path = steps.FOLDER) -> int:
    """Run every step, write the report, and return 1 if there are findings."""
    began = datetime.now(UTC)
    audited = identity()
    results = []
    for step in steps.steps(environ):
        print(f"audit: {step.name} …", flush=True)
        results.append(steps.run_step(step))
        print(f"audit: {step.name}: {state_of(results[-1])}: {results[-1].detail}", flush=True)
    results += unsettled(audited, identity())
    report = report_of(results, began, audited)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    (folder / "report.md").write_text(as_markdown(report), encoding="utf-8")
    print(f"audit: {report['findings']} findings; the report is {folder / 'report.md'}")
    return 1 if report["findings"] else 0


def unsettled(before: Mapping[str, str], after: Mapping[str, str]) -> list[steps.Result]:
    """Return a finding if what was audited changed meanwhile: then no step speaks for one commit."""
    if before == after:
        return []
    changed = [
        f"{name} was {value!r} and is {after[name]!r}"
        for name, value in before.items()
        if after[name] != value
    ]
    return [steps.Result("what was audited", "changed meanwhile", 0.0, {}, changed)]


def identity() -> dict[str, str]:
    """Return what was audited, and with which versions."""
    changed = _git("status", "--porcelain")
    return {
        "commit": _git("rev-parse", "HEAD") + (" with uncommitted changes" if changed else ""),
        "satchel": VERSION,
        "python": platform.python_version(),
        "sqlite": apsw.sqlite_lib_version(),
        "platform": f"{platform.system()} {platform.machine()}",
    }


def report_of(results: Sequence[steps.Result], began: datetime, who: Mapping[str, str]) -> dict[str, Any]:
    """Return the report as a document."""
    return {
        "format": FORMAT,
        "began": began.isoformat(timespec="seconds"),
        "audited": dict(who),
        "findings": sum(len(result.findings) for result in results),
        "seconds": round(sum(result.seconds for result in results), 1),
        "steps": [
            {
                "name": result.name,
                "state": state_of(result),
                "detail": result.detail,
                "seconds": result.seconds,
                "counts": dict(result.counts),
                "findings": list(result.findings),
            }
            for result in results
        ],
    }


def state_of(result: steps.Result) -> str:
    """Return `findings`, `passed` or `not run`."""
    if result.findings:
        return "findings"
    return "passed" if result.was_run else "not run"


def as_markdown(report: Mapping[str, Any]) -> str:
    """Return the report for a person."""
    audited = "\n".join(f"- {name}: {value}" for name, value in report["audited"].items())
    rows = "\n".join(
        f"| {step['name']} | {step['state']} | {step['detail']} | {counted(step['counts'])} | {step['seconds']} |"
        for step in report["steps"]
    )
    found = "\n".join(
        f"### {step['name']}\n\n" + "\n".join(f"```\n{line}\n```" for line in step["findings"])
        for step in report["steps"]
        if step["findings"]
    )
    return (
        f"# Audit of satchel\n\nBegan {report['began']}, took {report['seconds']} s, {report['findings']} findings.\n\n"
        f"{audited}\n\n| step | state | detail | counts | seconds |\n|---|---|---|---|---|\n{rows}\n\n"
        f"## Findings\n\n{found or 'None.'}\n"
    )


def counted(counts: Mapping[str, int]) -> str:
    """Return counts as text, such as `12 tests, 1 skipped`; zeros are left out."""
    return ", ".join(f"{number} {name}" for name, number in counts.items() if number)


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607
    return done.stdout.strip() if done.returncode == 0 else "unknown"
