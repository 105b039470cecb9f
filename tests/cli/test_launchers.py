"""The test suite passes from any launcher: ignored signals, any umask, locale, terminal and proxies."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Tests that fail if a child inherits an ignored signal, a narrow terminal, a proxy or a wide umask.
SENSITIVE = (
    "tests/cli/test_failures.py::test_ctrl_c_ends_with_130_and_one_line",
    "tests/cli/test_recovery.py::test_an_interrupted_prompt_changes_nothing",
    "tests/cli/test_init.py",
    "tests/golden/help/test_help.py",
)
HOSTILE = {
    "LC_ALL": "C",
    "TERM": "dumb",
    "COLUMNS": "20",
    "NO_COLOR": "1",
    "PYTHONUNBUFFERED": "1",
    "HTTP_PROXY": "http://127.0.0.1:1",
    "SATCHEL_HOME": "/dev/null/home",
}


@pytest.mark.slow
@pytest.mark.parametrize("umask", ["000", "077"])
def test_sensitive_tests_pass_from_a_hostile_launcher(umask: str) -> None:
    script = f"""trap '' INT QUIT HUP TERM; umask {umask}; exec "$@" </dev/null"""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *SENSITIVE]
    done = subprocess.run(
        ["/bin/sh", "-c", script, "sh", *command],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **HOSTILE},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode(errors="replace")


def test_a_child_starts_with_default_signals() -> None:
    code = "import signal; print([signal.getsignal(n).name for n in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"{['SIG_DFL'] * 3}\n"
    assert signal.getsignal(signal.SIGCHLD) is signal.SIG_DFL
