"""Every target: its seeds, its stored inputs, past crashes, and a fixed number of new inputs."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from tests.security.fuzzing.distilling import MOST_BYTES, MOST_INPUTS
from tests.security.fuzzing.engine import HAS_ATHERIS
from tests.security.fuzzing.table import CORPUS, CRASHES
from tests.security.fuzzing.targets import TARGETS

RUNS: Final = 60
ROOT: Final = Path(__file__).parents[3]
PATIENCE_S: Final = 1500

every_target = pytest.mark.parametrize("name", TARGETS)


@every_target
def test_seeds_and_stored_inputs_are_read_or_refused(name: str) -> None:
    for data in TARGETS[name].inputs():
        TARGETS[name].run(data)


@pytest.fixture(scope="module")
def reports() -> Mapping[str, Any]:
    """Run every target on the same inputs as always: the seed is fixed, and so are Python's hashes."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.security.fuzzing", "--runs", str(RUNS)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert done.returncode in (0, 1), done.stderr[-2000:]
    lines = map(json.loads, done.stdout.splitlines())
    return {line["target"]: line for line in lines}


@every_target
@pytest.mark.slow
@pytest.mark.timeout(PATIENCE_S)
def test_new_inputs_are_read_or_refused(reports: Mapping[str, Any], name: str) -> None:
    assert reports[name]["fault"] is None, reports[name]["text"]


def test_atheris_runs_where_it_has_wheels() -> None:
    has_wheels = sys.platform == "linux" and os.uname().machine == "x86_64" and sys.version_info < (3, 15)
    assert has_wheels == HAS_ATHERIS


def test_the_kept_inputs_stay_small() -> None:
    kept = [path for folder in (CORPUS, CRASHES) for path in folder.rglob("*") if path.is_file()]
    assert {path.parent.name for path in kept} <= TARGETS.keys()
    assert sum(path.stat().st_size for path in kept) < 1 << 20
    for name in TARGETS:
        sizes = [path.stat().st_size for path in kept if path.parent == CORPUS / name]
        assert len(sizes) <= MOST_INPUTS
        assert sum(sizes) <= MOST_BYTES
