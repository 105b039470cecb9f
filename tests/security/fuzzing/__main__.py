"""Fuzz: `python -m tests.security.fuzzing [NAME…]`, all targets by default.

Each target runs for SATCHEL_FUZZ_S seconds (60 by default), all together for SATCHEL_FUZZ_TOTAL_S, or each for a fixed number of inputs with `--runs N`, which is
what `make test` does. New inputs are kept in SATCHEL_FUZZ_CORPUS (`build/fuzzing` by default, which git ignores); `--distil`
moves the few that matter to `corpus/`. A fault is written to `crashes/`; the exit code is 1 then, after all targets.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.security.fuzzing import engine
from tests.security.fuzzing.distilling import distil
from tests.security.fuzzing.table import Target

LONG_PUMPED: Final = 100
SHORT_PUMPED: Final = 4


def main(arguments: Sequence[str]) -> int:
    """Run the named targets and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.security.fuzzing")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--runs", type=int, default=0)
    parser.add_argument("--distil", action="store_true")
    given = parser.parse_args(arguments)
    with engine.instrumented() if not given.distil else engine.plain():
        from tests.security.fuzzing.targets import TARGETS
    unknown = [name for name in given.names if name not in TARGETS]
    if unknown:
        parser.error(f"there is no target {unknown[0]!r}; the targets: {', '.join(TARGETS)}")
    found = Path(os.environ.get("SATCHEL_FUZZ_CORPUS", "build/fuzzing"))
    names = given.names or list(TARGETS)
    if given.distil:
        for name in names:
            sys.stdout.write(f"{name}: {distil(TARGETS[name], found / name)} inputs\n")
        return 0
    seconds = seconds_of(os.environ, len(names))
    reports = [_run(TARGETS[name], given.runs, seconds, found / name) for name in names]
    return 1 if any(report.fault for report in reports) else 0


def seconds_of(environ: Mapping[str, str], targets: int) -> int:
    """Return how long each of so many targets runs."""
    total = environ.get("SATCHEL_FUZZ_TOTAL_S", "")
    return max(1, int(total) // targets) if total else int(environ.get("SATCHEL_FUZZ_S", "") or "60")


def _run(target: Target, runs: int, seconds: int, found: Path) -> engine.Report:
    """Run one target and print its report as a line of JSON."""
    if runs:
        plan = engine.Plan(runs=runs, pumped=SHORT_PUMPED)
    else:
        seed = int.from_bytes(os.urandom(3), "big") + 1
        plan = engine.Plan(seconds=seconds, seed=seed, pumped=LONG_PUMPED, corpus=found)
    report = engine.run(target, plan)
    fault = str(report.fault) if report.fault else None
    sys.stdout.write(
        json.dumps({"target": target.name, "fault": fault, "text": report.text if fault else ""}) + "\n"
    )
    sys.stdout.flush()
    return report


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
