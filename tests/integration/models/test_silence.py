"""Libraries that run models send nothing and leave nothing, on a machine that does not look like one of CI."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from tests.support.device import Device

SCREENSHOT: Final = Path(__file__).parents[2] / "unit" / "models" / "ocr" / "images" / "plain.jpg"
QUIET_IN: Final = (
    "CI",
    "GITHUB_ACTIONS",
    "TF_BUILD",
    "BUILD_ID",
    "JENKINS_URL",
    "GITLAB_CI",
    "TRAVIS",
    "CIRCLECI",
)
"""Variables by which onnxruntime takes a machine for one of CI, on which it sends nothing anyway."""
RUN: Final = """
import sys, time
pause, lines = float(sys.argv[1]), sys.argv[2:]
from satchel.cli.main import main
for line in lines:
    sys.argv = ["satchel", *line.split("\\t")]
    try:
        code = main()
    except SystemExit as end:
        code = end.code
    assert not code, line
time.sleep(pause)
"""
UPLOADS_AFTER_S: Final = 6
"""A library that collects events sends them some seconds later."""


@pytest.mark.slow
@pytest.mark.tool("strace")
@pytest.mark.timeout(300)
def test_models_send_nothing_and_leave_nothing_outside_the_home(tmp_path: Path) -> None:
    device = Device(tmp_path / "home")
    device.run("init")
    user, temporary = tmp_path / "user", tmp_path / "temporary"
    user.mkdir()
    temporary.mkdir()
    code = tmp_path / "parse.txt"
    code.write_text(
        "def parse_header(line):\n    name, value = line.split(':', 1)\n    return name, value.strip()\n"
    )
    environ = {name: value for name, value in device.environ.items() if name not in QUIET_IN}
    environ |= {"HOME": str(user), "TMPDIR": str(temporary)}
    environ = {name: value for name, value in environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    log = tmp_path / "calls"
    lines = [
        "save\t" + str(code),
        "save\t" + str(SCREENSHOT),
        "search\tsplit a line of a request",
        "similar\t@last",
    ]
    trace = ["strace", "-f", "-qq", "-o", str(log), "-e", "trace=%network", "--"]
    done = subprocess.run(
        [*trace, sys.executable, "-c", RUN, str(UPLOADS_AFTER_S), *lines],
        env=environ, capture_output=True, timeout=250, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    calls = log.read_text().splitlines()
    assert [call for call in calls if re.search(r"AF_INET6?\b|\b(?:connect|sendto|sendmsg)\(", call)] == []
    assert list(temporary.iterdir()) == []
    assert [path for path in user.rglob("*") if "satchel" not in str(path.relative_to(user))] == []
